"""The raw end below a connection's buffered reader."""

from __future__ import annotations

import io
import ssl
from typing import Any, Literal, Protocol

from runner.wire.errors import Interrupted, UncleanEnd
from runner.wire.limits import Limits
from runner.wire.sockets import PlainSocket


class Stream(Protocol):
    """What a connection needs of a socket, a TLS socket, or TLS within TLS."""

    def recv_into(self, buffer: Any, nbytes: int = ...) -> Any: ...
    def sendall(self, data: Any) -> None: ...
    def close(self) -> None: ...


class Wire(io.RawIOBase):
    """The raw end below a connection's buffered reader; it counts what comes.

    ``abort`` of the connection sets ``aborted``; reads then raise Interrupted. ``failure`` is what
    the next read raises, met while looking.
    """

    def __init__(self, stream: Stream, limited: PlainSocket) -> None:
        super().__init__()
        self._stream = stream
        self._limited = limited
        self._probing = False
        self._ended = False
        self.failure: OSError | None = None
        self.limits: Limits | None = None
        self.aborted = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._probing:
            return self._probe(buffer)
        limits = self.limits
        try:
            if self.failure is not None:
                raise self.failure
            count: int = self._stream.recv_into(buffer)
        except ssl.SSLEOFError as error:
            if self.aborted:
                raise Interrupted from error
            raise UncleanEnd(first=limits is not None and limits.first is not None) from error
        except OSError as error:
            if self.aborted:
                raise Interrupted from error
            raise
        if limits is not None:
            limits.saw(count)
        if not count and self.aborted:
            raise Interrupted
        return count

    def look(self, reader: io.BufferedReader, *, fresh: bool) -> Literal["alive", "closed", "data"]:
        """What waits to be read, without waiting for it and without losing any of it.

        A TLS alert that waits on a ``fresh`` connection is kept for the next read: it answers the
        request about to be sent (TLS 1.3 asks for client certificates only then).
        """
        self._probing, self._ended = True, False
        limits, self._limited.limits = self._limited.limits, None
        try:
            if reader.peek(1):
                return "data"
        except ssl.SSLEOFError:
            return "closed"
        except ssl.SSLError as error:
            if not fresh:
                return "closed"
            self.failure = error
        except OSError:
            return "closed"
        finally:
            self._probing = False
            self._limited.limits = limits
        return "closed" if self._ended else "alive"

    def _probe(self, buffer: Any) -> int | None:
        self._limited.settimeout(0)
        try:
            count: int = self._stream.recv_into(buffer)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        self._ended = not count
        if self.limits is not None:
            self.limits.saw(count)
        return count
