"""The first values of a scenario's variables and secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runner.execution.scope import Variables
from runner.query.values import Deferred, settle
from runner.scenario.model import Scenario
from runner.scenario.template import Expression


def define_variables(
    scenario: Scenario,
    case: Mapping[str, object],
    given: Mapping[str, object],
    variables: Variables,
) -> None:
    """Gives ``vars`` their first values: ``given`` wins over the case, it over the default."""
    for name, default in scenario.variables.items():
        if name in given:
            variables.define(name, given[name])
        elif name not in case:
            variables.define(name, settle(default, variables))
    for name, value in case.items():
        variables.define(name, value)


def define_secrets(
    scenario: Scenario,
    given: Mapping[str, object],
    variables: Variables,
    secret: Callable[[str], None],
) -> None:
    """Gives ``secrets`` their values, and tells ``secret`` those that must not be shown."""
    for name, default in scenario.secrets.items():
        value = given[name] if name in given else settle(default, variables)
        variables.define(name, value)
        if name in given or _is_secret(default, value):
            secret(str(value))


def _is_secret(default: object, value: object) -> bool:
    """A value written in the file is no secret, nor is the default of an environment variable."""
    if not isinstance(default, Deferred) or not value:
        return False
    return not (isinstance(default, Expression) and value == default.default)
