"""Matchers made of matchers: not, any-of, all-of, none-of, each."""

from __future__ import annotations

from runner.query.matchers.constants import items
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
from runner.query.matchers.parse import build_node
from runner.query.show import show_as
from runner.query.values import Scope


@matcher("not", "literal or matcher", nested=True)
def not_(operand: object, place: Place) -> Node:
    """Holds for a value for which the operand does not: `header.server: {not: {contains: PHP}}`.

    Never holds for what is missing.
    """
    inner = build_node(operand, place)
    text = f"anything but {inner.text}" if inner.name == "equals" else f"not ({inner.text})"

    def check(value: object, scope: Scope | None) -> Verdict:
        found = inner.check(value, scope)
        # A value the inner matcher cannot judge is no reason for `not` to hold.
        if found and not unjudged(found):
            return HOLDS
        if found:
            return tuple(each._replace(matcher="not") for each in found)
        message = f"is {show_as(value, place.type)}, expected {text}"
        return (Mismatch("not", operand, value, message),)

    return node("not", operand, text, check)


def unjudged(verdict: Verdict) -> bool:
    """Whether a matcher could not be applied to the value or with its operand."""
    return not all(each.judged for each in verdict)


def _inner(name: str, operand: object, place: Place) -> list[Node]:
    return [
        build_node(item, place.at(index)) for index, item in enumerate(items(name, operand, place))
    ]


def _joined(nodes: list[Node], word: str) -> str:
    return f" {word} ".join(each.text for each in nodes[:10])


@matcher("any-of", "list of literals or matchers", nested=True)
def any_of(operand: object, place: Place) -> Node:
    """Holds when at least one of the list does: `$.n: {any-of: [{below: 5}, 10]}`."""
    nodes = _inner("any-of", operand, place)
    text = _joined(nodes, "or")

    def check(value: object, scope: Scope | None) -> Verdict:
        reasons: list[str] = []
        for each in nodes:
            found = each.run(value, scope)
            if not found:
                return HOLDS
            reasons.append(found[0].message)
        unique = "; ".join(dict.fromkeys(reasons))
        return (Mismatch("any-of", operand, value, f"fits none of {len(nodes)}: {unique}"),)

    return Node("any-of", text, check, check)


@matcher("all-of", "list of literals or matchers", nested=True)
def all_of(operand: object, place: Place) -> Node:
    """Holds when all of the list do: `text: {all-of: [{contains: a}, {contains: b}]}`."""
    nodes = _inner("all-of", operand, place)

    def check(value: object, scope: Scope | None) -> Verdict:
        return tuple(found for each in nodes for found in each.run(value, scope))

    def missing(value: object, scope: Scope | None) -> Verdict:
        return next((found for each in nodes if (found := each.run(value, scope))), HOLDS)

    return Node("all-of", _joined(nodes, "and"), check, missing)


@matcher("none-of", "list of literals or matchers", nested=True)
def none_of(operand: object, place: Place) -> Node:
    """Holds when not one of the list does: `text: {none-of: [{contains: error}]}`.

    Never holds for what is missing.
    """
    nodes = _inner("none-of", operand, place)
    text = f"none of: {_joined(nodes, 'or')}"

    def check(value: object, scope: Scope | None) -> Verdict:
        for each in nodes:
            found = each.check(value, scope)
            if not found:
                message = f"is {show_as(value, place.type)}, expected not {each.text}"
                return (Mismatch("none-of", operand, value, message),)
            if unjudged(found):
                return tuple(one._replace(matcher="none-of") for one in found)
        return HOLDS

    return node("none-of", operand, text, check)


@matcher("each", "literal or matcher", ("list",), nested=True)
def each(operand: object, place: Place) -> Node:
    """Holds for a list when the operand does for each element: `$..price: {each: {above: 0}}`.

    Does not hold for an empty list.
    """
    inner = build_node(operand, place._replace(type="any", subject="an element"))
    text = f"each element {inner.text}"

    def check(value: object, scope: Scope | None) -> Verdict:
        if not isinstance(value, list | tuple):
            return wrong_type("each", ("list",), operand, value)
        if not value:
            return (Mismatch("each", operand, value, "is an empty list, expected elements"),)
        failures = [
            (index, found[0])
            for index, item in enumerate(value)
            if (found := inner.check(item, scope))
        ]
        if not failures:
            return HOLDS
        shown = [f"[{index}] {found.message}" for index, found in failures[:10]]
        if len(failures) > 10:
            shown.append(f"and {len(failures) - 10} more")
        paths = tuple(
            f"$[{index}]{path.removeprefix('$')}"
            for index, found in failures[:10]
            for path in (found.paths or ("$",))
        )
        return (Mismatch("each", operand, value, "; ".join(shown), paths, failures[0][1].kind),)

    return node("each", operand, text, check)
