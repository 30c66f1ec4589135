"""Which variables exist at each step: undefined ones are found before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from runner.query.facts import facts_of
from runner.query.path import Query, QueryError, parse_query
from runner.scenario.build import REQUEST
from runner.scenario.model import Address, Capture, Check, Scenario, Step
from runner.scenario.problems import Problem, did_you_mean
from runner.scenario.source import Source
from runner.scenario.uses import expressions
from runner.scenario.variable_names import PARTS

if TYPE_CHECKING:
    from runner.scenario.expression import Expression

_OUTPUT: Final = re.compile(r"\s*outputs(?:\.([\w-]+)|\[['\"]([^'\"]+)['\"]\])")


def check_variables(
    scenario: Scenario, source: Source, known: frozenset[str] | None = frozenset()
) -> tuple[Problem, ...]:
    """Templates that name what nothing defines before them, and outputs that are not declared.

    Of a scenario that is not whole, ``known`` are names that what is left out may define; None when
    it may be any.
    """
    flow = _Flow(scenario, source, known)
    flow.first_values()
    flow.walk(scenario.steps, flow.known)
    flow.undefined(expressions(scenario.outputs), flow.known)
    flow.walk(scenario.teardown, flow.known)
    return tuple(flow.problems)


class _Flow:
    """One scenario's variables as its steps define them. ``known`` grows on the way."""

    def __init__(
        self, scenario: Scenario, source: Source, known: frozenset[str] | None = frozenset()
    ) -> None:
        self.open = known is None
        self.scenario = scenario
        self.source = source
        self.problems: list[Problem] = []
        self.ids: dict[str, Step] = {}
        self.later: dict[str, Step] = {}
        declared = {*self.scenario.variables, *self.scenario.secrets}
        rows = [set(case.variables) for case in self.scenario.cases]
        self.known = declared | set.intersection(*rows) | (known or set())
        for step in _in_order((*self.scenario.steps, *self.scenario.teardown)):
            for name in _defines(step):
                self.later[name] = step

    def first_values(self) -> None:
        """``vars`` and ``secrets`` may name each other, but not in a circle; ``base`` names all."""
        trees = {**self.scenario.variables, **self.scenario.secrets}
        given = self.known - set(trees)
        for case in self.scenario.cases[:1]:
            given |= set(case.variables)
        needs = {}
        for name, tree in trees.items():
            used = list(expressions(tree))
            self.undefined(used, self.known)
            needs[name] = {} if name in given else {_name(use): use for use in used}
        for name in trees:
            way = circle(name, needs)
            if way:
                use = needs[way[-1]][name]
                told = " -> ".join((*way, name))
                self.tell(
                    "undefined-variable",
                    f"`{name}` needs its own value: {told}",
                    use.at,
                    "give one of them a value of its own",
                )
                break
        self.undefined(expressions(self.scenario.base), self.known)

    def walk(self, steps: Iterable[Step], known: set[str]) -> None:
        """Follows the variables through the steps in order."""
        for step in steps:
            self._step(step, known)

    def _step(self, step: Step, known: set[str]) -> None:
        first = [
            *(use for condition in step.condition for use in expressions(condition.value)),
            *(expressions(step.each[1]) if step.each else ()),
        ]
        if step.repeat is not None:
            first += [use for each in step.repeat.conditions for use in expressions(each.value)]
        self.undefined(first, known)
        if step.each is not None:
            known.add(step.each[0])
        captures = [use for capture in step.capture for use in expressions(capture.query)]
        told = set(map(id, (*first, *captures, *step.late)))
        self.undefined((use for use in expressions(step.uses) if id(use) not in told), known)
        if step.verb not in REQUEST:
            self.walk(step.steps, known)
        self._branches(step, known)
        if step.verb == "set" and isinstance(step.subject, Mapping):
            known.update(map(str, step.subject))
        for capture in step.capture:
            self.undefined(expressions(capture.query), known)
            known.add(capture.variable)
        self.undefined(expressions(step.late), known)
        self._outputs(step)
        self._set(step)
        known |= step.gap or set()
        if step.id is not None:
            known.add(step.id)
            self.ids[step.id] = step

    def _branches(self, step: Step, known: set[str]) -> None:
        taken: dict[str, int] = {}
        found: set[str] = set()
        for number, branch in enumerate(step.branches):
            inside = set(known)
            self.walk(branch, inside)
            for name in sorted({each for step in _in_order(branch) for each in _defines(step)}):
                if taken.setdefault(name, number) != number:
                    self.tell(
                        "invalid-scenario",
                        f"two branches of this 'parallel' capture `{name}`",
                        step.at,
                        "branches run at the same time: give each its own name",
                    )
            found |= inside
        known |= found

    def _outputs(self, step: Step) -> None:
        """Queries of a ``use`` step for outputs that the scenario used does not declare."""
        if step.scenario is None:
            return
        for capture in step.capture:
            self._output(step, capture.text, self._spot(capture.text, capture.at))
        for check in step.expect:
            self._output(step, check.text, self._spot(check.text, check.at))

    def _set(self, step: Step) -> None:
        """Queries of a ``set`` step for what it does not set: its facts are its variables."""
        if step.verb != "set" or not isinstance(step.subject, Mapping) or step.gap:
            return
        own = [*map(str, step.subject), *facts_of("set")]
        listed: list[Check | Capture] = [*step.expect, *step.capture]
        for each in listed:
            names = each.query.names if isinstance(each.query, Query) else ()
            for name in names:
                if name not in own:
                    guess = did_you_mean(name, own)
                    self.tell(
                        "invalid-scenario",
                        f"this `set` step sets no `{name}`, and its facts are what it sets",
                        self._spot(each.text, each.at),
                        f"did you mean `{guess}`?"
                        if guess
                        else "what a step before it left is checked there, in its own `expect`",
                    )

    def _output(self, step: Step, query: str, at: Address) -> None:
        found = _OUTPUT.match(query)
        if found and step.scenario is not None:
            self._declared(step.scenario, found[1] or found[2], at)

    def _declared(self, used: Scenario, name: str, at: Address) -> None:
        if name in used.outputs:
            return
        guess = did_you_mean(name, used.outputs)
        self.tell(
            "invalid-scenario",
            f"{used.file} declares no output `{name}`",
            at,
            f"did you mean `{guess}`?" if guess else "declare it there in `outputs`",
        )

    def _spot(self, text: str, near: Address) -> Address:
        """Where a query stands that is on the line of its address, or else that address."""
        column = self.source.line(near.line).find(text)
        return near._replace(column=column + 1, width=len(text)) if column >= 0 else near

    def undefined(self, uses: Iterable[Expression], known: set[str]) -> None:
        """Keeps a problem for each use of what is not known."""
        for use in uses:
            if use.reference is None:
                continue
            name = use.reference.name
            if name in ("env", "new", "serve", "outputs") and name not in known:
                self._reserved(use, name)
            elif name not in known:
                if not self.open:
                    self._unknown(use, name, known)
            elif name in self.ids:
                self._fact(use, self.ids[name])

    def _unknown(self, use: Expression, name: str, known: set[str]) -> None:
        guess = did_you_mean(name, known)
        if name in self.later:
            hint = f"the step at line {self.later[name].at.line} defines it: too late for this one"
        elif guess:
            hint = f"did you mean `{guess}`?"
        else:
            hint = "define it in `vars`, or capture it in a step before"
        self.tell("undefined-variable", f"`{name}` is not defined here", use.at, hint)

    def _reserved(self, use: Expression, name: str) -> None:
        assert use.reference is not None
        part = use.reference.path[0] if use.reference.path else None
        if name == "outputs":
            message = "`outputs` is a fact of a `use` step, not a variable"
            hint = "capture it there, as `capture: {item: outputs.item}`"
        elif part is None or (name in PARTS and part not in PARTS[name]):
            message = f"`{name}{use.reference.rest}` is not there"
            guess = did_you_mean(str(part), PARTS.get(name, ())) if part is not None else None
            choice = ", ".join(f"`${{{name}.{each}}}`" for each in PARTS.get(name, ("NAME",)))
            hint = f"did you mean `{name}.{guess}`?" if guess else f"write {choice}"
        else:
            return
        self.tell("undefined-variable", message, use.at, hint)

    def _fact(self, use: Expression, step: Step) -> None:
        """``${id.…}``: the verb must have that fact."""
        assert use.reference is not None
        name, path = use.reference.name, use.reference.path
        others = {*self.scenario.variables, *self.scenario.secrets}
        if not path or name in others or self.later.get(name) is not step:
            return
        if path[0] == "outputs" and step.scenario is not None and len(path) > 1:
            self._declared(step.scenario, str(path[1]), use.at)
            return
        try:
            parse_query(use.reference.rest.removeprefix("."), step.verb)
        except QueryError as error:
            message = f"step `{name}` has no such fact: {error}"
            self.tell("undefined-variable", message, use.at, error.hint)

    def tell(self, kind: str, message: str, at: Address, hint: str | None) -> None:
        """Keeps a problem."""
        line = self.source.line(at.line) if at.file == self.source.file else None
        self.problems.append(Problem(kind, message, at, hint=hint, line=line))


def _name(use: Expression) -> str:
    return use.reference.name if use.reference is not None else ""


def circle(name: str, needs: Mapping[str, Mapping[str, Expression]]) -> tuple[str, ...] | None:
    """The names through which a value needs itself, beginning with it; None when it does not."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen = {name}
    while ways:
        way = ways.pop()
        for other in needs[way[-1]]:
            if other == name:
                return way
            if other in needs and other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return None


def _defines(step: Step) -> Iterator[str]:
    if step.each is not None:
        yield step.each[0]
    yield from (capture.variable for capture in step.capture)
    if step.verb == "set" and isinstance(step.subject, dict):
        yield from map(str, step.subject)
    if step.id is not None:
        yield step.id


def _in_order(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        if step.verb not in REQUEST:
            yield from _in_order(step.steps)
            for branch in step.branches:
                yield from _in_order(branch)
        yield step
