"""Static types of queries: what a value will be, as far as the text of a query tells.

``status`` is an integer that also understands ``any`` and ``2xx``; ``kind`` is the name of a
failure kind; ``bytes`` only occurs at run
time, where what was decoded is not text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from runner.query.errors import listing

TYPES: Final = (
    "text", "integer", "number", "boolean", "duration", "size", "date", "version", "list",
    "mapping", "any", "status", "kind", "bytes",
)  # fmt: skip

_BASE: Final = {
    "status": "integer", "size": "integer", "duration": "number", "version": "text", "kind": "text",
}  # fmt: skip
_PHRASE: Final = {
    "text": "text",
    "kind": "a failure kind",
    "integer": "an integer",
    "status": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "duration": "a duration",
    "size": "a size in bytes",
    "date": "a date",
    "version": "a version",
    "list": "a list",
    "mapping": "a mapping",
    "bytes": "bytes",
    "any": "any value",
}


def phrase(type_: str) -> str:
    """The type in a sentence: ``an integer``, ``text``."""
    return _PHRASE[type_]


def phrases(types: tuple[str, ...]) -> str:
    """Several types in a sentence: ``text, a list or a mapping``."""
    return listing(_PHRASE[each] for each in types)


def fits(given: str, wanted: tuple[str, ...]) -> bool:
    """Whether a value of the static type ``given`` can be one of the types ``wanted``."""
    if given == "any" or "any" in wanted or given in wanted:
        return True
    base = _BASE.get(given, given)
    if base in wanted:
        return True
    return base in ("integer", "number") and not {"integer", "number"}.isdisjoint(wanted)


def is_numeric(text: str) -> bool:
    """Whether a text spells a number."""
    return re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII) is not None


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TESTS: Final[Mapping[str, Callable[[object], bool]]] = {
    "text": lambda value: isinstance(value, str),
    "version": lambda value: isinstance(value, str),
    "kind": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "status": _is_integer,
    "size": _is_integer,
    "number": _is_number,
    "duration": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "date": lambda value: isinstance(value, datetime),
    "list": lambda value: isinstance(value, list | tuple),
    "mapping": lambda value: isinstance(value, Mapping),
    "bytes": lambda value: isinstance(value, bytes | bytearray | memoryview),
    "any": lambda _: True,
}


def test_for(types: tuple[str, ...]) -> Callable[[object], bool]:
    """A function that says whether a run-time value is of one of the types."""
    tests = [_TESTS[each] for each in types]
    if len(tests) == 1:
        return tests[0]
    return lambda value: any(test(value) for test in tests)
