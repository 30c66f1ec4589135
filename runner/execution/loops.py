"""``retry``, ``repeat`` and ``for-each``: a step more than once, every round in the result."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

from runner.execution.checks import evaluate, holds
from runner.kinds import KINDS, Fault, StepFault
from runner.query.show import show
from runner.query.values import settle
from runner.result import Attempt, StepResult
from runner.scenario.model import Retry, Step
from runner.steps.base import Deadline, Run, nearest
from runner.steps.session import seconds
from runner.wire.errors import Interrupted

if TYPE_CHECKING:
    from runner.execution.interpreter import StepRunner

_RETRIED: Final = ("connect", "tls", "send", "read", "checks")
_EVERY: Final = 1.0
_ATTEMPTS: Final = 3
_ENDLESS: Final = 2**63


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
        return _retried(runner, step, deadline, path, outer)
    except StepFault as fault:
        return runner.teller.rounds(step, fault.fault, perf_counter(), at=fault.at)


def _retried(
    runner: StepRunner, step: Step, deadline: Deadline | None, path: str, outer: Run | None
) -> StepResult:
    assert step.retry is not None
    settings = cast(Mapping[str, Any], settle(step.retry.settings, runner.variables))
    pause = seconds(settings["every"]) if "every" in settings else _EVERY
    within = Deadline.after(seconds(settings["within"])) if "within" in settings else None
    default = None if within is not None else _ATTEMPTS
    allowed = _count(settings["attempts"], "attempts") if "attempts" in settings else default
    backoff = settings.get("backoff", 1)
    if isinstance(backoff, bool) or not isinstance(backoff, int | float) or backoff < 0:
        _no_number("backoff", "a number", backoff)
    began = perf_counter()
    attempts: list[Attempt] = []
    plain = step._replace(retry=None)
    while True:
        result, run = runner.once(
            plain, nearest(deadline, within), path, outer, attempt=len(attempts) + 1
        )
        attempts.append(
            Attempt(result.outcome, result.started, result.duration, result.kind, result.message)
        )
        stopped = _stopped(runner, step.retry, run, result)
        if stopped is not None:
            result = stopped
            break
        if not _again(result) or runner.interrupted or len(attempts) >= (allowed or _ENDLESS):
            break
        try:
            if not _pause(runner, pause, nearest(deadline, within)):
                break
        except (KeyboardInterrupt, Interrupted):
            runner.interrupted = True
            result = _interrupted(result)
            break
        pause *= backoff
    if len(attempts) > 1:
        result = result._replace(attempts=tuple(attempts))
    if step.expected_error is not None and result.kind == "retry-stopped":
        result = runner.teller.turned(step, step.expected_error, result)
    return result._replace(started=attempts[0].started, duration=perf_counter() - began)


def _count(value: object, name: str) -> int:
    """A number of rounds that may have come from a template. Raises ``StepFault``."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        _no_number(name, "a whole number of at least 1", value)
    return value


def _no_number(name: str, wanted: str, value: object) -> NoReturn:
    message = f"`{name}` needs {wanted}; found {show(value)}"
    raise StepFault(Fault("invalid-scenario", "load", message))


def _again(result: StepResult) -> bool:
    if result.outcome not in ("failed", "error") or result.kind is None:
        return False
    return KINDS[result.kind].phase in _RETRIED


def _stopped(runner: StepRunner, retry: Retry, run: Run, result: StepResult) -> StepResult | None:
    """The result with ``retry-stopped`` when ``stop-if`` holds for what a failed attempt left."""
    if not retry.stop_if or not _again(result):
        return None
    wrong, _ = evaluate(retry.stop_if, run, runner.variables, only_known=False)
    if wrong:
        return None
    condition = ", ".join(check.text for check in retry.stop_if)
    return result._replace(
        outcome="failed",
        kind="retry-stopped",
        phase="checks",
        message=f"`stop-if` holds ({condition}): {_told(result)}",
    )


def _told(result: StepResult) -> str | None:
    """What went wrong in an attempt, below an error that was expected instead."""
    turned = any(failure.query == "error" for failure in result.failures)
    return result.causes[0] if turned and result.causes else result.message


def _interrupted(result: StepResult) -> StepResult:
    return result._replace(
        outcome="error",
        kind="interrupted",
        phase="run",
        message="interrupted while waiting for the next attempt",
        hint=None,
        causes=(),
    )


def _pause(runner: StepRunner, wanted: float, deadline: Deadline | None) -> bool:
    """Waits between attempts; false, at once, when the deadline is nearer."""
    if deadline is not None and perf_counter() + wanted >= deadline.moment:
        return False
    runner.handles.kept.sleep(wanted)
    return True


def _repeated(
    runner: StepRunner, step: Step, deadline: Deadline | None, path: str, outer: Run | None
) -> StepResult:
    assert step.repeat is not None
    repeat = step.repeat
    name, tree = ("at-most", repeat.at_most) if repeat.times is None else ("times", repeat.times)
    limit = _count(settle(tree, runner.variables), name)
    began = perf_counter()
    rounds: list[StepResult] = []
    plain = step._replace(repeat=None)
    while len(rounds) < limit:
        if repeat.conditions and not all(
            holds(each, runner.variables) for each in repeat.conditions
        ):
            break
        rounds.append(runner.one(plain, deadline, f"{path}.{len(rounds) + 1}", outer))
        if rounds[-1].outcome in ("failed", "error"):
            break
    fault = None
    bad = rounds and rounds[-1].outcome in ("failed", "error")
    if (
        not bad
        and repeat.conditions
        and all(holds(each, runner.variables) for each in repeat.conditions)
    ):
        names = ", ".join(each.text for each in repeat.conditions)
        fault = Fault(
            "expectation-failed", "checks", f"`while` still holds after {limit} rounds: {names}",
            "raise `at-most`, or look at why the rounds do not come to an end",
        )  # fmt: skip
    if not rounds and fault is None:
        return runner.teller.skipped(step, began, "`while` did not hold before the first round")
    return runner.teller.rounds(step, fault, began, rounds)


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
        runner.variables.define(name, found)
    return runner.teller.rounds(step, None, began, rounds)._replace(captured=shown)
