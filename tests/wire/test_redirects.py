"""Redirects: requests' rules, and what must not go along."""

from __future__ import annotations

from urllib.parse import quote, urljoin

import pytest
import requests

from runner.kinds import StepFault
from runner.wire.auth import make_auth
from runner.wire.payload import Payload
from runner.wire.redirects import location, next_draft
from runner.wire.request import Draft

from ..lab import Certificates, EchoServer, Recorded, redirect_to, scripted
from ..lab.scripted import again, answer, request
from .exchanging import Client, body_of


def hop(client: Client, **options: object) -> tuple[Draft, Payload | None]:
    exchange = client.send(**options)  # type: ignore[arg-type]
    client.rest(exchange)
    found = next_draft(client.session, exchange)
    assert found is not None
    return found


def fault(server_url: str) -> StepFault:
    with Client(server_url) as client, pytest.raises(StepFault) as caught:
        hop(client)
    return caught.value


IGNORED = {"user-agent", "accept", "accept-encoding", "connection", "host"}


def told(seen: Recorded) -> tuple[object, ...]:
    # requests says Content-Length: 0 for a DELETE without a body.
    ignored = IGNORED | ({"content-length"} if seen.method == "DELETE" else set())
    kept = sorted(
        (name.lower(), value) for name, value in seen.lines if name.lower() not in ignored
    )
    return seen.method, seen.target, kept, seen.body


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_same_goes_out_as_from_requests(status: int, method: str, elsewhere: bool) -> None:
    body = {"a": 1} if method in ("POST", "PUT", "PATCH") else None
    with EchoServer() as first, EchoServer() as other:
        target = (other if elsewhere else first).url + "/landed?x=%20y#part"
        path = f"/redirect-to?status={status}&url={quote(target, safe='')}"
        with requests.Session() as http:
            http.trust_env = False
            http.cookies.set("a", "b", domain="127.0.0.1")
            http.request(
                method, first.url + path, json=body, headers={"X-Extra": "1", "Authorization": "t"},
                allow_redirects=True,
            )  # fmt: skip
        expected = told((other if elsewhere else first).requests[-1])
        payload = None if body is None else Payload((b'{"a": 1}',), "application/json", length=8)
        with Client(first.url) as client:
            client.session.http.cookies.set("a", "b", domain="127.0.0.1")
            headers = (("X-Extra", "1"), ("Authorization", "t"))
            draft, carried = hop(
                client, target=path, method=method, payload=payload, headers=headers
            )
            with Client((other if elsewhere else first).url) as second:
                second.session.http.cookies.update(client.session.http.cookies)
                second.get(
                    draft.url, method=draft.method, payload=carried, headers=draft.headers,
                    path_as_is=draft.path_as_is, without=draft.without,
                )  # fmt: skip
        assert told((other if elsewhere else first).requests[-1]) == expected


def test_no_redirect(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        for path in ("/status/200", "/status/304", "/status/302"):
            exchange = client.send(path)
            client.rest(exchange)
            assert next_draft(client.session, exchange) is None
            assert location(exchange) is None


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("/b?c=d", "/b?c=d"),
        ("b", "/a/b"),
        ("?x", "/a/?x"),
        ("../up", "/up"),
        ("/ä b", "/%C3%A4%20b"),
        ("/%zz", "/%25zz"),
    ],
)
def test_relative_locations(given: str, path: str) -> None:
    script = again(request(), answer(302, headers=[("Location", given.encode().decode("latin-1"))]))
    with scripted(script) as server, Client(server.url) as client:
        exchange = client.send("/a/")
        client.rest(exchange)
        found = next_draft(client.session, exchange)
        assert found is not None
        assert found[0].url == server.url + path
        assert location(exchange) == urljoin(f"{server.url}/a/", given)


def test_location_of_an_answer_that_is_no_redirect() -> None:
    script = again(request(), answer(201, headers=[("Location", "/items/7")]))
    with scripted(script) as server, Client(server.url) as client:
        exchange = client.send("/items")
        assert location(exchange) == server.url + "/items/7"
        assert next_draft(client.session, exchange) is None


def test_credentials_do_not_cross_origins() -> None:
    headers = (
        ("Authorization", "t"), ("Proxy-Authorization", "t"), ("Cookie", "c=d"), ("X-Api-Key", "k"),
        ("Host", "lamp.test"), ("X-Kept", "1"), ("X-Kept", "2"),
    )  # fmt: skip
    auth = make_auth({"digest": ["user", "secret"]})
    with EchoServer() as other, redirect_to(other.url + "/x", 307) as server:
        with Client(server.url) as client:
            draft, _ = hop(client, headers=headers, auth=auth)
        assert draft.headers == (("X-Kept", "1"), ("X-Kept", "2"))
        assert draft.auth is None
        with Client(server.url.replace("//", "//user:pw@")) as client:
            draft, _ = hop(client)
            assert "@" not in draft.url


def test_credentials_stay_within_the_origin() -> None:
    auth = make_auth({"digest": ["user", "secret"]})
    with redirect_to("/x") as server, Client(server.url) as client:
        headers = (("Authorization", "t"), ("X-Api-Key", "k"), ("Host", "lamp.test"))
        draft, _ = hop(client, headers=headers, auth=auth)
        assert (draft.headers, draft.auth) == (headers, auth)
    with redirect_to("/x") as server, Client(server.url.replace("//", "//user:pw@")) as client:
        draft, _ = hop(client)
        assert draft.url == server.url.replace("//", "//user:pw@") + "/x"


def test_a_location_gives_no_credentials() -> None:
    with EchoServer() as other, redirect_to(other.url.replace("//", "//evil:pw@") + "/x") as server:
        with Client(server.url) as client:
            draft, _ = hop(client)
        assert draft.url == other.url + "/x"


def test_session_credentials_do_not_cross_origins_either() -> None:
    with EchoServer() as other, redirect_to(other.url + "/x") as server:
        with Client(server.url, headers=(("Authorization", "t"), ("X-A", "1"))) as client:
            draft, _ = hop(client)
            assert "authorization" in draft.without
            with Client(other.url, headers=(("Authorization", "t"), ("X-A", "1"))) as second:
                second.get(draft.url, headers=draft.headers, without=draft.without)
        assert other.requests[0].header("authorization") is None
        assert other.requests[0].header("x-a") == "1"


def test_cookies_set_on_the_way_are_sent(echo: EchoServer) -> None:
    script = again(
        request(),
        answer(302, headers=[("Location", echo.url + "/x"), ("Set-Cookie", "a=b; Path=/")]),
    )
    with scripted(script) as server, Client(server.url) as client:
        draft, _ = hop(client)
        jar = client.session.http.cookies
    with Client(echo.url) as second:
        second.session.http.cookies.update(jar)
        second.get(draft.url, headers=draft.headers)
    assert echo.requests[0].headers("cookie") == ["a=b"]


def test_a_body_goes_along_only_with_307_and_308(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        for status, method, kept in ((303, "GET", False), (301, "PUT", False), (308, "PUT", True)):
            draft, payload = hop(
                client, target=f"/redirect-to?url=/x&status={status}", method="PUT",
                payload=body_of({"text": "body"}), headers=(("Content-Type", "a/b"),),
            )  # fmt: skip
            assert draft.method == method
            assert (payload is not None) is kept
            assert (draft.headers == (("Content-Type", "a/b"),)) is kept


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("http://[bad/", "invalid-url"),
        ("http://", "invalid-url"),
        ("//", "invalid-url"),
        ("http:///path", "invalid-url"),
        ("http://127.0.0.1:99999/", "invalid-url"),
        ("ftp://127.0.0.1/", "unsupported-scheme"),
        ("mailto:lamp@example.org", "unsupported-scheme"),
        ("javascript:alert(1)", "unsupported-scheme"),
    ],
)
def test_bad_locations(given: str, kind: str) -> None:
    with redirect_to(given) as server:
        found = fault(server.url).fault
        assert (found.kind, found.phase) == (kind, "send")


def test_https_to_http_is_refused(certificates: Certificates) -> None:
    with (
        redirect_to("http://127.0.0.1:1/x", context=certificates.context()) as server,
        Client(server.url_for("localhost"), ca=certificates.ca) as client,
        pytest.raises(StepFault) as caught,
    ):
        hop(client)
    assert (caught.value.fault.kind, caught.value.fault.phase) == ("insecure-redirect", "send")
