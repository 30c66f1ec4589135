"""What goes out: lines, targets, refusals; compared with the bytes the server got."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from requests.auth import AuthBase

from runner import __version__
from runner.kinds import StepFault
from runner.wire.auth import make_auth
from runner.wire.payload import Payload
from runner.wire.request import Draft, Prepared, default_lines, prepare
from runner.wire.session import Session
from runner.wire.settings import SessionSettings
from runner.wire.target import join_params

from ..lab import EchoServer
from .exchanging import Client, body_of

URL = "http://127.0.0.1:8000"


def made(
    url: str = URL + "/",
    method: str = "GET",
    headers: tuple[tuple[str, str], ...] = (),
    payload: Payload | None = None,
    session: Session | None = None,
    **draft: Any,
) -> Prepared:
    session = session or Session(SessionSettings(proxy="direct"))
    return prepare(session, Draft(method, url, headers, **draft), session.route(url), payload)


def lines(prepared: Prepared, name: str) -> list[str]:
    return [value for key, value in prepared.lines if key.lower() == name.lower()]


def kind_of(**options: Any) -> str:
    with pytest.raises(StepFault) as caught:
        made(**options)
    return caught.value.fault.kind


def test_defaults() -> None:
    prepared = made()
    assert prepared.lines == [
        ("Host", "127.0.0.1:8000"),
        ("User-Agent", f"httpsteps/{__version__}"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ]
    assert prepared.head.startswith(b"GET / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n")
    assert prepared.head.endswith(b"zstd\r\n\r\n")


def test_lines_set_by_hand_win_and_keep_order_case_and_duplicates() -> None:
    by_hand = (("uSER-agent", "me"), ("X-A", "1"), ("host", "lamp.test"), ("X-A", "2"), ("x-a", ""))
    prepared = made(headers=by_hand)
    names = [name for name, _ in prepared.lines]
    assert names == ["Accept", "Accept-Encoding", "uSER-agent", "X-A", "host", "X-A", "x-a"]
    assert lines(prepared, "x-a") == ["1", "2", ""]


def test_session_headers_stand_for_defaults_and_give_way_to_hand_set_ones() -> None:
    settings = SessionSettings(proxy="direct", headers=(("Accept", "a/b"), ("X-A", "s")))
    session = Session(settings)
    assert lines(made(session=session), "accept") == ["a/b"]
    assert lines(made(session=session, headers=(("x-a", "mine"),)), "x-a") == ["mine"]
    assert [name for name, _ in default_lines(session)] == [
        "User-Agent", "Accept-Encoding", "Accept", "X-A",
    ]  # fmt: skip


def test_without_leaves_lines_out() -> None:
    without = frozenset(("host", "user-agent", "accept", "accept-encoding"))
    assert made(without=without).head == b"GET / HTTP/1.1\r\n\r\n"


def test_the_server_gets_what_is_prepared(echo: EchoServer) -> None:
    headers = (("X-Ä".replace("Ä", "A"), "Grüße"), ("X-B", 'q"\t;'), ("X-C", ""), ("x-b", "\x80"))
    with Client(echo.url) as client:
        exchange = client.send("/a?b=c", "PaTCh", headers)
        client.rest(exchange)
    assert echo.requests[0].raw == exchange.prepared.head
    assert exchange.request_size == len(exchange.prepared.head)
    assert echo.requests[0].request_line == "PaTCh /a?b=c HTTP/1.1"
    assert b"X-A: " + "Grüße".encode() in echo.requests[0].raw


@pytest.mark.parametrize(
    "line",
    [
        ("X Y", "1"), ("X(", "1"), ("", "1"), ("X:", "1"), ("Ä", "1"), ("X\r\nY", "1"),
        ("X", "a\r\nB: c"), ("X", "a\r\n b"), ("X", "a\nb"), ("X", "a\rb"), ("X", "a\0"),
        ("X", " a"), ("X", "a "), ("X", "a\t"), ("X", "a\n"), ("X", "\ud800"),
    ],
)  # fmt: skip
def test_headers_that_cannot_be_sent(line: tuple[str, str]) -> None:
    assert kind_of(headers=(line,)) == "invalid-header"


def test_session_headers_and_credentials_are_checked_too() -> None:
    session = Session(SessionSettings(proxy="direct", headers=(("A", "b\nc"),)))
    assert kind_of(session=session) == "invalid-header"
    assert kind_of(auth=make_auth({"bearer": "token\n"})) == "invalid-header"
    assert kind_of(payload=body_of({"text": "a", "content-type": "a\nb"})) == "invalid-header"


@pytest.mark.parametrize("method", ["", "GET ", "G T", "GET\r\n", "GÄT", "GET/"])
def test_methods_that_are_no_tokens(method: str) -> None:
    assert kind_of(method=method) == "invalid-method"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://[bad/", "invalid-url"),
        ("http://", "invalid-url"),
        ("http:///path", "invalid-url"),
        ("http://h:99999/", "invalid-url"),
        ("ftp://h/", "unsupported-scheme"),
        ("http://127.0.0.1/a\r\nX: y", "invalid-url"),
        ("http://127.0.0.1/a\n", "invalid-url"),
    ],
)
@pytest.mark.parametrize("as_is", [True, False])
def test_urls_that_lead_nowhere(url: str, kind: str, as_is: bool) -> None:
    session = Session(SessionSettings(proxy="direct"))
    with pytest.raises(StepFault) as caught:
        prepare(session, Draft("GET", url, path_as_is=as_is), session.route(URL))
    assert caught.value.fault.kind == kind


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/a/../b",
        "/%zz",
        "/[x]",
        "/%7e",
        "/a b",
        "/ä?ö=ü",
        "?q=1",
        "/a?b#c",
        "/a;b=c",
        "//a",
        "/a?",
    ],
)
def test_urls_are_prepared_as_requests_does(path: str) -> None:
    expected = requests.Request("GET", URL + path).prepare()
    prepared = made(URL + path)
    assert (prepared.url, prepared.target) == (expected.url, expected.path_url)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/a/../b/./c", "/a/../b/./c"),
        ("/%zz%7e", "/%zz%7e"),
        ("/[x]\\^", "/[x]\\^"),
        ("/a b\tc\x01", "/a%20b%09c%01"),
        ("/a?b=[c]&d#fragment", "/a?b=[c]&d"),
        ("", "/"),
        ("?q", "/?q"),
        ("//a//b", "//a//b"),
        ("/ä", "/ä"),
    ],
)
def test_path_as_is(path: str, target: str) -> None:
    assert made(URL + path, path_as_is=True).target == target


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:80/", "127.0.0.1"),
        ("https://127.0.0.1:443/", "127.0.0.1"),
        ("http://127.0.0.1:443/", "127.0.0.1:443"),
        ("http://[::1]:81/", "[::1]:81"),
        ("http://user:pw@127.0.0.1:81/", "127.0.0.1:81"),
        ("http://Bücher.example/", "xn--bcher-kva.example"),
        ("HTTP://LOCALHOST/", "localhost"),
    ],
)
@pytest.mark.parametrize("as_is", [True, False])
def test_host(url: str, host: str, as_is: bool) -> None:
    assert lines(made(url, path_as_is=as_is), "host") == [host]


def test_equal_urls_are_prepared_once() -> None:
    session = Session(SessionSettings(proxy="direct"))
    assert made(session=session).head == made(session=session).head
    assert made(URL + "/a/../b", session=session).target == "/b"
    assert made(URL + "/a/../b", session=session, path_as_is=True).target == "/a/../b"


def test_params() -> None:
    params = {"a": [1, "x y", None], "ä": "ö&", "none": None, "t": True}
    assert join_params(URL + "/p#f", params) == URL + "/p?a=1&a=x+y&%C3%A4=%C3%B6%26&t=true#f"
    assert join_params(URL + "/p?z=1", {"a": 1}) == URL + "/p?z=1&a=1"
    assert join_params(URL + "/p?", {"a": 1}) == URL + "/p?a=1"
    assert join_params(URL + "/p", {"a": []}) == URL + "/p"
    with pytest.raises(StepFault) as caught:
        join_params(URL, {"a": {"b": 1}})
    assert caught.value.fault.kind == "invalid-url"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "PROPFIND"])
def test_bodiless_requests_that_could_have_a_body_say_so(method: str) -> None:
    assert lines(made(method=method), "content-length") == ["0"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_other_bodiless_requests_do_not(method: str) -> None:
    assert lines(made(method=method), "content-length") == []


def test_body_lines_set_by_hand_win() -> None:
    payload = body_of({"json": {}})
    by_hand = (("content-type", "a/b"), ("Content-Length", "99"))
    prepared = made(method="POST", headers=by_hand, payload=payload)
    assert lines(prepared, "content-type") == ["a/b"]
    assert lines(prepared, "content-length") == ["99"]
    chunked = made(method="POST", headers=(("Transfer-Encoding", "chunked"),), payload=payload)
    assert chunked.chunked
    assert lines(chunked, "content-length") == []


def test_body_lines_can_be_left_out() -> None:
    payload = body_of({"json": {}})
    lacking = made(method="POST", payload=payload, without=frozenset(("content-type",)))
    assert lines(lacking, "content-type") == []
    assert lines(lacking, "content-length") == ["2"]
    lacking = made(method="POST", payload=payload, without=frozenset(("content-length",)))
    assert lacking.lines[-1] == ("Content-Type", "application/json")
    assert not lacking.chunked


def test_http_1_0() -> None:
    prepared = made(http="1.0")
    assert prepared.head.startswith(b"GET / HTTP/1.0\r\nHost: ")
    assert prepared.closing
    assert not made(http="1.0", headers=(("Connection", "keep-alive"),)).closing
    chunks = body_of({"chunks": {"pieces": ["a"]}})
    assert kind_of(method="POST", http="1.0", payload=chunks) == "wrong-state"


@pytest.mark.parametrize(
    ("value", "closing"), [("close", True), ("Keep-Alive", False), ("x, Close", True)]
)
def test_connection_close_by_hand(value: str, closing: bool) -> None:
    assert made(headers=(("Connection", value),)).closing is closing


def test_cookies_of_the_jar() -> None:
    session = Session(SessionSettings(proxy="direct"))
    session.http.cookies.set("a", "b", domain="127.0.0.1", path="/")
    assert lines(made(session=session), "cookie") == ["a=b"]
    assert lines(made(session=session, headers=(("Cookie", "c=d"),)), "cookie") == ["c=d"]


def test_a_host_set_by_hand_decides_which_cookies_go_along() -> None:
    session = Session(SessionSettings(proxy="direct"))
    session.http.cookies.set("a", "b", domain="lamp.test", path="/")
    assert lines(made(session=session), "cookie") == []
    assert lines(made(session=session, headers=(("Host", "lamp.test"),)), "cookie") == ["a=b"]


def test_credentials() -> None:
    basic = "Basic dXNlcjpwdw=="
    assert lines(made(auth=make_auth({"basic": ["user", "pw"]})), "authorization") == [basic]
    assert lines(made("http://user:pw@127.0.0.1/"), "authorization") == [basic]
    assert lines(made("http://us%40er:p%3Aw@127.0.0.1/"), "authorization") == ["Basic dXNAZXI6cDp3"]
    assert lines(made(auth=make_auth({"bearer": "t"})), "authorization") == ["Bearer t"]
    by_hand = made(auth=make_auth({"bearer": "t"}), headers=(("authorization", "mine"),))
    assert lines(by_hand, "authorization") == ["mine"]


def test_netrc_is_never_read(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password pw\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert requests.utils.get_netrc_auth(URL) == ("user", "pw")
    assert lines(made(), "authorization") == []


class Signing(AuthBase):
    """As schemes do that sign a request: changes the URL, lines and the body."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        assert r.body == b"body"
        r.url = f"{r.url}?signature=1"
        r.headers["user-agent"] = "signer"
        r.headers["X-Signed"] = f"{r.method} {r.headers['Host']}"
        del r.headers["Accept"]
        r.body = b"longer body"
        return r


def test_what_an_auth_class_changes_goes_out(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        client.get("/a", method="POST", payload=body_of({"text": "body"}), auth=Signing())
    seen = echo.requests[0]
    assert seen.target == "/a?signature=1"
    assert seen.header("x-signed") == f"POST {echo.url[7:]}"
    assert seen.header("accept") is None
    assert seen.headers("user-agent") == ["signer"]
    assert (seen.header("content-length"), seen.body) == ("11", b"longer body")


def test_a_forward_proxy_gets_the_absolute_form() -> None:
    session = Session(SessionSettings(proxy="http://pu:pp@127.0.0.1:3128"))
    prepared = made("http://u:p@lamp.test/a?b#c", session=session)
    assert prepared.target == "http://lamp.test/a?b"
    assert lines(prepared, "proxy-authorization") == ["Basic cHU6cHA="]
    tunnelled = made("https://lamp.test/a", session=session)
    assert tunnelled.target == "/a"
    assert lines(tunnelled, "proxy-authorization") == []
