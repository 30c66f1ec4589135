"""The body of one answer: read in parts or whole, decoded, bounded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from runner.kinds import Fault, StepFault
from runner.wire.errors import Truncated, WireError
from runner.wire.framing import Framing
from runner.wire.intake import Intake
from runner.wire.limits import DeadlineExceeded, Limits, Silence

if TYPE_CHECKING:
    from runner.wire.connection import Connection
    from runner.wire.sse import Event, EventParser


class Body:
    """What follows the head. Reads go on where the last one stopped, through one reused buffer.

    ``received``: bytes handed out so far, decoded unless ``decode`` is false. ``eof``: nothing is
    left. With a Content-Length and no coding that is known at once; otherwise only the read that
    met the end knows it. ``max_body``: TooLarge is raised when more bytes than this come out of the
    decoders. ``partial``: after a failed read, the bytes that came and were not handed out
    (``received`` counts them). ``got``: the events of the last ``events`` call, kept when it fails.

    Every read may raise Truncated, BadFraming, BadEncoding, TooLarge, Silence, DeadlineExceeded and
    what the socket raises; every later read raises the same. The connection is then closed, unless
    the whole body was off the wire.
    """

    def __init__(
        self,
        connection: Connection,
        framing: Framing,
        codings: Sequence[str],
        max_body: int,
        ended: Callable[[bool], None],
    ) -> None:
        self._connection = connection
        self._finished = ended
        self._intake = Intake(connection.reader, framing, codings, max_body, lambda: ended(True))
        self._wire = self._intake.wire
        self._pending = bytearray()
        self._error: BaseException | None = None
        self._parser: EventParser | None = None
        self.received = 0
        self.partial = b""
        self.got: list[Event] = []
        self._wire.begin()

    @property
    def eof(self) -> bool:
        """Whether the end was met and everything before it was handed out."""
        return self._intake.end and not self._pending

    @property
    def complete(self) -> bool:
        """Whether the last byte of the body came off the wire."""
        return self._wire.complete

    @property
    def wire_size(self) -> int:
        """Bytes that came off the wire so far, before decoding, without chunk framing."""
        return self._wire.size

    @property
    def trailers(self) -> tuple[tuple[str, str], ...]:
        """The fields after the last chunk."""
        return self._wire.trailers

    @property
    def decode(self) -> bool:
        """Whether content codings are undone. Raises StepFault when changed after a read."""
        return self._intake.decode

    @decode.setter
    def decode(self, wanted: bool) -> None:
        self._intake.decode = wanted

    @property
    def max_body(self) -> int:
        """The most bytes that may come out of the decoders."""
        return self._intake.max_body

    @max_body.setter
    def max_body(self, limit: int) -> None:
        self._intake.max_body = limit

    def read(self, count: int) -> bytes:
        """``count`` bytes, fewer only at the end of the body."""
        while len(self._pending) < count and self._fill():
            pass
        return self._take(count)

    def rest(self) -> bytes:
        """All that is left."""
        if not self._pending and (data := self._at_once()):
            if self._intake.end:
                self.received += len(data)
                return data
            self._pending += data
        while self._fill():
            pass
        return self._take(len(self._pending))

    def rest_into(self, write: Callable[[memoryview], object]) -> None:
        """Hand all that is left to ``write``, piece by piece, in constant memory."""
        while self._pending or self._fill():
            try:
                with memoryview(self._pending) as view:
                    write(view)
            except BaseException as error:
                self._fail(error)
                raise
            self.received += len(self._pending)
            self._pending.clear()

    def lines(self, count: int) -> list[bytes]:
        """The next ``count`` lines with their line ends (LF or CRLF); the last may lack its own."""
        found: list[bytes] = []
        at = seen = 0
        while len(found) < count:
            end = self._pending.find(b"\n", seen) + 1
            seen = len(self._pending)
            if not end and not self._fill():
                end = seen
                if at == end:
                    raise Truncated(f"the body ended after {len(found)} of {count} lines")
            if end:
                found.append(bytes(self._pending[at:end]))
                at = seen = end
        self._take(at)
        return found

    def until(self, marker: bytes) -> bytes:
        """The bytes up to and with ``marker``."""
        seen = 0
        while (at := self._pending.find(marker, seen)) < 0:
            seen = max(0, len(self._pending) - len(marker) + 1)
            if not self._fill():
                raise Truncated(f"the body ended before {ascii(marker)[1:]} came")
        return self._take(at + len(marker))

    def events(self, count: int) -> list[Event]:
        """The next ``count`` server-sent events."""
        from runner.wire.sse import EventParser

        self._parser = parser = self._parser or EventParser()
        found: list[Event] = []
        self.got = found
        seen = 0
        while len(found) < count:
            used, event = parser.take(self._pending, seen)
            self._take(used)
            seen = 0
            if event is not None:
                found.append(event)
                continue
            seen = len(self._pending)
            if not self._fill():
                raise Truncated(f"the stream ended after {len(found)} of {count} events")
        return found

    def sample(self, limit: int, seconds: float) -> bytes:
        """Up to ``limit`` of the bytes that are left, for a report: what comes within ``seconds``.

        They are not handed out: the next read has them again. Raises nothing the wire raises;
        gives ``partial`` after a failed read.
        """
        if self._error is None:
            kept = self._connection.limits
            self._connection.limits = Limits(seconds, perf_counter() + seconds, seconds)
            try:
                while len(self._pending) < limit and self._more_comes() and self._fill():
                    pass
            except (OSError, WireError, Silence, DeadlineExceeded):
                pass
            finally:
                self._connection.limits = kept
        return bytes(self._pending[:limit]) if self._error is None else self.partial[:limit]

    def drain(self, max_bytes: int, seconds: float) -> bool:
        """Throw away what is left on the wire, so that the connection can carry another request.

        False, with the connection closed, when more than ``max_bytes`` are left, or ``seconds`` do
        not suffice, or the body is broken, or only the close ends it.
        """
        wire = self._wire
        if self._error is not None:
            return False
        if wire.complete:
            return True
        if wire.left is None or wire.left > max_bytes:
            self._fail(_thrown_away())
            return False
        kept = self._connection.limits
        self._connection.limits = Limits(seconds, perf_counter() + seconds, seconds)
        try:
            view = self._intake.scratch
            while not wire.complete and max_bytes >= 0:
                max_bytes -= wire.readinto(view)
        except (OSError, WireError, Silence, DeadlineExceeded) as error:
            self._fail(error)
            return False
        except BaseException as error:
            self._fail(error)
            raise
        finally:
            self._connection.limits = kept
        self._fail(_thrown_away())
        return wire.complete

    def give_back(self, data: bytes) -> None:
        """Put bytes that were handed out back to the front."""
        self._pending[:0] = data
        self.received -= len(data)

    def _more_comes(self) -> bool:
        """Whether a read finds something within the limits: silence then breaks nothing."""
        if self._wire.complete:
            return True
        try:
            self._connection.reader.peek(1)
        except (Silence, DeadlineExceeded):
            return False
        except BaseException as error:
            self._fail(error)
            raise
        return True

    def _fill(self) -> bool:
        if self._error is not None:
            raise self._error
        try:
            return self._intake.fill(self._pending)
        except BaseException as error:
            self._fail(error)
            raise

    def _at_once(self) -> bytes:
        if self._error is not None:
            raise self._error
        try:
            return self._intake.at_once()
        except BaseException as error:
            self._fail(error)
            raise

    def _take(self, count: int) -> bytes:
        data = bytes(self._pending[:count])
        del self._pending[:count]
        self.received += len(data)
        return data

    def _fail(self, error: BaseException) -> None:
        if self._error is not None:
            return
        self._error = error
        if isinstance(error, Silence | DeadlineExceeded):
            # What came of the body with the head counts too.
            error.received = self._wire.size
        self.partial = bytes(self._pending)
        self.received += len(self._pending)
        self._pending.clear()
        if not self._wire.complete:
            self._finished(False)


def _thrown_away() -> StepFault:
    return StepFault(
        Fault(
            "wrong-state",
            "read",
            "the rest of this body was thrown away by a later send on its connection: "
            "read it before that",
        )
    )
