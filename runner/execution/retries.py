"""``retry``: a step again while it fails, every attempt and its reason in the result."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from runner.execution.checks import stops
from runner.execution.counts import count_of, factor_of
from runner.kinds import KINDS, Fault, StepFault
from runner.query.values import settle
from runner.result import Attempt, StepResult
from runner.scenario.model import Retry, Step
from runner.steps.base import Deadline, Run, nearest
from runner.steps.session import seconds
from runner.units import show_seconds
from runner.wire.errors import Interrupted

if TYPE_CHECKING:
    from runner.execution.interpreter import StepRunner

_RETRIED: Final = ("connect", "tls", "send", "read", "checks")
_EVERY: Final = 1.0
_ATTEMPTS: Final = 3
_ENDLESS: Final = 2**63


class _Bounds(NamedTuple):
    """How often, how far apart in seconds, and until when."""

    attempts: int
    every: float
    backoff: float
    within: Deadline | None


def retried(
    runner: StepRunner, step: Step, deadline: Deadline | None, path: str, outer: Run | None
) -> StepResult:
    """Runs a step until it passes or its ``retry`` is used up. Raises ``StepFault``."""
    assert step.retry is not None
    bounds = _bounds(cast(Mapping[str, Any], settle(step.retry.settings, runner.variables)))
    end = nearest(deadline, bounds.within)
    pause = bounds.every
    began = perf_counter()
    attempts: list[Attempt] = []
    plain = step._replace(retry=None)
    last: StepResult | None = None
    while True:
        result, run = runner.once(plain, end, path, outer, attempt=len(attempts) + 1)
        attempts.append(
            Attempt(result.outcome, result.started, result.duration, result.kind, result.message)
        )
        cut = _is_cut(result, bounds.within, end)
        stopped = None if cut else _stopped(runner, step.retry, run, result)
        if stopped is not None:
            result = stopped
            break
        if not _again(result) or runner.interrupted or len(attempts) >= bounds.attempts:
            break
        try:
            if cut or not _pause(runner, pause, end):
                result = _given_up(result, last if cut else None, bounds, end, attempts)
                break
        except (KeyboardInterrupt, Interrupted):
            runner.interrupted = True
            result = _interrupted(result)
            break
        last = result
        pause *= bounds.backoff
    if len(attempts) > 1:
        result = result._replace(attempts=tuple(attempts))
    if step.expected_error is not None and result.kind == "retry-stopped":
        result = runner.teller.turned(step, step.expected_error, result)
    return result._replace(started=attempts[0].started, duration=perf_counter() - began)


def _bounds(settings: Mapping[str, Any]) -> _Bounds:
    within = Deadline.after(seconds(settings["within"])) if "within" in settings else None
    default = _ENDLESS if within is not None else _ATTEMPTS
    return _Bounds(
        count_of(settings["attempts"], "attempts") if "attempts" in settings else default,
        seconds(settings["every"]) if "every" in settings else _EVERY,
        factor_of(settings.get("backoff", 1), "backoff"),
        within,
    )


def _again(result: StepResult) -> bool:
    if result.outcome not in ("failed", "error") or result.kind is None:
        return False
    return KINDS[result.kind].phase in _RETRIED


def _is_cut(result: StepResult, within: Deadline | None, end: Deadline | None) -> bool:
    """Whether ``within`` ended this attempt, rather than anything the server did."""
    return (
        within is not None
        and end is within
        and result.kind == "deadline-exceeded"
        and perf_counter() >= within.moment
    )


def _given_up(
    result: StepResult,
    before: StepResult | None,
    bounds: _Bounds,
    end: Deadline | None,
    attempts: list[Attempt],
) -> StepResult:
    """The result where ``within`` leaves no time for another attempt: what failed last by itself.

    ``before`` is the attempt before the last one, if ``within`` cut that off.
    """
    if bounds.within is None or end is not bounds.within:
        return result
    count = f"{len(attempts)} attempts" if len(attempts) > 1 else "1 attempt"
    gone = f"gave up after {count}, `within: {show_seconds(bounds.within.seconds)}`"
    causes = result.causes
    if before is not None:
        causes = (*before.causes, f"the last attempt: {result.message}")
        result = before
    return result._replace(message=f"{gone}: {result.message}", causes=causes)


def _stopped(runner: StepRunner, retry: Retry, run: Run, result: StepResult) -> StepResult | None:
    """The result with ``retry-stopped`` when ``stop-if`` holds for what a failed attempt left, or
    with the reason why that cannot be judged.
    """
    if not retry.stop_if or not _again(result):
        return None
    try:
        if not all(stops(check, run, runner.variables) for check in retry.stop_if):
            return None
    except StepFault as told:
        fault = told.fault
        causes = (*fault.causes, f"the attempt: {_told(result)}")
    else:
        condition = ", ".join(check.text for check in retry.stop_if)
        message = f"`stop-if` holds ({condition}): {_told(result)}"
        fault, causes = Fault("retry-stopped", "checks", message, result.hint), result.causes
    return result._replace(
        outcome=fault.outcome,
        kind=fault.kind,
        phase=fault.phase,
        message=fault.message,
        hint=fault.hint,
        causes=causes,
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
