"""The arguments of filters: the kinds there are and how each is read from a word."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from runner.query.errors import QueryError
from runner.query.jsonpath import compile_jsonpath
from runner.query.markup import compile_markup
from runner.query.patterns import Pattern, PatternError
from runner.query.scan import Word


class Argument(NamedTuple):
    """One argument of a filter: its name in messages, its kind (see ``READERS``)."""

    name: str
    kind: str = "text"
    optional: bool = False


def _text(word: Word) -> object:
    return word.text


def _integer(word: Word) -> object:
    if not re.fullmatch(r"-?\d{1,15}", word.text):
        raise QueryError(f'"{word.text}" is no whole number', word.offset)
    return int(word.text)


def _pattern(word: Word) -> object:
    try:
        return Pattern(word.text)
    except PatternError as error:
        raise QueryError(f'"{word.text}" is no regular expression: {error}', word.offset) from None


def _data(word: Word) -> object:
    """A quoted word is text; a bare one is read as JSON where it is JSON, else it is text."""
    if word.quoted:
        return word.text
    try:
        return json.loads(word.text, parse_constant=str)
    except (ValueError, RecursionError):
        return word.text


def _jsonpath(word: Word) -> object:
    return compile_jsonpath(word.text, word.offset)[1]


def _css(word: Word) -> object:
    return compile_markup(word.text, "css", every=False, offset=word.offset)[1]


def _xpath(word: Word) -> object:
    return compile_markup(word.text, "xpath", every=False, offset=word.offset)[1]


READERS: Final[Mapping[str, Callable[[Word], object]]] = {
    "text": _text,
    "integer": _integer,
    "pattern": _pattern,
    "data": _data,
    "jsonpath": _jsonpath,
    "css": _css,
    "xpath": _xpath,
}
