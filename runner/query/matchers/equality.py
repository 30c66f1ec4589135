"""Literals, and the matchers that compare with data: equals, one-of."""

from __future__ import annotations

from runner.query.matchers.constants import constant, items
from runner.query.matchers.core import HOLDS, Check, Mismatch, Node, Place, Verdict, matcher, node
from runner.query.show import show, show_as
from runner.query.values import Scope, same


def literal(spec: object, place: Place) -> Node:
    """The matcher that a literal is: deep, type-strict equality with it."""
    return _equal("equals", spec, place)


@matcher("equals", "data")
def equals(operand: object, place: Place) -> Node:
    """Holds for a value that is the operand: deep and type-strict, so `"1"` and true are not 1.

    1 equals 1.0. A literal means the same; write `equals` for a mapping: `{equals: {a: 1}}`.
    """
    return _equal("equals", operand, place)


def _equal(name: str, spec: object, place: Place) -> Node:
    expected = constant(spec, place)
    if place.type == "status" and isinstance(expected, str):
        return _status_class(name, expected)
    return node(name, spec, show(spec), _comparison(name, spec, expected, place))


def _comparison(name: str, spec: object, expected: object, place: Place) -> Check:
    type_, prune = place.type, place.prune
    if prune is not None:
        wanted = prune(expected)

        def check_rest(value: object, _scope: Scope | None) -> Verdict:
            rest = prune(value)
            return HOLDS if same(rest, wanted) else _deep(name, spec, value, rest, wanted)

        return check_rest
    if isinstance(expected, list | tuple | dict):

        def check_deep(value: object, _scope: Scope | None) -> Verdict:
            return HOLDS if same(value, expected) else _deep(name, spec, value, value, expected)

        return check_deep
    class_ = expected.__class__

    def check(value: object, _scope: Scope | None) -> Verdict:
        if value.__class__ is class_ and value == expected:
            return HOLDS
        if same(value, expected):
            return HOLDS
        if type_ == "duration":
            shown = show_as(value, type_), show_as(expected, type_)
        else:
            from runner.query.diff import contrast

            shown = contrast(value, expected)
        return (Mismatch(name, spec, value, f"is {shown[0]}, expected {shown[1]}"),)

    return check


def _deep(name: str, spec: object, value: object, found: object, expected: object) -> Verdict:
    from runner.query.diff import differences, sentence

    message, paths = sentence(differences(found, expected))
    return (Mismatch(name, spec, value, message, paths),)


def _status_class(name: str, expected: str) -> Node:
    def check(value: object, _scope: Scope | None) -> Verdict:
        if fits_status(value, expected):
            return HOLDS
        return (Mismatch(name, expected, value, f"is {show(value)}, expected {expected}"),)

    return node(name, expected, expected, check)


def fits_status(value: object, expected: str) -> bool:
    """Whether a status is of a class such as ``2xx``; every one is of ``any``."""
    if expected == "any":
        return True
    return isinstance(value, int) and value // 100 == int(expected[0])


@matcher("one-of", "list of data")
def one_of(operand: object, place: Place) -> Node:
    """Holds for a value that is one of the operand's elements: `status: {one-of: [200, 204]}`."""
    choices = [
        constant(item, place.at(index))
        for index, item in enumerate(items("one-of", operand, place))
    ]
    is_status = place.type == "status"
    text = f"one of {', '.join(show(item, 30) for item in items('one-of', operand, place)[:10])}"

    def check(value: object, _scope: Scope | None) -> Verdict:
        for choice in choices:
            if same(value, choice):
                return HOLDS
            if is_status and isinstance(choice, str) and fits_status(value, choice):
                return HOLDS
        return (
            Mismatch("one-of", operand, value, f"is {show_as(value, place.type)}, expected {text}"),
        )

    return node("one-of", operand, text, check)
