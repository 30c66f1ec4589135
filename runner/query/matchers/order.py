"""Matchers that compare sizes: above, at-least, at-most, below, near."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from math import inf
from typing import Any, Final

from runner.query.dates import parse_date
from runner.query.matchers.constants import constant, is_number
from runner.query.matchers.core import HOLDS, Check, Mismatch, Node, Place, Verdict, matcher, node
from runner.query.show import found, show, show_as
from runner.query.types import fits, is_numeric, phrase
from runner.query.values import Scope, as_text
from runner.query.versions import Version
from runner.units import duration, size

ORDERED: Final = ("number", "duration", "size", "date", "version", "text")
NEEDS: Final = "a number, duration, size, date or version"

Compare = Callable[[Any, Any], bool]


@matcher("above", NEEDS, ORDERED)
def above(operand: object, place: Place) -> Node:
    """Holds for a value greater than the operand, both of one kind: `$.count: {above: 0}`."""
    return _ordered("above", operator.gt, operand, place)


@matcher("at-least", NEEDS, ORDERED)
def at_least(operand: object, place: Place) -> Node:
    """Holds for a value not less than the operand: `tls.version: {at-least: TLSv1.2}`."""
    return _ordered("at-least", operator.ge, operand, place)


@matcher("at-most", NEEDS, ORDERED)
def at_most(operand: object, place: Place) -> Node:
    """Holds for a value not greater than the operand: `size: {at-most: 64kB}`."""
    return _ordered("at-most", operator.le, operand, place)


@matcher("below", NEEDS, ORDERED)
def below(operand: object, place: Place) -> Node:
    """Holds for a value less than the operand: `time.total: {below: 500ms}`."""
    return _ordered("below", operator.lt, operand, place)


def _ordered(name: str, compare: Compare, operand: object, place: Place) -> Node:
    if place.type == "status" and isinstance(operand, str):
        raise place.error(f"`{name}` needs a number; found {found(operand)}")
    if place.type in ("version", "text", "any"):
        limits = _limits(name, operand, place)
    elif fits(place.type, ORDERED):
        limits = {_kind(place.type): constant(operand, place)}
    shown = operand if isinstance(operand, str) else show(operand)
    text = f"{name.replace('-', ' ')} {shown}"
    check = _number_check(name, compare, operand, limits, text, place)
    return node(name, operand, text, check)


def _kind(type_: str) -> str:
    return type_ if type_ in ("date", "version") else "number"


def _limits(name: str, operand: object, place: Place) -> dict[str, Any]:
    """The limits an operand can mean, by the kind of value it is then compared with."""
    limits: dict[str, Any] = {}
    if place.type == "any" and is_number(operand):
        return {"number": operand}
    if place.type == "version" and is_number(operand):
        operand = as_text(operand)
    if place.type == "any" and isinstance(operand, datetime):
        return {"date": operand}
    if place.type == "text" and is_number(operand):
        raise place.error(
            f"{place.subject} is text and `{name}` compares it with a number",
            "add ` | int` or ` | float` to the query",
        )
    if isinstance(operand, str):
        _read_as("date", parse_date, operand, limits)
        if place.type == "text" and limits:
            raise place.error(
                f"{place.subject} is text and `{name}` compares it with a date",
                "add ` | parse-date` to the query",
            )
        if place.type == "any" and not operand.isdecimal():
            _read_as("number", size, operand, limits)
            if operand:
                _read_as("number", duration, operand, limits)
        if "date" not in limits and (place.type == "version" or not operand.isdecimal()):
            _read_as("version", Version, operand, limits)
    if not limits:
        wants = "a version" if place.type in ("version", "text") else NEEDS
        unquoted = isinstance(operand, str) and re.fullmatch(r"-?\d+(\.\d+)?", operand)
        raise place.error(
            f"`{name}` needs {wants}; found {found(operand)}",
            f"write {operand} without quotes" if unquoted and place.type == "any" else None,
        )
    return limits


def _read_as(
    kind: str, read: Callable[[str], object], operand: str, limits: dict[str, Any]
) -> None:
    try:
        limits[kind] = read(operand)
    except ValueError:
        return


def _number_check(
    name: str, compare: Compare, operand: object, limits: Mapping[str, Any], text: str, place: Place
) -> Check:
    limit, type_ = limits.get("number"), place.type
    seldom = _other_check(name, compare, operand, limits, text, place)

    def check(value: object, scope: Scope | None) -> Verdict:
        if (value.__class__ is float or value.__class__ is int) and limit is not None:
            if compare(value, limit):
                return HOLDS
            return (Mismatch(name, operand, value, f"is {show_as(value, type_)}, expected {text}"),)
        return seldom(value, scope)

    return check


def _other_check(
    name: str, compare: Compare, operand: object, limits: Mapping[str, Any], text: str, place: Place
) -> Check:
    type_ = place.type
    names = {"number": "number, duration", "date": "date", "version": "version"}
    needs = "a number, duration or date"
    if "number" not in limits:
        needs = "a " + " or ".join(names[kind] for kind in limits)

    def check(value: object, _scope: Scope | None) -> Verdict:
        kind, comparable = _comparable(value, limits)
        if kind is None:
            remedy = _to_number(value, place) if "number" in limits else ""
            message = f"`{name}` needs {needs}; found {found(value)}{remedy}"
            return (Mismatch(name, operand, value, message, judged=False),)
        limit = limits[kind]
        if isinstance(comparable, Version) and not comparable.comparable(limit):
            message = f"is {show(value)}, which is no version of what {show(operand)} is one of"
            return (Mismatch(name, operand, value, message, judged=False),)
        left, right = (
            (comparable.key, limit.key) if isinstance(comparable, Version) else (comparable, limit)
        )
        if compare(left, right):
            return HOLDS
        return (Mismatch(name, operand, value, f"is {show_as(value, type_)}, expected {text}"),)

    return check


def _to_number(value: object, place: Place) -> str:
    """What to do about a text that spells a number; nothing for any other value."""
    if not isinstance(value, str) or not is_numeric(value):
        return ""
    if place.subject.startswith(("`$.", "`$[", "`$`")):
        return ": add ` | float` to the query"
    return ": add ` | float`, or give the variable a number as its default in `vars`"


def _comparable(value: object, limits: Mapping[str, Any]) -> tuple[str | None, Any]:
    if is_number(value) and "number" in limits:
        return "number", value
    if isinstance(value, datetime) and "date" in limits:
        return "date", value
    if isinstance(value, str) and "version" in limits:
        try:
            return "version", Version(value)
        except ValueError:
            return None, None
    return None, None


@matcher("near", "{value, within}", ("number", "duration", "size", "date"))
def near(operand: object, place: Place) -> Node:
    """Holds for a number, duration or date at most `within` away from `value`.

    `$.total: {near: {value: 9.99, within: 0.005}}`. Beside a date, `within` is a duration.
    """
    if not isinstance(operand, Mapping) or set(operand) != {"value", "within"}:
        raise place.error(f"`near` takes {{value: …, within: …}}; found {found(operand)}")
    type_ = place.type
    if type_ == "any" and isinstance(operand["value"], str):
        type_ = "duration" if _is_duration(operand["value"]) else "date"
    typed = Place(type_, place.files, place.subject, place.path)
    # As `any`, plain numbers are numbers; texts are durations or dates.
    number = "number" if type_ == "any" else type_
    centre: Any = constant(
        operand["value"], Place(number, None, place.subject, typed.at("value").path)
    )
    kind = "duration" if type_ == "date" else "integer" if type_ == "status" else number
    within: Any = constant(
        operand["within"], Place(kind, None, "`within`", typed.at("within").path)
    )
    if isinstance(centre, str) or isinstance(within, str) or within < 0:
        raise place.error(f"`near` needs numbers, `within` not below 0; found {show(operand)}")
    text = " ± ".join(
        part if isinstance(part, str) else show(part)
        for part in (operand["value"], operand["within"])
    )
    is_date = isinstance(centre, datetime)

    def check(value: object, _scope: Scope | None) -> Verdict:
        if is_date and isinstance(value, datetime):
            distance: float = abs((value - centre).total_seconds())
        elif is_number(value) and not is_date:
            try:
                distance = abs(value - centre)
            except OverflowError:
                distance = inf
        else:
            wants = phrase("date") if is_date else "a number or duration"
            message = f"`near` needs {wants}; found {found(value)}"
            return (Mismatch("near", operand, value, message, judged=False),)
        if distance <= within:
            return HOLDS
        return (Mismatch("near", operand, value, f"is {show_as(value, type_)}, expected {text}"),)

    return node("near", operand, text, check)


def _is_duration(text: str) -> bool:
    try:
        duration(text)
    except ValueError:
        return False
    return bool(text)
