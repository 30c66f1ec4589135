"""The first values of a scenario's variables and secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from runner.execution.scope import Variables
from runner.kinds import Fault, StepFault
from runner.query.values import Deferred, settle
from runner.redact import texts_in
from runner.scenario.cases import fitted
from runner.scenario.flow import expressions
from runner.scenario.model import Scenario
from runner.scenario.template import Expression


def define_first(
    scenario: Scenario,
    case: Mapping[str, object],
    given: Mapping[str, object],
    variables: Variables,
    secret: Callable[[str], None],
    environment: Mapping[str, object] | None = None,
) -> None:
    """Gives ``vars`` and ``secrets`` their first values, whatever order they need each other in.

    ``given`` wins over the case, it over the ``environment``, it over the default. ``secret`` is
    told the values that must not be shown. Raises ``StepFault`` (undefined-variable, …).
    """
    for name, value in case.items():
        variables.define(name, value)
    for name, tree in _in_order({**scenario.variables, **scenario.secrets}):
        if name in given:
            value, known = _typed(name, given[name], tree), False
        elif name in case:
            value, known = case[name], False
        elif environment is not None and name in environment:
            value, known = _typed(name, environment[name], tree), False
        else:
            value = settle(tree, variables)
            known = not _is_secret(tree, value)
        variables.define(name, value)
        if name in scenario.secrets and not known:
            for text in texts_in(value):
                secret(text)


def _in_order(trees: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The names so that each comes after those its value needs; as written where it can be."""
    waiting = dict(trees)
    while waiting:
        ready = next(
            (name for name, tree in waiting.items() if not _needed(tree) & waiting.keys() - {name}),
            next(iter(waiting)),
        )
        yield ready, waiting.pop(ready)


def _needed(tree: object) -> set[str]:
    return {use.reference.name for use in expressions(tree) if use.reference is not None}


def _typed(name: str, value: object, default: object) -> object:
    try:
        return fitted(value, default)
    except ValueError as error:
        raise StepFault(Fault("invalid-scenario", "load", f"`{name}`: {error}")) from None


def _is_secret(default: object, value: object) -> bool:
    """A value written in the file is no secret, nor is the default of an environment variable."""
    if not isinstance(default, Deferred) or not value:
        return False
    return not (isinstance(default, Expression) and value == default.default)
