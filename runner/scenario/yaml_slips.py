"""The slips this language invites, each with its remedy: what YAML reads otherwise than meant."""

from __future__ import annotations

import re
from typing import Final

from runner.scenario.problems import Problem
from runner.scenario.source_text import SourceText
from runner.scenario.yaml_meant import cut_query, meant, quoted

LONG_LINE: Final = 2000
"""A line of more characters was written by a program; what it means is not guessed at."""

_PLAIN_KEY: Final = re.compile(r"[\w$.-]+:(?=[^\s/]|/(?!/))")
_TAG: Final = re.compile(r"![^\s,\[\]{}]*")
_KEY_END: Final = re.compile(r":(?:\s.*)?$")
_MEANINGS: Final = {
    "*": ": that calls up an anchor",
    "&": ": that defines an anchor",
    "!": ": that is a tag",
    "|": ": that begins a block of lines",
    ">": ": that begins a block of lines",
    "-": " and a blank: that begins a list, on a line of its own",
    "?": " and a blank: that begins a key",
}


def missing_blank(source: SourceText, start: int, end: int) -> Problem | None:
    """The problem with a plain text such as ``a:1`` where a mapping was meant, if it is one."""
    key = _PLAIN_KEY.match(source.text, start, end)
    return blank_after(source, key.end() - 1) if key else None


def cut_by_comment(source: SourceText, start: int, end: int) -> Problem | None:
    """The problem with a query or template that the comment behind it cuts short, if it is one."""
    comment = source.text[end : source.line_end(end)].strip()
    return cut_short(source, start, end) if cut_query(source.text[start:end], comment) else None


def unknown_alias(source: SourceText, start: int, end: int, opened: int | None) -> Problem:
    """The problem with an alias of an anchor that no line before it defines."""
    written = source.text[start:end]
    first, last = _whole(source, start, opened)
    return source.problem(
        "invalid-yaml",
        f"`{written}` calls up the anchor `&{written[1:]}`, which no line before it defines",
        start,
        end,
        hint=f"if it is text, {in_quotes(source.text[min(first, start) : last])}",
    )


def tagged(source: SourceText, start: int, opened: int | None) -> Problem:
    """The problem with the tag in or behind ``start``."""
    found = _TAG.search(source.text, start)
    first, last = found.span() if found else (start, start + 1)
    whole = source.text[first : max(_whole(source, first, opened)[1], last)]
    return source.problem(
        "invalid-yaml",
        f"`{source.text[first:last]}` is a tag, and scenarios have none",
        first,
        last,
        hint=f"if it is text, {in_quotes(whole)}; a type is left out",
    )


def cannot_begin(source: SourceText, place: int, opened: int | None) -> Problem:
    """The problem with a text that begins with, or has in brackets, what YAML gives a meaning.

    ``opened`` is where the innermost bracket that is open stands.
    """
    first, last = _whole(source, place, opened)
    start, end = min(first, place), max(last, place + 1)
    written = source.text[start:end]
    char = source.text[place]
    message = f"a text cannot begin with `{char}`{_MEANINGS.get(char, '')}"
    if start < place and "${" in written:
        message = "inside `{ }` or `[ ]`, a template stands in quotes"
    elif start < place and "[" in written:
        message = "inside `{ }` or `[ ]`, a text with a bracket in it stands in quotes"
    return source.problem(
        "invalid-yaml", message, start, end, expected="quotes are missing", hint=in_quotes(written)
    )


def blank_after(source: SourceText, place: int) -> Problem:
    """The problem with a colon or dash that no blank follows."""
    char = source.text[place]
    name = "colon" if char == ":" else "dash"
    return source.problem(
        "invalid-yaml",
        f"a blank is missing after a {name}",
        place,
        place + 1,
        expected=f"write `{char} `",
    )


def cut_short(source: SourceText, start: int, end: int) -> Problem:
    """The problem with a text from ``start`` to ``end`` and a comment where it was to go on."""
    place = source.text.index("#", end)
    line_end = source.line_end(place)
    before = source.line(source.line_of(start))[: source.address(start, start).column - 1]
    written = source.text[start:line_end].rstrip()
    if not before.strip(" -"):
        written = _KEY_END.sub("", written)
    in_brackets = re.search(r"[{\[]", before) or written[:1] in ("{", "[")
    example = None if in_brackets or "\n" in written else quoted(written)
    hint = "put it in quotes, if `#` belongs to it"
    return source.problem(
        "invalid-yaml",
        "` #` begins a comment and cuts the text before it short",
        place,
        line_end,
        expected="not part of the text",
        hint=f"{hint}: {example}" if example else hint,
    )


def in_quotes(written: str) -> str:
    """The advice to quote a text, with the text in quotes where it is short enough to show."""
    example = quoted(written) if written.strip() else None
    return f"put it in quotes: {example}" if example else "put it in quotes"


def flow_before(source: SourceText, line: int, opened: int | None) -> bool:
    """Whether a bracket is open where the line begins."""
    return opened is not None and source.line_of(opened) < line


def _whole(source: SourceText, place: int, opened: int | None) -> tuple[int, int]:
    """Where what is meant as one value around ``place`` begins and ends."""
    number = source.line_of(place)
    base = source.start_of(number)
    if len(source.line(number)) > LONG_LINE:
        return place, place + 1
    first, last = meant(source.line(number), place - base, flow_before(source, number, opened))
    return base + first, base + last
