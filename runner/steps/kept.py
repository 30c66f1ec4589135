"""What one thread of a scenario holds open: closed at its end, or ended by Ctrl-C before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from runner.wire.connection import Connection
from runner.wire.errors import Interrupted


class Kept:
    """What is to be closed at the end, and the connections that ``abort`` ends.

    All views of the same handles share it; a branch of `parallel` has its own, below this one.
    """

    def __init__(self) -> None:
        self._closing: list[Callable[[], None]] = []
        self._connections: list[Connection] = []
        self._branches: list[Kept] = []
        self._aborted = threading.Event()

    @property
    def aborted(self) -> bool:
        """Whether another thread had this one end: nothing more is to begin."""
        return self._aborted.is_set()

    def at_end(self, close: Callable[[], None]) -> None:
        """Has ``close`` called at the end, in reverse order of these calls."""
        self._closing.append(close)

    def keep(self, connection: Connection) -> None:
        """Has a connection closed at the end, and ended by ``abort`` before."""
        self._connections.append(connection)
        self.at_end(connection.close)
        if self.aborted:
            connection.abort()

    def branch(self) -> Kept:
        """What a branch holds open, which ``abort`` ends too."""
        made = Kept()
        self._branches.append(made)
        if self.aborted:
            made.abort()
        return made

    def sleep(self, seconds: float) -> None:
        """Lets time pass. Raises ``Interrupted`` as soon as it is aborted."""
        if self._aborted.wait(seconds):
            raise Interrupted

    def abort(self) -> None:
        """Ends what is waited for, from another thread, and what would come later."""
        self._aborted.set()
        for connection in self._connections:
            connection.abort()
        for branch in self._branches:
            branch.abort()

    def resume(self) -> None:
        """Undoes ``abort``, for the teardown; only when the thread it ended is over."""
        for branch in self._branches:
            branch.resume()
        for connection in self._connections:
            connection.revive()
        self._aborted.clear()

    def close(self) -> None:
        """Closes everything that is open, the newest first, whatever fails on the way."""
        while self._closing:
            with suppress(OSError):
                self._closing.pop()()
