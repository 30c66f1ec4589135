"""The handles a scenario holds: sessions, their connections, their requests.

Which one a step works on: the newest connection of the newest session, the newest request of that
connection, or the one named by ``in``. A handle stands here from the moment its step begins, so
that a step after a failed one is skipped rather than sent somewhere else.
"""

from __future__ import annotations

from contextlib import suppress

from requests.auth import AuthBase

from runner.steps.base import Deadline
from runner.steps.kept import Kept
from runner.wire.connection import Connection
from runner.wire.exchange import Exchange
from runner.wire.request import Draft, Prepared
from runner.wire.session import Session


class Skip(Exception):  # noqa: N818 - not an error: the step is left out
    """Ends a step as *skipped*, with the reason."""


class SessionHandle:
    """A session, once its step made it. ``implicit`` ones never become newest.

    ``cookies`` are those of its step that no connection has taken into the jar yet. ``absent``: its
    step was skipped, so that a request verb may do without it.
    """

    __slots__ = ("absent", "connections", "cookies", "implicit", "redirects", "wire")

    def __init__(self, *, implicit: bool = False, absent: bool = False) -> None:
        self.wire: Session | None = None
        self.redirects = 0
        self.cookies: dict[str, str] = {}
        self.implicit = implicit
        self.absent = absent
        self.connections: list[ConnectionHandle] = []

    def twin(self) -> SessionHandle:
        """The same session with no connections yet."""
        made = SessionHandle(implicit=self.implicit, absent=self.absent)
        made.wire, made.redirects, made.cookies = self.wire, self.redirects, self.cookies
        return made

    @property
    def empty(self) -> bool:
        """Whether its step did not make it."""
        return self.wire is None

    def session(self) -> Session:
        """The session below. Raises ``Skip`` when its step did not make it."""
        if self.wire is None:
            raise Skip("the session it needs was not made")
        return self.wire

    def newest(self) -> ConnectionHandle:
        """The newest connection of this session. Raises ``Skip`` when there is none."""
        for connection in reversed(self.connections):
            if not connection.implicit:
                return connection
        raise Skip("the connection it needs was not made")


class ConnectionHandle:
    """A connection of a session; ``url`` is what request paths are appended to."""

    __slots__ = (
        "at", "auth", "implicit", "reconnect", "requests", "session", "url", "wire",
    )  # fmt: skip

    def __init__(
        self,
        session: SessionHandle,
        url: str,
        *,
        auth: AuthBase | None = None,
        reconnect: bool = True,
        implicit: bool = False,
        at: str | None = None,
    ) -> None:
        self.session = session
        self.url = url
        self.wire: Connection | None = None
        self.auth = auth
        self.reconnect = reconnect
        self.implicit = implicit
        self.at = at
        self.requests: list[RequestHandle] = []

    @property
    def empty(self) -> bool:
        """Whether its step did not make it."""
        return self.wire is None

    def connection(self) -> Connection:
        """The connection below. Raises ``Skip`` when its step did not make it."""
        if self.wire is None:
            raise Skip("the connection it needs was not made")
        return self.wire

    def newest(self) -> RequestHandle:
        """The newest request on this connection. Raises ``Skip`` when there is none."""
        for request in reversed(self.requests):
            if not request.implicit:
                return request
        raise Skip("the request it needs was not opened")


class RequestHandle:
    """A request: its draft until it is sent, then its exchange."""

    __slots__ = (
        "connection", "deadline", "draft", "exchange", "graphql", "implicit", "prepared",
        "redirects", "sent", "sent_at",
    )  # fmt: skip

    def __init__(self, connection: ConnectionHandle, *, implicit: bool = False) -> None:
        self.connection = connection
        self.redirects = 0
        self.draft: Draft | None = None
        self.prepared: Prepared | None = None
        self.exchange: Exchange | None = None
        self.sent = False
        self.sent_at: float | None = None
        self.graphql = False
        self.deadline: Deadline | None = None
        self.implicit = implicit

    @property
    def empty(self) -> bool:
        """Whether its step did not make it."""
        return self.draft is None

    def open_draft(self) -> Draft:
        """The draft of a request not sent yet. Raises ``Skip`` when its step failed."""
        if self.draft is None:
            raise Skip("the request it needs was not opened")
        return self.draft

    def answered(self) -> Exchange:
        """The exchange of a sent request. Raises ``Skip`` when it was not sent."""
        if self.exchange is None:
            raise Skip("the request it needs was not sent")
        return self.exchange


Handle = SessionHandle | ConnectionHandle | RequestHandle


class Handles:
    """All handles of one scenario, in the order they were made, and what is ``kept`` open."""

    def __init__(self, kept: Kept | None = None) -> None:
        self.sessions: list[SessionHandle] = []
        self.named: dict[str, Handle] = {}
        self._made: list[Handle] = []
        self.kept = kept or Kept()

    def add(self, name: str | None, handle: Handle) -> None:
        """Puts a handle where steps find it: under its id, and among its kind."""
        self._made.append(handle)
        if isinstance(handle, SessionHandle):
            self.sessions.append(handle)
        elif isinstance(handle, ConnectionHandle):
            handle.session.connections.append(handle)
        else:
            handle.connection.requests.append(handle)
        if name is not None:
            self.named[name] = handle

    def renamed(self) -> Handles:
        """The same handles under no names yet: what is made here is made there too."""
        made = Handles(self.kept)
        made.sessions, made._made = self.sessions, self._made
        return made

    def branch(self) -> Handles:
        """The same sessions with none of their connections, for a branch of `parallel`."""
        made = Handles(self.kept.branch())
        twins: dict[int, SessionHandle] = {}
        for session in self.sessions:
            twin = session.twin()
            made.sessions.append(twin)
            twins[id(session)] = twin
        made.named = {
            name: twins[id(handle)]
            for name, handle in self.named.items()
            if isinstance(handle, SessionHandle)
        }
        return made

    def count(self) -> int:
        """How many handles there were so far."""
        return len(self._made)

    def stand_in(self, verb: str, name: str | None, on: str | None, *, absent: bool) -> None:
        """Puts an empty handle where this step should have made one.

        Steps that need it are then skipped, rather than sent on an older one.
        """
        with suppress(Skip):
            if verb == "session":
                self.add(name, SessionHandle(absent=absent))
            elif verb == "connect":
                self.add(name, ConnectionHandle(self.session(on), ""))
            elif verb == "open":
                self.add(name, RequestHandle(self.connection(on)))

    def forget_empty(self, since: int) -> None:
        """Takes the handles out again that were added since this count and never made."""
        for handle in self._made[since:]:
            if not handle.empty:
                continue
            if isinstance(handle, SessionHandle):
                self.sessions.remove(handle)
            elif isinstance(handle, ConnectionHandle):
                handle.session.connections.remove(handle)
            else:
                handle.connection.requests.remove(handle)
            self.named = {name: each for name, each in self.named.items() if each is not handle}
            self._made.remove(handle)

    def session(self, on: str | None) -> SessionHandle:
        """The session named by ``in``, or the newest. Raises ``Skip``."""
        if on is None:
            for session in reversed(self.sessions):
                if not session.implicit:
                    return session
            raise Skip("the session it needs was not made")
        handle = self.get(on)
        if isinstance(handle, RequestHandle):
            handle = handle.connection
        return handle if isinstance(handle, SessionHandle) else handle.session

    def connection(self, on: str | None) -> ConnectionHandle:
        """The connection named by ``in`` (or of what it names), or the newest. Raises ``Skip``."""
        handle = self.session(None) if on is None else self.get(on)
        if isinstance(handle, SessionHandle):
            return handle.newest()
        return handle if isinstance(handle, ConnectionHandle) else handle.connection

    def request(self, on: str | None) -> RequestHandle:
        """The request named by ``in``, or the newest of the newest connection. Raises ``Skip``."""
        handle = self.session(None) if on is None else self.get(on)
        if isinstance(handle, SessionHandle):
            handle = handle.newest()
        return handle.newest() if isinstance(handle, ConnectionHandle) else handle

    def get(self, name: str) -> Handle:
        """The handle of this id. Raises ``Skip`` when its step did not make it."""
        if name not in self.named:
            raise Skip(f"`{name}` was not made")
        return self.named[name]
