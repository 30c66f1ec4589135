"""A worker process, as its parent sees it."""

from __future__ import annotations

from multiprocessing.connection import Connection

from runner.execution.processes import Process


class Hand:
    """Its pipe, how many jobs it takes, which it was given, which of these it has begun, and
    whether it ever began one (``useful``).
    """

    def __init__(self, room: int) -> None:
        self.room = room
        self.given: set[int] = set()
        self.begun: set[int] = set()
        self.useful = False
        self.process: Process
        self.pipe: Connection

    @property
    def free(self) -> int:
        """How many more jobs it takes."""
        return self.room - len(self.given)

    def say(self, word: str, number: int = -1, left: float | None = None) -> None:
        """Sends a word; one that has died is known by its pipe's end, and not by this."""
        try:
            self.pipe.send((word, number, left))
        except OSError:
            return
