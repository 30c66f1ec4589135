"""Events kept back until it is known what must not be shown of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter

Listen = Callable[[str, Mapping[str, object]], None]


class Held:
    """A listener that keeps events for another one. Each gets the ``moment`` at which it was told,
    on ``perf_counter``'s clock. Threads may share it.
    """

    def __init__(self, listen: Listen) -> None:
        self._listen = listen
        self._kept: list[tuple[str, Mapping[str, object]]] = []

    def __call__(self, event: str, detail: Mapping[str, object]) -> None:
        """Keeps one event."""
        self._kept.append((event, {"moment": perf_counter(), **detail}))

    def release(self) -> None:
        """Tells what was kept, in order."""
        kept, self._kept = self._kept, []
        for event, detail in kept:
            self._listen(event, detail)
