"""Matchers on lists and mappings as a whole: includes, any-order, exists, empty, sorted, unique."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from runner.query.diff import lacking, sentence
from runner.query.errors import FilterError
from runner.query.filters.numbers import comparable
from runner.query.identity import identity
from runner.query.matchers.constants import flag
from runner.query.matchers.core import (
    HOLDS,
    Mismatch,
    Node,
    Place,
    Verdict,
    matcher,
    node,
    wrong_type,
)
from runner.query.show import found, show
from runner.query.values import MISSING, Scope

TREES: Final = ("list", "mapping")
HOLDERS: Final = ("text", "list", "mapping")


@matcher("includes", "data: a list or a mapping", TREES)
def includes(operand: object, place: Place) -> Node:
    """Holds for a value with at least all of the operand in it, at every depth.

    A mapping may have more keys; a list more elements, in any order, but each expected element
    needs one of its own: `$: {includes: {user: {roles: [admin]}}}`.
    """
    if not isinstance(operand, Mapping | list | tuple):
        raise place.error(
            f"`includes` takes a list or a mapping; found {found(operand)}",
            f"for one element or a part of a text write {{contains: {show(operand, 30)}}}",
        )
    if (place.type, isinstance(operand, Mapping)) in (("list", True), ("mapping", False)):
        raise place.error(
            f"{place.subject} is a {place.type}; `includes` was given {found(operand)}"
        )
    prune = place.prune
    wanted = operand if prune is None else prune(operand)

    def check(value: object, _scope: Scope | None) -> Verdict:
        if not isinstance(value, Mapping | list | tuple):
            return wrong_type("includes", TREES, operand, value)
        rest = value if prune is None else prune(value)
        lacks = list(lacking(rest, wanted))
        if not lacks:
            return HOLDS
        message, paths = sentence(lacks)
        return (Mismatch("includes", operand, value, message, paths),)

    return node("includes", operand, f"it to include {show(operand)}", check)


@matcher("any-order", "list of data", ("list",))
def any_order(operand: object, place: Place) -> Node:
    """Holds for a list of the same elements, each as often, in any order: `{any-order: [b, a]}`."""
    if not isinstance(operand, list | tuple):
        raise place.error(f"`any-order` takes a list; found {found(operand)}")
    wanted = _counted(operand)

    def check(value: object, _scope: Scope | None) -> Verdict:
        if not isinstance(value, list | tuple):
            return wrong_type("any-order", ("list",), operand, value)
        left = {key: list(each) for key, each in wanted.items()}
        extra: list[object] = []
        for item in value:
            waiting = left.get(identity(item))
            if waiting:
                waiting.pop()
            else:
                extra.append(item)
        lacks = [item for each in left.values() for item in each]
        if not extra and not lacks:
            return HOLDS
        parts = [f"lacks {show(lacks, 70)}"] if lacks else []
        parts += [f"has {show(extra, 70)} too many"] if extra else []
        return (Mismatch("any-order", operand, value, " and ".join(parts)),)

    return node("any-order", operand, f"{show(operand)} in any order", check)


def _counted(items: Sequence[object]) -> dict[object, list[object]]:
    counted: dict[object, list[object]] = {}
    for item in items:
        counted.setdefault(identity(item), []).append(item)
    return counted


@matcher("exists", "true or false")
def exists(operand: object, place: Place) -> Node:
    """`true` holds for whatever is found, also null; `false` for what is missing.

    Nothing else holds for what is missing: `header.x-debug: {exists: false}`. A query for many
    values (`$..id`, `css-all:a`) that finds none is missing too; `$..id | count` of it is 0.
    """
    wanted = flag("exists", operand, place)

    def check(value: object, _scope: Scope | None) -> Verdict:
        if wanted:
            return HOLDS
        message = f"is {show(value)}, expected it to be missing"
        return (Mismatch("exists", operand, value, message),)

    def missing(_value: object, _scope: Scope | None) -> Verdict:
        if not wanted:
            return HOLDS
        return (Mismatch("exists", operand, MISSING, "is missing"),)

    return Node("exists", "it to exist" if wanted else "it to be missing", check, missing)


@matcher("empty", "true or false", HOLDERS)
def empty(operand: object, place: Place) -> Node:
    """`true` holds for an empty text, list or mapping, `false` for any other one.

    `$.errors: {empty: true}`
    """
    wanted = flag("empty", operand, place)
    text = "it to be empty" if wanted else "it not to be empty"

    def check(value: object, _scope: Scope | None) -> Verdict:
        if not isinstance(value, str | list | tuple | Mapping):
            return wrong_type("empty", HOLDERS, operand, value)
        if (not value) is wanted:
            return HOLDS
        return (Mismatch("empty", operand, value, f"is {show(value)}, expected {text}"),)

    return node("empty", operand, text, check)


@matcher("sorted", "true, false or `descending`", ("list",))
def sorted_(operand: object, place: Place) -> Node:
    """`true` holds for a list in ascending order, `descending` for the other, `false` for neither.

    The elements are all numbers, all texts or all dates; equal neighbours are in order.
    """
    if operand not in (True, False, "ascending", "descending") or isinstance(operand, int) != (
        isinstance(operand, bool)
    ):
        raise place.error(f"`sorted` takes true, false or descending; found {found(operand)}")
    up = "it to be in ascending order"
    down = "it to be in descending order"
    text = down if operand == "descending" else up if operand else "it not to be sorted"

    def check(value: object, _scope: Scope | None) -> Verdict:
        if not isinstance(value, list | tuple):
            return wrong_type("sorted", ("list",), operand, value)
        try:
            comparable("sorted", value)
        except FilterError as error:
            return (Mismatch("sorted", operand, value, str(error), judged=False),)
        rising, falling = _slip(value, operator.le), _slip(value, operator.ge)
        if operand is False:
            if rising is not None and falling is not None:
                return HOLDS
            return (Mismatch("sorted", operand, value, f"is {show(value)}, expected {text}"),)
        slip = falling if operand == "descending" else rising
        if slip is None:
            return HOLDS
        pair = show(value[slip], 30), show(value[slip + 1], 30)
        there = f"[{slip}] {pair[0]} comes before [{slip + 1}] {pair[1]}"
        return (
            Mismatch("sorted", operand, value, f"{there}, expected {text}", (f"$[{slip + 1}]",)),
        )

    return node("sorted", operand, text, check)


def _slip(items: Sequence[Any], in_order: Any) -> int | None:
    """The index of the first element that does not stand in order with the next."""
    return next((at for at, (a, b) in enumerate(pairwise(items)) if not in_order(a, b)), None)


@matcher("unique", "true or false", ("list",))
def unique(operand: object, place: Place) -> Node:
    """`true` holds for a list in which no element comes twice, `false` for any other list."""
    wanted = flag("unique", operand, place)
    text = "no element twice" if wanted else "an element twice"

    def check(value: object, _scope: Scope | None) -> Verdict:
        if not isinstance(value, list | tuple):
            return wrong_type("unique", ("list",), operand, value)
        seen: dict[object, int] = {}
        for index, item in enumerate(value):
            first = seen.setdefault(identity(item), index)
            if first != index:
                if not wanted:
                    return HOLDS
                message = f"has {show(item, 40)} at [{first}] and at [{index}], expected {text}"
                return (Mismatch("unique", operand, value, message, (f"$[{index}]",)),)
        if wanted:
            return HOLDS
        return (Mismatch("unique", operand, value, f"is {show(value)}, expected {text}"),)

    return node("unique", operand, text, check)
