"""Content codings (RFC 9110, section 8.4): gzip, deflate, br and zstd, bounded in memory.

A stage pulls coded bytes from a source and gives decoded bytes, so that stages stack.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

from runner.wire.errors import BadEncoding

Source = Callable[[], bytes]
"""Gives coded bytes, b"" at the end and ever after."""

ROOM: Final = 64 * 1024
MAX_STACK: Final = 4
_ZSTD_WINDOW: Final = 23  # RFC 9659: 8 MiB


@cache
def available() -> tuple[str, ...]:
    """The codings that can be decoded here, as ``Accept-Encoding`` names them."""
    names = ["gzip", "deflate"]
    if find_spec("brotli"):
        names.append("br")
    if find_spec("compression") or (find_spec("backports") and find_spec("backports.zstd")):
        names.append("zstd")
    return tuple(names)


class Stage(ABC):
    """One coding being undone."""

    name: str

    def __init__(self, source: Source) -> None:
        self.source = source
        self.begun = False

    @abstractmethod
    def read(self) -> bytes:
        """Some decoded bytes, b"" at the end.

        Raises BadEncoding when the coded bytes are broken, cut short or followed by others. No
        coded byte at all is the empty body.
        """

    def _cut_short(self) -> BadEncoding:
        return BadEncoding(f"the {self.name} stream is cut short")

    def _broken(self, error: Exception) -> BadEncoding:
        return BadEncoding(f"the body is not {self.name}: {error}")

    def _followed(self, count: int) -> BadEncoding:
        return BadEncoding(f"bytes follow the {self.name} stream: at least {count}")


class _Zlib(Stage):
    """gzip with any number of members (RFC 1952), zlib (RFC 1950) and raw deflate (RFC 1951)."""

    def __init__(self, source: Source, name: str) -> None:
        super().__init__(source)
        self.name = name
        self.input = b""
        self.unpack: Any = None
        self.more = False

    def read(self) -> bytes:
        while True:
            if not self.input and not self.more:
                self.input = self.source()
                if not self.input:
                    if self.unpack is not None:
                        raise self._cut_short()
                    return b""
            if self.unpack is None:
                self.unpack = self._begin()
                if self.unpack is None:
                    continue
            try:
                out: bytes = self.unpack.decompress(self.input, ROOM)
            except zlib.error as error:
                raise self._broken(error) from error
            self.more = len(out) == ROOM
            self.input = self.unpack.unconsumed_tail
            if self.unpack.eof:
                self._end(self.unpack.unused_data)
            if out:
                return out

    def _begin(self) -> Any:
        if self.name == "gzip":
            if self.begun and self.input[0] != 0x1F:
                raise self._followed(len(self.input))
            self.begun = True
            return zlib.decompressobj(31)
        if self.begun:
            raise self._followed(len(self.input))
        if len(self.input) < 2:
            more = self.source()
            if not more:
                raise self._cut_short()
            self.input += more
            return None
        first, second = self.input[0], self.input[1]
        wrapped = first & 0x0F == 8 and (first << 8 | second) % 31 == 0
        self.begun = True
        return zlib.decompressobj(15 if wrapped else -15)

    def _end(self, rest: bytes) -> None:
        self.unpack = None
        self.more = False
        self.input = rest


class _Brotli(Stage):
    """br (RFC 7932)."""

    name = "br"

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        try:
            import brotli  # type: ignore[import-untyped]
        except ImportError:
            raise _missing("br", "brotli") from None
        self.unpack: Any = brotli.Decompressor()
        self.error: type[Exception] = brotli.error
        self.more = False

    def read(self) -> bytes:
        while True:
            data = b""
            if not self.more:
                data = self.source()
                if not data:
                    if self.begun and not self.unpack.is_finished():
                        raise self._cut_short()
                    return b""
                if self.unpack.is_finished():
                    raise self._followed(len(data))
                self.begun = True
            try:
                out: bytes = self.unpack.process(data, output_buffer_limit=ROOM)
            except self.error as error:
                raise self._broken(error) from error
            except TypeError:
                raise _missing("br", "brotli", " in version 1.2 or newer") from None
            self.more = len(out) >= ROOM and not self.unpack.is_finished()
            if out:
                return out


class _Zstd(Stage):
    """zstd with any number of frames (RFC 8878), windows up to 8 MiB (RFC 9659)."""

    name = "zstd"

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        try:
            self.module = _zstd()
        except ImportError:
            raise _missing("zstd", "zstd") from None
        self.unpack: Any = None
        self.input = b""

    def read(self) -> bytes:
        while True:
            if not self.input and (self.unpack is None or self.unpack.needs_input):
                self.input = self.source()
                if not self.input:
                    if self.unpack is not None:
                        raise self._cut_short()
                    return b""
            if self.unpack is None:
                limit = {self.module.DecompressionParameter.window_log_max: _ZSTD_WINDOW}
                self.unpack = self.module.ZstdDecompressor(options=limit)
            try:
                out: bytes = self.unpack.decompress(self.input, ROOM)
            except self.module.ZstdError as error:
                raise (
                    self._followed(len(self.input)) if self.begun else self._broken(error)
                ) from error
            self.input = b""
            if self.unpack.eof:
                self.input = self.unpack.unused_data
                self.unpack = None
                self.begun = True
            if out:
                return out


def _zstd() -> Any:
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from backports import zstd
    return zstd


def _missing(coding: str, extra: str, version: str = "") -> BadEncoding:
    return BadEncoding(
        f"the body is coded with {coding}, which needs the extra {extra}{version}: "
        f"pip install 'httpsteps[{extra}]'"
    )


def codings_of(values: Sequence[str]) -> tuple[str, ...]:
    """The codings that ``Content-Encoding`` lines name, in the order they were applied."""
    names = (name.strip(" \t").lower() for value in values for name in value.split(","))
    return tuple(name for name in names if name and name != "identity")


def decoder(codings: Sequence[str], source: Source) -> Source:
    """A source of decoded bytes over a source of coded ones.

    Raises BadEncoding for a coding that is unknown or cannot be undone here.
    """
    if len(codings) > MAX_STACK:
        raise BadEncoding(
            f"the body has {len(codings)} content codings; at most {MAX_STACK} are read"
        )
    for name in reversed(codings):
        stage: Stage
        if name in ("gzip", "x-gzip"):
            stage = _Zlib(source, "gzip")
        elif name == "deflate":
            stage = _Zlib(source, "deflate")
        elif name == "br":
            stage = _Brotli(source)
        elif name == "zstd":
            stage = _Zstd(source)
        else:
            raise BadEncoding(f"the body's content coding is unknown: {name[:40]!r}")
        source = stage.read
    return source
