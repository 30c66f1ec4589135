"""Runs the steps of one scenario: the only loop over steps.

Each step, primitive or composite, gets its start, its phase times, its checks and its outcome in
the same way; verbs only act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Any, Final, cast

from runner.execution.checks import hides, holds
from runner.execution.faults import fault_for
from runner.execution.nested import Nested
from runner.execution.scope import Variables
from runner.execution.step_results import Teller, raise_worst, times_of
from runner.execution.verdict import PHASE_OF, Ending, judge, put_in_place
from runner.kinds import Fault, StepFault
from runner.query.values import settle
from runner.result import StepResult
from runner.scenario.build import REQUEST
from runner.scenario.model import Step
from runner.steps import verb as verb_named
from runner.steps.base import Deadline, Run, Surroundings, nearest
from runner.steps.handles import Handles, Skip
from runner.steps.session import seconds
from runner.wire.errors import Interrupted
from runner.wire.phases import Phases

Listen = Callable[[str, Mapping[str, object]], None]
Action = Callable[[Run], object]
_OWN_FACTS: Final = frozenset({"time.total", "attempts", "error"})


class StepRunner:
    """Runs steps against one set of handles and variables.

    ``teardowns`` are the runners and steps of used scenarios that are to run after its own.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        variables: Variables,
        teller: Teller,
        listen: Listen | None = None,
        handles: Handles | None = None,
    ) -> None:
        self.surroundings = surroundings
        self.variables = variables
        self.teller = teller
        self.listen = listen
        self.handles = handles or Handles()
        self.teardowns: list[tuple[StepRunner, tuple[Step, ...]]] = []
        self._interrupted = False

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C came: here, or in the thread that waits for this branch."""
        return self._interrupted or self.handles.kept.aborted

    @interrupted.setter
    def interrupted(self, value: bool) -> None:
        self._interrupted = value

    def all(
        self,
        steps: Iterable[Step],
        deadline: Deadline | None,
        path: str = "",
        *,
        outer: Run | None = None,
        into: list[StepResult] | None = None,
    ) -> list[StepResult]:
        """Runs steps in order. After one that does not pass the rest are skipped, unless it says
        ``on-failure: continue``. Results go into ``into`` as they come.
        """
        results = [] if into is None else into
        stopped = False
        for number, step in enumerate(steps, 1):
            if stopped or self.interrupted:
                self._stand_in(step, self.handles, absent=True)
                results.append(self.teller.skipped(step, perf_counter(), None))
                self.variables.unmade.note(step, results[-1])
                continue
            result = self.one(step, deadline, f"{path}{number}", outer)
            results.append(result)
            if result.outcome in ("failed", "error"):
                stopped = step.on_failure == "stop"
        return results

    def one(
        self, step: Step, deadline: Deadline | None, path: str, outer: Run | None = None
    ) -> StepResult:
        """Runs one step to its end, again and again where it says so."""
        before = self.handles.count()
        with self._holding_back(step):
            result = self._one(step, deadline, path, outer)
        if result.outcome == "passed":
            if step.expected_error is not None:
                self.handles.forget_empty(before)
        elif result.outcome == "skipped" or self.handles.count() == before:
            self._stand_in(step, self.handles, absent=result.outcome == "skipped")
        self.variables.unmade.note(step, result)
        return result

    @contextmanager
    def _holding_back(self, step: Step) -> Iterator[None]:
        """Has nothing told of a step that captures a secret before it is known and can be masked.

        Of the step itself, its parts and its attempts; they are told when it is over.
        """
        listen = self.listen
        if listen is None or not any(hides(capture) for capture in step.capture):
            yield
            return
        from runner.execution.holding import Held

        self.listen = held = Held(listen)
        try:
            yield
        finally:
            self.listen = listen
            held.release()

    def _stand_in(self, step: Step, handles: Handles, *, absent: bool) -> None:
        """Has what a step did not make missed by the steps that need it."""
        handles.stand_in(step.verb, step.id, step.on, absent=absent)
        if not absent or step.verb in REQUEST:
            return
        steps = step.steps
        if step.scenario is not None:
            steps, handles = step.scenario.steps, handles.renamed()
        for part in steps:
            self._stand_in(part, handles, absent=True)

    def _one(
        self, step: Step, deadline: Deadline | None, path: str, outer: Run | None
    ) -> StepResult:
        began = perf_counter()
        try:
            for condition in step.condition:
                if not holds(condition, self.variables, deadline):
                    lack = self.variables.unmade.lacks(condition.value, self.variables)
                    reason = lack or f"`if` does not hold: {condition.text}"
                    return self.teller.skipped(step, perf_counter(), reason)
            lack = self.variables.unmade.lacked_by(step, self.variables)
            if lack is not None:
                return self.teller.skipped(step, perf_counter(), lack)
            if step.retry or step.repeat or step.each:
                from runner.execution.loops import looped

                return looped(self, step, deadline, path, outer)
            return self.once(step, deadline, path, outer)[0]
        except StepFault as told:
            return self.teller.rounds(step, told.fault, began, at=told.at)
        except KeyboardInterrupt:
            # It came while nothing was on the wire: between rounds, or in a check.
            self.interrupted = True
            fault = Fault("interrupted", "run", "interrupted between two acts")
            return self.teller.rounds(step, fault, began)

    def once(
        self,
        step: Step,
        deadline: Deadline | None,
        path: str,
        outer: Run | None = None,
        *,
        action: Action | None = None,
        verb: str | None = None,
        attempt: int = 1,
    ) -> tuple[StepResult, Run]:
        """Runs one step one time. ``action`` does the work in place of the verb's own."""
        started = perf_counter()
        verb = verb or step.verb
        name = self.teller.name(step, verb)
        self._tell_start(step, verb, path, name)
        phases = Phases(self._phase_listener(path, name))
        phases.where = PHASE_OF.get(verb, "run")
        parts: list[StepResult] = []
        nested = Nested(self, parts, path)

        def inner(part: Step, action: Action | None = None, *, verb: str | None = None) -> None:
            place = f"{path}.{len(parts) + 1}"
            parts.append(self.once(part, run.deadline, place, run, action=action, verb=verb)[0])
            raise_worst(parts[-1:])

        run = Run(
            step,
            self.variables,
            self.handles,
            phases,
            self.surroundings,
            deadline,
            inner,
            nested,
            self.variables.define,
            name,
        )
        run.facts["attempts"] = attempt
        nested.outer = run
        run.holds = any(map(hides, step.capture))
        if outer is not None and outer.holds:
            run.holds, run.saves = True, outer.saves
        ending = Ending()
        try:
            try:
                self._act(run, verb, action)
            except Skip as skip:
                if not _held(outer):
                    put_in_place(run, ending)
                return self.teller.skipped(step, started, str(skip), parts), run
            except KeyboardInterrupt:
                self.interrupted = True
                ending.fault = fault_for(Interrupted(), phases, run.route)
            except StepFault as fault:
                ending.fault, ending.at = fault.fault, fault.at
            except Exception as error:
                ending.fault = fault_for(error, phases, run.route)
            return self._finish(run, ending, parts, started, path, outer, verb), run
        finally:
            # A file that is not in its place by now, after Ctrl-C, may hold what is not masked.
            if run.saves and not _held(outer):
                for save in run.saves:
                    save.discard()

    def _act(self, run: Run, verb: str, action: Action | None) -> None:
        step = run.step
        if self.handles.kept.aborted:
            raise Interrupted
        if step.deadline is not None and verb == step.verb:
            own = Deadline.after(seconds(settle(step.deadline, self.variables)))
            run.deadline = nearest(run.deadline, own)
        if run.deadline is not None and run.deadline.moment <= perf_counter():
            message = f"the deadline of {run.deadline.seconds:g} s passed before this step"
            raise StepFault(Fault("deadline-exceeded", run.phases.where, message))
        if verb == step.verb:
            if step.constant:
                run.subject, run.options = step.subject, step.options
            else:
                from runner.steps.shapes import fit

                subject = settle(step.subject, self.variables)
                options = cast(Mapping[str, Any], settle(step.options, self.variables))
                run.subject, run.options = fit(step, subject, options, run.phases.where)
        (action or verb_named(verb))(run)

    def _finish(
        self,
        run: Run,
        ending: Ending,
        parts: list[StepResult],
        started: float,
        path: str,
        outer: Run | None,
        verb: str,
    ) -> StepResult:
        step = run.step
        spent = times_of(run.phases.times, parts) | run.phases.exchange
        for key, value in spent.items():
            run.facts.setdefault(f"time.{key}", value)
        run.facts["time.total"] = perf_counter() - started
        if verb == step.verb:
            judge(run, ending, self.variables, saved=not _held(outer))
            if step.id is not None:
                self.variables.define(step.id, run.facts)
        shown_above = outer is not None and _is_request(outer)
        if outer is not None:
            _hand_up(run, outer, verb)
        result = self.teller.finished(run, ending, parts, started, verb, inner=shown_above)
        if self.listen is not None:
            self.listen("step-finished", {"path": path, "name": result.name, "result": result})
        return result

    def _tell_start(self, step: Step, verb: str, path: str, name: str) -> None:
        if self.listen is not None:
            self.listen(
                "step-started", {"path": path, "verb": verb, "name": name, "at": str(step.at)}
            )

    def _phase_listener(self, path: str, name: str) -> Listen | None:
        listen = self.listen
        if listen is None:
            return None

        def told(event: str, detail: Mapping[str, object]) -> None:
            listen("phase", {"path": path, "name": name, "phase": event, "detail": detail})

        return told


def _is_request(run: Run) -> bool:
    """Whether the step is one whose parts the loader or the wire made, not the user."""
    return run.step.verb not in ("block", "parallel", "use")


def _held(outer: Run | None) -> bool:
    """Whether files saved in this step wait for the end of it."""
    return outer is not None and outer.holds


def _hand_up(run: Run, outer: Run, verb: str) -> None:
    """A composite shows the last fact of each name among its parts; a primitive keeps its own."""
    if outer.step.verb in PHASE_OF and verb != outer.step.verb:
        return
    for key, value in run.facts.items():
        if key not in _OWN_FACTS:
            outer.facts[key] = value
    outer.exchange = run.exchange or outer.exchange
    outer.route = run.route or outer.route
    if verb != "connect" or outer.curl is None:
        outer.curl = run.curl or outer.curl
