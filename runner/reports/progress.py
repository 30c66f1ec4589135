"""How far a run is, what runs now and how long it will still take, on one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

_NAMES: Final = 3
_MINUTES: Final = 90
"""From how many seconds on minutes are told."""


class Progress:
    """Counts events. ``expected`` holds the seconds each scenario is likely to take, None where
    nothing is known; ``at_once`` is how many run at the same time.
    """

    def __init__(self, expected: Sequence[float | None] = (), at_once: int = 1) -> None:
        self._expected = expected
        self._at_once = at_once
        self._total = 0
        self._done = 0
        self._spent = 0.0
        self._known = sum(each for each in expected if each is not None)
        self._unknown = sum(each is None for each in expected)
        self._running: dict[object, str] = {}

    def take(self, event: str, detail: Mapping[str, Any]) -> None:
        """Takes one event."""
        which = detail.get("scenario") or {}
        index = which.get("index")
        if event == "run-started":
            self._total = int(detail.get("scenarios") or 0)
            if not self._expected:
                self._unknown = self._total
        elif event == "scenario-started":
            self._running[index] = str(which.get("name", ""))
        elif event == "scenario-finished":
            self._running.pop(index, None)
            self._done += 1
            self._spent += detail["result"].duration
            known = self._expected[index] if index is not None and self._expected else None
            if known is None:
                self._unknown -= 1
            else:
                self._known -= known

    def text(self, event: str, detail: Mapping[str, Any]) -> str:
        """The line, at this event."""
        left = self._left()
        if self._at_once > 1:
            names = list(self._running.values())
            more = ", …" if len(names) > _NAMES else ""
            now = f"{len(names)} running: {', '.join(names[:_NAMES])}{more}" if names else ""
            return "  ".join(part for part in (f"{self._done}/{self._total}", left, now) if part)
        count = f"{self._done + 1}/{self._total}" if self._total else ""
        which = detail.get("scenario") or {}
        doing = f"  {detail.get('phase')}" if event == "phase" else ""
        now = f"{which.get('name', '')}: {detail.get('name', '')}{doing}"
        return "  ".join(part for part in (count, left, now) if part)

    def _left(self) -> str:
        """How long still, from the durations of the last run, else from those so far."""
        if self._unknown > 0 and not self._done:
            return ""
        each = self._spent / self._done if self._done else 0.0
        seconds = (self._known + self._unknown * each) / self._at_once
        if seconds < 1:
            return ""
        about = f"{seconds:.0f} s" if seconds < _MINUTES else f"{seconds / 60:.0f} min"
        return f"about {about} left"
