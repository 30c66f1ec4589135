"""Parts of variables that are not there: ``${user.b}`` where ``vars`` has ``user: {a: 1}``."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from runner.query.values import is_deferred
from runner.scenario.build import REQUEST
from runner.scenario.expression import Expression
from runner.scenario.model import Scenario, Step
from runner.scenario.problems import Problem, did_you_mean
from runner.scenario.uses import expressions


def missing_parts(scenario: Scenario, elsewhere: Container[str]) -> tuple[Problem, ...]:
    """Templates that name a part which the variable's value in ``vars`` lacks.

    Only of values that nothing in the file replaces, nor anything from ``elsewhere``. An empty
    value, or null, waits for one from outside; a step with an ``if`` may be left out where the part
    is missing.
    """
    replaced = {name for case in scenario.cases for name in case.variables}
    replaced |= set(_defined((*scenario.steps, *scenario.teardown)))
    fixed = {
        name: value
        for name, value in scenario.variables.items()
        if value and name not in replaced and name not in elsewhere and not is_deferred(value)
    }
    lines = scenario.text.split("\n")
    problems: list[Problem] = []
    for use in _uses(scenario):
        named = use.reference
        if named is None or named.name not in fixed:
            continue
        value = fixed[named.name]
        for part in named.path:
            if _has(value, part):
                value = value[part]  # type: ignore[index]
                continue
            guess = did_you_mean(str(part), value) if isinstance(value, Mapping) else None
            problems.append(
                Problem(
                    "undefined-variable",
                    f"`{named.name}{named.rest}` is not there: `vars` gives `{named.name}`"
                    f" no `{part}`",
                    use.at,
                    hint=f"did you mean `{guess}`?" if guess else "add it there",
                    line=lines[use.at.line - 1].rstrip("\r"),
                )
            )
            break
    return tuple(problems)


def _has(value: object, part: str | int) -> bool:
    if isinstance(value, Mapping):
        return part in value
    if isinstance(value, list) and isinstance(part, int):
        return -len(value) <= part < len(value)
    return False


def _defined(steps: Iterable[Step]) -> Iterator[str]:
    """The names that steps give values to."""
    for step in steps:
        yield from (capture.variable for capture in step.capture)
        if step.each is not None:
            yield step.each[0]
        if step.verb == "set" and isinstance(step.subject, Mapping):
            yield from step.subject
        for inner in (step.steps, *step.branches):
            yield from _defined(inner)


def _uses(scenario: Scenario) -> Iterator[Expression]:
    yield from expressions(scenario.outputs)
    yield from _in_steps((*scenario.steps, *scenario.teardown))


def _in_steps(steps: Iterable[Step]) -> Iterator[Expression]:
    for step in steps:
        if step.condition:
            continue
        rounds = step.repeat.conditions if step.repeat else ()
        asked = {id(use) for each in rounds for use in expressions(each.value)}
        yield from (use for use in expressions(step.uses) if id(use) not in asked)
        if step.verb not in REQUEST:
            yield from _in_steps(step.steps)
        for branch in step.branches:
            yield from _in_steps(branch)
