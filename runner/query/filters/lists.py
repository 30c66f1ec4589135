"""Filters on lists and mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runner.query.filters.arguments import Argument
from runner.query.filters.numbers import comparable
from runner.query.filters.registry import filter_
from runner.query.identity import identity
from runner.query.values import MISSING


@filter_("count", ["list", "mapping", "text", "bytes"], "integer")
def count(value: Sequence[Any] | Mapping[str, Any]) -> int:
    """How many elements, keys, or characters: `$.items | count`."""
    return len(value)


@filter_("first", ["list"], "any")
def first(value: Sequence[Any]) -> object:
    """The first element; missing when there is none: `$..id | first`."""
    return value[0] if value else MISSING


@filter_("last", ["list"], "any")
def last(value: Sequence[Any]) -> object:
    """The last element; missing when there is none: `redirects | last | jsonpath $.url`."""
    return value[-1] if value else MISSING


@filter_("nth", ["list"], "any", Argument("INDEX", "integer"))
def nth(value: Sequence[Any], index: int) -> object:
    """The element at an index from 0, or from the end below 0; missing there: `$..id | nth 2`."""
    return value[index] if -len(value) <= index < len(value) else MISSING


@filter_("keys", ["mapping"], "list")
def keys(value: Mapping[str, Any]) -> list[str]:
    """The list of keys, in their order: `$.user | keys`."""
    return list(value)


@filter_("values", ["mapping"], "list")
def values(value: Mapping[str, Any]) -> list[Any]:
    """The list of values, in their order: `$.scores | values | max`."""
    return list(value.values())


@filter_("sort", ["list"], "list")
def sort(value: Sequence[Any]) -> list[Any]:
    """A list of numbers, texts or dates in ascending order: `$..name | sort`."""
    return sorted(comparable("sort", value))


@filter_("unique", ["list"], "list")
def unique(value: Sequence[Any]) -> list[Any]:
    """The list without elements that came before: `$..tag | unique | count`."""
    seen: set[object] = set()
    kept: list[Any] = []
    for item in value:
        key = identity(item)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


@filter_("reverse", ["list", "text"], "same")
def reverse(value: Sequence[Any] | str) -> object:
    """The list, or text, from its end: `$..id | reverse`."""
    return value[::-1] if isinstance(value, str) else list(reversed(value))


@filter_("default", ["any"], "any", Argument("VALUE", "data"), on_missing=True)
def default(value: object, other: object) -> object:
    """VALUE where nothing was found (missing, an empty list, an empty text), else what was found.

    A bare VALUE is read as JSON where it is JSON; quotes make it text: `$.name | default 'none'`.
    """
    nothing = value is MISSING or (isinstance(value, list | tuple | str) and not value)
    return other if nothing else value
