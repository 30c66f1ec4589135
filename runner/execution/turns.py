"""Events of jobs that run at the same time, told as if they had run one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runner.execution.interpreter import Listen
from runner.result import ScenarioResult

Event = tuple[str, Mapping[str, object]]


class InTurn:
    """Tells the events of the job whose turn it is as they come, and keeps those of later ones.

    Results are not kept: ``result_of`` gives that of a job again. It is not for several threads.
    """

    def __init__(self, listen: Listen | None, result_of: Callable[[int], ScenarioResult]) -> None:
        self._listen = listen
        self._result_of = result_of
        self._turn = 0
        self._kept: dict[int, list[Event]] = {}

    def at_once(self, event: str, detail: Mapping[str, object]) -> None:
        """Tells what belongs to no job."""
        if self._listen is not None:
            self._listen(event, detail)

    def __call__(self, number: int, event: str, detail: Mapping[str, object]) -> None:
        """Takes one event of a job; ``scenario-finished`` is its last."""
        if self._listen is None:
            return
        if number != self._turn:
            kept = {key: value for key, value in detail.items() if key != "result"}
            over = event == "scenario-finished"
            self._kept.setdefault(number, []).append((event, kept if over else detail))
            return
        self._listen(event, detail)
        if event == "scenario-finished":
            self._turn += 1
            while self._tell_kept(self._turn):
                self._turn += 1

    def flush(self) -> None:
        """Tells all that is kept: some jobs never came to run, and hold up those after them."""
        for number in sorted(self._kept):
            self._tell_kept(number)

    def _tell_kept(self, number: int) -> bool:
        """Tells what is kept of a job. Whether it is over."""
        over = False
        for event, detail in self._kept.pop(number, ()):
            over = event == "scenario-finished"
            told = {**detail, "result": self._result_of(number)} if over else detail
            if self._listen is not None:
                self._listen(event, told)
        return over
