"""A value as a literal at a place in a query, so that it can never be read as part of the query."""

from __future__ import annotations

import json
import re
from typing import Final

from runner.query.scan import is_pipe
from runner.query.values import as_text

_RULES: Final = re.compile(r"\s*(\$|css(?=(?:-all)?:)|xpath(?=(?:-all)?:))")


def literal_for(before: str, value: object) -> str:
    """How a value is written behind ``before``, the part of a query that stands in front of it.

    A text is quoted by the rules of the place: JSONPath, CSS, XPath, a path or a filter; inside
    quotes that are already open only its content is written. Numbers and booleans stand bare.
    Raises ValueError for lists and mappings, and for a text that XPath cannot quote.
    """
    rules, quote = _place(before)
    if value is None and not quote:
        return "null"
    text = as_text(value)
    if quote:
        return _content(rules, text, quote)
    if not isinstance(value, str):
        return text
    if rules == "xpath":
        return _xpath(text)
    return f'"{_content(rules, text, chr(34))}"'


def _place(before: str) -> tuple[str, str | None]:
    """Whose rules hold at the end of ``before``, and the quote that is open there."""
    found = _RULES.match(before)
    rules = "path" if found is None else {"$": "jsonpath"}.get(found[1], found[1])
    quote: str | None = None
    depth = 0
    at = 0
    while at < len(before):
        char = before[at]
        if quote:
            if char == "\\" and rules in ("jsonpath", "css"):
                at += 1
            elif char == quote:
                quote = None
        elif char in "'\"":
            quote = char
        elif char in "[({":
            depth += 1
        elif char in "])}":
            depth -= 1
        elif char == "|" and depth == 0 and is_pipe(before, at):
            rules = "filter"
        at += 1
    return rules, quote


def _content(rules: str, text: str, quote: str) -> str:
    if rules == "jsonpath":
        escaped = json.dumps(text, ensure_ascii=False)[1:-1]
        return escaped if quote == '"' else escaped.replace('\\"', '"').replace("'", "\\'")
    if rules == "css":
        # cssselect reads escapes twice, first by code and then by character.
        text = text.replace("\\", "\\5c \\5c ").replace(quote, f"\\{quote}")
        return "".join(f"\\{ord(char):x} " if char in "\n\r\f" else char for char in text)
    if rules == "xpath":
        if quote in text:
            raise ValueError(f"a text with {quote} cannot stand inside {quote} in an XPath")
        return text
    return text.replace(quote, quote * 2)


def _xpath(text: str) -> str:
    """A literal of XPath 1.0, which has no escapes: both quotes need ``concat``."""
    if '"' not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    pieces = ", '\"', ".join(f'"{piece}"' for piece in text.split('"'))
    return f"concat({pieces})"
