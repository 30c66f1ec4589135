"""Values from outside in the type of the default they replace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runner.kinds import Fault, StepFault
from runner.query.values import Deferred, Scope, as_text, is_deferred, type_name
from runner.scenario.model import Address
from runner.scenario.uses import expressions

if TYPE_CHECKING:
    from runner.scenario.expression import Expression

_REMEDIES: Final = {
    "integer": "write a whole number, as 3",
    "number": "write a number, as 1.5",
    "boolean": "write true or false",
    "list": 'write JSON, as ["a", "b"]',
    "mapping": 'write JSON, as {"a": 1}',
}


def typed_as(text: str, default: object) -> object:
    """Text from outside (a cell, ``--var``) in the type of the default it replaces: numbers,
    ``true``, ``false``, lists and mappings as JSON writes them. It stays text where the default is
    text (a duration or date too), null, or a template.

    Raises ValueError with a sentence when it does not convert.
    """
    if default is None or isinstance(default, str) or is_deferred(default):
        return text
    from runner.scenario.json_source import JsonError, parse_json

    wanted, why = type_name(default), ""
    try:
        value, _ = parse_json(text)
        if _fits(value, wanted):
            return value
    except JsonError as error:
        if wanted in ("list", "mapping"):
            why = f" ({error})"
    remedy = f": {_REMEDIES[wanted]}" if wanted in _REMEDIES else ""
    raise ValueError(f'"{text}" is no {wanted}, which its default in `vars` is{remedy}{why}')


def fitted(value: object, default: object) -> object:
    """A value from outside in the type of the default it replaces: text is converted, a number or
    a truth value becomes text where the default is text.

    Raises ValueError with a sentence when the types do not fit.
    """
    if default is None or is_deferred(default) or is_deferred(value):
        return value
    if isinstance(value, str):
        return typed_as(value, default)
    wanted, found = type_name(default), type_name(value)
    if _fits(value, wanted):
        return value
    if wanted == "text" and found in ("integer", "number", "boolean"):
        return as_text(value)
    raise ValueError(f"a {found} is no {wanted}, which its default in `vars` is")


def _fits(value: object, wanted: str) -> bool:
    found = type_name(value)
    return wanted == found or (wanted, found) == ("number", "integer")


class Fitted(Deferred):
    """A template whose text comes from outside: it takes the type of the default it replaces.

    ``at`` is where it stands. ``secret``: no message holds its value.
    """

    __slots__ = ("_at", "_default", "_secret", "_template")

    def __init__(self, template: Deferred, default: object, at: Address, *, secret: bool) -> None:
        self._template = template
        self._default = default
        self._at = at
        self._secret = secret

    def render(self, scope: Scope) -> object:
        """The value. Raises ``StepFault``."""
        value = self._template.render(scope)
        if not isinstance(value, str):
            return value
        try:
            return typed_as(value, self._default)
        except ValueError as error:
            told = f"{self._template!r}: {error}"
            if self._secret:
                told = f"{self._template!r} is no {type_name(self._default)}, which its default is"
            raise StepFault(Fault("invalid-scenario", "load", told), self._at) from None

    def expressions(self) -> Iterator[Expression]:
        """The expressions in it, for checks from the file alone."""
        return expressions(self._template)

    def __repr__(self) -> str:
        return repr(self._template)
