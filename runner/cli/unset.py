"""Environment variables that scenarios ask for and that are not set."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from runner.cli.base_url import unbased
from runner.scenario.build import REQUEST
from runner.scenario.expression import Expression
from runner.scenario.model import Scenario, Step
from runner.scenario.problems import Problem, ProblemError
from runner.scenario.uses import expressions


class Outside(NamedTuple):
    """What a run is given: the environment, the names of values, whether there is a base URL."""

    environ: Mapping[str, str]
    names: Collection[str] = ()
    base: bool = False


def need_values(
    scenarios: Sequence[Scenario], names: Collection[str], base: object, serve: str | None
) -> None:
    """Raises ``ProblemError`` for environment variables that are not set, and for paths that no
    base URL is there for: both are known before anything is sent.

    ``names`` are given values from outside, ``base`` and ``serve`` what applies to all scenarios.
    """
    problems = list(unset(scenarios, Outside(os.environ, names, base is not None)))
    lacking = unbased(scenarios) if base is None and serve is None else None
    if problems or lacking:
        raise ProblemError(*problems, *([lacking] if lacking else []))


def unset(scenarios: Iterable[Scenario], outside: Outside) -> Iterator[Problem]:
    """A problem for each ``${env.NAME}`` that has no value and no default.

    Passed over is what the run may never look at: values that are given in another way, steps with
    an ``if`` and those that expect an error.
    """
    for scenario in scenarios:
        if scenario.skip is None:
            yield from _of_scenario(scenario, outside)


def _of_scenario(scenario: Scenario, outside: Outside) -> Iterator[Problem]:
    by_case = [set(case.variables) for case in scenario.cases]
    given = {*outside.names, *(set.intersection(*by_case) if by_case else ())}
    if not outside.base:
        for use in _missing(expressions(scenario.base), outside.environ):
            yield _problem(scenario, use, "give --base URL, ")
    for option, values in (("--var", scenario.variables), ("--secret", scenario.secrets)):
        for name, tree in values.items():
            if name not in given:
                for use in _missing(expressions(tree), outside.environ):
                    yield _problem(scenario, use, f"give {option} {name}=…, ")
    if "env." in scenario.text:
        yield from _of_steps((*scenario.steps, *scenario.teardown), scenario, outside)


def _of_steps(steps: Iterable[Step], scenario: Scenario, outside: Outside) -> Iterator[Problem]:
    for step in steps:
        if step.condition or step.expected_error is not None:
            continue
        for use in _missing((*step.uses, *step.late), outside.environ):
            yield _problem(scenario, use, "")
        if step.scenario is not None:
            given = step.options.get("with")
            names = tuple(given) if isinstance(given, Mapping) else ()
            inner = step.scenario._replace(cases=())
            yield from _of_scenario(inner, outside._replace(names=names))
        elif step.verb not in REQUEST:
            yield from _of_steps(step.steps, scenario, outside)
        for branch in step.branches:
            yield from _of_steps(branch, scenario, outside)


def _missing(uses: Iterable[object], environ: Mapping[str, str]) -> Iterator[Expression]:
    """Those of the uses, and of the defaults that stand for them, that have no value."""
    every = [use for use in uses if isinstance(use, Expression)]
    inside = {id(each) for use in every for each in expressions(use.default)}
    for use in every:
        if id(use) not in inside and use.reference is not None and use.reference.name == "env":
            path = use.reference.path
            if path and environ.get(str(path[0])):
                continue
            if use.default is None:
                yield use
            else:
                yield from _missing(expressions(use.default), environ)


def _problem(scenario: Scenario, use: Expression, other: str) -> Problem:
    assert use.reference is not None
    name = use.reference.path[0] if use.reference.path else ""
    lines = scenario.text.splitlines()
    return Problem(
        "undefined-variable",
        f"the environment variable {name} is not set (or is empty)",
        use.at,
        hint=f"export {name}=…, {other}or write a default: `${{env.{name}:-…}}`",
        line=lines[use.at.line - 1] if use.at.line <= len(lines) else None,
    )
