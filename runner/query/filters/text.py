"""Filters on text."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from runner.query.errors import FilterError
from runner.query.filters.arguments import Argument
from runner.query.filters.registry import LARGEST, filter_, too_large
from runner.query.json_text import JSONError, read_json
from runner.query.patterns import Pattern, TooCostly
from runner.query.show import found, show
from runner.query.values import MISSING, as_text

MOST_PARTS: Final = 1_000_000


@filter_("lower", ["text"], "text")
def lower(value: str) -> str:
    """Text in lower case: `header.server | lower`."""
    return value.lower()


@filter_("upper", ["text"], "text")
def upper(value: str) -> str:
    """Text in upper case: `$.code | upper`."""
    return value.upper()


@filter_("trim", ["text"], "text")
def trim(value: str) -> str:
    """Text without blanks and line ends at both ends: `text | trim`."""
    return value.strip()


@filter_("split", ["text"], "list", Argument("SEPARATOR", optional=True))
def split(value: str, separator: str | None = None) -> list[str]:
    """The parts between separators; without one, the words: `header.allow | split ', '`."""
    if separator == "":
        raise FilterError('`split` needs a separator that is not ""')
    parts = value.split(separator, MOST_PARTS)
    if len(parts) > MOST_PARTS:
        raise FilterError(f"`split` found more than {MOST_PARTS:,} parts")
    return parts


@filter_("replace", ["text"], "text", Argument("OLD"), Argument("NEW"))
def replace(value: str, old: str, new: str) -> str:
    """Text with every OLD replaced by NEW, both plain text: `text | replace '\\r\\n' ' '`."""
    if not old:
        raise FilterError('`replace` needs a text to replace that is not ""')
    size = len(value) + value.count(old) * (len(new) - len(old))
    if size > max(LARGEST, len(value)):
        raise FilterError(too_large("replace"))
    return value.replace(old, new)


@filter_(
    "regex", ["text"], "text", Argument("PATTERN", "pattern"), Argument("GROUP", optional=True)
)
def regex(value: str, pattern: Pattern, group: str | None = None) -> object:
    """The first match's first group (the whole match if there is none), or GROUP by number or name.

    Missing when nothing matches: `text | regex 'v(\\d+)'`. The syntax is that of Python's `re`.
    """
    try:
        match = pattern.search(value)
    except TooCostly as error:
        raise FilterError(f'`regex` "{pattern.text}" on {show(value, 40)}: {error}') from None
    if match is None:
        return MISSING
    if group is None:
        return _present(match.groups[1] if len(match.groups) > 1 else match.groups[0])
    if group.isdecimal() and int(group) < len(match.groups):
        return _present(match.groups[int(group)])
    if group in match.names:
        return _present(match.names[group])
    raise FilterError(f'the pattern "{pattern.text}" has no group {group}')


def _present(text: str | None) -> object:
    return MISSING if text is None else text


@filter_("text", ["any"], "text")
def text(value: object) -> str:
    """The value as text: `5` gives "5"; lists and mappings give JSON, bytes their UTF-8 text."""
    if isinstance(value, bytes | bytearray | memoryview):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            raise FilterError(f"`text` needs UTF-8; found {found(value)} that are not") from None
    if value is None:
        return "null"
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=_odd)
    try:
        return as_text(value)
    except ValueError as error:
        raise FilterError(str(error)) from None


def _odd(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    raise FilterError(f"{found(value)} cannot be written as JSON")


@filter_("json", ["text", "bytes"], "any")
def parse_json(value: str | bytes) -> object:
    """The value that JSON text stands for: `$.payload | json | jsonpath $.id`."""
    try:
        return read_json(value if isinstance(value, str) else bytes(value))
    except JSONError as error:
        raise FilterError(f"`json` needs JSON; found {found(value)}: {error}") from None
