"""Filters to and on numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from runner.query.errors import FilterError
from runner.query.filters.registry import filter_
from runner.query.show import found, show
from runner.query.types import test_for
from runner.query.values import MISSING

LONGEST: Final = 4000
"""How many digits an integer may have: beyond 4300 Python writes none."""

MOST_BITS: Final = 14_000
_is_number = test_for(("number",))


@filter_("int", ["text", "number"], "integer")
def to_int(value: str | float) -> int:
    """The integer a text spells, or a number without its fraction: `header.age | int`."""
    if isinstance(value, str):
        if not re.fullmatch(r"\s*[+-]?\d+\s*", value, re.ASCII):
            raise FilterError(f"`int` needs digits; found {found(value)}")
        if len(value.strip()) > LONGEST:
            raise FilterError(
                f"`int` takes at most {LONGEST} digits; found {len(value.strip())}: {show(value)}"
            )
        return int(value)
    if not math.isfinite(value):
        raise FilterError(f"`int` needs a finite number; found {value}")
    return int(value)


@filter_("float", ["text", "number"], "number")
def to_float(value: str | float) -> float:
    """The number a text spells: `text | float`."""
    if isinstance(value, str) and not re.fullmatch(
        r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", value, re.ASCII
    ):
        raise FilterError(f"`float` needs a number; found {found(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise FilterError(f"`float` found {found(value)}, which is too large")
    return number


@filter_("sum", ["list"], "number")
def total(value: Sequence[Any]) -> float:
    """The sum of a list of numbers; 0 of an empty one: `$.items[*].price | sum`."""
    for item in value:
        if not _is_number(item):
            raise FilterError(f"`sum` needs a list of numbers; found {found(item)} in it")
    try:
        made = float(sum(value)) if any(isinstance(x, float) for x in value) else sum(value)
        if isinstance(made, int) and made.bit_length() > MOST_BITS:
            raise OverflowError
        return made
    except OverflowError:
        raise FilterError("`sum` found numbers that are too large") from None


@filter_("min", ["list"], "any")
def least(value: Sequence[Any]) -> object:
    """The least of a list of numbers, texts or dates, missing if empty: `$..price | min`."""
    return min(comparable("min", value)) if value else MISSING


@filter_("max", ["list"], "any")
def greatest(value: Sequence[Any]) -> object:
    """The greatest of a list of numbers, texts or dates, missing if empty: `$..price | max`."""
    return max(comparable("max", value)) if value else MISSING


def comparable(name: str, items: Sequence[Any]) -> Sequence[Any]:
    """The items, which are all numbers, all texts or all dates. Raises FilterError if not."""
    kinds = (
        ("numbers", _is_number),
        ("texts", lambda item: isinstance(item, str)),
        ("dates", lambda item: isinstance(item, datetime)),
    )
    if not items:
        return items
    for _, test in kinds:
        if test(items[0]):
            odd = next((item for item in items if not test(item)), MISSING)
            if odd is MISSING:
                return items
            raise FilterError(
                f"`{name}` needs elements of one kind; found {found(items[0])} and {found(odd)}"
            )
    raise FilterError(
        f"`{name}` needs a list of numbers, texts or dates; found {found(items[0])} in it"
    )
