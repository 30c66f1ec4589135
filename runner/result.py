"""What ran: one frozen record per step, scenario and run, and their JSON form.

Reports are functions of these records; live output listens to events. Times are seconds. They are
named tuples because a run makes many of them, and because making such a class takes a tenth of the
time a frozen dataclass takes, at every start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from runner.kinds import Outcome

RESULT_VERSION: Final = 1
_NONE: Final[Mapping[str, Any]] = {}
_RANK: Final[Mapping[str, int]] = {"skipped": 0, "passed": 1, "failed": 2, "error": 3}


class Failure(NamedTuple):
    """One check that did not hold: what was asked of which query, and what was found."""

    query: str
    matcher: str
    expected: object
    found: object
    message: str
    at: str
    paths: tuple[str, ...] = ()


class Attempt(NamedTuple):
    """One try of a step with ``retry``: when it began, how long it took, how it ended."""

    outcome: Outcome
    started: float
    duration: float
    kind: str | None = None
    message: str | None = None


class Snippet(NamedTuple):
    """The source lines of a step that did not pass, so that a report needs no file.

    ``mark`` is the line and column (from 1) and the width of what the caret points at. ``file`` is
    where the lines stand when that is not the step's own file.
    """

    first: int
    lines: tuple[str, ...]
    mark: tuple[int, int, int]
    file: str | None = None


class StepResult(NamedTuple):
    """What happened to one step.

    ``started`` is seconds since the scenario began; ``times`` are the phases that happened
    (``dns tcp proxy tls send wait read``), kept also when the step failed.
    """

    name: str
    verb: str
    at: str
    outcome: Outcome
    started: float
    duration: float
    kind: str | None = None
    phase: str | None = None
    message: str | None = None
    hint: str | None = None
    causes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    times: Mapping[str, float] = _NONE
    facts: Mapping[str, Any] = _NONE
    captured: Mapping[str, Any] = _NONE
    attempts: tuple[Attempt, ...] = ()
    curl: str | None = None
    snippet: Snippet | None = None
    steps: tuple[StepResult, ...] = ()


class ScenarioResult(NamedTuple):
    """What happened to one scenario, or to one case of it.

    ``started`` is seconds since the run began, None where that is not known. ``warnings`` are
    sentences on what the run did that is a risk, as not to verify certificates.
    """

    name: str
    file: str
    case: str | None
    tags: tuple[str, ...]
    outcome: Outcome
    duration: float
    steps: tuple[StepResult, ...] = ()
    teardown: tuple[StepResult, ...] = ()
    kind: str | None = None
    message: str | None = None
    reason: str | None = None
    started: float | None = None
    warnings: tuple[str, ...] = ()


class SuiteResult(NamedTuple):
    """What happened in one run. ``started`` is a UTC time in ISO 8601.

    ``scenarios`` may be read from a file each time they are asked for: walk through them rather
    than keep them. ``interrupted``: Ctrl-C ended the run. ``not_run``: how many scenarios were to
    run and did not begin, for that reason or since one failed before.
    """

    version: str
    started: str
    duration: float
    outcome: Outcome
    scenarios: Sequence[ScenarioResult]
    seed: int | None = None
    interrupted: bool = False
    not_run: int = 0

    def unfinished(self) -> str | None:
        """Why the run is not whole, and how much of it there is; None for one that is."""
        if not self.not_run:
            return "interrupted before the end" if self.interrupted else None
        why = "interrupted" if self.interrupted else "stopped at a failure"
        total = len(self.scenarios) + self.not_run
        return f"{why}: {self.not_run} of {total} scenario{'s' * (total > 1)} did not run"

    def counts(self) -> dict[str, int]:
        """How many scenarios ended in each outcome."""
        known = getattr(self.scenarios, "outcomes", None)
        return count((one.outcome for one in self.scenarios) if known is None else known)

    def kinds(self) -> set[str]:
        """Every kind a scenario or a step ended with."""
        known: set[str] | None = getattr(self.scenarios, "kinds", None)
        return set().union(*map(kinds_of, self.scenarios)) if known is None else known


def kinds_of(scenario: ScenarioResult) -> set[str]:
    """Every kind a scenario, its steps and its teardown ended with, at any depth."""
    own = set() if scenario.kind is None else {scenario.kind}
    return own.union(_kinds(scenario.steps), _kinds(scenario.teardown))


def _kinds(steps: Iterable[StepResult]) -> Iterator[str]:
    for step in steps:
        if step.kind is not None:
            yield step.kind
        yield from _kinds(step.steps)


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome of a whole: error, else failed, else passed, else skipped."""
    return max(outcomes, key=lambda outcome: _RANK[outcome], default="passed")


def count(outcomes: Any) -> dict[str, int]:
    """How often each outcome stands in an iterable of outcomes."""
    found = {"passed": 0, "failed": 0, "error": 0, "skipped": 0}
    for outcome in outcomes:
        found[outcome] += 1
    return found
