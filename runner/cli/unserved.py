"""Scenarios that need ``--serve`` in a run without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.scenario.expression import Expression
from runner.scenario.model import Scenario
from runner.scenario.problems import Problem
from runner.scenario.uses import expressions
from runner.scenario.walk import every_step

_NAME = "serve"


def unserved(scenarios: Iterable[Scenario]) -> Iterator[Problem]:
    """A problem for each use of ``${serve.url}``; none in a scenario whose ``if`` asks for it."""
    for scenario in scenarios:
        if _NAME not in scenario.text:
            continue
        steps = list(every_step((*scenario.steps, *scenario.teardown)))
        asked = expressions([each.value for step in steps for each in step.condition])
        if any(map(_served, asked)):
            continue
        trees = (scenario.base, scenario.variables, scenario.secrets, scenario.outputs)
        lines = scenario.text.splitlines()
        for use in expressions([*trees, *(step.uses for step in steps)]):
            if _served(use):
                yield Problem(
                    "undefined-variable",
                    "`serve.url` is there only when the run starts the service",
                    use.at,
                    hint="start it with --serve 'COMMAND {port}'; or name the service by --base URL"
                    " and write paths",
                    line=lines[use.at.line - 1] if use.at.line <= len(lines) else None,
                )


def _served(use: Expression) -> bool:
    return use.reference is not None and use.reference.name == _NAME
