"""The body's bytes as they come, with the framing removed (RFC 9112, sections 6.3 and 7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BufferedReader
from typing import Final

from runner.wire.errors import BadFraming, BadHead, Truncated
from runner.wire.framing import Framing
from runner.wire.head import MAX_BYTES, MAX_LINES, parse_fields

_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[^\r\n\0]*)?\r\n")
_MAX_CHUNK_LINE: Final = 8 * 1024


class FramedReader:
    """One body on the wire.

    ``size``: bytes read so far, without framing. ``complete``: the last of them was read, or the
    framing says there are none; ``completed()`` is then called, once. ``left``: bytes still to come
    of the body or of the current chunk, None where only the close ends it. ``trailers``: the fields
    after the last chunk.
    """

    __slots__ = ("_completed", "_reader", "chunked", "complete", "left", "size", "trailers")

    def __init__(
        self, reader: BufferedReader, framing: Framing, completed: Callable[[], None]
    ) -> None:
        self._reader = reader
        self._completed = completed
        self.chunked = framing.kind == "chunked"
        self.left: int | None = None if framing.kind == "close" else framing.length
        self.size = 0
        self.complete = False
        self.trailers: tuple[tuple[str, str], ...] = ()

    def begin(self) -> None:
        """Call ``completed`` at once where there is no body."""
        if self.left == 0 and not self.chunked:
            self._finish()

    def readinto(self, view: memoryview) -> int:
        """One read of the wire into ``view``: how many bytes came, 0 at the end.

        Raises Truncated when the connection ends before the body does, BadFraming for a wrong
        chunk, and what the reader raises: over TLS UncleanEnd, a Truncated, where the peer closed
        without saying so.
        """
        if self.complete or (self.chunked and not self.left and not self._next_chunk()):
            return 0
        left = self.left
        count = self._reader.readinto1(view if left is None else view[:left])
        if count:
            self._count(count)
        elif left is None:
            self._finish()
        else:
            raise self._cut()
        return count

    def read_at_once(self) -> bytes:
        """What one read gives of a body whose length is known and small; see ``readinto``."""
        assert self.left is not None
        data = self._reader.read1(self.left)
        if not data:
            raise self._cut()
        self._count(len(data))
        return data

    def _count(self, count: int) -> None:
        self.size += count
        if self.left is None:
            return
        self.left -= count
        if self.left:
            return
        if not self.chunked:
            self._finish()
            return
        end = self._exactly(2)
        if end != b"\r\n":
            raise BadFraming(f"a chunk is not followed by a line end but by {ascii(end)[1:]}")

    def _next_chunk(self) -> bool:
        line = self._line(_MAX_CHUNK_LINE)
        found = _CHUNK.fullmatch(line)
        if found is None:
            raise BadFraming(f"the chunk size is not a hexadecimal number: {ascii(line[:40])[1:]}")
        self.left = int(found[1], 16)
        if self.left:
            return True
        self._read_trailers()
        self._finish()
        return False

    def _read_trailers(self) -> None:
        lines: list[bytes] = []
        room = MAX_BYTES
        while (line := self._line(room)) not in (b"\r\n", b"\n"):
            lines.append(line)
            room -= len(line)
            if len(lines) > MAX_LINES:
                raise BadFraming(f"more than {MAX_LINES} lines follow the last chunk")
        if lines:
            try:
                self.trailers = parse_fields(lines)
            except BadHead as error:
                raise BadFraming(f"after the last chunk, {error}") from error

    def _line(self, room: int) -> bytes:
        line = self._reader.readline(room)
        if not line.endswith(b"\n"):
            if len(line) >= room:
                raise BadFraming("a line of the chunked framing is too long")
            raise self._cut()
        return line

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._reader.read1(count - len(data))
            if not more:
                raise self._cut()
            data += more
        return data

    def _cut(self) -> Truncated:
        if self.chunked:
            return Truncated(f"the connection ended after {self.size} bytes, before the last chunk")
        whole = self.size + (self.left or 0)
        return Truncated(f"the connection ended after {self.size} of {whole} bytes of the body")

    def _finish(self) -> None:
        self.complete = True
        self._completed()
