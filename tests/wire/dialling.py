"""Short words for opening connections in tests."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from runner.kinds import Fault
from runner.wire.connection import Connection
from runner.wire.failures import explain
from runner.wire.limits import Limits
from runner.wire.phases import Phases
from runner.wire.route import Route
from runner.wire.session import Session
from runner.wire.settings import SessionSettings, TlsSettings


def session(**options: Any) -> Session:
    """A session; ``ca`` and other TLS options may stand beside the session's own."""
    names = TlsSettings._fields
    tls = {name: options.pop(name) for name in list(options) if name in names}
    texts = {key: value if isinstance(value, bool) else str(value) for key, value in tls.items()}
    return Session(SessionSettings(tls=TlsSettings(**texts), **options))


class Try:
    """One try to connect: the connection, its phases and events, and the fault if it failed."""

    def __init__(
        self,
        url: str,
        made: Session | None = None,
        *,
        deadline: float | None = None,
        way: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []
        self.phases = Phases(lambda event, detail: self.events.append((event, dict(detail))))
        self.session = made or session(**options)
        self.route: Route | None = None
        self.fault: Fault | None = None
        self.error: BaseException | None = None
        self.connection: Connection | None = None
        start = time.perf_counter()
        self.limits = Limits(30.0, None if deadline is None else start + deadline, deadline)
        try:
            self.route = self.session.route(url, **(way or {}))
            self.connection = Connection(self.session, self.route)
            self.connection.connect(self.limits, self.phases)
        except Exception as error:
            self.error = error
            self.fault = explain(error, self.phases, self.route)
        self.seconds = time.perf_counter() - start

    @property
    def kind(self) -> str | None:
        return self.fault and self.fault.kind

    @property
    def names(self) -> list[str]:
        return [event for event, _ in self.events]

    @property
    def open(self) -> Connection:
        """The connection, which must have come about."""
        assert self.fault is None, self.fault
        assert self.connection is not None
        return self.connection


@contextlib.contextmanager
def connected(url: str, made: Session | None = None, **options: Any) -> Iterator[Connection]:
    """An open connection, closed at the end."""
    tried = Try(url, made, **options)
    connection = tried.open
    try:
        yield connection
    finally:
        connection.close()


def ask(connection: Connection, target: str = "/", host: str = "localhost") -> tuple[int, bytes]:
    """One GET on an open connection, read by Content-Length: status and body."""
    connection.send(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = connection.reader.readline()
        assert line, head
        head += line
    found = re.search(rb"(?i)content-length: *(\d+)", head)
    connection.carried += 1
    return int(head.split()[1]), connection.reader.read(int(found[1]) if found else 0)
