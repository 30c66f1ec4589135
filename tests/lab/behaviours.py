"""What plain servers do wrong, by name, with the failure a client should make of it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .recorded import Recorded
from .scripted import (
    Action,
    ScriptServer,
    again,
    answer,
    close,
    cut,
    drip,
    forever,
    head,
    pause,
    request,
    reset,
    respond,
    response,
    scripted,
    send,
    silence,
    stall,
    stream,
)

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
TEXT = b"the quick brown fox jumps over the lazy dog " * 40


@dataclass(frozen=True)
class Behaviour:
    """One misbehaviour.

    ``kind`` and ``phase`` say what a client should report, None where nothing is wrong.
    ``holds`` is true where nothing ends it but the client's own timeout or deadline.
    """

    script: tuple[Action, ...]
    kind: str | None
    phase: str | None
    holds: bool = False


def misbehave(name: str, **options: Any) -> ScriptServer:
    """A server that does ``BEHAVIOURS[name]``; options are those of ``Server``."""
    if name == "never-reads":
        options.setdefault("receive_buffer", 4096)
    return scripted(*BEHAVIOURS[name].script, **options)


def bomb(size: int = 200 * 10**6) -> Iterator[bytes]:
    """An answer whose gzip body of zeros unfolds to ``size`` bytes, made bit by bit."""
    yield OK + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n"
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(10**6)
    for _ in range(size // len(block)):
        if piece := packer.compress(block):
            yield piece
    yield packer.flush()


def brotli_of(data: bytes) -> bytes:
    """``data`` as one brotli stream."""
    import brotli

    return bytes(brotli.compress(data))


def circle(seen: Recorded) -> bytes:
    """Sends /a to /b and all else to /a."""
    return response(302, headers=[("Location", "/b" if seen.path == "/a" else "/a")])


def redirect_to(location: str, status: int = 302, **options: Any) -> ScriptServer:
    """A server that answers every request with a redirect to ``location``."""
    return scripted(again(request(), answer(status, headers=[("Location", location)])), **options)


def _coded(coding: str, body: bytes) -> tuple[Action, ...]:
    return request(), answer(200, body, [("Content-Encoding", coding)]), close()


def _raw(data: bytes) -> tuple[Action, ...]:
    return request(), send(data), close()


def _redirect(location: str) -> tuple[Action, ...]:
    return (again(request(), answer(302, headers=[("Location", location)])),)


def _table() -> Iterator[tuple[str, Behaviour]]:
    def many(kind: str | None, phase: str | None, **scripts: tuple[Action, ...]) -> Any:
        for name, script in scripts.items():
            yield name.replace("_", "-"), Behaviour(script, kind, phase)

    def held(kind: str, phase: str, **scripts: tuple[Action, ...]) -> Any:
        for name, script in scripts.items():
            yield name.replace("_", "-"), Behaviour(script, kind, phase, holds=True)

    packed = gzip.compress(TEXT)
    yield from many(
        "connection-reset",
        "send",
        reset_at_accept=(reset(),),
        reset_before_head=(request(), reset()),
        reset_in_head=(request(), send(OK + b"Content-Le"), pause(0.05), reset()),
    )
    yield from many(
        "connection-reset",
        "read",
        reset_in_body=(
            request(),
            send(OK + b"Content-Length: 100\r\n\r\nhalf"),
            pause(0.05),
            reset(),
        ),
        reset_in_chunk=(request(), send(CHUNKED + b"a\r\nhalf"), pause(0.05), reset()),
    )
    yield from many(
        "empty-response",
        "send",
        close_at_accept=(close(),),
        close_before_head=(request(), close()),
    )
    yield from many(
        "invalid-response",
        "send",
        ssh_banner=_raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
        status_abc=_raw(b"HTTP/1.1 abc\r\n\r\n"),
        http_2_0=_raw(b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
        random_bytes=_raw(b"\x8a\x00\xff\x13\x37\x00\x9c\r\n\x01\x02\r\n\r\n"),
        long_line=_raw(b"HTTP/1.1 200 " + b"x" * 400_000),
        half_head=_raw(OK + b"Content-Type: text/plain\r\nContent-Len"),
        head_without_blank_line=_raw(OK + b"Content-Length: 0\r\n"),
        header_without_colon=_raw(OK + b"this is no header\r\nContent-Length: 0\r\n\r\n"),
        header_folded=_raw(OK + b"X-A: one\r\n two\r\nContent-Length: 0\r\n\r\n"),
        header_blank_before_colon=_raw(OK + b"X-A : one\r\nContent-Length: 0\r\n\r\n"),
        header_bare_cr=_raw(OK + b"X-A: one\rX-B: two\r\nContent-Length: 0\r\n\r\n"),
        header_too_big=_raw(OK + b"X-A: " + b"a" * 300_000 + b"\r\nContent-Length: 0\r\n\r\n"),
        too_many_headers=_raw(OK + b"".join(b"X-%d: a\r\n" % n for n in range(5000)) + b"\r\n"),
        endless_headers=(request(), send(OK), forever(b"X-A: b\r\n" * 100, every=0)),
        flood_of_100s=(request(), forever(b"HTTP/1.1 100 Continue\r\n\r\n" * 20, every=0)),
        length_text=_raw(OK + b"Content-Length: ten\r\n\r\n0123456789"),
        length_negative=_raw(OK + b"Content-Length: -5\r\n\r\nhello"),
        length_plus=_raw(OK + b"Content-Length: +5\r\n\r\nhello"),
        two_lengths=_raw(OK + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello"),
        gzip_in_transfer=_raw(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    )
    yield from many(
        "invalid-response",
        "read",
        chunk_size_text=_raw(CHUNKED + b"xyz\r\nhello\r\n0\r\n\r\n"),
        chunk_size_negative=_raw(CHUNKED + b"-2\r\nhello\r\n0\r\n\r\n"),
        chunk_size_plus=_raw(CHUNKED + b"+5\r\nhello\r\n0\r\n\r\n"),
        chunk_size_prefix=_raw(CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n"),
        chunk_size_empty=_raw(CHUNKED + b"\r\nhello\r\n0\r\n\r\n"),
        chunk_without_crlf=_raw(CHUNKED + b"5\r\nhello0\r\n\r\n"),
    )
    yield from many(
        "truncated-body",
        "read",
        half_body_length=_raw(OK + b"Content-Length: 100\r\n\r\nhalf a body"),
        half_body_chunked=_raw(CHUNKED + b"5\r\nhello\r\n64\r\nhalf a chunk"),
        half_body_between_chunks=_raw(CHUNKED + b"5\r\nhello\r\n"),
        eof_after_last_chunk=_raw(CHUNKED + b"5\r\nhello\r\n0\r\n"),
    )
    yield from many(
        "bad-encoding",
        "read",
        gzip_broken=_coded("gzip", packed[:-8] + b"\0\0\0\0" + packed[-4:]),
        gzip_truncated=_coded("gzip", packed[:-12]),
        gzip_is_text=_coded("gzip", b"this is plain text, no gzip at all"),
        gzip_trailing=_coded("gzip", packed + b"and more"),
        deflate_broken=_coded("deflate", zlib.compress(TEXT)[:-4] + b"\0\0\0\0"),
        deflate_truncated=_coded("deflate", zlib.compress(TEXT)[:-6]),
        br_broken=_coded("br", b"\xff" * 40),
        br_truncated=_coded("br", brotli_of(TEXT)[:-6]),
        unknown_coding=_coded("x-lamp", b"whatever"),
    )
    yield from many("body-too-large", "read", gzip_bomb=(request(), stream(bomb), close()))
    yield from held(
        "read-timeout",
        "send",
        never_answers=(silence(),),
        silent_in_head=(request(), send(OK + b"Content-"), silence()),
        never_reads=(stall(),),
    )
    yield from held(
        "read-timeout",
        "read",
        silent_in_body=(request(), send(OK + b"Content-Length: 100\r\n\r\nhalf"), silence()),
        silent_in_chunk=(request(), send(CHUNKED + b"a\r\nhalf"), silence()),
    )
    yield from held(
        "deadline-exceeded",
        "send",
        drip_head=(request(), drip(OK + b"X-A: " + b"a" * 2000 + b"\r\n\r\n")),
        drip_header_lines=(request(), send(OK), forever(b"X-A: b\r\n")),
        drip_100s=(request(), forever(b"HTTP/1.1 100 Continue\r\n\r\n")),
    )
    yield from held(
        "deadline-exceeded",
        "read",
        drip_body=(request(), send(OK + b"Content-Length: 9999\r\n\r\n"), forever(b"x")),
        drip_chunks=(request(), send(CHUNKED), forever(b"1\r\nx\r\n")),
        drip_until_close=(request(), send(OK + b"Connection: close\r\n\r\n"), forever(b"x")),
        endless_body=(request(), send(OK + b"\r\n"), forever(b"x" * 65536, every=0)),
    )
    yield from many(
        "too-many-redirects",
        "send",
        redirect_circle=(again(respond(circle)),),
        redirect_to_itself=_redirect("/"),
    )
    yield from many(
        "invalid-url",
        "send",
        redirect_to_nowhere=_redirect("http://"),
        redirect_to_bad_host=_redirect("http://[bad/"),
    )
    yield from many("unsupported-scheme", "send", redirect_to_ftp=_redirect("ftp://127.0.0.1/x"))
    yield from many(
        None,
        None,
        early_hints=(
            again(
                request(),
                send(b"HTTP/1.1 103 Early Hints\r\nLink: </lamp.css>; rel=preload\r\n\r\n"),
                answer(200, b"after the hints"),
            ),
        ),
        beyond_length=(again(request(), send(OK + b"Content-Length: 2\r\n\r\nokEXTRA")),),
        too_large_unread=(head(), answer(413, b"too large", [("Connection", "close")]), close()),
        too_large_then_reset=(
            head(),
            answer(413, b"too large", [("Connection", "close")]),
            pause(0.1),
            cut(),
        ),
        closed_when_idle=(request(), answer(200, b"hello"), pause(0.05), close()),
        unsolicited_408=(
            request(),
            answer(200, b"hello"),
            pause(0.05),
            answer(408, headers=[("Connection", "close")]),
            close(),
        ),
        until_close=_raw(OK + b"Connection: close\r\n\r\nuntil the close"),
        http_1_0=_raw(b"HTTP/1.0 200 OK\r\n\r\nold"),
        no_reason=_raw(b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"),
    )


BEHAVIOURS: Mapping[str, Behaviour] = dict(_table())
