"""The strict head."""

from __future__ import annotations

import pytest

from runner.wire.errors import BadFraming, BadHead, EmptyResponse
from runner.wire.framing import framing_of
from runner.wire.head import Head, parse_head, read_head

from .exchanging import reader_of

OK = b"HTTP/1.1 200 OK\r\n"


def read(*pieces: bytes) -> Head:
    return read_head(reader_of(pieces))


def test_reads_lines_in_order_with_duplicates() -> None:
    head = read(OK + b"A: 1\r\nb:2\r\na:  3 \r\nEmpty:\r\n\r\nbody")
    assert (head.version, head.status, head.reason) == ("HTTP/1.1", 200, "OK")
    assert head.lines == (("A", "1"), ("b", "2"), ("a", "3"), ("Empty", ""))
    assert head.header("a") == "1, 3"
    assert head.all("A") == ["1", "3"]
    assert head.header("nothing") is None


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pieces_do_not_matter(size: int) -> None:
    raw = OK + b"A: 1\r\nB: 2\r\n\r\n"
    reader = reader_of([raw[n : n + size] for n in range(0, len(raw), size)] + [b"X"])
    assert read_head(reader) == parse_head(raw)
    assert reader.read() == b"X"


def test_leaves_the_body_in_the_reader() -> None:
    reader = reader_of([OK + b"A: 1\r\n\r\nthe body\r\n\r\n"])
    read_head(reader)
    assert reader.read() == b"the body\r\n\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\nA: 1\n\nbody\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: 1\n\r\nbody\r\n\r\n",
        b"HTTP/1.1 200 OK\nA: 1\r\n\nbody\n\r\n",
    ],
)
def test_a_bare_lf_ends_a_line(raw: bytes) -> None:
    reader = reader_of([raw])
    assert read_head(reader).lines == (("A", "1"),)
    assert reader.read().startswith(b"body")


def test_values_are_utf8_else_latin1() -> None:
    head = read(OK + "A: Grüße\r\n".encode() + b"B: Gr\xfc\xdfe\r\n\r\n")
    assert head.lines == (("A", "Grüße"), ("B", "Grüße"))


@pytest.mark.parametrize("line", ["HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.0 404 Not here"])
def test_a_reason_may_lack(line: str) -> None:
    head = read(line.encode() + b"\r\n\r\n")
    assert head.reason in ("", "Not here")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"SSH-2.0-OpenSSH\r\n", "not HTTP"),
        (b"\x15\x03\x01\x00\x02\x02", "not HTTP"),
        (b"HTTP/1.1 abc\r\n\r\n", "status line"),
        (b"HTTP/1.1 20\r\n\r\n", "status line"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "status line"),
        (b"HTTP/1.1  200 OK\r\n\r\n", "status line"),
        (b"HTTP/2.0 200 OK\r\n\r\n", "status line"),
        (b"HTTP/1.1 200OK\r\n\r\n", "status line"),
        (OK + b"no colon here\r\n\r\n", "no colon"),
        (OK + b"A: 1\r\n folded\r\n\r\n", "folded"),
        (OK + b"\tA: 1\r\n\r\n", "folded"),
        (OK + b"A : 1\r\n\r\n", "not a token"),
        (OK + b": 1\r\n\r\n", "not a token"),
        (OK + "Ä: 1\r\n\r\n".encode(), "not a token"),
        (OK + b"A: one\rB: two\r\n\r\n", "carriage return"),
        (OK + b"A: one\r\r\n\r\n", "carriage return"),
        (b"HTTP/1.1 200 O\rK\r\n\r\n", "carriage return"),
        (OK + b"A: one\rB: two\n\n", "carriage return"),
        (OK + b"A: o\0ne\r\n\r\n", "NUL"),
        (OK + b"A: \xff\0\r\n\r\n", "NUL"),
        (OK + b"Content-Le", "inside"),
        (OK + b"A: 1\r\n", "inside"),
        (b"HTT", "inside"),
        (b"HTTP/1.1 200 " + b"x" * 300_000, "longer"),
        (OK + b"A: " + b"a" * 300_000 + b"\r\n\r\n", "longer"),
        (OK + b"A: 1\r\n" * 257 + b"\r\n", "more than 256"),
        (OK + b"A: 1\r\n" * 20_000 + b"\r\n", "more than 256"),
    ],
)
def test_refuses(raw: bytes, says: str) -> None:
    with pytest.raises(BadHead, match=says):
        read(raw)


def test_256_lines_are_read() -> None:
    assert len(read(OK + b"A: 1\r\n" * 256 + b"\r\n").lines) == 256


def test_no_byte_is_an_empty_response() -> None:
    with pytest.raises(EmptyResponse):
        read()


def framing(method: str, status: int, *lines: str, version: str = "HTTP/1.1") -> tuple[object, ...]:
    pairs = tuple(tuple(line.split(": ", 1)) for line in lines)
    found = framing_of(method, Head(version, status, "", pairs))  # type: ignore[arg-type]
    return found.kind, found.length, found.keep_alive


@pytest.mark.parametrize(
    ("method", "status", "lines", "expected"),
    [
        ("GET", 200, ["Content-Length: 5"], ("length", 5, True)),
        ("GET", 200, ["Content-Length: 5", "content-length: 5"], ("length", 5, True)),
        ("GET", 200, ["Content-Length: 5, 5"], ("length", 5, True)),
        ("GET", 200, ["Content-Length: 5", "Connection: Close"], ("length", 5, False)),
        ("GET", 200, ["Content-Length: 5", "Connection: x, close"], ("length", 5, False)),
        ("GET", 200, ["Transfer-Encoding: Chunked"], ("chunked", 0, True)),
        ("GET", 200, [], ("close", 0, False)),
        ("HEAD", 200, ["Content-Length: 5"], ("length", 0, True)),
        ("HEAD", 200, ["Transfer-Encoding: chunked"], ("length", 0, True)),
        ("head", 200, ["Content-Length: 5"], ("length", 5, True)),
        ("GET", 204, [], ("length", 0, True)),
        ("GET", 304, ["Content-Length: 99"], ("length", 0, True)),
        ("GET", 101, [], ("length", 0, False)),
        ("CONNECT", 200, [], ("length", 0, False)),
    ],
)
def test_framing(
    method: str, status: int, lines: list[str], expected: tuple[str, int, bool]
) -> None:
    assert framing(method, status, *lines) == expected


def test_http_1_0_closes_unless_asked() -> None:
    length = "Content-Length: 1"
    assert framing("GET", 200, length, version="HTTP/1.0") == ("length", 1, False)
    kept = framing("GET", 200, length, "Connection: keep-alive", version="HTTP/1.0")
    assert kept == ("length", 1, True)


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: ten"],
        ["Content-Length: -5"],
        ["Content-Length: +5"],
        ["Content-Length: 0x5"],
        ["Content-Length: 5 5"],
        ["Content-Length: "],
        ["Content-Length: \u0665"],
        ["Content-Length: " + "9" * 30],
        ["Content-Length: 5", "Content-Length: 7"],
        ["Content-Length: 5, 7"],
        ["Transfer-Encoding: gzip, chunked"],
        ["Transfer-Encoding: gzip"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 5"],
        ["Transfer-Encoding: identity"],
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_framing_with_two_readings_is_refused(method: str, lines: list[str]) -> None:
    with pytest.raises(BadFraming):
        framing(method, 200, *lines)


def test_chunked_in_http_1_0_is_refused() -> None:
    with pytest.raises(BadFraming, match=r"HTTP/1\.0"):
        framing("GET", 200, "Transfer-Encoding: chunked", version="HTTP/1.0")
