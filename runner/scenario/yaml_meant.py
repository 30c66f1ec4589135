"""What someone meant to be one value, where YAML reads something else."""

from __future__ import annotations

import re
from typing import Final

_PAIRS: Final = {"{": "}", "[": "]", "(": ")"}
_VALUE: Final = re.compile(
    r"""[ ]*(?:-[ ]+)*(?:(?:"[^"]*"|'[^']*'|[^\s"'\[{#](?:[^:]|:(?=\S))*):[ \t]+)?"""
)
_QUERY: Final = re.compile(r"\$[.\[]|(?:css|xpath)(?:-all)?:|\S+ \|(?: [a-z]|$)")
_UNFINISHED: Final = re.compile(
    r"\|(?: (?:regex|replace|split|nth|default|jsonpath|xpath|css|param|url-part|format-date))?$"
)
_LONGEST: Final = 60


def quoted(text: str) -> str | None:
    """The text in quotes, ready to be put into a file; None when it is too long to show."""
    if len(text) > _LONGEST:
        return None
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def value_start(line: str) -> int:
    """Where the first value of a line begins, behind dashes and a key."""
    found = _VALUE.match(line)
    return found.end() if found else 0


def meant(line: str, column: int, flow: bool) -> tuple[int, int]:
    """The first and last column of what is meant as one value around ``column`` (from 0).

    ``flow`` says whether a bracket is open before the line. A bracket inside a text belongs to the
    text, as in ``$.items[0]`` and ``${name}``.
    """
    depth = int(flow)
    start = position = 0
    fresh = True
    while position < len(line):
        char, after = line[position], line[position + 1 : position + 2]
        step, ends = 1, False
        if fresh and char in " \t":
            start = position + 1
        elif fresh and char in "{[" and line[position + 1 : position + 3] != "{":
            depth, start = depth + 1, position + 1
        elif fresh and char in "\"'":
            close = line.find(char, position + 1)
            step, fresh = (close if close >= 0 else len(line)) - position + 1, False
        elif (depth and char == ",") or (
            char in ":-" and after in ("", " ") and (char == ":" or fresh)
        ):
            ends = True
        elif depth and char in "]}":
            depth, ends = depth - 1, True
        elif char == "#" and line[position - 1 : position] == " ":
            break
        else:
            step, fresh = (_closing(line, position) - position if char in "{[(" else 1), False
        if ends:
            if start <= column < position:
                break
            start, fresh = position + 1, True
        position += step
    return start, start + len(line[start:position].rstrip())


def _closing(line: str, position: int) -> int:
    """Behind the bracket that closes the one at ``position``, or the end of the line."""
    waiting: list[str] = []
    for index in range(position, len(line)):
        if line[index] in _PAIRS:
            waiting.append(_PAIRS[line[index]])
        elif waiting and line[index] == waiting[-1]:
            waiting.pop()
            if not waiting:
                return index + 1
    return len(line)


def cut_query(kept: str, comment: str) -> bool:
    """Whether a plain text was meant to go on into the comment behind it.

    It was when a ``${`` is left open; and in a query, when a quote or bracket is, when a filter
    waits for its argument, or when ``#`` begins a CSS id.
    """
    if kept.rfind("${") > kept.rfind("}"):
        return True
    if not _QUERY.match(kept):
        return False
    if kept.startswith("css") and " | " not in kept and re.match(r"#[A-Za-z_]", comment):
        return True
    return bool(_UNFINISHED.search(kept)) or _left_open(kept)


def _left_open(text: str) -> bool:
    """Whether a quote or bracket in a query is not closed; an apostrophe in a word is no quote."""
    quote, depth, before = "", 0, " "
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and not before.isalnum():
            quote = char
        elif char in "[({":
            depth += 1
        elif char in "])}":
            depth -= 1
        before = char
    return bool(quote) or depth > 0
