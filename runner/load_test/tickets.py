"""Which iteration comes next: numbers that no two users of a load have alike."""

from __future__ import annotations


class Tickets:
    """The numbers of the iterations of one process.

    Process ``index`` of ``count`` gives out ``index``, ``index + count``, … below ``total``; with
    no total they do not end. One that joins late has an index of ``count`` or more: it gives out
    numbers only where there is no total, and they may repeat.
    """

    def __init__(self, index: int = 0, count: int = 1, total: int | None = None) -> None:
        self._index = index
        self._count = count
        self._total = total
        self._next = index
        self._open = 0

    def limit(self, total: int | None) -> None:
        """Gives out no number from ``total`` on."""
        self._total = total

    def take(self) -> int | None:
        """The next number, None when there are no more."""
        if not self._more:
            return None
        number, self._next = self._next, self._next + self._count
        self._open += 1
        return number

    def done(self) -> None:
        """One that was taken is over."""
        self._open -= 1

    @property
    def open(self) -> int:
        """How many were taken and are not over."""
        return self._open

    @property
    def spent(self) -> bool:
        """Whether there are no more, and all that were taken are over."""
        return not self._more and self._open == 0

    @property
    def _more(self) -> bool:
        if self._total is None:
            return True
        return self._index < self._count and self._next < self._total
