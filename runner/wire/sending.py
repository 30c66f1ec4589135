"""A request on its way out, and the head that answers it."""

from __future__ import annotations

import contextlib
import ssl
import time
from time import perf_counter
from typing import TYPE_CHECKING, Final

from runner.wire.errors import BadHead, EmptyResponse, Interrupted, UncleanEnd, WireError
from runner.wire.head import MAX_EARLY, Head, read_head
from runner.wire.limits import DeadlineExceeded, Limits, Silence

if TYPE_CHECKING:
    from runner.wire.connection import Connection
    from runner.wire.phases import Phases
    from runner.wire.request import Prepared

CONTINUE_WAIT: Final = 1.0
"""Seconds to wait for ``100 Continue`` before the body is sent anyway (RFC 9110, 10.1.1)."""

_LAST_WORDS: Final = 1.0
_NAP: Final = 0.05


class Sending:
    """One request on one connection.

    ``size``: bytes given to the kernel so far, head and body with its framing. ``whole``: all of
    the body is among them. ``early``: the 1xx answers that came.
    """

    def __init__(
        self, connection: Connection, prepared: Prepared, limits: Limits, phases: Phases
    ) -> None:
        self.connection = connection
        self.prepared = prepared
        self.limits = limits
        self.phases = phases
        self.size = 0
        self.whole = False
        self.early: list[Head] = []

    def answer(self) -> Head:
        """Send, and read up to the final head, which is given back.

        When the peer breaks the connection while the body is sent, what it said before is read: an
        answer ends the sending. Raises BadHead, EmptyResponse, Silence, DeadlineExceeded, OSError.
        """
        head = self._answer()
        self._tell(head)
        return head

    def _answer(self) -> Head:
        phases = self.phases
        head: Head | None = None
        told: dict[str, object] = {}
        if phases.listen is not None:
            prepared = self.prepared
            line = f"{prepared.method} {prepared.target} HTTP/{prepared.draft.http}"
            told = {"line": line, "lines": prepared.lines}
        try:
            with phases.phase("sending", "sent", "send", "send", **told) as span:
                head = self._send()
                span.detail = {"bytes": self.size}
        except (ConnectionError, ssl.SSLError, UncleanEnd, Silence) as error:
            head = self._last_words(error)
        if head is not None:
            with phases.phase("waiting", "first-byte", "wait", "send"):
                return head
        self.limits.mark()
        with phases.phase("waiting", "first-byte", "wait", "send"):
            if not self.connection.reader.peek(1):
                raise EmptyResponse
        return self._final()

    def _final(self) -> Head:
        reader = self.connection.reader
        while True:
            head = read_head(reader)
            if head.status >= 200 or head.status == 101:
                return head
            self._keep_early(head)

    def _keep_early(self, head: Head) -> None:
        if len(self.early) >= MAX_EARLY:
            raise BadHead(f"more than {MAX_EARLY} interim (1xx) answers came before the final one")
        self.early.append(head)
        self._tell(head)

    def _tell(self, head: Head) -> None:
        if self.phases.listen is not None:
            line = f"{head.version} {head.status} {head.reason}".rstrip()
            self.phases.tell("head", line=line, lines=head.lines)

    def _send(self) -> Head | None:
        prepared = self.prepared
        payload = prepared.payload
        if payload is None:
            self._put(prepared.head)
        else:
            from runner.wire.payload import BLOCK

            data = payload.data
            wait = payload.expect and prepared.draft.http == "1.1"
            if data is not None and len(data) <= BLOCK and not wait and not prepared.chunked:
                self._put(prepared.head + data)
            else:
                self._put(prepared.head)
                if wait and (head := self._await_continue()) is not None:
                    return head
                self._send_pieces()
        self.whole = True
        return None

    def _put(self, data: bytes) -> None:
        self.connection.send(data)
        self.size += len(data)

    def _send_pieces(self) -> None:
        payload = self.prepared.payload
        assert payload is not None
        chunked = self.prepared.chunked
        first = True
        for piece in payload.pieces():
            if payload.every and not first:
                self._pause(payload.every)
            first = False
            self._put(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self._put(b"0\r\n\r\n")

    def _pause(self, seconds: float) -> None:
        end = perf_counter() + seconds
        while (left := end - perf_counter()) > 0:
            self.limits.left()
            if self.connection.aborted:
                raise Interrupted
            until = self.limits.until
            due = left if until is None else min(left, max(0.0, until - perf_counter()))
            time.sleep(min(due, _NAP))

    def _await_continue(self) -> Head | None:
        """The final head that came in place of ``100 Continue``; None: send the body."""
        until = perf_counter() + CONTINUE_WAIT
        while self._readable(until):
            head = read_head(self.connection.reader)
            if head.status == 101 or head.status >= 200:
                return head
            self._keep_early(head)
            if head.status == 100:
                return None
        self.limits.left()
        return None

    def _readable(self, until: float) -> bool:
        # A poll does not do: over TLS a session ticket makes a socket readable without an answer.
        bound = self.limits.until
        self.connection.limits = Limits(None, until if bound is None else min(until, bound))
        try:
            if not self.connection.reader.peek(1):
                raise EmptyResponse
            return True
        except DeadlineExceeded:
            return False
        finally:
            self.connection.limits = self.limits

    def _last_words(self, error: Exception) -> Head:
        bound = self.limits.until
        until = perf_counter() + (0.0 if isinstance(error, Silence) else _LAST_WORDS)
        with contextlib.suppress(DeadlineExceeded):
            self.limits.left()
            self.connection.limits = Limits(
                None, until + 0.001 if bound is None else min(until + 0.001, bound)
            )
            try:
                return self._final()
            except ssl.SSLEOFError:
                raise error from None
            except ssl.SSLError as told:
                # TLS 1.3 says only here that it wanted a client certificate.
                raise told from error
            except (OSError, WireError, Silence):
                raise error from None
            finally:
                self.connection.limits = self.limits
        raise error
