"""Paths through values: ``user.roles[0]``, ``cookie['a.b']``; how they are read and walked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from runner.query.errors import QueryError
from runner.query.facts import CASELESS
from runner.query.scan import doubled_quote
from runner.query.values import MISSING, Facts, Lazy

_NAME: Final = re.compile(r"[A-Za-z0-9_!#%&*+^`~-]+")
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_INDEX: Final = re.compile(r"\s*(-?\d{1,15})\s*\]")


class Segment(NamedTuple):
    """One step of a path: a name or an index, where it stands, and whether it was quoted."""

    value: str | int
    offset: int
    quoted: bool = False


def read_segments(text: str, start: int, end: int) -> list[Segment]:
    """The segments of the path ``text[start:end]``. Raises QueryError at what does not fit."""
    segments: list[Segment] = []
    at = start
    while at < end:
        char = text[at]
        if char == "[" and segments:
            segment, at = _bracket(text, at, end)
            segments.append(segment)
            continue
        if segments:
            if char != ".":
                raise QueryError(*_stray(text, at))
            at += 1
        if at < end and text[at] in "'\"":
            value, behind = doubled_quote(text, at)
            segments.append(Segment(value, at, quoted=True))
            at = behind
            continue
        name = _NAME.match(text, at, end)
        if name is None:
            raise QueryError(*_stray(text, at))
        segments.append(Segment(name.group(), at))
        at = name.end()
    return segments


def written(segments: Sequence[Segment], *, jsonpath: bool = False) -> str:
    """The path of the segments as a query has it, or as it stands behind ``$`` in a JSONPath."""
    if jsonpath:
        return "".join(
            f".{each.value}"
            if isinstance(each.value, str)
            and _PLAIN.fullmatch(each.value)
            and "-" not in each.value
            else f"[{each.value!r}]"
            for each in segments
        )
    text = ""
    for segment in segments:
        if isinstance(segment.value, int):
            text += f"[{segment.value}]"
        elif segment.quoted or not _PLAIN.fullmatch(segment.value):
            quoted = segment.value.replace("'", "''")
            text += f"['{quoted}']"
        else:
            text += f".{segment.value}" if text else segment.value
    return text


def _bracket(text: str, at: int, end: int) -> tuple[Segment, int]:
    index = _INDEX.match(text, at + 1, end)
    if index:
        return Segment(int(index[1]), at + 1), index.end()
    if text[at + 1 : at + 2] in ("'", '"'):
        value, behind = doubled_quote(text, at + 1)
        if text[behind : behind + 1] == "]" and behind < end:
            return Segment(value, at + 1, quoted=True), behind + 1
    raise QueryError("brackets hold an index or a quoted name", at + 1, "write [0] or ['a name']")


def _stray(text: str, at: int) -> tuple[str, int, str | None]:
    if at >= len(text):
        return "a name is missing at the end", at, None
    char = text[at]
    if char == "|":
        return "`|` needs a blank on both sides", at, "write ` | ` before a filter"
    if char == ".":
        meant = text.strip()
        slip = not at and re.fullmatch(r"\.[A-Za-z_][\w.\[\]-]*", meant)
        return "a name is missing before `.`", at, f"did you mean `${meant}`?" if slip else None
    if char.isspace():
        return "a blank inside a path", at, "put ` | ` before a filter, and odd names in ['…']"
    return f"`{char}` cannot stand in a path", at, "put an odd name in brackets: ['…']"


def walk(value: object, steps: Sequence[str | int]) -> object:
    """What the steps lead to from ``value``, or MISSING. Lazy values on the way are made."""
    if value.__class__ is Lazy:
        value = value.get()
    at = 0
    while at < len(steps):
        step = steps[at]
        at += 1
        if isinstance(value, Facts):
            value, at = _fact(value, steps, at - 1)
        elif step.__class__ is str:
            value = value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
        elif isinstance(value, list | tuple) and -len(value) <= step < len(value):  # type: ignore[operator]
            value = value[step]  # type: ignore[index]
        else:
            return MISSING
        if value.__class__ is Lazy:
            value = value.get()
        if value is MISSING:
            return MISSING
    return value


def _fact(facts: Facts, steps: Sequence[str | int], at: int) -> tuple[object, int]:
    """The fact with the longest name that the steps from ``at`` spell, and where to go on."""
    names: list[str] = []
    for step in steps[at : at + 3]:
        if not isinstance(step, str):
            break
        names.append(step)
    for length in range(len(names), 0, -1):
        name = ".".join(names[:length])
        if name not in facts:
            continue
        value = facts[name]
        if value.__class__ is Lazy:
            value = value.get()
        after = at + length
        if name in MEMBERS and after < len(steps):
            member = steps[after]
            found = find_member(name, value, member) if isinstance(member, str) else MISSING
            if name in CRUMBS and after + 1 == len(steps):
                found = crumb_value(found)
            return found, after + 1
        return value, after
    return MISSING, at + 1


MEMBERS: Final = frozenset({*CASELESS, "cookie", "jar"})
CRUMBS: Final = frozenset({"cookie", "jar"})


def find_member(family: str, members: object, name: str) -> object:
    """The member of a family by its name; names of headers are case-insensitive (RFC 9110 5.1)."""
    if not isinstance(members, Mapping):
        return MISSING
    found = members.get(name, MISSING)
    if found is MISSING and family in CASELESS:
        lower = name.lower()
        found = members.get(lower, MISSING)
        if found is MISSING:
            for key, value in members.items():
                if isinstance(key, str) and key.lower() == lower:
                    return value
    return found


def crumb_value(cookie: object) -> object:
    """The value of a cookie, which is kept with its attributes or as a text."""
    return cookie.get("value", MISSING) if isinstance(cookie, Mapping) else cookie
