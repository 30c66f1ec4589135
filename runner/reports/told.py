"""What several reports say of a scenario: its label, what was first wrong, the long text on it.

Scenarios given to these functions are clean: see ``cleaned``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Final, NamedTuple

from runner.reports.cleaning import Clean, clean_scenario, for_terminal
from runner.result import ScenarioResult, StepResult, SuiteResult

BAD: Final = ("failed", "error")


class Blame(NamedTuple):
    """What was first wrong with a scenario. ``place`` is ``file:line:column``, or the file."""

    kind: str
    message: str
    place: str
    step: StepResult | None


def cleaned(suite: SuiteResult, clean: Clean | None) -> Iterator[ScenarioResult]:
    """The scenarios one after the other, secrets masked and control characters taken out.

    Steps that did not fail have no facts left.
    """
    for scenario in suite.scenarios:
        yield clean_scenario(scenario, for_terminal(clean), bad_only=True)


def label(scenario: ScenarioResult) -> str:
    """The name on one line, with the case behind it: ``Shop [EUR]``."""
    name = scenario.name if scenario.case is None else f"{scenario.name} [{scenario.case}]"
    return " ".join(name.split())


def dotted(file: str) -> str:
    """A file as a class name: without its ending, dots for slashes: ``scenarios.shop``."""
    path = PurePath(file)
    parts = [part for part in path.with_suffix("").parts if part not in ("/", ".", "..")]
    return ".".join(part.replace(".", "_") for part in parts) or "scenarios"


def blame(scenario: ScenarioResult) -> Blame | None:
    """What was first wrong; None for a scenario that passed or was skipped."""
    from runner.reports.console_source import place_of
    from runner.reports.console_step import culprits

    if scenario.outcome not in BAD:
        return None
    shown = next(culprits([*scenario.steps, *scenario.teardown]), None)
    if shown is None or (scenario.message and scenario.message != shown.step.message):
        kind = scenario.kind or scenario.outcome
        step = None if shown is None else shown.step
        place = scenario.file if step is None else place_of(step)
        return Blame(kind, scenario.message or kind, place, step)
    step = shown.step
    kind = step.kind or step.outcome
    return Blame(kind, step.message or kind, place_of(step), step)


def long_text(scenario: ScenarioResult) -> str:
    """Everything there is to say on what went wrong, as the console says it: source lines with
    carets, expected and found, phases, the answer, the command that repeats the request.
    """
    from runner.reports.console_scenario import verdict
    from runner.reports.style import Style

    return _dedented(verdict(scenario, Style()))


def step_text(step: StepResult, path: str, of: int, before: Sequence[StepResult]) -> str:
    """The same on one step that did not pass, ``path`` being its number among ``of``."""
    from runner.reports.console_step import Shown, inside, render_step
    from runner.reports.style import Style

    shown = inside(Shown(step, path, of, before=tuple(before)))
    return "\n\n".join("\n".join(render_step(one, Style())) for one in shown)


def attempts(steps: Sequence[StepResult], prefix: str = "") -> Iterator[str]:
    """A line for each attempt of each step that took several."""
    from runner.units import show_seconds

    for number, step in enumerate(steps, 1):
        path = f"{prefix}{number}"
        if len(step.attempts) > 1:
            for count, one in enumerate(step.attempts, 1):
                how = ": ".join(part for part in (one.kind, one.message) if part) or one.outcome
                took = show_seconds(one.duration)
                yield f"step {path}, {step.name}: attempt {count}, took {took}: {how}"
        yield from attempts(step.steps, f"{path}.")


def second_try(scenario: ScenarioResult) -> StepResult | None:
    """The first step that passed, though not on its first attempt."""
    return next(
        (one for one in every(scenario.steps) if one.outcome == "passed" and len(one.attempts) > 1),
        None,
    )


def every(steps: Sequence[StepResult]) -> Iterator[StepResult]:
    """All steps, each before those inside it."""
    for step in steps:
        yield step
        yield from every(step.steps)


def numbered(scenario: ScenarioResult) -> Iterator[tuple[str, StepResult]]:
    """The steps and then those of the teardown, with the number each goes by: ``1``, ``t1``."""
    for number, step in enumerate(scenario.steps, 1):
        yield f"{number}", step
    for number, step in enumerate(scenario.teardown, 1):
        yield f"t{number}", step


def _dedented(lines: Iterator[str]) -> str:
    made = [line.removeprefix("  ") for line in lines]
    return "\n".join(made).strip("\n")
