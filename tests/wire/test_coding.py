"""Content codings that are broken, unknown or stacked."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import brotli  # type: ignore[import-untyped]
import pytest

from runner.wire import coding
from runner.wire.errors import BadEncoding

from .test_body import CODED, TEXT


def decode(codings: tuple[str, ...], *pieces: bytes) -> bytes:
    source: Iterator[bytes] = iter(piece for piece in pieces if piece)
    read = coding.decoder(codings, lambda: next(source, b""))
    found = b""
    while data := read():
        found += data
    assert read() == b""
    return found


@pytest.mark.parametrize("name", [name for name in CODED if name != "identity"])
@pytest.mark.parametrize("size", [1, 5, 1_000_000])
def test_pieces_do_not_matter(name: str, size: int) -> None:
    codings, pack = CODED[name]
    data = pack(TEXT)
    assert decode(codings, *(data[n : n + size] for n in range(0, len(data), size))) == TEXT


@pytest.mark.parametrize("name", ["gzip", "deflate", "raw-deflate", "br", "zstd", "stacked"])
def test_no_coded_byte_is_the_empty_body(name: str) -> None:
    assert decode(CODED[name][0]) == b""
    assert decode(CODED[name][0], CODED[name][1](b"")) == b""


@pytest.mark.parametrize("name", [name for name in CODED if name != "identity"])
def test_cut_short(name: str) -> None:
    codings, pack = CODED[name]
    data = pack(TEXT)
    for end in (1, 5, len(data) // 2, len(data) - 1):
        with pytest.raises(BadEncoding):
            decode(codings, data[:end])


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("name", [name for name in CODED if name != "identity"])
@pytest.mark.parametrize("more", [b"\0", b"and more", b"\x1f", b"\x28"])
def test_bytes_behind(name: str, more: bytes, split: bool) -> None:
    codings, pack = CODED[name]
    data = pack(TEXT)
    with pytest.raises(BadEncoding):
        decode(codings, *((data, more) if split else (data + more,)))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("gzip", b"plain text"),
        ("gzip", gzip.compress(TEXT)[:-8] + bytes(8)),
        ("deflate", zlib.compress(TEXT)[:-4] + bytes(4)),
        ("deflate", b"plain text"),
        ("br", b"\xff" * 40),
        ("zstd", b"plain text"),
    ],
)
def test_broken(name: str, data: bytes) -> None:
    with pytest.raises(BadEncoding):
        decode((name,), data)


def test_unknown() -> None:
    with pytest.raises(BadEncoding, match="x-lamp"):
        decode(("gzip", "x-lamp"), b"")


def test_too_many() -> None:
    with pytest.raises(BadEncoding, match="5 content codings"):
        decode(("gzip",) * 5, b"")


def test_large_output_of_little_input() -> None:
    assert decode(("br", "gzip"), gzip.compress(brotli.compress(bytes(5_000_000)))) == bytes(
        5_000_000
    )


def test_output_that_waits_when_all_input_is_taken() -> None:
    _, pack = CODED["raw-deflate"]
    for size in range(coding.ROOM - 2, coding.ROOM + 300):
        assert decode(("deflate",), pack(bytes(size))) == bytes(size)


def test_names() -> None:
    assert coding.codings_of(["GZip , br", "identity", ""]) == ("gzip", "br")
    assert set(coding.available()) == {"gzip", "deflate", "br", "zstd"}


def test_a_zstd_window_beyond_8_mib_is_refused() -> None:
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from backports import zstd
    options = {zstd.CompressionParameter.window_log: 27}
    packer = zstd.ZstdCompressor(options=options)
    data = packer.compress(b"x" * 1000) + packer.flush()
    with pytest.raises(BadEncoding):
        decode(("zstd",), data)
