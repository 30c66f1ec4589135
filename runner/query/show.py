"""Values in messages: short, on one line, the way the scenario would write them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final

from runner.query.values import MISSING, Deferred, Lazy, Written, type_name
from runner.units import show_seconds

WIDTH: Final = 80
_DEPTH: Final = 12
_PARTS: Final = 2000
_LONG: Final = 64 * 1024
_PLAIN: Final = re.compile(r"[A-Za-z_][\w-]*")


def show(value: object, width: int = WIDTH) -> str:
    """The value in about ``width`` characters, in a time that does not grow with the value."""
    parts: list[str] = []
    _write(value, parts, width, 0)
    text = "".join(parts)
    if len(text) <= width:
        return text
    closing = {'"': '"', "[": "]", "{": "}"}.get(text[0], "")
    return text[: max(1, width - 1 - len(closing))] + "…" + closing


def kept(value: object) -> object:
    """The value for a report: itself, or the beginning of its text where it is large."""
    return value if size_left(value, _PARTS, _LONG) > 0 else show(value, 1000)


def size_left(value: object, parts: int, longest: int) -> int:
    """What is left of ``parts`` when each part of the value, at any depth, has taken one.

    Not above 0 where there are more, or where a text in it is longer than ``longest``; found in a
    time that does not grow with the value.
    """
    if isinstance(value, str | bytes | bytearray | memoryview):
        return parts - 1 if len(value) <= longest else 0
    if isinstance(value, Mapping | list | tuple):
        if len(value) >= parts:
            return 0
        if isinstance(value, Mapping) and any(len(str(key)) > longest for key in value):
            return 0
        for part in value.values() if isinstance(value, Mapping) else value:
            parts = size_left(part, parts, longest)
            if parts <= 0:
                return 0
    return parts - 1


def found(value: object) -> str:
    """The value with its type, for "found …": ``the text "42"``, ``null``, ``the list [1, 2]``."""
    if value is None or value is MISSING:
        return type_name(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return show(value)
    if isinstance(value, Deferred):
        return f"the template {value!r}"
    return f"the {type_name(value)} {show(value)}"


def show_as(value: object, type_: str) -> str:
    """The value as its static type reads best: a duration as ``350 ms``."""
    if type_ == "duration" and isinstance(value, int | float) and not isinstance(value, bool):
        return show_seconds(value) if value >= 0 else f"{value} s"
    return show(value)


def _write(value: object, parts: list[str], room: int, depth: int) -> int:
    if isinstance(value, Mapping):
        return _many(value.items(), "{}", parts, room, depth)
    if isinstance(value, list | tuple):
        return _many(value, "[]", parts, room, depth)
    text = _scalar(value, room)
    parts.append(text)
    return room - len(text)


def _many(items: Iterable[object], ends: str, parts: list[str], room: int, depth: int) -> int:
    parts.append(ends[0])
    room -= 1
    for index, item in enumerate(items):
        if room <= 0 or depth >= _DEPTH:
            parts.append("…")
            room -= 1
            break
        if index:
            parts.append(", ")
            room -= 2
        if ends == "{}" and isinstance(item, tuple):
            key = _key(item[0], room) + ": "
            parts.append(key)
            room = _write(item[1], parts, room - len(key), depth + 1)
        else:
            room = _write(item, parts, room, depth + 1)
    parts.append(ends[1])
    return room - 1


def _key(key: object, room: int) -> str:
    plain = isinstance(key, str) and len(key) <= room and _PLAIN.fullmatch(key)
    return str(key) if plain else _scalar(key, room)


def _scalar(value: object, room: int) -> str:
    if isinstance(value, str):
        return json.dumps(value[: max(room, 1) + 1], ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, Written):
        return value.written
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        return str(value) if value.bit_length() < 4000 else "a very large integer"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value)} bytes"
    if isinstance(value, Deferred | Lazy):
        return str(value) if type(value).__str__ is not object.__str__ else "${…}"
    return repr(value)
