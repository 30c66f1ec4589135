"""The first values of a scenario's variables and secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from runner.execution.scope import Variables
from runner.kinds import Fault, StepFault
from runner.query.values import Deferred, is_deferred, settle
from runner.redact import SHORTEST, Redactor, texts_in
from runner.scenario.model import Scenario
from runner.scenario.uses import expressions


def define_first(
    scenario: Scenario,
    case: Mapping[str, object],
    given: Mapping[str, object],
    variables: Variables,
    secret: Callable[[str], None],
    environment: Mapping[str, object] | None = None,
) -> None:
    """Gives ``vars`` and ``secrets`` their first values, whatever order they need each other in.

    ``given`` wins over the case, it over the ``environment``, it over the default. A value of the
    case stands in place of the default: both may name each other's. ``secret`` is told the values
    that must not be shown. Raises ``StepFault`` (undefined-variable, …).
    """
    defaults = {**scenario.variables, **scenario.secrets}
    waiting = dict(defaults)
    for name, value in case.items():
        if is_deferred(value):
            waiting[name] = value
        else:
            variables.define(name, value)
            if name in waiting:
                waiting[name] = None
    for name, tree in _in_order(waiting):
        default = defaults.get(name)
        if name in given:
            value, written = _typed(name, given[name], default), None
        elif name in case:
            made = case[name]
            value, written = settle(made, variables) if is_deferred(made) else made, None
        elif environment is not None and name in environment:
            value, written = _typed(name, environment[name], default), None
        else:
            value, written = settle(tree, variables), tree
        variables.define(name, value)
        if name in scenario.secrets:
            for text in texts_in(value) if written is None else _hidden(written, value):
                secret(text)


def short_secrets(scenario: Scenario, variables: Variables, redactor: Redactor) -> Iterator[str]:
    """A sentence for each secret that is too short to be masked within other texts."""
    for name in scenario.secrets:
        texts = list(texts_in(variables.values.get(name)))
        if any(len(text) < SHORTEST and redactor.hides(text) for text in texts):
            yield (
                f"the secret `{name}` has fewer than {SHORTEST} characters: "
                "it is masked only where it is a whole value"
            )


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
    from runner.scenario.fitting import fitted

    try:
        return fitted(value, default)
    except ValueError as error:
        raise StepFault(Fault("invalid-scenario", "load", f"`{name}`: {error}")) from None


def _hidden(tree: object, value: object) -> Iterator[str]:
    """The texts of a value that the file does not write, in whatever mapping or list they are."""
    if isinstance(tree, Mapping) and isinstance(value, Mapping):
        for part, inner in zip(tree.values(), value.values(), strict=True):
            yield from _hidden(part, inner)
    elif isinstance(tree, list) and isinstance(value, list):
        for part, inner in zip(tree, value, strict=True):
            yield from _hidden(part, inner)
    elif _is_secret(tree, value):
        yield from texts_in(value)


def _is_secret(default: object, value: object) -> bool:
    """A value written in the file is no secret, nor is the default of an environment variable."""
    if not isinstance(default, Deferred) or not value:
        return False
    from runner.scenario.expression import Expression

    return not (isinstance(default, Expression) and value == default.last_default)
