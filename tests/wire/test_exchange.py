"""One request and its answer: every misbehaviour, early answers, sending that breaks off."""

from __future__ import annotations

import ssl
import threading
import warnings
from collections.abc import Callable
from time import perf_counter

import pytest

from runner.kinds import StepFault
from runner.wire.errors import ConnectionGone, EmptyResponse
from runner.wire.exchange import Exchange
from runner.wire.failures import explain
from runner.wire.redirects import next_draft

from ..lab import (
    BEHAVIOURS,
    Certificates,
    EchoServer,
    Server,
    descriptors,
    misbehave,
    scripted,
    settled_descriptors,
)
from ..lab.scripted import (
    again,
    answer,
    close,
    cut,
    head,
    pause,
    receive,
    request,
    reset,
    send,
    silence,
)
from .exchanging import Client, body_of

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
BIG = "x" * 20_000_000


def outcome(server: Server, *, deadline: bool = False) -> tuple[str | None, str | None]:
    """Kind and phase of what a GET of the whole answer, and of one redirect, comes to."""
    client = Client(server.url, max_body=1 << 40 if deadline else 1 << 26)
    client.silence, client.deadline = (5.0, 0.3) if deadline else (0.3, 20.0)
    try:
        with client:
            exchange = client.send()
            client.rest(exchange)
            next_draft(client.session, exchange)
    except Exception as error:
        fault = explain(error, client.phases, client.connection.route)
        return fault.kind, fault.phase
    return None, None


ELSEWHERE = {"redirect-circle", "redirect-to-itself", "never-reads"}


@pytest.mark.parametrize("name", [name for name in BEHAVIOURS if name not in ELSEWHERE])
def test_misbehaviour(name: str) -> None:
    behaviour = BEHAVIOURS[name]
    with misbehave(name) as server:
        found = outcome(server, deadline=behaviour.kind == "deadline-exceeded")
        if name == "reset-at-accept":
            assert found[0] == behaviour.kind
        else:
            assert found == (behaviour.kind, behaviour.phase)


def test_reuse_is_counted(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        for n in range(3):
            exchange = client.send("/text")
            assert client.connection.busy is exchange
            assert exchange.reused is (n > 0)
            assert not exchange.finished
            client.rest(exchange)
            assert exchange.finished
            assert client.connection.busy is None
        assert client.connection.carried == 3
    assert echo.connections == 1


def test_phases_are_told_and_timed(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        client.told.clear()
        client.get("/close")
        assert client.told == [
        "sending", "sent", "waiting", "first-byte", "head", "reading", "closed",
    ]  # fmt: skip
        assert client.phases.times.keys() >= {"send", "wait", "read"}
        assert client.connection.sock is None


@pytest.mark.parametrize(
    "options",
    [
        {"target": "/close"},
        {"http": "1.0"},
        {"headers": [("Connection", "close")]},
        {"target": "/until-close"},
    ],
)
def test_what_ends_a_connection(echo: EchoServer, options: dict[str, object]) -> None:
    with Client(echo.url) as client:
        client.get(**options)  # type: ignore[arg-type]
        assert client.connection.sock is None
        with pytest.raises(ConnectionGone):
            client.send()


def test_the_empty_bodies(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        for options in (
            {"method": "HEAD", "target": "/bytes/100"},
            {"target": "/nothing"},
            {"target": "/etag", "headers": [("If-None-Match", '"lamp-1"')]},
        ):
            exchange = client.send(**options)
            assert (exchange.finished, exchange.body.eof) == (True, True)
            assert client.rest(exchange) == b""
        assert client.get("/text")
    assert echo.connections == 1


def test_a_busy_connection_carries_nothing_else(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        exchange = client.send("/text")
        with pytest.raises(StepFault) as caught:
            client.send("/text")
        assert caught.value.fault.kind == "wrong-state"
        assert client.rest(exchange) == "hello, wörld".encode()


def test_facts(echo: EchoServer) -> None:
    with Client(echo.url.replace("//", "//user:pw@")) as client:
        exchange = client.send("/response-headers?X-A=1&X-A=2&Set-Cookie=a%3Db%3B%20Path%3D/x")
        assert (exchange.status, exchange.reason, exchange.version) == (200, "OK", "HTTP/1.1")
        assert exchange.header("x-a") == "1, 2"
        assert exchange.header("missing") is None
        assert "@" not in exchange.url
        assert [(cookie.name, cookie.path) for cookie in exchange.cookies] == [("a", "/x")]
        assert client.session.http.cookies.get("a") == "b"


def test_early_answers_are_kept() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: <%d>\r\n\r\n"
    script = request(), send(b"".join(early % n for n in range(3)) + GO_ON + OK)
    with scripted(*script) as server, Client(server.url) as client:
        exchange = client.send()
        assert [head.status for head in exchange.early] == [103, 103, 103, 100]
        assert exchange.early[2].header("link") == "<2>"
        assert client.rest(exchange) == b"ok"


def test_switching_protocols_is_final() -> None:
    script = request(), send(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), silence()
    with scripted(*script) as server, Client(server.url) as client:
        exchange = client.send(headers=[("Upgrade", "x"), ("Connection", "upgrade")])
        assert (exchange.status, exchange.finished) == (101, True)
        assert client.connection.sock is None


EXPECT = {"text": "body", "expect-continue": True}


def test_continue(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        client.deadline = 0.9  # less than the wait without a 100
        exchange = client.send("/", "POST", payload=body_of(EXPECT))
        assert [head.status for head in exchange.early] == [100]
        assert exchange.sent_whole
        client.rest(exchange)
    assert echo.requests[0].body == b"body"
    assert echo.requests[0].header("expect") == "100-continue"


def test_417_and_the_body_stays_here() -> None:
    script = head(), answer(417, b"no"), silence()
    with scripted(*script) as server, Client(server.url) as client:
        exchange = client.send("/", "POST", payload=body_of(EXPECT))
        assert (exchange.status, exchange.sent_whole) == (417, False)
        assert exchange.request_size == len(exchange.prepared.head)
        assert client.rest(exchange) == b"no"
        assert client.connection.sock is None
        assert client.phases.times["wait"] >= 0
    assert bytes(server.received[1]) == exchange.prepared.head


@pytest.mark.parametrize("late", [True, False])
def test_without_a_100_the_body_goes_after_a_second(late: bool) -> None:
    script = (head(), pause(1.2), *([send(GO_ON)] if late else []), receive(), send(OK))
    with scripted(*script) as server, Client(server.url) as client:
        started = perf_counter()
        exchange = client.send("/", "POST", payload=body_of(EXPECT))
        assert 1.0 <= perf_counter() - started < 2.0
        assert [head.status for head in exchange.early] == ([100] if late else [])
        assert client.rest(exchange) == b"ok"
    assert bytes(server.received[1]).endswith(b"\r\n\r\nbody")


def test_waiting_for_a_100_over_tls_is_not_fooled_by_tickets(certificates: Certificates) -> None:
    with (
        EchoServer(context=certificates.context(), continues=False) as server,
        Client(server.url_for("localhost"), ca=certificates.ca) as client,
    ):
        exchange = client.send("/", "POST", payload=body_of(EXPECT))
        assert (exchange.status, exchange.early) == (200, ())


def test_a_server_that_goes_instead_of_a_100() -> None:
    with (
        scripted(head(), close()) as server,
        Client(server.url) as client,
        pytest.raises(EmptyResponse),
    ):
        client.send("/", "POST", payload=body_of(EXPECT))


@pytest.mark.parametrize("end", [close, cut, reset])
def test_an_answer_that_comes_while_sending_is_read(end: Callable[[], Callable[..., None]]) -> None:
    refused = answer(413, b"too large", [("Connection", "close")])
    with scripted(head(), refused, pause(0.2), end()) as server, Client(server.url) as client:
        exchange = client.send("/", "POST", payload=body_of({"text": BIG}))
        assert exchange.status == 413
        if end is not close:  # which reads on
            assert not exchange.sent_whole
            assert exchange.request_size < len(BIG)
        assert client.connection.busy is exchange
        assert client.rest(exchange) == b"too large"
        assert client.connection.sock is None


def test_a_413_from_a_server_that_stops_reading() -> None:
    refused = answer(413, b"too large")
    with (
        scripted(head(), refused, pause(5), receive_buffer=4096) as server,
        Client(server.url) as client,
    ):
        client.silence = 0.3
        exchange = client.send("/", "POST", payload=body_of({"text": BIG}))
        assert exchange.status == 413
        assert client.rest(exchange) == b"too large"
        assert client.connection.sock is None


def test_a_server_that_never_reads() -> None:
    with misbehave("never-reads") as server, Client(server.url) as client:
        client.silence = 0.2
        with pytest.raises(Exception) as caught:
            client.send("/", "POST", payload=body_of({"text": BIG}))
        fault = explain(caught.value, client.phases, client.connection.route)
        assert (fault.kind, fault.phase) == ("read-timeout", "send")


def test_a_reset_while_sending_without_an_answer() -> None:
    with scripted(head(), reset()) as server, Client(server.url) as client:
        with pytest.raises(OSError) as caught:
            client.send("/", "POST", payload=body_of({"text": BIG}))
        fault = explain(caught.value, client.phases, client.connection.route)
        assert fault.kind in ("connection-reset", "connection-aborted")
        assert client.connection.sock is None


@pytest.mark.parametrize("payload", [None, {"text": BIG}])
def test_tls_1_3_tells_late_that_it_wants_a_certificate(
    certificates: Certificates, payload: dict[str, object] | None
) -> None:
    context = certificates.context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(str(certificates.ca))
    server = EchoServer(context=context)
    with server, Client(server.url_for("localhost"), ca=certificates.ca) as client:
        with pytest.raises(Exception) as caught:
            client.send("/", "POST", payload=None if payload is None else body_of(payload))
        fault = explain(caught.value, client.phases, client.connection.route)
        assert fault.kind == "client-certificate-required"
        server.errors.clear()


def test_an_idle_connection_that_closes_under_the_request() -> None:
    script = request(), send(OK), request(), close()
    with scripted(*script) as server, Client(server.url) as client:
        client.get()
        with pytest.raises(EmptyResponse) as caught:
            client.send()
        assert caught.value.reused


def test_close_of_an_unread_exchange(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        exchange = client.send("/bytes/1000000")
        exchange.close()
        assert client.connection.sock is None
        assert client.connection.busy is None


def test_an_old_exchange_does_not_touch_a_newer_one(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        old = client.send("/text")
        client.rest(old)
        new = client.send("/text")
        old.close()
        assert client.rest(new) == "hello, wörld".encode()


def test_an_old_exchange_does_not_touch_a_connection_made_anew(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        old = client.send("/bytes/1000000")
        client.connection.connect(client.limits(), client.phases)
        old.close()
        assert client.get("/text") == "hello, wörld".encode()


def test_an_interrupted_answer_ends_the_connection() -> None:
    with scripted(request(), silence()) as server, Client(server.url) as client:
        timer = threading.Timer(0.1, client.connection.abort)
        timer.start()
        with pytest.raises(Exception) as caught:
            client.send()
        timer.join()
        assert explain(caught.value, client.phases, client.connection.route).kind == "interrupted"
        assert client.connection.sock is None


def test_nothing_stays_open() -> None:
    before = descriptors()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("half-body-length", "ssh-banner", "length-text", "gzip-truncated"):
            with misbehave(name) as server:
                outcome(server)
    assert settled_descriptors(before) <= before


def test_names_of_lines_are_kept(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        exchange: Exchange = client.send("/response-headers?x-MIXED=1")
        assert ("x-MIXED", "1") in exchange.lines


def test_many_requests_on_one_connection() -> None:
    with scripted(again(request(), send(OK))) as server, Client(server.url) as client:
        assert [client.get() for _ in range(200)] == [b"ok"] * 200
    assert server.connections == 1
