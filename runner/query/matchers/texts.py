"""Matchers on what is in a value: contains, starts-with, ends-with, matches."""

from __future__ import annotations

from collections.abc import Mapping

from runner.query.matchers.constants import a_text
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
from runner.query.patterns import Pattern, PatternError, TooCostly
from runner.query.show import found, show
from runner.query.values import Scope, same, type_name

HOLDERS = ("text", "list", "mapping")


@matcher("contains", "text in a text; element of a list; key of a mapping", HOLDERS)
def contains(operand: object, place: Place) -> Node:
    """Holds for a text with the operand in it, a list with that element, a mapping with that key.

    `$.tags: {contains: light}`, `text: {contains: Welcome}`.
    """
    if place.type in ("text", "version", "mapping"):
        a_text("contains", operand, place)
    shown = show(operand)

    def fail(value: object) -> Verdict:
        if isinstance(value, str | Mapping) and not isinstance(operand, str):
            kind = type_name(value)
            message = f"`contains` on a {kind} needs a text as its operand; found {found(operand)}"
            return (Mismatch("contains", operand, value, message, judged=False),)
        if isinstance(value, str | Mapping | list | tuple):
            word = "has no key" if isinstance(value, Mapping) else "does not contain"
            message = f"{word} {shown}: it is {show(value)}"
        else:
            return wrong_type("contains", HOLDERS, operand, value)
        return (Mismatch("contains", operand, value, message),)

    def check(value: object, _scope: Scope | None) -> Verdict:
        if value.__class__ is str:
            if isinstance(operand, str) and operand in value:
                return HOLDS
        elif isinstance(value, list | tuple):
            for item in value:
                if same(item, operand):
                    return HOLDS
        elif isinstance(value, str | Mapping) and isinstance(operand, str) and operand in value:
            return HOLDS
        return fail(value)

    return node("contains", operand, f"it to contain {shown}", check)


@matcher("starts-with", "text", ("text",))
def starts_with(operand: object, place: Place) -> Node:
    """Holds for a text that begins with the operand: `media-type: {starts-with: text/}`."""
    start = a_text("starts-with", operand, place)

    def check(value: object, _scope: Scope | None) -> Verdict:
        if isinstance(value, str):
            if value.startswith(start):
                return HOLDS
            message = f"is {show(value)}, expected it to start with {show(start)}"
            return (Mismatch("starts-with", operand, value, message),)
        return wrong_type("starts-with", ("text",), operand, value)

    return node("starts-with", operand, f"it to start with {show(start)}", check)


@matcher("ends-with", "text", ("text",))
def ends_with(operand: object, place: Place) -> Node:
    """Holds for a text that ends with the operand: `url: {ends-with: /login}`."""
    end = a_text("ends-with", operand, place)

    def check(value: object, _scope: Scope | None) -> Verdict:
        if isinstance(value, str):
            if value.endswith(end):
                return HOLDS
            tail = show(value) if len(value) < 80 else "…" + show(value[-60:])
            message = f"is {tail}, expected it to end with {show(end)}"
            return (Mismatch("ends-with", operand, value, message),)
        return wrong_type("ends-with", ("text",), operand, value)

    return node("ends-with", operand, f"it to end with {show(end)}", check)


@matcher("matches", "regular expression", ("text",))
def matches(operand: object, place: Place) -> Node:
    """Holds for a text in which the regular expression is found, anywhere.

    `$.id: {matches: '^[a-z]+$'}`. The syntax is that of Python's `re`. A search that takes
    longer than a second does not hold.
    """
    source = a_text("matches", operand, place)
    try:
        pattern = Pattern(source)
    except PatternError as error:
        raise place.error(f"{show(source)} is no regular expression: {error}") from None
    text = f"it to match {show(source)}"

    def check(value: object, _scope: Scope | None) -> Verdict:
        if not isinstance(value, str):
            return wrong_type("matches", ("text",), operand, value)
        try:
            if pattern.search(value) is not None:
                return HOLDS
        except TooCostly as error:
            message = f"could not be matched with {show(source)}: {error}"
            return (Mismatch("matches", operand, value, message, judged=False),)
        return (Mismatch("matches", operand, value, f"is {show(value)}, expected {text}"),)

    return node("matches", operand, text, check)
