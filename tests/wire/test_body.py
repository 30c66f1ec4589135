"""Reading a body: framing, parts, the end, limits."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest

from runner.kinds import StepFault
from runner.wire.body import Body
from runner.wire.errors import BadEncoding, BadFraming, TooLarge, Truncated
from runner.wire.framing import Framing
from runner.wire.limits import DeadlineExceeded, Silence

from ..lab import Certificates, EchoServer, misbehave, scripted, tls_server
from ..lab.scripted import again, answer, pause, request, send, silence
from .exchanging import Client, body_over, chunked

TEXT = b"".join(b"line %d of the text\n" % n for n in range(4000))
CHUNKED = Framing("chunked")
CLOSE = Framing("close", keep_alive=False)


def cut(data: bytes, seed: int) -> list[bytes]:
    """``data`` in pieces of random sizes."""
    dice = random.Random(seed)
    pieces = []
    while data:
        size = dice.choice((1, 2, 3, 10, 100, 5000, 70_000))
        pieces.append(data[:size])
        data = data[size:]
    return pieces


def by_rest(body: Body) -> bytes:
    return body.rest()


def by_sink(body: Body) -> bytes:
    found = bytearray()
    body.rest_into(found.extend)
    return bytes(found)


def by_parts(body: Body) -> bytes:
    found = b""
    while part := body.read(777):
        assert len(part) == 777 or body.eof
        found += part
    return found


def by_lines(body: Body) -> bytes:
    return b"".join(body.lines(4000))


def by_marker(body: Body) -> bytes:
    return body.until(b"line 3999") + body.rest()


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def zstandard(data: bytes) -> bytes:
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from backports import zstd
    return bytes(zstd.compress(data))


CODED: dict[str, tuple[tuple[str, ...], Callable[[bytes], bytes]]] = {
    "identity": ((), bytes),
    "gzip": (("gzip",), gzip.compress),
    "two-members": (
        ("x-gzip",),
        lambda data: gzip.compress(data[:999]) + gzip.compress(data[999:]),
    ),
    "deflate": (("deflate",), zlib.compress),
    "raw-deflate": (("deflate",), deflated),
    "br": (("br",), brotli.compress),
    "zstd": (("zstd",), zstandard),
    "two-frames": (("zstd",), lambda data: zstandard(data[:999]) + zstandard(data[999:])),
    "stacked": (("gzip", "br"), lambda data: brotli.compress(gzip.compress(data))),
}


@pytest.mark.parametrize("way", [by_rest, by_sink, by_parts, by_lines, by_marker])
@pytest.mark.parametrize("framed", ["length", "chunked", "close"])
@pytest.mark.parametrize("coding", list(CODED))
def test_every_way_reads_the_same(coding: str, framed: str, way: Callable[[Body], bytes]) -> None:
    codings, pack = CODED[coding]
    coded = pack(TEXT)
    if framed == "length":
        framing, data = Framing("length", len(coded)), coded
    elif framed == "chunked":
        framing, data = CHUNKED, chunked(*cut(coded, 3))
    else:
        framing, data = CLOSE, coded
    for seed in range(3):
        body, wire = body_over(cut(data, seed), framing, codings)
        assert way(body) == TEXT
        assert body.rest() == b""
        assert body.eof
        assert body.received == len(TEXT)
        assert body.wire_size == len(coded)
        assert wire.ended == [True]


def test_parts_go_on_where_the_last_stopped() -> None:
    body, _ = body_over(cut(TEXT, 1), Framing("length", len(TEXT)))
    parts = [body.read(5), b"".join(body.lines(2)), body.until(b"9"), body.read(0), body.rest()]
    assert b"".join(parts) == TEXT
    assert parts[0] == b"line "
    assert parts[3] == b""


def test_eof_is_known_at_once_with_a_length() -> None:
    body, _ = body_over([b"abcd"], Framing("length", 4))
    assert body.read(2) == b"ab"
    assert not body.eof
    assert body.read(2) == b"cd"
    assert body.eof


def test_eof_of_chunks_is_known_by_the_read_that_met_the_last() -> None:
    body, wire = body_over([chunked(b"ab", b"cd")], CHUNKED)
    assert body.read(4) == b"abcd"
    assert not body.eof
    assert wire.ended == []
    assert body.read(4) == b""
    assert body.eof
    assert wire.ended == [True]


def test_the_empty_body_is_at_its_end() -> None:
    body, wire = body_over([], Framing("length", 0), ("gzip",))
    assert body.eof
    assert body.complete
    assert wire.ended == [True]
    assert body.rest() == b""


def test_a_read_past_a_clean_end_is_short() -> None:
    body, _ = body_over([b"abc"], Framing("length", 3))
    assert body.read(10) == b"abc"
    assert body.eof


def test_the_last_line_may_lack_its_end() -> None:
    body, _ = body_over([b"one\r\ntwo\nthree"], Framing("length", 14))
    assert body.lines(3) == [b"one\r\n", b"two\n", b"three"]


@pytest.mark.parametrize(
    "ask", [lambda body: body.lines(4), lambda body: body.until(b"!"), lambda body: body.events(1)]
)
def test_what_the_end_cuts_short_is_truncated(ask: Callable[[Body], object]) -> None:
    body, wire = body_over([b"one\ntwo\nthree"], Framing("length", 13))
    with pytest.raises(Truncated):
        ask(body)
    assert wire.ended == [True]


def test_after_a_cut_short_read_the_bytes_are_still_there() -> None:
    body, _ = body_over([b"one\ntwo"], Framing("length", 7))
    with pytest.raises(Truncated):
        body.until(b"!")
    assert body.received == 0
    assert body.rest() == b"one\ntwo"


def test_trailers_are_kept() -> None:
    body, _ = body_over([chunked(b"abc", trailers=b"Sum: 1\r\nSum: 2\r\n")], CHUNKED)
    assert body.rest() == b"abc"
    assert body.trailers == (("Sum", "1"), ("Sum", "2"))


def test_chunk_extensions_are_passed_over() -> None:
    body, _ = body_over([b"3;a=b\r\nabc\r\n0;x\r\n\r\n"], CHUNKED)
    assert body.rest() == b"abc"


@pytest.mark.parametrize(
    "data",
    [
        b"xyz\r\nabc\r\n0\r\n\r\n",
        b"-3\r\nabc\r\n0\r\n\r\n",
        b"+3\r\nabc\r\n0\r\n\r\n",
        b"0x3\r\nabc\r\n0\r\n\r\n",
        b" 3\r\nabc\r\n0\r\n\r\n",
        b"3_0\r\nabc\r\n0\r\n\r\n",
        b"\r\nabc\r\n0\r\n\r\n",
        b"3\nabc\r\n0\r\n\r\n",
        b"3\r\nabc0\r\n\r\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"3\r\nabcXY0\r\n\r\n",
        b"3\r\nabc\n0\r\n\r\n",
        b"f" * 20 + b"\r\n",
        b"3;" + b"x" * 10_000,
        b"0\r\nno colon\r\n\r\n",
        b"0\r\n" + b"A: 1\r\n" * 300 + b"\r\n",
    ],
)
def test_wrong_chunks(data: bytes) -> None:
    body, wire = body_over([data], CHUNKED)
    with pytest.raises(BadFraming):
        body.rest()
    assert wire.ended == [False]
    with pytest.raises(BadFraming):
        body.rest()


@pytest.mark.parametrize(
    ("framing", "data", "came"),
    [
        (Framing("length", 100), b"half", b"half"),
        (CHUNKED, b"5\r\nhello\r\n64\r\nhalf", b"hellohalf"),
        (CHUNKED, b"5\r\nhello\r\n", b"hello"),
        (CHUNKED, b"5\r\nhello\r", b"hello"),
        (CHUNKED, b"5\r\nhello\r\n0", b"hello"),
        (CHUNKED, b"5\r\nhello\r\n0\r\n", b"hello"),
        (CHUNKED, b"5\r\nhello\r\n0\r\nA: 1\r\n", b"hello"),
        (CHUNKED, b"", b""),
    ],
)
def test_an_early_end_is_truncated(framing: Framing, data: bytes, came: bytes) -> None:
    for ask in (Body.rest, lambda body: body.read(1000)):
        body, wire = body_over([data], framing)
        with pytest.raises(Truncated):
            ask(body)
        assert wire.ended == [False]
        assert came.startswith(body.partial)
        assert body.received == len(body.partial)
        assert body.sample(100, 1) == body.partial


@pytest.mark.parametrize("way", [by_rest, by_sink, by_parts])
def test_max_body(way: Callable[[Body], bytes]) -> None:
    body, wire = body_over([b"x" * 100], Framing("length", 100), max_body=99)
    with pytest.raises(TooLarge) as caught:
        way(body)
    assert caught.value.limit == 99
    assert not wire.ended or body.complete
    body, _ = body_over([b"x" * 100], Framing("length", 100), max_body=100)
    assert way(body) == b"x" * 100


def test_max_body_counts_parts_together() -> None:
    body, _ = body_over([b"x" * 60, b"y" * 60], Framing("length", 120), max_body=100)
    assert len(body.read(60)) == 60
    with pytest.raises(TooLarge):
        body.rest()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_defused_in_little_memory(coding: str) -> None:
    codings, pack = CODED[coding]
    coded = pack(bytes(60_000_000))
    body, _ = body_over([coded], Framing("length", len(coded)), codings, max_body=1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            body.rest()
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_sink_takes_any_size_in_little_memory() -> None:
    coded = gzip.compress(bytes(60_000_000))
    body, _ = body_over([coded], Framing("length", len(coded)), ("gzip",), max_body=1 << 40)
    count = 0

    def sink(view: memoryview) -> None:
        nonlocal count
        count += len(view)

    tracemalloc.start()
    try:
        body.rest_into(sink)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert count == body.received == 60_000_000


def test_without_decoding_the_wire_bytes_come() -> None:
    coded = gzip.compress(TEXT)
    body, _ = body_over([coded], Framing("length", len(coded)), ("gzip",))
    body.decode = False
    assert body.rest() == coded
    assert body.eof


def test_decoding_cannot_change_midway() -> None:
    coded = gzip.compress(TEXT)
    body, _ = body_over([coded], Framing("length", len(coded)), ("gzip",))
    body.read(3)
    with pytest.raises(StepFault) as caught:
        body.decode = False
    assert caught.value.fault.kind == "wrong-state"


def test_give_back() -> None:
    body, _ = body_over([b"abcdef"], Framing("length", 6))
    body.give_back(body.read(4))
    assert body.received == 0
    assert body.rest() == b"abcdef"


def test_drain_frees_the_connection(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        first = client.send("/bytes/200000")
        assert first.body.drain(1 << 20, 1.0)
        assert client.get("/text") == "hello, wörld".encode()
        with pytest.raises(StepFault) as caught:
            first.body.rest()
    assert caught.value.fault.kind == "wrong-state"
    assert echo.connections == 1


def test_drain_gives_up_on_what_is_too_much(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        assert not client.send("/bytes/200000").body.drain(1000, 1.0)
        assert client.connection.sock is None


def test_drain_gives_up_on_silence() -> None:
    script = request(), send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), silence()
    with scripted(*script) as server, Client(server.url) as client:
        assert not client.send().body.drain(1000, 0.05)
        assert client.connection.sock is None


def test_drain_of_a_whole_body_keeps_what_came(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        body = client.send("/bytes/100").body
        assert len(body.read(10)) == 10
        assert body.drain(0, 1.0)
        assert len(body.rest()) == 90


def test_two_answers_are_read_in_turns(echo: EchoServer) -> None:
    with Client(echo.url) as one, Client(echo.url) as two:
        first, second = one.send("/lines/100").body, two.send("/lines/100").body
        for n in range(1, 101):
            assert first.lines(1) == second.lines(1) == [b"line %d\n" % n]


def test_a_sample_takes_what_comes_in_time() -> None:
    script = request(), send(b"HTTP/1.1 500 X\r\nContent-Length: 9\r\n\r\nhalf"), silence()
    with scripted(*script) as server, Client(server.url) as client:
        assert client.send().body.sample(1000, 0.1) == b"half"


@pytest.mark.parametrize("path", ["/text?say=0123456789", "/gzip", "/stream?pieces=3"])
def test_a_sample_takes_nothing_away(echo: EchoServer, path: str) -> None:
    with Client(echo.url) as client:
        whole = client.get(path)
        exchange = client.send(path)
        assert exchange.body.sample(4, 1.0) == whole[:4]
        assert exchange.body.received == 0
        assert exchange.body.sample(10**6, 1.0) == whole
        assert client.rest(exchange) == whole
        assert exchange.body.eof


def test_what_comes_after_a_sample_can_be_read() -> None:
    head = b"HTTP/1.1 500 X\r\nContent-Length: 8\r\n\r\nhalf"
    script = request(), send(head), request(), send(b"more")
    with scripted(*script) as server, Client(server.url) as client:
        exchange = client.send()
        assert exchange.body.sample(1000, 0.1) == b"half"
        client.connection.send(b"GET / HTTP/1.1\r\n\r\n")
        assert client.rest(exchange) == b"halfmore"


def test_bytes_so_far_at_a_deadline() -> None:
    script = request(), send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), silence()
    with scripted(*script) as server, Client(server.url) as client:
        exchange = client.send()
        client.deadline = 0.1
        with pytest.raises(DeadlineExceeded):
            client.rest(exchange)
        assert (exchange.body.received, exchange.body.partial) == (4, b"half")
        assert client.connection.sock is None
        assert client.told[-1] == "closed"


def test_silence_between_chunks() -> None:
    script = (
        request(),
        send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        silence(),
    )
    with scripted(*script) as server, Client(server.url) as client:
        exchange = client.send()
        client.silence = 0.1
        with exchange.reading(client.limits(), client.phases) as body:
            assert body.read(4) == b"half"
            with pytest.raises(Silence):
                body.read(1)


def test_events_come_one_by_one(echo: EchoServer) -> None:
    with Client(echo.url) as client:
        body = client.send("/sse?count=3").body
        assert [event["id"] for event in body.events(2)] == ["1", "2"]
        assert not body.eof
        with pytest.raises(Truncated, match="1 of 2"):
            body.events(2)
        assert [event["id"] for event in body.got] == ["3"]


def test_tls_end_without_goodbye_is_truncated(certificates: Certificates) -> None:
    with (
        tls_server(certificates, "no-close-notify") as server,
        Client(server.url_for("localhost"), ca=certificates.ca) as client,
        pytest.raises(Truncated),
    ):
        client.get()


def test_tls_end_with_goodbye_is_whole(certificates: Certificates) -> None:
    with (
        tls_server(certificates, "close-notify") as server,
        Client(server.url_for("localhost"), ca=certificates.ca) as client,
    ):
        assert client.get()


def test_bytes_beyond_the_length_end_the_connection() -> None:
    with misbehave("beyond-length") as server, Client(server.url) as client:
        assert client.get() == b"ok"
        assert client.connection.sock is None


def test_a_body_for_head_ends_the_connection() -> None:
    with (
        scripted(again(request(), answer(200, b"not to be sent"))) as server,
        Client(server.url) as client,
    ):
        exchange = client.send(method="HEAD")
        assert (exchange.finished, exchange.body.rest(), exchange.body.eof) == (True, b"", True)
        assert client.connection.sock is None


def test_broken_coding_of_a_whole_body_keeps_the_connection() -> None:
    script = again(request(), answer(200, b"no gzip", [("Content-Encoding", "gzip")]))
    with scripted(script) as server, Client(server.url) as client:
        for _ in range(2):
            with pytest.raises(BadEncoding):
                client.get()
        assert server.connections == 1


def test_a_slow_body_is_read_as_it_comes() -> None:
    script = (
        request(),
        send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nab"),
        pause(0.05),
        send(b"cd"),
        pause(0.05),
        send(b"efgh"),
    )
    with scripted(*script) as server, Client(server.url) as client:
        body = client.send().body
        assert [body.read(3), body.read(3), body.read(3)] == [b"abc", b"def", b"gh"]
