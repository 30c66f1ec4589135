"""Numbers that say how often a step is carried out; they may have come from a template."""

from __future__ import annotations

from typing import NoReturn

from runner.kinds import Fault, StepFault
from runner.query.show import show


def count_of(value: object, name: str) -> int:
    """A number of rounds. Raises ``StepFault`` for what is none."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        _refuse(name, "a whole number of at least 1", value)
    return value


def factor_of(value: object, name: str) -> float:
    """A number that is multiplied with. Raises ``StepFault`` for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        _refuse(name, "a number", value)
    return value


def _refuse(name: str, wanted: str, value: object) -> NoReturn:
    message = f"`{name}` needs {wanted}; found {show(value)}"
    raise StepFault(Fault("invalid-scenario", "load", message))
