"""One request and its answer on one connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from requests.cookies import RequestsCookieJar
from requests.hooks import dispatch_hook

from runner.kinds import Fault, StepFault
from runner.wire.body import Body
from runner.wire.coding import codings_of
from runner.wire.errors import ConnectionGone, EmptyResponse
from runner.wire.framing import framing_of
from runner.wire.response import Raw, dress, keep_cookies
from runner.wire.sending import Sending
from runner.wire.target import hide_secrets

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

    from runner.wire.connection import Connection
    from runner.wire.head import Head
    from runner.wire.limits import Limits
    from runner.wire.phases import Phases
    from runner.wire.request import Prepared
    from runner.wire.session import Session

_DRAIN_BYTES: Final = 1024 * 1024
_DRAIN_SECONDS: Final = 1.0


class Exchange:
    """A request that was sent and answered; the body may still be on the wire.

    ``method url prepared`` are the request's (``url`` without user and password), ``status reason
    version lines head`` the final answer's. ``early`` are the 1xx heads before it, ``auth_rounds``
    the exchanges an auth scheme made before this one. ``request_size``: bytes sent, head and body.
    ``sent_whole`` is false when the answer came before the whole body was sent. ``reused``: the
    socket had carried a request before. ``times``: seconds of its phases ``send`` and ``wait``.
    """

    def __init__(
        self, sending: Sending, head: Head, phases: Phases, max_body: int, *, reused: bool
    ) -> None:
        self.connection = connection = sending.connection
        self.prepared = prepared = sending.prepared
        self.method = prepared.method
        self.url = hide_secrets(prepared.url) if "@" in prepared.url else prepared.url
        self.head = head
        self.status = head.status
        self.reason = head.reason
        self.version = head.version
        self.lines = head.lines
        self.early = tuple(sending.early)
        self.request_size = sending.size
        self.sent_whole = sending.whole
        self.reused = reused
        self.auth_rounds: tuple[Exchange, ...] = ()
        self.times = dict(phases.exchange)
        self._phases = phases
        closing = prepared.closing or not sending.whole
        self._framing = framing_of(prepared.method, head, closing=closing)
        connection.busy = self
        codings = codings_of(head.all("Content-Encoding"))
        self.body = Body(connection, self._framing, codings, max_body, self._ended)

    def header(self, name: str) -> str | None:
        """The answer's lines called ``name`` joined by ``, ``; None when there is none."""
        return self.head.header(name)

    @property
    def finished(self) -> bool:
        """Whether the whole body came off the wire."""
        return self.body.complete

    @property
    def cookies(self) -> RequestsCookieJar:
        """The cookies this answer sets, as far as it may set them for this URL."""
        jar = RequestsCookieJar()
        keep_cookies(jar, self.prepared.request, self.head)
        return jar

    @contextmanager
    def reading(self, limits: Limits, phases: Phases) -> Iterator[Body]:
        """For calls on ``body``: bounds them by ``limits``, counts them as the phase ``read``."""
        self._phases = phases
        if self.connection.busy is self:
            self.connection.limits = limits
        with phases.phase("reading", "", "read", "read"):
            yield self.body

    def close(self) -> None:
        """End the exchange: closes the connection when the body is not yet off the wire."""
        if not self.body.complete:
            self._ended(clean=False)

    def _ended(self, clean: bool) -> None:
        connection = self.connection
        if connection.busy is not self:
            return
        connection.busy = None
        # Bytes beyond the body's end would be taken for the next answer.
        if not clean or not self._framing.keep_alive or connection.state() != "alive":
            connection.close()
            self._phases.tell("closed")


def carry(
    session: Session,
    connection: Connection,
    prepared: Prepared,
    limits: Limits,
    phases: Phases,
    make_ready: Callable[[], None] | None = None,
) -> Exchange:
    """Send one request on an open connection and read the head of its answer.

    An auth scheme that answers a challenge (digest) sends again on the same connection; that counts
    as one exchange. ``make_ready`` is called before each such round: it opens the connection anew
    where the server closed it, or raises; without it that is done here. Cookies go into the
    session's jar. The connection is busy until the body is off the wire.

    Raises what a caller gives to ``failures.explain``: ConnectionGone when the connection is not
    open, StepFault ``wrong-state`` when it is busy, and what the wire raises; it is then closed.
    """
    exchange = _carry_once(session, connection, prepared, limits, phases)
    if prepared.hooks.get("response"):
        exchange = _ask_hooks(session, exchange, limits, phases, make_ready)
    return exchange


def _carry_once(
    session: Session, connection: Connection, prepared: Prepared, limits: Limits, phases: Phases
) -> Exchange:
    if connection.busy is not None:
        message = "an answer is still unread on this connection: read it or drain it first"
        raise StepFault(Fault("wrong-state", "send", message))
    if connection.sock is None:
        raise ConnectionGone("the connection was closed before the request was sent")
    phases.begin_exchange()
    reused = connection.carried > 0
    connection.carried += 1
    connection.limits = limits
    sending = Sending(connection, prepared, limits, phases)
    try:
        head = sending.answer()
        exchange = Exchange(sending, head, phases, session.settings.max_body, reused=reused)
    except BaseException as error:
        connection.busy = None
        connection.close()
        phases.tell("closed")
        if isinstance(error, EmptyResponse) and reused:
            raise EmptyResponse(reused=True) from error
        raise
    for name, _ in head.lines:
        if len(name) == 10 and name.lower() == "set-cookie":
            keep_cookies(session.http.cookies, prepared.request, head)
            break
    return exchange


def _ask_hooks(
    session: Session,
    first: Exchange,
    limits: Limits,
    phases: Phases,
    make_ready: Callable[[], None] | None,
) -> Exchange:
    rounds = _Rounds(session, first, limits, phases, make_ready)
    request = first.prepared.request
    try:
        asked = dress(first, rounds)
        response: Any = dispatch_hook("response", request.hooks, asked)  # type: ignore[no-untyped-call]
    except BaseException:
        rounds.last.close()
        raise
    last = rounds.last
    raw = response.raw
    if isinstance(raw, Raw) and raw.exchange is last and raw.taken:
        last.body.give_back(bytes(raw.taken))
    last.auth_rounds = tuple(rounds.before)
    return last


class _Rounds:
    """What a hook finds as ``response.connection``: sends the next round on the same connection."""

    def __init__(
        self,
        session: Session,
        first: Exchange,
        limits: Limits,
        phases: Phases,
        make_ready: Callable[[], None] | None,
    ) -> None:
        self.session = session
        self.limits = limits
        self.phases = phases
        self.before: list[Exchange] = []
        self.last = first
        self._make_ready = make_ready or self._reopen

    def send(self, request: PreparedRequest, **_: object) -> Response:
        """Carry ``request``, which a hook made of the last one."""
        last, connection = self.last, self.last.connection
        left = self.limits.left()
        last.body.drain(_DRAIN_BYTES, min(_DRAIN_SECONDS, left or _DRAIN_SECONDS))
        self._make_ready()
        self.before.append(last)
        prepared = last.prepared.again(request)
        self.last = _carry_once(self.session, connection, prepared, self.limits, self.phases)
        return dress(self.last, self)

    def _reopen(self) -> None:
        connection = self.last.connection
        if connection.sock is None:
            connection.connect(self.limits, self.phases)
