"""``${…}`` in a scenario's values: compiled once at load, rendered often.

Templates are found in the parsed tree, never in text that is parsed again, so what a template
puts in is data and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from runner.kinds import KINDS, Fault, StepFault
from runner.query.path import Query, QueryError, parse_query
from runner.query.quoting import literal_for
from runner.query.values import MISSING, Deferred, Facts, Lazy, Scope, as_text, type_name
from runner.scenario.model import Address

if TYPE_CHECKING:
    from runner.query.filters import Files

RESERVED: Final = ("env", "new", "serve", "outputs")
_HEAD: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_-]*)")
_STEP: Final = re.compile(
    r"\.([A-Za-z_][A-Za-z0-9_-]*)|\[(-?\d+)\]|\[(?:'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\")\]"
)
_LITERAL: Final = re.compile(r"\s*(?:'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\")")


class TemplateError(ValueError):
    """A template that cannot be compiled. ``offset`` is where in the text."""

    def __init__(self, message: str, offset: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.offset = offset
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Reference:
    """The first name of an expression and the path behind it, as in ``user.roles[0]``."""

    name: str
    path: tuple[str | int, ...]
    rest: str
    has_default: bool = False


class Expression(Deferred):
    """One ``${…}``: a reference or a quoted text, then filters. Its value keeps its type."""

    __slots__ = ("_filters", "_literal", "_query", "at", "default", "reference", "text")

    def __init__(self, text: str, at: Address, files: Files | None = None) -> None:
        self.text = text
        self.at = at
        self.reference: Reference | None = None
        self._literal: str | None = None
        self.default: str | None = None
        self._query: Query | None = None
        self._filters: Callable[..., object] | None = None
        self._compile(files)

    def _compile(self, files: Files | None) -> None:
        literal = _LITERAL.match(self.text)
        if literal:
            self._literal = _unquote(literal)
            end = literal.end()
        else:
            end = self._compile_reference()
        rest = self.text[end:].rstrip()
        if not rest.strip():
            return
        if not rest.lstrip().startswith("|"):
            raise TemplateError(
                f"cannot read `{rest.strip()}` in `${{{self.text}}}`",
                end,
                "write a name, then filters after ` | `",
            )
        from runner.query.filters import parse_filters

        try:
            self._filters = parse_filters(rest.strip(), files=files)
        except QueryError as error:
            raise TemplateError(str(error), end + error.offset, error.hint) from None

    def _compile_reference(self) -> int:
        head = _HEAD.match(self.text)
        if not head:
            raise TemplateError(
                f"`${{{self.text}}}` names no variable",
                0,
                "write `${name}`; a literal `${` is written `$${`",
            )
        name, end, path = head[1], head.end(), list[str | int]()
        while part := _STEP.match(self.text, end):
            path.append(_path_part(part))
            end = part.end()
        default = self.text.startswith(":-", end)
        self.reference = Reference(name, tuple(path), self.text[head.end() : end], default)
        if default:
            if name != "env":
                raise TemplateError(
                    f"`:-` gives a default to `env.NAME` only, not to `{name}`",
                    end,
                    f"give `{name}` a value in `vars`",
                )
            stop = _filter_start(self.text, end)
            self.default = self.text[end + 2 : stop].strip()
            return stop
        return end

    def render(self, scope: Scope) -> object:
        """The value, through the filters. Raises ``StepFault`` (undefined-variable and others)."""
        value = self._literal if self.reference is None else self._look_up(self.reference, scope)
        if self._filters is not None:
            try:
                value = self._filters(value)
            except ValueError as error:
                self._fail("invalid-scenario", f"`${{{self.text}}}`: {error}")
        return value

    def _look_up(self, reference: Reference, scope: Scope) -> object:
        try:
            value = scope.lookup(reference.name)
        except KeyError:
            self._undefined(f"`{reference.name}` is not defined")
        if reference.name == "env":
            return self._environment(reference, value)
        if isinstance(value, Facts):
            return self._fact(reference, value)
        for part in reference.path:
            value = _child(value, part)
            if value is MISSING:
                self._undefined(f"`{reference.name}{reference.rest}` is not there")
        return value.get() if isinstance(value, Lazy) else value

    def _environment(self, reference: Reference, environ: object) -> object:
        name = str(reference.path[0]) if reference.path else ""
        value = environ.get(name) if isinstance(environ, Mapping) else None
        if value:
            return value
        if self.default is None:
            self._undefined(
                f"the environment variable {name} is not set",
                f"set it, or give a default: ${{env.{name}:-…}}",
            )
        return self.default

    def _fact(self, reference: Reference, step: Facts) -> object:
        if self._query is None:
            try:
                self._query = parse_query(reference.rest.removeprefix("."), "block")
            except QueryError as error:
                self._undefined(str(error), error.hint)
        value = self._query.find(step)
        if value is MISSING:
            self._undefined(f"step `{reference.name}` has no `{reference.rest.removeprefix('.')}`")
        return value

    def _undefined(self, message: str, hint: str | None = None) -> NoReturn:
        self._fail("undefined-variable", message, hint)

    def _fail(self, kind: str, message: str, hint: str | None = None) -> NoReturn:
        raise StepFault(Fault(kind, KINDS[kind].phase, message, hint), self.at) from None

    def expressions(self) -> Iterator[Expression]:
        """The expressions in it, for checks from the file alone."""
        yield self

    def __repr__(self) -> str:
        return f"${{{self.text}}}"


class Text(Deferred):
    """A text with ``${…}`` inside: always renders to text."""

    __slots__ = ("parts", "source")

    def __init__(self, parts: tuple[str | Expression, ...], source: str) -> None:
        self.parts = parts
        self.source = source

    def render(self, scope: Scope) -> str:
        """The text with every expression put in. Raises ``StepFault``."""
        made = []
        for part in self.parts:
            if isinstance(part, str):
                made.append(part)
                continue
            value = part.render(scope)
            try:
                made.append(as_text(value))
            except ValueError as error:
                message = f"`{part!r}` is {type_name(value)}: {error}"
                raise StepFault(Fault("invalid-scenario", "load", message), part.at) from None
        return "".join(made)

    def expressions(self) -> Iterator[Expression]:
        """The expressions in it, for checks from the file alone."""
        return (part for part in self.parts if isinstance(part, Expression))

    def __repr__(self) -> str:
        return self.source


class QueryTemplate(Deferred):
    """A query with ``${…}`` inside: what is put in becomes a quoted literal or a number."""

    __slots__ = ("files", "parts", "source", "verb")

    def __init__(self, template: Text, verb: str | None, files: Files | None) -> None:
        self.files = files
        self.parts = template.parts
        self.source = template.source
        self.verb = verb

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
        return (part for part in self.parts if isinstance(part, Expression))

    def __repr__(self) -> str:
        return self.source


def compile_text(text: str, at: Address, files: Files | None = None) -> str | Expression | Text:
    """A text as it stands in a scenario: itself, one expression (typed), or a text to render.

    ``at`` is where the text begins, ``files`` where the filter ``file`` reads. Raises
    ``TemplateError``.
    """
    if "${" not in text:
        return text
    parts: list[str | Expression] = []
    position, plain = 0, ""
    while (start := text.find("${", position)) >= 0:
        if start > 0 and text[start - 1] == "$":
            plain += text[position : start - 1] + "${"
            position = start + 2
            continue
        plain += text[position:start]
        end = _closing(text, start)
        if plain:
            parts.append(plain)
            plain = ""
        inside = text[start + 2 : end]
        place = Address(at.file, at.line, at.column + start, end - start + 1)
        try:
            parts.append(Expression(inside, place, files))
        except TemplateError as error:
            raise TemplateError(str(error), start + 2 + error.offset, error.hint) from None
        position = end + 1
    plain += text[position:]
    if plain:
        parts.append(plain)
    if len(parts) == 1:
        return parts[0]
    return Text(tuple(parts), text)


def compile_query(
    text: str, verb: str | None, at: Address, files: Files | None = None
) -> Query | QueryTemplate:
    """A query as it stands in a scenario, with or without templates in it.

    Raises ``TemplateError`` or ``QueryError``.
    """
    compiled = compile_text(text, at, files)
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
        for part in template.parts:
            text += part if isinstance(part, str) else literal_for(text, value)
        try:
            parse_query(text, verb, files)
        except QueryError:
            if last:
                raise
        else:
            return


def _as_literal(before: str, part: Expression, value: object) -> str:
    try:
        return literal_for(before, value)
    except ValueError as error:
        message = f"`{part!r}` is {type_name(value)}: {error}"
        raise StepFault(Fault("invalid-scenario", "load", message), part.at) from None


def _closing(text: str, start: int) -> int:
    quote = ""
    for index in range(start + 2, len(text)):
        character = text[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "}":
            return index
    raise TemplateError(
        "`${` is never closed", start, "close it with `}`; a literal `${` is written `$${`"
    )


def _filter_start(text: str, start: int) -> int:
    found = text.find(" | ", start)
    return len(text) if found < 0 else found


def _path_part(found: re.Match[str]) -> str | int:
    name, index, single, double = found.groups()
    if name is not None:
        return name
    if index is not None:
        return int(index)
    return single.replace("''", "'") if single is not None else double.replace('""', '"')


def _unquote(found: re.Match[str]) -> str:
    single, double = found.groups()
    return str(single.replace("''", "'") if single is not None else double.replace('""', '"'))


def _child(value: object, part: str | int) -> object:
    if isinstance(value, Lazy):
        value = value.get()
    if isinstance(value, Mapping):
        return value.get(part, MISSING)
    if isinstance(value, list | tuple) and isinstance(part, int):
        return value[part] if -len(value) <= part < len(value) else MISSING
    return MISSING
