"""A body's bytes as they come: framing and codings removed, counted, bounded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BufferedReader
from typing import Final

from runner.kinds import Fault, StepFault
from runner.units import show_bytes
from runner.wire.coding import ROOM, Source, decoder
from runner.wire.errors import TooLarge
from runner.wire.framed import FramedReader
from runner.wire.framing import Framing

_SMALL: Final = 64 * 1024


class Intake:
    """Where a body comes from.

    ``wire`` is the framed reader below. ``came``: bytes given so far; more than ``max_body`` of
    them are TooLarge. ``end``: there are no more; known at once where a Content-Length counts the
    very bytes that are given, else once a read met the end.
    """

    def __init__(
        self,
        reader: BufferedReader,
        framing: Framing,
        codings: Sequence[str],
        max_body: int,
        completed: Callable[[], None],
    ) -> None:
        self.max_body = max_body
        self.came = 0
        self.end = False
        self._codings = codings
        self._decode = True
        self._completed = completed
        self._source: Source | None = None
        self._view: memoryview | None = None
        self.wire = FramedReader(reader, framing, self._whole)

    @property
    def decode(self) -> bool:
        """Whether content codings are undone. Raises StepFault when changed after a read."""
        return self._decode

    @decode.setter
    def decode(self, wanted: bool) -> None:
        if wanted != self._decode and self._codings and self.came:
            message = (
                "`decode` cannot change in the middle of a coded body: "
                "write it the same on each read of this answer"
            )
            raise StepFault(Fault("wrong-state", "read", message))
        self._decode = wanted

    @property
    def scratch(self) -> memoryview:
        """The one buffer that reads go through."""
        if self._view is None:
            self._view = memoryview(bytearray(ROOM))
        return self._view

    def at_once(self) -> bytes:
        """What one read gives of a small body with a Content-Length and no coding, else b""."""
        wire = self.wire
        left = wire.left
        if not left or left > _SMALL or left > self.max_body - self.came:
            return b""
        if wire.chunked or (self._codings and self._decode):
            return b""
        data = wire.read_at_once()
        self.came += len(data)
        return data

    def fill(self, buffer: bytearray) -> bool:
        """Add what one read gives to ``buffer``; False at the end.

        Raises what ``FramedReader.readinto`` raises, BadEncoding, TooLarge.
        """
        if self.end:
            return False
        if self._codings and self._decode:
            if self._source is None:
                self._source = decoder(self._codings, self._pull)
            data = self._source()
            count = len(data)
            buffer += data
        else:
            view = self.scratch
            count = self.wire.readinto(view)
            buffer += view[:count]
        if not count:
            self.end = True
            return False
        self.came += count
        if self.came > self.max_body:
            shown = show_bytes(self.max_body)
            raise TooLarge(f"the body is larger than the limit of {shown}", self.max_body)
        return True

    def _pull(self) -> bytes:
        view = self.scratch
        return bytes(view[: self.wire.readinto(view)])

    def _whole(self) -> None:
        wire = self.wire
        if not wire.chunked and not (self._codings and self._decode and wire.size):
            self.end = True
        self._completed()
