"""Queries: text to a compiled thing that finds a value among facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from runner.query.errors import QueryError
from runner.query.facts import has_body
from runner.query.named import Find, Head, fact_head, is_fact_of
from runner.query.scan import calls, doubled_quote, end_of_head
from runner.query.segments import read_segments, walk
from runner.query.values import MISSING, Lazy, NoNodes

if TYPE_CHECKING:
    from runner.query.filters import Files, Pipeline

__all__ = ["Query", "QueryError", "parse_query"]

_MARKUP: Final = re.compile(r"(css|xpath)(-all)?:")
_VARIABLE: Final = r"[A-Za-z_][A-Za-z0-9_-]*"


class Query:
    """A compiled query: ``text`` as written, the static ``type`` of what it finds, ``names`` used.

    ``quick`` says that finding it takes no time to speak of, once the fact is there.

    ``find(facts)`` gives the value among facts, or MISSING; also where a query for many values
    finds none, unless filters make something of the empty list. It raises FilterError when a filter
    cannot take the value it gets, and what a lazy fact raises: ``StepFault``.
    """

    __slots__ = ("_pipeline", "_start", "find", "markup", "names", "quick", "text", "type")

    def __init__(
        self,
        text: str,
        type_: str,
        names: tuple[str, ...],
        start: Find,
        pipeline: Pipeline | None,
        markup: bool,
        quick: bool,
    ) -> None:
        self.text: Final = text
        self.type: Final = type_
        self.names: Final = names
        self.markup: Final = markup
        self.quick: Final = quick
        self._start = start
        self._pipeline = pipeline
        self.find: Final[Find] = start if quick else self._filtered

    def _filtered(self, facts: Mapping[str, object]) -> object:
        value = self._start(facts)
        if self._pipeline is not None:
            value = self._pipeline(value)
        return MISSING if value.__class__ is NoNodes else value

    def finds_nothing(self, value: object) -> bool:
        """Whether a capture of this value, which the query found, has captured nothing.

        That is what is missing, an empty list, and an empty text from CSS or XPath; never after
        the filter ``default``.
        """
        if self._pipeline is not None and self._pipeline.defaulted:
            return value is MISSING
        if value is MISSING or (isinstance(value, list | tuple) and not value):
            return True
        return self.markup and value == ""

    def __repr__(self) -> str:
        return f"Query({self.text!r})"


def parse_query(text: str, verb: str | None = None, files: Files | None = None) -> Query:
    """The query of a text, for steps of this verb.

    Without a verb it speaks of variables, as ``if`` and ``set`` do: the first name is a variable,
    and a quoted text may stand in its place. ``files`` is where the filter ``file`` reads.
    Raises QueryError, whose ``offset`` counts in ``text``.
    """
    start = len(text) - len(text.lstrip())
    if start == len(text):
        raise QueryError("the query is empty", 0, "name a fact, or write `$` for the JSON body")
    behind = end_of_head(text, start)
    end = len(text[:behind].rstrip())
    if end <= start:
        raise QueryError("a query begins with what it reads, then come filters", start)
    type_, names, find, markup = _head(text, start, end, verb)
    pipeline: Pipeline | None = None
    if behind < len(text):
        if type_ == "kind":
            raise QueryError(
                "`error` takes no filters", behind, "name the kind: error: connection-refused"
            )
        from runner.query.filters import compile_calls

        pipeline = compile_calls(calls(text, behind), type_, files)
        type_ = pipeline.type
        markup = markup or pipeline.reads_markup
    quick = pipeline is None and "markup" not in names and (names != ("json",) or type_ == "any")
    return Query(text, type_, names, find, pipeline, markup, quick)


def _head(
    text: str, start: int, end: int, verb: str | None
) -> tuple[str, tuple[str, ...], Find, bool]:
    markup = _MARKUP.match(text, start, end)
    if text[start] == "$" or markup:
        body = f"`{markup.group()}…`" if markup else "`$…`"
        if verb is None or verb == "set":
            name = "css" if markup and markup[1] == "css" else "xpath" if markup else "jsonpath"
            raise QueryError(
                f"{body} reads a step's body; only variables can stand here",
                start,
                f"write `NAME | {name} '…'`",
            )
        if not has_body(verb):
            raise QueryError(
                f"{body} reads a body, which a `{verb}` step does not have",
                start,
                "`read`, `get`, `post` and the like have it",
            )
    if markup:
        from runner.query.markup import compile_markup

        type_, select = compile_markup(
            text[markup.end() : end], markup[1], markup[2] is not None, markup.end()
        )
        return type_, ("markup",), _from_fact("markup", select), markup[2] is None
    if text[start] == "$":
        from runner.query.jsonpath import compile_jsonpath

        type_, select = compile_jsonpath(text[start:end], start)
        return type_, ("json",), _from_fact("json", select), False
    if verb is None:
        return (*_variable(text, start, end), False)
    segments = read_segments(text, start, end)
    if verb == "set" and not is_fact_of("set", segments):
        return (*_variable(text, start, end), False)
    return (*fact_head(segments, start, verb), False)


def _from_fact(name: str, select: Callable[[object], object]) -> Find:
    def find(facts: Mapping[str, object]) -> object:
        value = facts.get(name, MISSING)
        if value.__class__ is Lazy:
            value = value.get()
        return MISSING if value is MISSING else select(value)

    return find


def _variable(text: str, start: int, end: int) -> Head:
    if text[start] in "'\"":
        literal, behind = doubled_quote(text, start)
        if behind != end:
            raise QueryError("only ` | ` and a filter can follow a quoted text", behind)
        return "text", (), lambda _: literal
    segments = read_segments(text, start, end)
    first = segments[0]
    if not isinstance(first.value, str) or not re.fullmatch(_VARIABLE, first.value):
        raise QueryError(
            f"`{first.value}` is no name of a variable",
            first.offset,
            "a name begins with a letter or _ and goes on with letters, digits and _",
        )
    name = first.value
    rest = tuple(segment.value for segment in segments[1:])
    return "any", (name,), lambda facts: walk(facts.get(name, MISSING), rest)
