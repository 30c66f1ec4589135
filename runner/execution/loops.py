"""``repeat`` and ``for-each``: a step more than once, every round in the result."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from runner.execution.checks import holds
from runner.execution.counts import count_of
from runner.kinds import Fault, StepFault
from runner.query.values import settle
from runner.result import StepResult
from runner.scenario.model import Repeat, Step
from runner.steps.base import Deadline, Run, nearest
from runner.steps.session import seconds

if TYPE_CHECKING:
    from runner.execution.interpreter import StepRunner


def looped(
    runner: StepRunner, step: Step, deadline: Deadline | None, path: str, outer: Run | None
) -> StepResult:
    """Runs a step with ``for-each``, ``repeat`` or ``retry``: from the outside in."""
    try:
        if step.deadline is not None:
            own = Deadline.after(seconds(settle(step.deadline, runner.variables)))
            deadline = nearest(deadline, own)
            step = step._replace(deadline=None)
        if step.each is not None:
            return _for_each(runner, step, deadline, path, outer)
        if step.repeat is not None:
            return _repeated(runner, step, deadline, path, outer)
        from runner.execution.retries import retried

        return retried(runner, step, deadline, path, outer)
    except StepFault as fault:
        return runner.teller.rounds(step, fault.fault, perf_counter(), at=fault.at)


def _repeated(
    runner: StepRunner, step: Step, deadline: Deadline | None, path: str, outer: Run | None
) -> StepResult:
    assert step.repeat is not None
    repeat = step.repeat
    name, tree = ("at-most", repeat.at_most) if repeat.times is None else ("times", repeat.times)
    limit = count_of(settle(tree, runner.variables), name)
    began = perf_counter()
    rounds: list[StepResult] = []
    plain = step._replace(repeat=None)
    fault, at = None, None
    try:
        while len(rounds) < limit and _goes_on(runner, repeat):
            rounds.append(runner.one(plain, deadline, f"{path}.{len(rounds) + 1}", outer))
            if rounds[-1].outcome in ("failed", "error"):
                break
        else:
            if repeat.conditions and len(rounds) >= limit and _goes_on(runner, repeat):
                fault = _endless(repeat, limit)
    except StepFault as told:
        fault, at = told.fault, told.at
    if not rounds and fault is None:
        lack = runner.variables.unmade.lacks(
            [each.value for each in repeat.conditions], runner.variables
        )
        reason = lack or "`while` did not hold before the first round"
        return runner.teller.skipped(step, began, reason)
    return runner.teller.rounds(step, fault, began, rounds, at)


def _goes_on(runner: StepRunner, repeat: Repeat) -> bool:
    """Whether all of ``while`` holds. Raises ``StepFault``."""
    return all(holds(each, runner.variables) for each in repeat.conditions)


def _endless(repeat: Repeat, limit: int) -> Fault:
    names = ", ".join(each.text for each in repeat.conditions)
    return Fault(
        "expectation-failed", "checks", f"`while` still holds after {limit} rounds: {names}",
        "raise `at-most`, or look at why the rounds do not come to an end",
    )  # fmt: skip


def _for_each(
    runner: StepRunner, step: Step, deadline: Deadline | None, path: str, outer: Run | None
) -> StepResult:
    assert step.each is not None
    variable, tree = step.each
    values = settle(tree, runner.variables)
    began = perf_counter()
    if not isinstance(values, list) or not values:
        what = "an empty list" if values == [] else "no list"
        fault = Fault("expectation-failed", "checks", f"`for-each` got {what} for `{variable}`")
        return runner.teller.rounds(step, fault, began)
    rounds: list[StepResult] = []
    gathered: dict[str, list[object]] = {capture.variable: [] for capture in step.capture}
    shown: dict[str, list[object]] = {name: [] for name in gathered}
    plain = step._replace(each=None)
    for number, value in enumerate(values, 1):
        runner.variables.define(variable, value)
        rounds.append(runner.one(plain, deadline, f"{path}.{number}", outer))
        for name, found in gathered.items():
            if name in rounds[-1].captured:
                found.append(runner.variables.values[name])
                shown[name].append(rounds[-1].captured[name])
        if runner.interrupted:
            break
    for name, found in gathered.items():
        if found:
            runner.variables.define(name, found)
    return runner.teller.rounds(step, None, began, rounds)._replace(captured=shown)
