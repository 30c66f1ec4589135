"""Where each ``${…}`` of a text begins and ends.

An expression may have a default behind ``:-``, and filters. A default is text as written, and may
hold ``${…}`` itself:

- it ends at the ``}`` that closes the expression; braces in it come in pairs, and one in double
  quotes inside such a pair does not count, so ``{"a": "}"}`` stands as it is;
- it ends at `` | `` outside braces: filters work on the value of the variable and on the default;
- quotes are text, as in ``it's``, but a default that begins with one is a quoted text, as elsewhere
  in the language: ``' a | } '``, where a doubled quote is the quote itself.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, NoReturn

from runner.query.errors import QueryError
from runner.query.scan import doubled_quote, is_pipe

_BLANKS: Final = re.compile(r"\s*")
_DEEPEST: Final = 20


class TemplateError(ValueError):
    """A template that cannot be compiled. ``offset`` is where in the text."""

    def __init__(self, message: str, offset: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.offset = offset
        self.hint = hint


class Hole(NamedTuple):
    """One ``${…}`` of a text, from ``start`` up to and without ``end``."""

    start: int
    end: int


def split(text: str) -> list[str | Hole]:
    """The plain parts of a text and its templates, in order; ``$${`` has become ``${``.

    Raises ``TemplateError`` for a template that has no end.
    """
    found: list[str | Hole] = []
    position, plain = 0, ""
    while (start := text.find("${", position)) >= 0:
        if start > position and text[start - 1] == "$":
            plain += text[position : start - 1] + "${"
            position = start + 2
            continue
        plain += text[position:start]
        if plain:
            found.append(plain)
            plain = ""
        position = end_of_template(text, start)
        found.append(Hole(start, position))
    plain += text[position:]
    if plain or not found:
        found.append(plain)
    return found


def end_of_template(text: str, start: int, depth: int = 0) -> int:
    """The offset behind the ``${…}`` that begins at ``start``; ``depth`` others stand around it.

    Raises ``TemplateError``.
    """
    if depth > _DEEPEST:
        message = f"more than {_DEEPEST} templates stand in one another here"
        raise TemplateError(message, start, "give the values names in `vars`")
    at = start + 2
    quote = -1
    while at < len(text):
        character = text[at]
        if character in "'\"":
            quote = at
            at = text.find(character, at + 1)
            if at < 0:
                break
        elif character == "}":
            return at + 1
        elif character == ":" and text.startswith(":-", at):
            return _behind_filters(text, end_of_default(text, at + 2, start, depth), start)
        elif character == "|" and is_pipe(text, at):
            return _behind_filters(text, at, start)
        at += 1
    return _never_closed(text, start, quote)


def _behind_filters(text: str, at: int, start: int) -> int:
    """The offset behind the ``}`` that closes a template; filters from ``at`` stand before it."""
    quote = -1
    while at < len(text):
        if text[at] in "'\"":
            quote = at
            at = text.find(text[at], at + 1)
            if at < 0:
                break
        elif text[at] == "}":
            return at + 1
        at += 1
    return _never_closed(text, start, quote)


def _never_closed(text: str, start: int, quote: int) -> NoReturn:
    if quote >= 0 and text.find(text[quote], quote + 1) < 0:
        mark = text[quote]
        hint = f"a doubled {mark} is the quote itself; a literal `${{` is written `$${{`"
        raise TemplateError(f"the quote {mark} in `${{` is never closed", quote, hint)
    hint = "close it with `}`; a literal `${` is written `$${`"
    raise TemplateError("`${` is never closed", start, hint)


def end_of_default(text: str, start: int, template: int, depth: int) -> int:
    """Where the default that begins at ``start`` ends: at its ``}`` or the ``|`` of filters."""
    first = skip(text, start)
    if text[first : first + 1] in ("'", '"'):
        return quoted(text, first)[1]
    at, open_ = start, 0
    while at < len(text):
        character = text[at]
        if text.startswith("$${", at):
            at += 2
            open_ += 1
        elif text.startswith("${", at):
            at = end_of_template(text, at, depth + 1) - 1
        elif character == "{":
            open_ += 1
        elif character == "}":
            if open_ == 0:
                return at
            open_ -= 1
        elif character == '"' and open_:
            at = max(at, text.find('"', at + 1))
        elif character == "|" and open_ == 0 and is_pipe(text, at):
            return at
        at += 1
    hint = "braces in a default come in pairs; else put the default in quotes"
    raise TemplateError("`${` is never closed", template, hint)


def quoted(text: str, start: int) -> tuple[str, int]:
    """The quoted text that begins at ``start`` and the offset behind it. Raises TemplateError."""
    try:
        return doubled_quote(text, start)
    except QueryError as error:
        raise TemplateError(str(error), error.offset, error.hint) from None


def skip(text: str, at: int) -> int:
    """The offset of the next character that is no blank."""
    found = _BLANKS.match(text, at)
    assert found is not None
    return found.end()
