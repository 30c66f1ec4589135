"""Steps to results: finished, skipped, or made of rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from runner.execution.scope import Variables
from runner.execution.telling import reported_facts, snippet_of
from runner.execution.verdict import PHASE_OF, Ending, turn_table
from runner.kinds import KINDS, Fault, StepFault
from runner.query.values import Deferred
from runner.result import StepResult, worst
from runner.scenario.model import Check, Step
from runner.steps.base import Run


class Teller:
    """Makes the results of one scenario's steps. ``began`` is when the scenario did."""

    def __init__(self, text: str, variables: Variables, began: float | None = None) -> None:
        self.text = text
        self.variables = variables
        self.began = perf_counter() if began is None else began
        self._lines: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """The scenario's source lines."""
        if self._lines is None:
            self._lines = self.text.splitlines()
        return self._lines

    def with_variables(self, variables: Variables) -> Teller:
        """The same, naming steps by other variables."""
        return Teller(self.text, variables, self.began)

    def finished(
        self,
        run: Run,
        ending: Ending,
        parts: Sequence[StepResult],
        started: float,
        verb: str,
        *,
        inner: bool,
    ) -> StepResult:
        """The result of a step that was carried out, or began to be.

        ``inner`` says that it is part of a step that shows the source and the curl command itself.
        """
        step, fault = run.step, ending.fault
        told = fault is not None or run.surroundings.facts
        made = StepResult(
            name=run.name,
            verb=verb,
            at=str(step.at),
            outcome="passed",
            started=started - self.began,
            duration=perf_counter() - started,
            times=times_of(run.phases.times, parts),
            facts=reported_facts(run, fault, self.began) if told else {},
            captured=ending.captured,
            steps=tuple(parts),
        )
        if fault is None:
            return made
        place = str(ending.at or (ending.failures[0].at if ending.failures else step.at))
        return _with(
            made,
            fault,
            failures=ending.failures,
            curl=None if inner else _curl(run),
            snippet=None if inner else snippet_of(step, place, self.lines),
        )

    def skipped(
        self, step: Step, started: float, reason: str | None, parts: Sequence[StepResult] = ()
    ) -> StepResult:
        """The result of a step that was left out, for this reason if it is not a failure before."""
        return StepResult(
            name=self.name(step, step.verb),
            verb=step.verb,
            at=str(step.at),
            outcome="skipped",
            started=started - self.began,
            duration=0.0,
            message=reason,
            steps=tuple(parts),
        )

    def rounds(
        self,
        step: Step,
        fault: Fault | None,
        began: float,
        rounds: Sequence[StepResult] = (),
        at: object = None,
    ) -> StepResult:
        """The result of a step made of rounds: its own fault, or that of the worst of them.

        ``at`` is the place to point at for a fault of its own.
        """
        outcome = worst([each.outcome for each in rounds])
        made = StepResult(
            name=step.name if isinstance(step.name, str) else repr(step.name),
            verb=step.verb,
            at=str(step.at),
            outcome=outcome,
            started=began - self.began,
            duration=perf_counter() - began,
            times=times_of({}, rounds),
            steps=tuple(rounds),
        )
        bad = worst_of(rounds)
        if fault is None and bad is None:
            return made
        told = fault_of(bad) if fault is None and bad is not None else fault
        assert told is not None
        return _with(
            made,
            told,
            failures=bad.failures if bad else (),
            curl=bad.curl if bad else None,
            snippet=snippet_of(step, bad.at if bad else str(at or step.at), self.lines),
        )

    def turned(self, step: Step, check: Check, result: StepResult) -> StepResult:
        """The result of a step under ``expect: {error: …}``, once all its attempts are over."""

        ending = Ending(fault_of(result) if result.kind else None, result.failures)
        turn_table(check, ending, self.variables, PHASE_OF.get(step.verb, "checks"))
        if ending.fault is None:
            return result._replace(outcome="passed", kind=None, phase=None, message=None, hint=None,
                causes=(), failures=(), curl=None, snippet=None,
            )  # fmt: skip
        place = str(ending.failures[0].at if ending.failures else step.at)
        return _with(
            result,
            ending.fault,
            failures=ending.failures,
            snippet=snippet_of(step, place, self.lines),
        )

    def name(self, step: Step, verb: str) -> str:
        """What the report calls a step; a part of it is called by its own verb."""
        if verb != step.verb:
            return verb
        if isinstance(step.name, Deferred):
            try:
                return str(step.name.render(self.variables))
            except StepFault:
                return repr(step.name)
        return step.name


def fault_of(result: StepResult) -> Fault:
    """Why a step that did not pass did not."""
    assert result.kind is not None
    phase = next(kind.phase for kind in KINDS.values() if kind.phase == result.phase)
    return Fault(result.kind, phase, result.message or "", result.hint, result.causes)


def _curl(run: Run) -> str | None:
    """The command that repeats the request, None where there is no request to repeat."""
    try:
        return None if run.curl is None else run.curl()
    except (StepFault, OSError):
        # Or there is no descriptor left to read what makes the command.
        return None


def worst_of(results: Sequence[StepResult]) -> StepResult | None:
    """The first of the worst of these results, None when none is bad.

    What no scenario can expect is worst: an interruption, then a bug of ours, then other errors.
    """
    bad = (result for result in results if result.outcome in ("failed", "error"))
    return min(bad, key=_badness, default=None)


def _badness(result: StepResult) -> tuple[bool, bool, bool]:
    return (
        result.kind != "interrupted",
        result.kind != "internal-error",
        result.outcome != "error",
    )


def raise_worst(results: Sequence[StepResult]) -> None:
    """Raises the ``StepFault`` of the worst of these results, if one did not pass."""
    bad = worst_of(results)
    if bad is not None:
        raise StepFault(fault_of(bad))


def times_of(own: Mapping[str, float], parts: Sequence[StepResult]) -> dict[str, float]:
    """The seconds of each phase, those of the parts added in."""
    times = dict(own)
    for part in parts:
        for key, value in part.times.items():
            times[key] = times.get(key, 0.0) + value
    return times


def _with(made: StepResult, fault: Fault, **more: Any) -> StepResult:
    return made._replace(
        outcome=fault.outcome,
        kind=fault.kind,
        phase=fault.phase,
        message=fault.message,
        hint=fault.hint,
        causes=fault.causes,
        **more,
    )
