"""Where a row of a failure table sets up what it needs, and the table itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from tests.execution.failing import Owed, Trial
from tests.lab import Certificates, EchoServer, Server, tls_server

S = TypeVar("S", bound=Server)


class Bench:
    """Where a row sets up what it needs: servers stop when the test ends."""

    def __init__(self, stack: ExitStack, certificates: Certificates, folder: Path) -> None:
        self.stack = stack
        self.certificates = certificates
        self.folder = folder

    def start(self, server: S) -> S:
        """Starts a server."""
        return self.stack.enter_context(server)

    def echo(self) -> EchoServer:
        """A good http server, started."""
        return self.start(EchoServer())

    def tls(self, name: str) -> tuple[str, dict[str, object]]:
        """The URL of a TLS server of the lab, and session keys that trust its authority."""
        server = self.start(tls_server(self.certificates, name))
        tls = {"ca": str(self.certificates.ca)}
        return server.url, {"tls": tls}


Row = Callable[[Bench], tuple[Trial, Owed]]


class Table:
    """Rows by name; the name of each says what goes wrong."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.only_by_steps: set[str] = set()

    def row(self, made: Row) -> Row:
        """Puts a row into the table."""
        self.rows[made.__name__.replace("_", "-")] = made
        return made

    def only_steps(self, made: Row) -> Row:
        """The same for a row that ``get`` has no words for."""
        self.only_by_steps.add(made.__name__.replace("_", "-"))
        return self.row(made)
