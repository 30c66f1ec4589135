"""One connection: made ahead of its requests, each phase timed, everything closed on failure."""

from __future__ import annotations

import contextlib
import io
import socket
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Final, Literal

from runner.wire.errors import Interrupted
from runner.wire.limits import Limits
from runner.wire.opening import Opening
from runner.wire.phases import Phases
from runner.wire.reader import Stream, Wire
from runner.wire.route import Route
from runner.wire.session import Session
from runner.wire.sockets import PlainSocket

if TYPE_CHECKING:
    from runner.wire.tls import InnerTLS

State = Literal["none", "alive", "closed", "data"]

_BUFFER: Final = 65536
_PIECE: Final = 65536


class Connection:
    """A connection along a route; a fresh one has touched no network.

    ``carried`` counts the requests this socket has carried, ``busy`` is the exchange whose body is
    unread: both are kept by whoever sends. ``opened`` is when the socket was ready, on the clock of
    ``time.perf_counter``; 0.0 before. ``aborted`` is set by ``abort``.
    """

    def __init__(self, session: Session, route: Route) -> None:
        self.session = session
        self.route = route
        self.carried = 0
        self.opened = 0.0
        self.busy: object | None = None
        self.aborted = False
        self._stream: Stream | None = None
        self._limited: PlainSocket | None = None
        self._wire: Wire | None = None
        self._reader: io.BufferedReader | None = None
        self._limits: Limits | None = None
        self._facts: dict[str, object] = {}
        self._wake: Callable[[], None] | None = None

    @property
    def sock(self) -> Stream | None:
        """The open socket (TLS where there is TLS), None when there is none."""
        return self._stream

    @property
    def reader(self) -> io.BufferedReader:
        """What comes, buffered; each receive goes through the limits.

        Reads raise DeadlineExceeded, Silence, Interrupted, UncleanEnd or OSError. Raises
        RuntimeError when nothing is open.
        """
        if self._reader is None:
            raise RuntimeError("the connection is not open")
        return self._reader

    @property
    def limits(self) -> Limits | None:
        """The limits of every receive and send from now on."""
        return self._limits

    @limits.setter
    def limits(self, limits: Limits | None) -> None:
        self._limits = limits
        if self._limited is not None and self._wire is not None:
            self._limited.limits = self._wire.limits = limits

    def facts(self) -> dict[str, object]:
        """``address`` and ``port`` of the socket's peer (a proxy's, if there is one), ``tls.*``.

        They outlive the socket; there are none before the first connect.
        """
        return dict(self._facts)

    def connect(self, limits: Limits, phases: Phases) -> None:
        """Resolve, dial, pass the proxy, secure: all within the connect timeout and the limits.

        Refused, unreachable and silent addresses are tried again ``connect_retries`` times, each
        time with the whole connect timeout. On failure everything is closed. Raises OSError,
        gaierror, Silence, DeadlineExceeded, StepFault, or one of ``errors``.
        """
        self.close()
        self.carried, self.busy = 0, None
        opening = Opening(self.session, self.route, phases, self._hold)
        try:
            self._settle(*opening.run(limits), limits)
        except BaseException as error:
            opening.close()
            self.close()
            if self.aborted and isinstance(error, Exception):
                raise Interrupted from error
            raise
        finally:
            self._facts = opening.facts

    def _settle(self, sock: PlainSocket | InnerTLS, limited: PlainSocket, limits: Limits) -> None:
        self._stream, self._limited = sock, limited
        self._wire = Wire(sock, limited)
        self._reader = io.BufferedReader(self._wire, _BUFFER)
        self._wake = lambda: socket.socket.shutdown(limited, socket.SHUT_RDWR)
        self.limits = limits
        self.opened = perf_counter()

    def state(self) -> State:
        """Whether the peer still holds the connection open, in about 2 µs and without waiting.

        ``none``: nothing is open; ``closed``: the peer closed or reset it; ``data``: something
        nobody asked for waits in ``reader``.
        """
        if self._wire is None or self._reader is None:
            return "none"
        return self._wire.look(self._reader, fresh=self.carried == 0)

    def send(self, data: bytes | bytearray | memoryview) -> None:
        """Hand bytes to the kernel. Raises DeadlineExceeded, Silence, Interrupted or OSError."""
        stream = self._stream
        if stream is None:
            raise RuntimeError("the connection is not open")
        try:
            if len(data) <= _PIECE:
                stream.sendall(data)
                return
            with memoryview(data) as whole, whole.cast("B") as view:
                for start in range(0, len(view), _PIECE):
                    stream.sendall(view[start : start + _PIECE])
        except OSError as error:
            if self.aborted:
                raise Interrupted from error
            if self._wire is not None and self._wire.failure is not None:
                raise self._wire.failure from None
            raise

    def close(self) -> None:
        """Close the socket, if one is open. The facts stay."""
        stream, self._stream = self._stream, None
        self._wake = None
        if stream is not None:
            stream.close()
        if self._reader is not None:
            self._reader.close()
        self._wire = self._reader = self._limited = None

    def abort(self) -> None:
        """From another thread: end the call that blocks now; it raises Interrupted.

        The connection is of no use from then on, unless it is revived.
        """
        self.aborted = True
        wire, wake = self._wire, self._wake
        if wire is not None:
            wire.aborted = True
        if wake is not None:
            with contextlib.suppress(OSError):
                wake()

    def revive(self) -> None:
        """After ``abort``, once no thread works on it any more: closed, and of use again."""
        self.close()
        self.busy, self.aborted = None, False

    def _hold(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        if self.aborted:
            raise Interrupted
