"""Plain values as a scenario writes them: in one line for hints, in lines for examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeGuard

_BRIEF: Final = 60
_PLAIN: Final = re.compile(r"[\w/$](?:[\w/.$%+;=*|()'\-]|:(?=\S)| (?=[\w/$|*]))*")
_TYPED: Final = re.compile(r"[-+]?[0-9][0-9_.]*(?:e[-+]?[0-9]+)?|0x[0-9a-f]+|true|false|null", re.I)


def flow(value: object) -> str:
    """The value in one line: ``{status: 200, tags: [a, b]}``."""
    return str(value) if _is_template(value) else _inside(value)


def _inside(value: object) -> str:
    """The value as it stands inside brackets, where a template has quotes."""
    if isinstance(value, Mapping):
        pairs = (f"{_inside(key)}: {_inside(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_inside, value)) + "]"
    if isinstance(value, str):
        return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


def brief(value: object) -> str:
    """The value in one line, or ``…`` when that line is long."""
    line = flow(value)
    return line if len(line) <= _BRIEF else "…"


def lines(value: object, width: int = 72) -> Iterator[str]:
    """The value in lines: mappings and lists of them spread out, what fits kept on one line."""
    if _has_steps(value):
        for item in value:
            for number, line in enumerate(lines(item, width - 2)):
                yield ("  " if number else "- ") + line
    elif isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _entry(str(key), item, width)
    else:
        yield flow(value)


def _entry(key: str, value: object, width: int) -> Iterator[str]:
    head = f"{_inside(key)}:"
    if value is None:
        yield head
        return
    whole = f"{head} {flow(value)}"
    if len(whole) <= width and not _has_steps(value):
        yield whole
        return
    yield head
    for line in lines(value, width - 2):
        yield "  " + line


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and not _TYPED.fullmatch(text)


def _is_template(value: object) -> bool:
    """Whether a text with ``${…}`` may stand without quotes, which it may outside brackets."""
    return isinstance(value, str) and "${" in value and _is_plain(re.sub(r"[{}]", "", value))


def _has_steps(value: object) -> TypeGuard[list[object]]:
    """Whether a list holds mappings, itself or in its lists, which read better in lines."""
    return isinstance(value, list) and any(
        isinstance(item, Mapping) or _has_steps(item) for item in value
    )
