"""A scenario as far as it can be told before anything is sent: every request, in words the rest.

Steps draft their requests as they do in a run, on connections that are never opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from runner.execution.checks import holds
from runner.execution.drafts import Act, Drafts
from runner.execution.first_values import define_first
from runner.execution.scenario_run import Settings
from runner.execution.scope import Variables, seed_of
from runner.execution.unknowns import Foreseen, Unknowns, has_unknown
from runner.kinds import Fault, StepFault
from runner.query.show import show
from runner.query.values import Deferred
from runner.redact import Redactor
from runner.scenario.files import Files
from runner.scenario.model import Case, Scenario, Step
from runner.scenario.uses import expressions
from runner.steps.base import Surroundings
from runner.steps.handles import Handles, Skip

Write = Callable[[Act], None]


def rehearse(
    scenario: Scenario,
    case: Case,
    settings: Settings,
    unknowns: Unknowns,
    begin: Callable[[str | None], None],
    write: Write,
) -> None:
    """Tells ``begin`` the base URL and ``write`` each step, in order; teardown paths begin with t.

    Opens no socket and starts no process. Raises ``StepFault`` when the scenario's own values
    cannot be had.
    """
    seed = seed_of(settings.seed, scenario, case)
    variables = Variables(settings.environ, seed=seed, serve_url=settings.serve_url)
    given = settings.variables or {}
    define_first(scenario, case.variables, given, variables, settings.secret, settings.environment)
    foreseen = Foreseen(variables, unknowns)
    base = settings.base if settings.base is not None else foreseen.settle(scenario.base)
    base = settings.serve_url if base is None else base
    surroundings = Surroundings(
        base=None if base is None else str(base),
        environ=settings.environ,
        files=Files(Path(scenario.root), Path(scenario.folder)),
        redactor=Redactor(),
        base_given=settings.base is not None,
        secret=settings.secret,
    )
    begin(surroundings.base)
    stage = _Stage(foreseen, surroundings, Handles(), write)
    try:
        stage.all(scenario.steps, "")
        stage.tear_down(scenario.teardown, "t")
    finally:
        stage.handles.kept.close()


class _Stage:
    """Goes through the steps of one scope."""

    def __init__(
        self, foreseen: Foreseen, surroundings: Surroundings, handles: Handles, write: Write
    ) -> None:
        self.foreseen = foreseen
        self.surroundings = surroundings
        self.handles = handles
        self.write = write
        self.drafts = Drafts(foreseen, surroundings, handles)
        self.teardowns: list[tuple[_Stage, tuple[Step, ...], str]] = []

    def all(self, steps: Iterable[Step], path: str) -> None:
        for number, step in enumerate(steps, 1):
            self.one(step, f"{path}{number}")

    def tear_down(self, steps: Iterable[Step], path: str) -> None:
        """The teardown, then those of the scenarios used, also in it, in the order of a run."""
        self.all(steps, path)
        while self.teardowns:
            later, own, origin = self.teardowns.pop()
            later.tear_down(own, f"t{origin.removeprefix('t')}.")

    def one(self, step: Step, path: str) -> None:
        words = list(self._conditions(step))
        if words and words[-1].startswith("skipped"):
            self.write(Act(path, self._name(step), step, words))
            return
        if step.each is not None:
            self._each(step, path, words)
            return
        self._once(step, path, words)

    def _conditions(self, step: Step) -> Iterator[str]:
        known = self.foreseen.knows(expressions(step.uses))
        for condition in step.condition:
            told = f"{condition.text}: {condition.matcher.text}"
            if known and not holds(condition, self.foreseen.variables):
                yield f"skipped, for `if` does not hold: {told}"
                return
            yield f"only if {told}"

    def _each(self, step: Step, path: str, words: list[str]) -> None:
        assert step.each is not None
        variable, tree = step.each
        plain = step._replace(each=None, condition=())
        try:
            values = self.foreseen.settle(tree)
        except StepFault as fault:
            self.write(Act(path, self._name(step), step, words, fault=fault.fault))
            return
        if isinstance(values, list) and values and not has_unknown(values):
            self.write(
                Act(path, step.verb, step, [*words, f"for each {variable} of {show(values)}"])
            )
            for number, value in enumerate(values, 1):
                self.foreseen.define(variable, value)
                self._once(plain, f"{path}.{number}", [])
        else:
            shown = show(values) if isinstance(values, list) else values
            words.append(f"for each {variable} of {shown}")
            self.foreseen.forget([variable], "each in turn")
            self._once(plain, path, words)

    def _once(self, step: Step, path: str, words: list[str]) -> None:
        words += self._loops(step)
        act = Act(path, "", step, words)
        before = self.handles.count()
        certain = self.foreseen.knows(expressions(step.uses))
        try:
            self._act(step, act)
        except StepFault as fault:
            if self._is_expected(step, fault.fault):
                pass
            elif certain:
                act.fault = fault.fault
            else:
                act.words.append(f"cannot be told: {fault.fault.message}")
        except Skip as skip:
            act.words.append(f"cannot be told: {skip}")
        if not act.name:
            act.name = self._name(step)
            self.write(act)
        if step.expected_error is not None:
            self.handles.forget_empty(before)
        names = [capture.variable for capture in step.capture]
        names += [step.id] if step.id is not None else []
        self.foreseen.forget(names, _origin(path))

    def _is_expected(self, step: Step, fault: Fault) -> bool:
        check = step.expected_error
        return check is not None and not check.matcher.check(fault.kind, self.foreseen.variables)

    def _loops(self, step: Step) -> Iterator[str]:
        settle = self.foreseen.settle
        if step.repeat is not None:
            if step.repeat.times is not None:
                yield f"{settle(step.repeat.times)} times"
            else:
                told = ", ".join(
                    f"{each.text}: {each.matcher.text}" for each in step.repeat.conditions
                )
                yield f"again while {told}; at most {settle(step.repeat.at_most)} times"
        if step.retry is not None:
            settings = cast(Mapping[str, Any], settle(step.retry.settings))
            bounds = []
            if "attempts" in settings:
                bounds.append(f"up to {settings['attempts']} attempts")
            if "within" in settings:
                bounds.append(f"within {settings['within']}")
            yield "until it passes, " + ", ".join(bounds)
        if step.expected_error is not None:
            yield f"expected to end in an error: {step.expected_error.matcher.text}"

    def _name(self, step: Step) -> str:
        if not isinstance(step.name, Deferred):
            return step.name
        try:
            return str(self.foreseen.settle(step.name))
        except StepFault:
            return repr(step.name)

    def _act(self, step: Step, act: Act) -> None:
        if step.verb in ("block", "parallel", "use"):
            act.name = self._name(step)
            if step.verb == "parallel":
                act.words.append("at the same time")
            self.write(act)
            self._inside(step, act.path)
        elif step.verb == "set":
            values = cast(Mapping[str, object], self.foreseen.settle(step.subject))
            for name, value in values.items():
                self.foreseen.define(name, value)
        elif step.verb == "wait":
            self.foreseen.settle(step.subject)
        else:
            self.drafts.draft(step, act)

    def _inside(self, step: Step, path: str) -> None:
        if step.scenario is not None:
            self._use(step, step.scenario, path)
            return
        self.all(step.steps, f"{path}.")
        for number, branch in enumerate(step.branches, 1):
            twin = _Stage(
                self.foreseen.branch(number), self.surroundings, self.handles.branch(), self.write
            )
            twin.all(branch, f"{path}.{number}.")
            twin.handles.kept.close()
            self.teardowns.append((twin, (), path))
            made = set(twin.foreseen.origins) - set(self.foreseen.origins)
            self.foreseen.forget(sorted(made), _origin(path))

    def _use(self, step: Step, scenario: Scenario, path: str) -> None:
        options = cast(Mapping[str, Any], self.foreseen.settle(step.options))
        variables = self.foreseen.variables.copy(empty=True)
        define_first(scenario, options.get("with") or {}, {}, variables, self.surroundings.secret)
        inner = Foreseen(variables, self.foreseen.unknowns)
        base = None if self.surroundings.base_given else inner.settle(scenario.base)
        surroundings = self.surroundings._replace(
            base=self.surroundings.base if base is None else str(base),
            files=Files(Path(scenario.root), Path(scenario.folder)),
        )
        stage = _Stage(inner, surroundings, self.handles, self.write)
        stage.all(scenario.steps, f"{path}.")
        self.teardowns.append((stage, scenario.teardown, path))


def _origin(path: str) -> str:
    return f"from {'teardown ' if path.startswith('t') else ''}step {path.removeprefix('t')}"
