"""Constants in a matcher, read as the static type of the query asks: ``500ms`` as a duration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from runner.kinds import KINDS
from runner.query.errors import MatcherError, suggestion
from runner.query.matchers.core import Place
from runner.query.show import found, show
from runner.query.types import phrase
from runner.query.values import Deferred, as_text
from runner.units import duration, size

STATUS_CLASS: Final = re.compile(r"[1-5]xx")


def constant(spec: object, place: Place) -> object:
    """The constant a literal stands for beside a value of the static type ``place.type``.

    A duration becomes seconds, a size bytes, a date a datetime. Raises MatcherError, with the
    remedy, for a literal that no value of that type can equal.
    """
    read = _READERS.get(place.type)
    if read is None:
        return spec
    if spec is None:
        raise place.error(
            f"{place.subject} is {phrase(place.type)} and never null",
            "what is not there is missing: write {exists: false}",
        )
    return read(spec, place)


def _refuse(spec: object, place: Place, remedy: str) -> MatcherError:
    return place.error(f"{place.subject} is {phrase(place.type)}: {remedy}; found {found(spec)}")


def is_number(value: object) -> bool:
    """Whether it is an integer or a float; a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(spec: object, place: Place) -> object:
    if isinstance(spec, str):
        return spec
    if isinstance(spec, bool) or is_number(spec):
        raise _refuse(spec, place, f'quote it: "{as_text(spec)}"')
    raise _refuse(spec, place, "write a text, or a matcher such as {contains: …}")


def _kind(spec: object, place: Place) -> object:
    if isinstance(spec, str) and spec in KINDS:
        return spec
    hint = suggestion(str(spec), KINDS) or "`httpsteps explain kinds` lists them"
    raise place.error(f"there is no failure kind {show(spec)}", hint)


def _number(spec: object, place: Place) -> object:
    if is_number(spec):
        return spec
    if isinstance(spec, str) and re.fullmatch(r"-?\d+(\.\d+)?", spec):
        raise _refuse(spec, place, f"write {spec} without quotes")
    raise _refuse(spec, place, "write a number")


def _status(spec: object, place: Place) -> object:
    if isinstance(spec, str) and (spec == "any" or STATUS_CLASS.fullmatch(spec)):
        return spec
    if isinstance(spec, str) and not spec.isdecimal():
        raise _refuse(spec, place, "write 200, a class such as 2xx, or any")
    number = _number(spec, place)
    if not 100 <= number <= 599:  # type: ignore[operator]
        raise _refuse(spec, place, "a status lies between 100 and 599")
    return number


def _boolean(spec: object, place: Place) -> object:
    if isinstance(spec, bool):
        return spec
    if isinstance(spec, str) and spec.lower() in ("true", "false"):
        raise _refuse(spec, place, f"write {spec.lower()} without quotes")
    raise _refuse(spec, place, "write true or false")


def _duration(spec: object, place: Place) -> object:
    if is_number(spec):
        raise _refuse(spec, place, f"write a duration with its unit: {as_text(spec)}ms")
    if isinstance(spec, str) and spec:
        try:
            return duration(spec)
        except ValueError:
            pass
    raise _refuse(spec, place, "write a duration with its unit: 500ms, 2s, 1m30s")


def _size(spec: object, place: Place) -> object:
    try:
        return size(spec)
    except ValueError:
        raise _refuse(spec, place, "write a whole number, or one with a unit: 10kB, 4MiB") from None


def _date(spec: object, place: Place) -> object:
    if isinstance(spec, datetime):
        return spec
    if isinstance(spec, str):
        from runner.query.dates import parse_date

        try:
            return parse_date(spec)
        except ValueError:
            pass
    raise _refuse(spec, place, "write it like 2026-01-31T12:00:00Z")


def _list(spec: object, place: Place) -> object:
    if isinstance(spec, list | tuple):
        return spec
    raise _refuse(spec, place, f"write a list, or {{contains: {show(spec, 30)}}}")


def _mapping(spec: object, place: Place) -> object:
    if isinstance(spec, Mapping):
        return spec
    raise _refuse(spec, place, "write {equals: {…}}, or add a name to the query")


_READERS: Final = {
    "text": _text,
    "kind": _kind,
    "version": _text,
    "integer": _number,
    "number": _number,
    "status": _status,
    "boolean": _boolean,
    "duration": _duration,
    "size": _size,
    "date": _date,
    "list": _list,
    "mapping": _mapping,
}


def flag(name: str, operand: object, place: Place) -> bool:
    """The operand of a matcher that takes true or false. Raises MatcherError."""
    if isinstance(operand, bool):
        return operand
    raise place.error(f"`{name}` takes true or false; found {found(operand)}")


def items(name: str, operand: object, place: Place) -> list[object]:
    """The operand of a matcher that takes a list with something in it. Raises MatcherError."""
    if not isinstance(operand, list | tuple):
        remedy = None
        if isinstance(operand, Deferred):
            remedy = f"write the list out; for data known only when it runs: `one-of: {operand!r}`"
        raise place.error(f"`{name}` takes a list; found {found(operand)}", remedy)
    if not operand:
        raise place.error(f"`{name}` takes a list with something in it; found an empty one")
    return list(operand)


def a_text(name: str, operand: object, place: Place) -> str:
    """The operand of a matcher that takes a text. Raises MatcherError."""
    if isinstance(operand, str):
        return operand
    quoted = f': quote it: "{as_text(operand)}"' if is_number(operand) else ""
    raise place.error(f"`{name}` takes a text; found {found(operand)}{quoted}")
