"""``${…}`` in a scenario's values: compiled once at load, rendered often.

Templates are found in the parsed tree, never in text that is parsed again, so what a template
puts in is data and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.kinds import Fault, StepFault
from runner.query.path import Query, QueryError, parse_query
from runner.query.quoting import literal_for
from runner.query.values import Deferred, Scope, type_name
from runner.scenario.expression import Expression, Text
from runner.scenario.template_holes import TemplateError, split
from runner.scenario.template_text import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.query.filters import Files
    from runner.scenario.model import Address
    from runner.scenario.spots import Spot

__all__ = [
    "Expression", "QueryTemplate", "TemplateError", "Text", "compile_expression",
    "compile_query", "compile_text",
]  # fmt: skip


class QueryTemplate(Deferred):
    """A query with ``${…}`` inside: what is put in becomes a quoted literal or a number."""

    __slots__ = ("_text", "files", "parts", "source", "verb")

    def __init__(self, template: Text, verb: str | None, files: Files | None) -> None:
        self.files = files
        self.parts = template.parts
        self.source = template.source
        self.verb = verb
        self._text = template

    def render(self, scope: Scope) -> Query:
        """The query with the values of this scope. Raises ``StepFault``."""
        text = ""
        for part in self.parts:
            text += part if isinstance(part, str) else _as_literal(text, part, part.render(scope))
        try:
            return parse_query(text, self.verb, self.files)
        except QueryError as error:
            at = next(part.at for part in self.parts if isinstance(part, Expression))
            fault = Fault("invalid-scenario", "load", f"`{text}`: {error}", error.hint)
            raise StepFault(fault, at) from None

    def expressions(self) -> Iterator[Expression]:
        """The expressions in it, for checks from the file alone."""
        return self._text.expressions()

    def __repr__(self) -> str:
        return self.source


def compile_text(text: str, place: Spot, files: Files | None = None) -> str | Expression | Text:
    """A text as it stands in a scenario: itself, one expression (typed), or a text to render.

    ``place`` is where the text stands, ``files`` where the filter ``file`` reads. Raises
    ``TemplateError``.
    """
    if "${" not in text:
        return text
    return _compile(text, 0, place, files)


def _compile(text: str, start: int, place: Spot, files: Files | None) -> str | Expression | Text:
    """Compiles a text that stands at ``start`` in the text of a place."""
    try:
        found = split(text)
    except TemplateError as error:
        raise TemplateError(str(error), start + error.offset, error.hint) from None
    parts: list[str | Expression] = []
    for part in found:
        if isinstance(part, str):
            parts.append(part)
            continue
        at = place.at(start + part.start, start + part.end)
        first, end = part.start + 2, part.end - 1
        parts.append(_expression(text[first:end], start + first, at, place, files))
    return parts[0] if len(parts) == 1 else Text(tuple(parts), text)


def compile_expression(
    text: str, place: Spot, files: Files | None = None, offset: int = 0
) -> Expression:
    """What may stand in ``${…}``, written without it. ``offset`` is where in the place's text.

    Raises ``TemplateError``, whose offset counts there too.
    """
    at = place.at(offset, offset + len(text))
    return _expression(text, offset, at, place, files)


def _expression(
    text: str, offset: int, at: Address, place: Spot, files: Files | None
) -> Expression:
    """The expression of a text that stands at ``offset`` in the text of a place."""
    try:
        parts = read(text)
    except TemplateError as error:
        raise TemplateError(str(error), offset + error.offset, error.hint) from None
    filters = None
    if parts.filters < len(text):
        from runner.query.filters import parse_filters

        try:
            filters = parse_filters(text[parts.filters :], files=files)
        except QueryError as error:
            where = offset + parts.filters + error.offset
            raise TemplateError(str(error), where, error.hint) from None
    default: str | Expression | Text | None = None
    if isinstance(parts.default, str):
        default = parts.default
    elif parts.default is not None:
        first, end = parts.default
        default = _compile(text[first:end], offset + first, place, files)
    return Expression(text, at, parts, default, filters)


def compile_query(
    text: str, verb: str | None, place: Spot, files: Files | None = None
) -> Query | QueryTemplate:
    """A query as it stands in a scenario, with or without templates in it.

    Raises ``TemplateError`` or ``QueryError``.
    """
    if "${" not in text:
        return parse_query(text, verb, files)
    compiled = compile_text(text, place, files)
    if isinstance(compiled, str):
        return parse_query(compiled, verb, files)
    if isinstance(compiled, Expression):
        compiled = Text((compiled,), text)
    _try_out(compiled, verb, files)
    return QueryTemplate(compiled, verb, files)


def _try_out(template: Text, verb: str | None, files: Files | None) -> None:
    """Raises ``QueryError`` when the query can be none, whether numbers or texts are put in."""
    for value, last in ((0, False), ("x", True)):
        text = ""
        ends: list[tuple[int, int]] = []
        for part in template.parts:
            text += part if isinstance(part, str) else literal_for(text, value)
            ends.append((len(text), len(part if isinstance(part, str) else repr(part))))
        try:
            parse_query(text, verb, files)
        except QueryError as error:
            if last:
                # What stands in for the values is nothing that the file says.
                message = str(error).replace(text, template.source)
                raise QueryError(message, _as_written(error.offset, ends), error.hint) from None
        else:
            return


def _as_written(offset: int, ends: list[tuple[int, int]]) -> int:
    """The offset in a query as written of one in the query with values put in.

    ``ends`` are for each part where it ends there, and how long it is as written.
    """
    before = written = 0
    for end, width in ends:
        if offset < end:
            return written + min(offset - before, width - 1)
        before, written = end, written + width
    return written


def _as_literal(before: str, part: Expression, value: object) -> str:
    try:
        return literal_for(before, value)
    except ValueError as error:
        message = f"`{part!r}` is {type_name(value)}: {error}"
        raise StepFault(Fault("invalid-scenario", "load", message), part.at) from None
