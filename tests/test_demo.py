"""The Lamp Shop does what scenarios are written against."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests.auth import HTTPDigestAuth

from runner.demo.service import DemoServer
from tests.lab import closed_port

BEARER = {"Authorization": "Bearer demo-token"}
ADA = {"user": "ada", "password": "lovelace"}


@pytest.fixture
def shop() -> Iterator[DemoServer]:
    with DemoServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Client(requests.Session):
    """A requests session with a base."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.trust_env = False
        self.base = base

    def request(self, method: Any, url: Any, *args: Any, **more: Any) -> requests.Response:
        return super().request(method, self.base + str(url).removeprefix(self.base), *args, **more)


@pytest.fixture
def client(shop: DemoServer) -> Iterator[Client]:
    with Client(shop.url) as session:
        yield session


def test_health(client: Client) -> None:
    answer = client.get("/health")
    assert answer.json()["status"] == "up"
    assert answer.headers["Content-Type"] == "application/json"


def test_an_item(client: Client) -> None:
    answer = client.get("/items/1")
    assert answer.json() == {
        "id": 1,
        "name": "Lamp",
        "tags": ["light", "desk"],
        "price": 19.9,
        "currency": "EUR",
        "created": "2024-03-01T09:30:00Z",
    }
    assert answer.headers["Cache-Control"] == "max-age=60"
    again = client.get("/items/1", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/items/1", headers={"If-None-Match": '"old"'}).status_code == 200
    assert client.get("/items/1/stock").json() == {"item": 1, "count": 12, "warehouse": "Lyon"}


def test_pages_of_items(client: Client) -> None:
    names, path = [], "/items"
    while path:
        page = client.get(path).json()
        names += [item["name"] for item in page["items"]]
        path = page["next"]
    assert names == ["Lamp", "Floor lamp", "Candle", "Bulb", "Shade", "Cable", "Lantern"]
    assert 'rel="next"' in client.get("/items").headers["Link"]
    assert client.get("/items?tag=spare").json()["total"] == 3
    assert client.get("/items?page=two").status_code == 400
    assert client.get("/items?page=0").status_code == 400


def test_many_items_are_packed_where_accepted(client: Client) -> None:
    packed = client.get("/items?big=1")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.json()["items"]) == 500
    for refused in ("identity", "gzip;q=0"):
        plain = client.get("/items?big=1", headers={"Accept-Encoding": refused})
        assert "Content-Encoding" not in plain.headers
        assert plain.json() == packed.json()


def test_an_item_is_made_changed_and_removed(client: Client) -> None:
    made = client.post("/items", json={"name": "Torch", "price": 8}, headers=BEARER)
    assert made.status_code == 201
    place = made.headers["Location"]
    assert client.get(place).json()["name"] == "Torch"
    merged = client.patch(place, json={"price": 9.5}, headers=BEARER)
    assert (merged.json()["name"], merged.json()["price"]) == ("Torch", 9.5)
    stale = {**BEARER, "If-Match": made.headers["ETag"]}
    assert client.put(place, json={"name": "T", "price": 1}, headers=stale).status_code == 412
    fresh = {**BEARER, "If-Match": merged.headers["ETag"]}
    assert client.put(place, json={"name": "T", "price": 1}, headers=fresh).json()["name"] == "T"
    assert client.delete(place, headers=BEARER).status_code == 204
    assert client.get(place).status_code == 404


def test_items_are_guarded_and_checked(client: Client) -> None:
    refused = client.post("/items", json={"name": "Torch", "price": 8})
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert client.delete("/items/1").status_code == 401
    wrong = client.post("/items", json={"name": "", "price": "8"}, headers=BEARER)
    assert wrong.status_code == 422
    assert [error["pointer"] for error in wrong.json()["errors"]] == ["/name", "/price"]
    assert client.post("/items", data="x", headers=BEARER).status_code == 415
    bad = {**BEARER, "Content-Type": "application/json"}
    assert client.post("/items", data="{", headers=bad).status_code == 400


def test_problems_are_told_as_json(client: Client) -> None:
    missing = client.get("/items/99")
    assert missing.status_code == 404
    assert missing.headers["Content-Type"] == "application/problem+json"
    assert missing.json()["title"] == "no such item"
    assert client.get("/nowhere").json()["status"] == 404
    wrong = client.delete("/items")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, POST, HEAD, OPTIONS")


def test_head_and_options(client: Client) -> None:
    head = client.head("/items/1")
    assert (head.content, head.headers["Content-Length"]) == (
        b"",
        str(len(client.get("/items/1").content)),
    )
    options = client.options("/items/1")
    assert (options.status_code, options.headers["Allow"]) == (
        204,
        "GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    )


def test_redirects(client: Client) -> None:
    old = client.get("/old-items/1", allow_redirects=False)
    assert (old.status_code, old.headers["Location"]) == (301, "/items/1")
    admin = client.get("/admin")
    assert (admin.status_code, admin.history[0].status_code) == (200, 302)
    assert "<h1>Log in</h1>" in admin.text
    with pytest.raises(requests.TooManyRedirects):
        client.get("/circle")


@pytest.mark.parametrize("how", ["json", "data"])
def test_login_gives_a_cookie_and_a_token(client: Client, how: str) -> None:
    assert client.get("/me").status_code == 401
    answer = client.post("/login", **{how: ADA})  # type: ignore[arg-type]
    cookie = answer.raw.headers.getlist("Set-Cookie")[0]
    assert re.fullmatch(r"session=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax", cookie)
    assert client.get("/me").json() == {"user": "ada", "roles": ["admin", "buyer"]}
    assert "Admin" in client.get("/admin").text
    token = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert client.delete("/items/2", headers=token).status_code == 204
    assert client.post("/logout").status_code == 204
    assert client.get("/me").status_code == 401


def test_login_by_the_form(client: Client) -> None:
    found = re.search(r'name="csrf" value="(\w+)"', client.get("/login").text)
    assert found
    answer = client.post("/login", data={**ADA, "csrf": found[1], "next": "/me"})
    assert (answer.history[0].status_code, answer.json()["user"]) == (303, "ada")
    assert client.post("/login", data={**ADA, "csrf": "old"}).status_code == 403
    assert client.post("/login", data={**ADA, "next": "http://elsewhere/"}).status_code == 422
    assert client.post("/login", data={**ADA, "password": "x"}).status_code == 401


def test_carts_belong_to_their_visitor(shop: DemoServer, client: Client) -> None:
    assert client.get("/carts/mine").json() == {"items": [], "total": 0, "currency": "EUR"}
    added = client.post("/carts/mine/items", json={"item": 1, "quantity": 2})
    assert (added.status_code, added.json()["total"]) == (201, 39.8)
    client.post("/carts/mine/items", json={"item": 3})
    with Client(shop.url) as other:
        assert other.get("/carts/mine").json()["items"] == []
    client.post("/login", json=ADA)
    assert [line["name"] for line in client.get("/carts/mine").json()["items"]] == [
        "Lamp",
        "Candle",
    ]
    assert client.post("/carts/mine/items", json={"item": 5}).status_code == 409
    assert client.post("/carts/mine/items", json={"item": 99}).status_code == 422
    assert client.delete("/carts/mine").status_code == 204
    assert client.get("/carts/mine").json()["items"] == []


def test_reports_want_to_know_who_asks(client: Client) -> None:
    refused = client.get("/reports/daily.csv")
    assert refused.headers["WWW-Authenticate"].startswith('Basic realm="reports"')
    assert client.get("/reports/daily.csv", auth=("ada", "wrong")).status_code == 401
    daily = client.get("/reports/daily.csv", auth=("ada", "lovelace"))
    assert daily.text.splitlines()[:2] == ["item,count", "Lamp,12"]
    assert client.get("/reports/secret").headers["WWW-Authenticate"].startswith("Digest")
    wrong = client.get("/reports/secret", auth=HTTPDigestAuth("ada", "wrong"))
    assert wrong.status_code == 401
    right = client.get("/reports/secret", auth=HTTPDigestAuth("grace", "hopper"))
    assert right.json()["for"] == "grace"


def test_the_page_the_feed_and_the_picture(client: Client) -> None:
    assert client.get("/").text.count('<tr class="item">') == 7
    feed = ET.fromstring(client.get("/feed.xml").content)
    titles = feed.findall("a:entry/a:title", {"a": "http://www.w3.org/2005/Atom"})
    assert titles[0].text == "Lamp"
    image = client.get("/images/lamp.png").content
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", image[16:24]) == (32, 32)
    length = int.from_bytes(image[33:37], "big")
    assert len(zlib.decompress(image[41 : 41 + length])) == 32 * (32 * 3 + 1)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-7", 0, 8), ("bytes=8-", 8, None), ("bytes=-12", -12, None), ("bytes=9-9", 9, 10)],
)
def test_ranges(client: Client, asked: str, start: int, end: int | None) -> None:
    whole = client.get("/images/lamp.png").content
    part = client.get("/images/lamp.png", headers={"Range": asked})
    assert (part.status_code, part.content) == (206, whole[start:end])
    first = start % len(whole)
    last = first + len(part.content) - 1
    assert part.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"


def test_a_range_beyond_the_end(client: Client) -> None:
    answer = client.get("/images/lamp.png", headers={"Range": "bytes=99999-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"].startswith("bytes */")


def test_uploads(client: Client) -> None:
    body = bytes(range(256)) * 40
    digest = hashlib.sha256(body).hexdigest()
    raw = client.post("/upload", data=body, headers={"Content-Type": "image/png"})
    assert raw.status_code == 201
    assert raw.json() == {
        "type": "image/png",
        "size": len(body),
        "wire_size": len(body),
        "sha256": digest,
        "chunked": False,
    }
    chunked = client.put("/upload", data=iter([body[:100], body[100:]])).json()
    assert (chunked["sha256"], chunked["chunked"]) == (digest, True)
    packed = gzip.compress(body)
    told = client.post("/upload", data=packed, headers={"Content-Encoding": "gzip"}).json()
    assert (told["size"], told["wire_size"]) == (len(body), len(packed))
    parts = client.post(
        "/upload", data={"title": "Lamp"}, files={"file": ("a b.png", body, "image/png")}
    ).json()["parts"]
    assert [(part["name"], part["filename"], part["type"]) for part in parts] == [
        ("title", None, None),
        ("file", "a b.png", "image/png"),
    ]
    assert (parts[0]["size"], parts[1]["sha256"]) == (4, digest)
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/upload", data=b"--y\r\n", headers=broken).status_code == 400
    assert (
        client.post("/upload", data=b"x", headers={"Content-Encoding": "gzip"}).status_code == 400
    )


def test_streams(client: Client) -> None:
    events = client.get("/events?count=2&every=1")
    assert events.headers["Content-Type"] == "text/event-stream"
    assert events.text.split("\n\n")[1] == ('id: 2\nevent: price\ndata: {"item": 1, "price": 20.1}')
    log = client.get("/log?lines=3&every=1")
    assert log.headers["Transfer-Encoding"] == "chunked"
    assert log.text == "0001 lamp 2 sold\n0002 lamp 3 sold\n0003 lamp 4 sold\n"


def test_streams_come_piece_by_piece(client: Client) -> None:
    with client.get("/log?lines=2&every=30000", stream=True) as answer:
        assert next(answer.iter_lines()) == b"0001 lamp 2 sold"


def test_http_1_0_gets_no_chunks(shop: DemoServer) -> None:
    with socket.create_connection(("127.0.0.1", shop.server_port), 5) as sock:
        sock.sendall(b"GET /log?lines=1 HTTP/1.0\r\n\r\n")
        with sock.makefile("rb") as file:
            head, _, body = file.read().partition(b"\r\n\r\n")
    assert b"Transfer-Encoding" not in head
    assert body == b"0001 lamp 2 sold\n"


def test_jobs_end(client: Client) -> None:
    started = client.post("/jobs", json={"polls": 1})
    assert (started.status_code, started.json()["state"]) == (202, "queued")
    place = started.headers["Location"]
    looks = [client.get(place).json() for _ in range(2)]
    assert [look["state"] for look in looks] == ["running", "done"]
    assert looks[1]["result"] == "/items/1"
    assert client.get("/jobs/99").status_code == 404
    late = client.post("/jobs", json={"polls": 0, "ms": 60_000}).headers["Location"]
    assert client.get(late).json()["state"] == "running"


def test_slow_and_flaky(client: Client) -> None:
    assert client.get("/slow?ms=5").json() == {"slept": 5}
    tries = [client.get("/flaky?key=a&fails=2").status_code for _ in range(3)]
    assert tries == [503, 503, 200]
    assert client.get("/flaky?key=b").headers["Retry-After"] == "0"


def test_headers_are_shown(client: Client) -> None:
    told = client.post("/headers?x=1", data="hi", headers={"X-Lamp": "on"}).json()
    assert (told["method"], told["target"], told["body"]) == ("POST", "/headers?x=1", "hi")
    assert told["headers"]["x-lamp"] == ["on"]


def test_early_hints_come_first(shop: DemoServer) -> None:
    with socket.create_connection(("127.0.0.1", shop.server_port), 5) as sock:
        sock.sendall(b"GET /early HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        with sock.makefile("rb") as file:
            told = file.read()
    first, second = told.split(b"\r\n\r\n")[:2]
    assert first.startswith(b"HTTP/1.1 103 Early Hints\r\nLink: </images/lamp.png>")
    assert second.startswith(b"HTTP/1.1 200 OK\r\n")


def test_graphql(client: Client) -> None:
    def ask(query: str, **variables: object) -> Any:
        return client.post("/graphql", json={"query": query, "variables": variables}).json()

    assert ask("{ items { id name } }")["data"]["items"][0] == {"id": 1, "name": "Lamp"}
    tagged = ask('{ items(tag: "spare") { name } }')["data"]["items"]
    assert [item["name"] for item in tagged] == ["Bulb", "Shade", "Cable"]
    one = ask("query One($id: ID!) { item(id: $id) { name price } }", id=2)
    assert one == {"data": {"item": {"name": "Floor lamp", "price": 89.0}}}
    assert ask("{ item(id: 99) { name } }")["errors"][0]["message"] == "there is no item 99"
    wrong = ask("{ items { colour } }")["errors"][0]["message"]
    assert wrong == 'Cannot query field "colour" on type "Item".'


def test_broken_answers(client: Client) -> None:
    with pytest.raises(requests.JSONDecodeError):
        client.get("/broken/json").json()
    packed = client.get("/broken/gzip", stream=True).raw.read(decode_content=False)
    with pytest.raises(EOFError):
        gzip.decompress(packed)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.get("/broken/body")


def test_the_schema_fits_the_items(client: Client) -> None:
    import jsonschema

    schema = client.get("/schemas/item.json").json()
    jsonschema.validate(client.get("/items/1").json(), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"id": 0}, schema)


def test_reset_puts_everything_back(client: Client) -> None:
    client.delete("/items/1", headers=BEARER)
    assert client.post("/reset").status_code == 204
    assert client.get("/items/1").status_code == 200


def test_one_connection_carries_many_requests(shop: DemoServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", shop.server_port, timeout=5)
    connection.connect()
    sock = connection.sock
    for path in ("/health", "/nowhere", "/log?lines=1", "/items/1", "/old-items/1"):
        connection.request("GET", path)
        connection.getresponse().read()
        assert connection.sock is sock
    connection.close()


def test_a_body_that_is_too_large_is_refused_unread(shop: DemoServer) -> None:
    with socket.create_connection(("127.0.0.1", shop.server_port), 5) as sock:
        sock.sendall(b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        with sock.makefile("rb") as file:
            assert file.readline().startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command(number: int) -> None:
    command = [sys.executable, "-m", "runner.demo", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"demo service on (http://127\.0\.0\.1:\d+)\n", line)
        assert found, process.stderr.read()
        # a request under way does not hold it up
        with requests.get(found[1] + "/log?lines=2&every=60000", stream=True, timeout=5) as answer:
            assert json.loads(requests.get(found[1] + "/health", timeout=5).text)["status"] == "up"
            asked = time.monotonic()
            process.send_signal(number)
            assert process.wait(5) == 0
            assert time.monotonic() - asked < 5
            answer.close()
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""


def test_a_taken_port_is_told() -> None:
    with closed_port() as port:
        ended = subprocess.run(
            [sys.executable, "-m", "runner.demo", "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"the demo service cannot listen on 127.0.0.1:{port}: ")
    assert "Traceback" not in ended.stderr
