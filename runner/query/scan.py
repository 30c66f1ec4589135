"""The outer grammar of a query: a head, then filters each after `` | ``; words and quotes."""

from __future__ import annotations

from typing import Final, NamedTuple

from runner.query.errors import QueryError

_OPEN: Final = {"[": "]", "(": ")", "{": "}"}
_CLOSE: Final = {"]": "[", ")": "(", "}": "{"}


class Word(NamedTuple):
    """A word of a filter: its text without quotes, where it began, and whether it was quoted."""

    text: str
    offset: int
    quoted: bool = False


class Call(NamedTuple):
    """One filter as written: its name and its arguments."""

    name: Word
    arguments: tuple[Word, ...]


def end_of_head(text: str, start: int = 0) -> int:
    """Where the head of a query ends: at the first ``|`` with blanks around it, or at the end.

    Quotes and brackets hide a ``|``. In a quote a backslash takes the next character along, as in
    JSONPath and CSS; XPath and fact paths know no escapes.
    """
    css = text.startswith(("css:", "css-all:"), start)
    escapes = css or text.startswith("$", start)
    stack: list[tuple[str, int]] = []
    at = start
    while at < len(text):
        char = text[at]
        if char in "'\"":
            at = end_of_quote(text, at, escapes)
            continue
        if char == "\\" and css:
            at += 2
            continue
        if char in _OPEN:
            stack.append((char, at))
        elif char in _CLOSE:
            if not stack or stack.pop()[0] != _CLOSE[char]:
                raise QueryError(f"`{char}` closes a bracket that is not open", at)
        elif char == "|" and not stack and is_pipe(text, at):
            return at
        at += 1
    if stack:
        opened, at = stack[-1]
        whole = f"{text.rstrip()}{_OPEN[opened]}"
        plain = len(stack) == 1 and not any(each.isspace() for each in text[at:].rstrip())
        hint = f"write `{whole}`" if plain else None
        raise QueryError(f"the bracket `{opened}` is not closed", at, hint)
    return len(text)


def is_pipe(text: str, at: int) -> bool:
    """Whether the ``|`` at this offset has a blank on both sides (or stands at an end)."""
    return (at == 0 or text[at - 1].isspace()) and (at + 1 >= len(text) or text[at + 1].isspace())


def end_of_quote(text: str, start: int, escapes: bool) -> int:
    """The offset behind the quote that opens at ``start``. Raises QueryError when it stays open."""
    quote = text[start]
    at = start + 1
    while at < len(text):
        if text[at] == "\\" and escapes:
            at += 2
            continue
        if text[at] == quote:
            return at + 1
        at += 1
    raise QueryError(f"the quote {quote} is not closed", start)


def doubled_quote(text: str, start: int) -> tuple[str, int]:
    """What stands in the quotes that open at ``start``, and the offset behind them.

    A doubled quote is the quote itself. Raises QueryError when the quote stays open.
    """
    quote = text[start]
    parts: list[str] = []
    at = start + 1
    while True:
        end = text.find(quote, at)
        if end < 0:
            raise QueryError(
                f"the quote {quote} is not closed", start, f"a doubled {quote} is the quote itself"
            )
        parts.append(text[at:end])
        if text[end + 1 : end + 2] != quote:
            return "".join(parts), end + 1
        parts.append(quote)
        at = end + 2


def calls(text: str, start: int) -> list[Call]:
    """The filters of a text in which the first ``|`` stands at ``start``, if any does."""
    found: list[Call] = []
    at = start
    while at < len(text):
        if text[at] != "|" or not is_pipe(text, at):
            raise QueryError("a filter is expected here, after ` | `", at)
        pipe = at
        words, at = _words(text, at + 1)
        if not words:
            raise QueryError("a filter's name is missing after `|`", pipe)
        found.append(Call(words[0], tuple(words[1:])))
    return found


def _words(text: str, at: int) -> tuple[list[Word], int]:
    words: list[Word] = []
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] == "|" and is_pipe(text, at):
            break
        elif text[at] in "'\"":
            start = at
            content, at = doubled_quote(text, at)
            if at < len(text) and not text[at].isspace():
                raise QueryError("a blank is missing behind the quote", at)
            words.append(Word(content, start, quoted=True))
        else:
            end = _end_of_bare(text, at)
            words.append(Word(text[at:end], at))
            at = end
    return words, at


def _end_of_bare(text: str, start: int) -> int:
    stack: list[tuple[str, int]] = []
    at = start
    while at < len(text):
        char = text[at]
        if not stack and char.isspace():
            break
        if char in "'\"":
            if not stack:
                raise QueryError(
                    f"{char} inside a word",
                    at,
                    "put the whole argument in quotes; a doubled quote is the quote itself",
                )
            at = end_of_quote(text, at, escapes=False)
            continue
        if char in _OPEN:
            stack.append((char, at))
        elif char in _CLOSE and (not stack or stack.pop()[0] != _CLOSE[char]):
            raise QueryError(
                f"`{char}` closes a bracket that is not open", at, "put the argument in quotes"
            )
        at += 1
    if stack:
        bracket, where = stack[-1]
        raise QueryError(
            f"the bracket `{bracket}` is not closed", where, "put the argument in quotes"
        )
    return at
