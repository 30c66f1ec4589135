"""``--repeat``: which scenarios pass at one time and not at another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runner.execution.jobs import Job


class Rounds:
    """A listener that counts how many rounds of each job passed."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._passed: dict[tuple[str, str | None], list[bool]] = {}

    def __call__(self, event: str, detail: Mapping[str, Any]) -> None:
        """Takes one event."""
        if event != "scenario-finished":
            return
        job = self._jobs[detail["scenario"]["index"]]
        if job.rounds > 1 and (outcome := detail["result"].outcome) != "skipped":
            key = job.scenario.file, job.case.label
            self._passed.setdefault(key, []).append(outcome == "passed")

    def told(self) -> Iterator[str]:
        """A line on each scenario that passed in some rounds only, in order."""
        names = {(job.scenario.file, job.case.label): job.scenario.name for job in self._jobs}
        for key, name in names.items():
            rounds = self._passed.get(key, [])
            if any(rounds) and not all(rounds):
                file, case = key
                label = f" [{case}]" if case else ""
                yield f"flaky: {name}{label} passed {sum(rounds)} of {len(rounds)} times  {file}"
