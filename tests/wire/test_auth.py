"""Credentials, and the rounds that digest takes."""

from __future__ import annotations

import pytest
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from runner.kinds import StepFault
from runner.wire.auth import BearerAuth, make_auth

from ..lab import SECRET, TOKEN, USER, EchoServer, scripted, scripted_each
from ..lab.scripted import answer, close, request
from .exchanging import Client, body_of

CHALLENGE = ("WWW-Authenticate", 'Digest realm="lab", nonce="abc", qop="auth"')


def digest() -> AuthBase:
    return make_auth({"digest": [USER, SECRET]})


def test_make_auth() -> None:
    assert make_auth({"basic": ["u", "p"]}) == HTTPBasicAuth(b"u", b"p")
    assert make_auth({"digest": ["u", "p"]}) == HTTPDigestAuth("u", "p")
    assert make_auth({"bearer": "t"}) == BearerAuth("t")


@pytest.mark.parametrize(
    "spec",
    [{}, {"basic": "u:p"}, {"basic": ["u"]}, {"basic": ["a:b", "p"]}, {"ntlm": []}, {"oauth2": {}},
     {"oauth2": {"token-url": "http://x"}}, {"aws-sigv4": "x"}, {"kerberos": ["u", "p"]},
     {"bearer": ["t"]}, {"basic": ["u", None]}, {"basic": ["u", "p"], "bearer": "t"}],
)  # fmt: skip
def test_make_auth_refuses(spec: dict[str, object]) -> None:
    with pytest.raises(StepFault) as caught:
        make_auth(spec)
    assert caught.value.fault.kind == "invalid-scenario"


def test_basic_is_sent_in_utf8(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        client.get("/", auth=make_auth({"basic": ["jürgen", "pässword"]}))
    assert echo.requests[0].header("authorization") == "Basic asO8cmdlbjpww6Rzc3dvcmQ="


@pytest.mark.parametrize(
    ("path", "auth", "status"),
    [
        ("/basic", {"basic": [USER, SECRET]}, 200),
        ("/basic", {"basic": [USER, "wrong"]}, 401),
        ("/bearer", {"bearer": TOKEN}, 200),
        ("/bearer", {"bearer": "wrong"}, 401),
        ("/digest", {"digest": [USER, SECRET]}, 200),
        ("/digest", {"digest": [USER, "wrong"]}, 401),
        ("/digest", {"basic": [USER, SECRET]}, 401),
    ],
)
def test_status(echo: EchoServer, path: str, auth: dict[str, object], status: int) -> None:
    with Client(echo.url) as client:
        exchange = client.send(path, auth=make_auth(auth))
        assert exchange.status == status
        assert client.rest(exchange)
    assert echo.connections == 1


def test_digest_is_one_exchange_of_two_rounds(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        payload = body_of({"json": {"a": 1}})
        exchange = client.send("/digest?a=b", "POST", payload=payload, auth=digest())
        assert [found.status for found in exchange.auth_rounds] == [401]
        assert exchange.reused
        assert client.connection.busy is exchange
        assert client.rest(exchange) == b'{"authenticated": true, "user": "user"}'
    first, second = echo.requests
    assert first.header("authorization") is None
    assert (second.header("authorization") or "").startswith('Digest username="user"')
    assert first.body == second.body == b'{"a":1}'
    assert echo.connections == 1


def test_digest_uses_its_nonce_again(echo: EchoServer) -> None:
    auth = digest()
    with Client(echo.url) as client:
        client.get("/digest", auth=auth)
        exchange = client.send("/digest", auth=auth)
        assert (exchange.status, exchange.auth_rounds) == (200, ())
    assert "nc=00000002" in (echo.requests[-1].header("authorization") or "")


def test_digest_streams_a_file_twice(echo: EchoServer, tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "a.bin").write_bytes(bytes(200_000))
    with Client(echo.url) as client:
        payload = body_of({"file": "a.bin"}, folder)
        assert client.send("/digest", "PUT", payload=payload, auth=digest()).status == 200
    assert [len(seen.body) for seen in echo.requests] == [200_000] * 2


def test_digest_sends_chunks_twice(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        payload = body_of({"chunks": {"pieces": ["a", "bc"]}})
        exchange = client.send("/digest", "POST", payload=payload, auth=digest())
        assert exchange.status == 200
        client.rest(exchange)
    assert [seen.body for seen in echo.requests] == [b"abc", b"abc"]
    assert "Content-Length" not in dict(echo.requests[1].lines)


def test_digest_where_the_server_closes_between() -> None:
    refused = answer(401, b"no", [CHALLENGE, ("Connection", "close")])
    scripts = (request(), refused, close()), (request(), answer(200, b"yes"))
    with scripted_each(*scripts) as server, Client(server.url) as client:
        exchange = client.send(auth=digest())
        assert (exchange.status, exchange.reused) == (200, False)
        assert client.rest(exchange) == b"yes"
    assert server.connections == 2


def test_cookies_of_the_first_round_go_along() -> None:
    script = (
        request(),
        answer(401, b"no", [CHALLENGE, ("Set-Cookie", "a=b")]),
        request(),
        answer(200, b"yes"),
    )
    with scripted(*script) as server, Client(server.url) as client:
        client.get(auth=digest())
        assert client.session.http.cookies.get("a") == "b"
    assert server.requests[1].headers("cookie") == ["a=b"]


def test_duplicate_lines_live_through_a_second_round(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        client.get("/digest", auth=digest(), headers=[("X-A", "1"), ("X-A", "2")])
    assert echo.requests[1].headers("x-a") == ["1", "2"]


def test_an_answer_that_a_hook_read_is_still_there() -> None:
    class Curious(AuthBase):
        def __call__(self, r):  # type: ignore[no-untyped-def]
            r.register_hook("response", self.look)
            return r

        def look(self, response, **_):  # type: ignore[no-untyped-def]
            assert response.json() == {"a": 1}
            return response

    with scripted(request(), answer(200, b'{"a": 1}')) as server, Client(server.url) as client:
        exchange = client.send(auth=Curious())
        assert exchange.body.received == 0
        assert client.rest(exchange) == b'{"a": 1}'


def test_the_adapter_serves_a_requests_session(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        http = client.session.http
        found = http.post(echo.url + "/digest", json={"a": 1}, auth=HTTPDigestAuth(USER, SECRET))
        assert (found.status_code, found.json()["user"]) == (200, "user")
        moved = http.get(echo.url + "/redirect/2")
        assert [hop.status_code for hop in moved.history] == [302, 302]
        assert http.get(echo.url + "/gzip").text.startswith("hello, wörld")
        with http.get(echo.url + "/bytes/100000", stream=True) as streamed:
            assert streamed.raw.read(10) == bytes(range(10))
        http.get(echo.url + "/cookies/set?a=b")
        assert http.get(echo.url + "/cookies").json() == {"a": "b"}
    assert echo.wait_closed()
