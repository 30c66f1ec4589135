"""Bodies: what they hold, how long they are, how they are sent."""

from __future__ import annotations

import base64
import datetime
import email.policy
import gzip
import json
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from time import perf_counter

import pytest

from runner.kinds import Fault, StepFault
from runner.query.values import WrittenFloat, WrittenInt
from runner.wire.limits import DeadlineExceeded
from runner.wire.payload import Payload, make_payload

from ..lab import EchoServer, Recorded
from .exchanging import Client, body_of


def whole(payload: Payload) -> bytes:
    data = b"".join(payload.pieces())
    assert b"".join(payload.pieces()) == data, "a body can be sent twice"
    assert payload.length in (None, len(data))
    return data


def sent(server: EchoServer, payload: Payload, method: str = "POST") -> Recorded:
    with Client(server.url) as client:
        exchange = client.send("/", method, payload=payload)
        client.rest(exchange)
    assert exchange.request_size == len(server.requests[-1].raw)
    return server.requests[-1]


def fault(options: dict[str, object]) -> Fault:
    with pytest.raises(StepFault) as caught:
        make_payload(options, Path)
    return caught.value.fault


def test_no_body() -> None:
    assert make_payload({"content-type": "a/b"}, Path) is None
    assert fault({"expect-continue": True}).kind == "invalid-scenario"
    assert "`json` and `text`" in fault({"json": 1, "text": ""}).message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1.5, "b": [True, None, "ä€"], "c": {}}, '{"a":1.5,"b":[true,null,"ä€"],"c":{}}'),
        (None, "null"),
        ("text", '"text"'),
        ([WrittenInt(7, "007"), WrittenFloat(1.1, "1.10")], "[7,1.1]"),
        ({WrittenInt(7, "7"): 1}, '{"7":1}'),
        (datetime.date(2026, 1, 2), '"2026-01-02"'),
        ("\ud83d", '"\\ud83d"'),
        (10**30, "1" + "0" * 30),
    ],
)
def test_json(value: object, text: str) -> None:
    payload = body_of({"json": value})
    assert whole(payload) == text.encode()
    assert payload.content_type == "application/json"


@pytest.mark.parametrize("value", [float("nan"), {"a": float("inf")}, {"a": b"bytes"}])
def test_what_has_no_json_form(value: object) -> None:
    assert fault({"json": value}).kind == "invalid-scenario"


def test_form() -> None:
    payload = body_of({"form": {"a": ["1", 2, None], "b c": "ä&=", "n": None, "t": True}})
    assert whole(payload) == b"a=1&a=2&b+c=%C3%A4%26%3D&t=true"
    assert payload.content_type == "application/x-www-form-urlencoded"
    assert whole(body_of({"form": {"n": WrittenFloat(1.1, "1.10")}})) == b"n=1.10"
    assert "form.a" in fault({"form": {"a": {"b": 1}}}).message


def test_text_and_content_type() -> None:
    payload = body_of({"text": "ä"})
    assert (whole(payload), payload.content_type) == ("ä".encode(), "text/plain; charset=utf-8")
    assert body_of({"text": "", "content-type": "a/b"}).content_type == "a/b"
    assert body_of({"text": "", "content-type": None}).content_type is None
    assert whole(body_of({"text": 42})) == b"42"


def test_base64() -> None:
    assert whole(body_of({"base64": "AAEC\n /w=="})) == b"\0\1\2\xff"
    assert fault({"base64": "no!"}).kind == "invalid-scenario"
    assert fault({"base64": "AAA"}).kind == "invalid-scenario"


def test_graphql() -> None:
    payload = body_of({"graphql": {"query": "{ lamp }", "variables": {"id": 1}}})
    assert json.loads(whole(payload)) == {"query": "{ lamp }", "variables": {"id": 1}}
    assert payload.content_type == "application/json"
    assert json.loads(whole(body_of({"graphql": {"query": "{ a }"}}))) == {"query": "{ a }"}
    assert fault({"graphql": {"variables": {}}}).kind == "invalid-scenario"


def test_file(tmp_path: Path, echo: EchoServer) -> None:
    data = bytes(range(256)) * 1000
    (tmp_path / "lamp.png").write_bytes(data)
    payload = body_of({"file": "lamp.png"}, tmp_path)
    assert payload.data is None
    assert (payload.length, payload.content_type) == (len(data), "image/png")
    seen = sent(echo, payload, "PUT")
    assert seen.body == data
    assert seen.header("content-length") == str(len(data))


def test_a_file_that_shrinks_or_is_not_there(tmp_path: Path, echo: EchoServer) -> None:
    (tmp_path / "a.bin").write_bytes(b"12345")
    payload = body_of({"file": "a.bin"}, tmp_path)
    assert payload.content_type == "application/octet-stream"
    (tmp_path / "a.bin").write_bytes(b"1")
    with Client(echo.url) as client, pytest.raises(StepFault) as caught:
        client.send("/", "POST", payload=payload)
    assert caught.value.fault.kind == "file-not-found"
    assert client.connection.sock is None
    with pytest.raises(StepFault) as caught:
        body_of({"file": "missing"}, tmp_path)
    assert caught.value.fault.kind == "file-not-found"


def parsed(seen: Recorded) -> list[Message]:
    head = f"Content-Type: {seen.header('content-type')}\r\n\r\n".encode()
    found = BytesParser(policy=email.policy.HTTP).parsebytes(head + seen.body)
    return list(found.iter_parts())


def test_multipart(tmp_path: Path, echo: EchoServer) -> None:
    data = bytes(range(256)) * 500
    (tmp_path / "lamp.png").write_bytes(data)
    payload = body_of(
        {
            "multipart": {
                "first": "ä",
                "number": 7,
                "twice": ["a", "b"],
                "none": None,
                "file": {"file": "lamp.png"},
                "named": {
                    "file": "lamp.png",
                    "filename": 'a"b\r\n.txt',
                    "type": "text/x-lamp",
                    "headers": {"X-Part": 1},
                },
                "json": {"value": {"a": 1}},
            }
        },
        tmp_path,
    )
    assert payload.length is not None
    assert payload.data is None
    seen = sent(echo, payload)
    assert seen.header("content-length") == str(payload.length)
    parts = parsed(seen)
    shown = [part["Content-Disposition"] for part in parts]
    assert [text.split(";")[1] for text in shown] == [
        f' name="{name}"' for name in ("first", "number", "twice", "twice", "file", "named", "json")
    ]
    assert parts[0].get_payload(decode=True) == "ä".encode()
    assert parts[4].get_payload(decode=True) == data
    assert (parts[4].get_content_type(), parts[4].get_filename()) == ("image/png", "lamp.png")
    assert parts[5].get_content_type() == "text/x-lamp"
    assert parts[5]["X-Part"] == "1"
    assert 'filename="a%22b%0D%0A.txt"' in shown[5]
    assert parts[6].get_payload(decode=True) == b'{"a":1}'
    assert parts[6].get_content_type() == "application/json"


def test_multipart_of_another_type_keeps_its_boundary() -> None:
    payload = body_of({"multipart": {"a": "b"}, "content-type": "multipart/mixed"})
    kind = payload.content_type or ""
    assert kind.startswith("multipart/mixed; boundary=")
    assert kind.partition("boundary=")[2].encode() in whole(payload)
    assert payload.data is not None


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ({"filename": "x"}, "invalid-scenario"),
        ({"file": "x", "strange": 1}, "invalid-scenario"),
        ({"value": "x", "type": "a\r\nb"}, "invalid-header"),
        ({"value": "x", "headers": {"A": "b\r\nc"}}, "invalid-header"),
        ({"value": "x", "headers": {"A B": "c"}}, "invalid-header"),
    ],
)
def test_parts_that_cannot_be(part: object, kind: str) -> None:
    assert fault({"multipart": {"a": part}}).kind == kind


def test_compress(tmp_path: Path, echo: EchoServer) -> None:
    payload = body_of({"json": {"a": "b" * 1000}, "compress": "gzip"})
    seen = sent(echo, payload)
    assert seen.header("content-encoding") == "gzip"
    assert seen.header("content-length") == str(len(seen.body))
    assert json.loads(gzip.decompress(seen.body)) == {"a": "b" * 1000}
    (tmp_path / "a.bin").write_bytes(bytes(300_000))
    seen = sent(echo, body_of({"file": "a.bin", "compress": "gzip"}, tmp_path))
    assert seen.header("transfer-encoding") == "chunked"
    assert gzip.decompress(seen.body) == bytes(300_000)
    assert fault({"text": "", "compress": "br"}).kind == "invalid-scenario"


def test_chunks_on_the_wire(echo: EchoServer) -> None:
    payload = body_of({"chunks": {"pieces": ["one", "", "twö", 3]}})
    seen = sent(echo, payload)
    assert seen.raw[len(seen.head) :] == b"3\r\none\r\n4\r\ntw\xc3\xb6\r\n1\r\n3\r\n0\r\n\r\n"
    assert seen.header("transfer-encoding") == "chunked"
    assert seen.header("content-length") is None
    assert sent(echo, body_of({"chunks": {"pieces": []}})).body == b""
    assert fault({"chunks": {"pieces": "abc"}}).kind == "invalid-scenario"
    assert fault({"chunks": {"pieces": [], "every": "soon"}}).kind == "invalid-scenario"


def test_every_piece_leaves_by_itself(echo: EchoServer) -> None:
    payload = body_of({"chunks": {"pieces": ["a", "b", "c"], "every": "40ms"}, "compress": "gzip"})
    started = perf_counter()
    seen = sent(echo, payload)
    assert perf_counter() - started >= 0.08
    assert gzip.decompress(seen.body) == b"abc"


def test_pauses_end_at_the_deadline(echo: EchoServer) -> None:
    payload = body_of({"chunks": {"pieces": ["a", "b"], "every": "1m"}})
    with Client(echo.url) as client:
        client.deadline = 0.1
        started = perf_counter()
        with pytest.raises(DeadlineExceeded):
            client.send("/", "POST", payload=payload)
        assert perf_counter() - started < 0.5
        assert client.connection.sock is None


def test_small_bodies_leave_with_the_head() -> None:
    assert body_of({"text": "abc"}).data == b"abc"
    assert body_of({"base64": base64.b64encode(b"abc").decode()}).data == b"abc"
