"""The value of a template: one ``${…}``, or a text with some in it, in a scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NoReturn

from runner.kinds import KINDS, Fault, StepFault
from runner.query.path import Query, QueryError, parse_query
from runner.query.values import MISSING, Deferred, Facts, Lazy, Scope, as_text, type_name
from runner.scenario.model import Address
from runner.scenario.template_text import Parts, Reference

if TYPE_CHECKING:
    from runner.query.filters import Pipeline


class Expression(Deferred):
    """One ``${…}``: a reference or a quoted text, then filters. Its value keeps its type.

    ``text`` is what stands in the braces. ``default`` is what an environment variable that is not
    set is taken for: a text, perhaps with templates of its own; None where there is none.
    """

    __slots__ = ("_filters", "_literal", "_query", "at", "default", "reference", "text")

    def __init__(
        self,
        text: str,
        at: Address,
        parts: Parts,
        default: str | Deferred | None,
        filters: Pipeline | None,
    ) -> None:
        self.text = text
        self.at = at
        self.reference = parts.reference
        self.default = default
        self._literal = parts.literal
        self._query: Query | None = None
        self._filters = filters

    def render(self, scope: Scope) -> object:
        """The value, through the filters. Raises ``StepFault`` (undefined-variable and others)."""
        value = self._literal if self.reference is None else self._look_up(self.reference, scope)
        if self._filters is not None:
            try:
                value = self._filters(value)
            except ValueError as error:
                self._fail("invalid-scenario", f"`${{{self.text}}}`: {error}")
        return value

    @property
    def type(self) -> str:
        """The static type of its value; "any" where the file alone does not tell."""
        if self._filters is not None:
            return self._filters.type
        if self.reference is None or self.reference.name == "env":
            return "text"
        if self.reference.name == "new":
            return "integer" if self.reference.path == ("int",) else "text"
        return "any"

    @property
    def last_default(self) -> str | None:
        """The text that stands when no environment variable is set; None when there is none, or
        when it is not written in the file alone.
        """
        default = self.default
        while isinstance(default, Expression):
            default = default.default
        return default if isinstance(default, str) else None

    def _look_up(self, reference: Reference, scope: Scope) -> object:
        try:
            value = scope.lookup(reference.name)
        except KeyError:
            self._undefined(f"`{reference.name}` is not defined")
        if reference.name == "env":
            return self._environment(reference, value, scope)
        if isinstance(value, Facts):
            return self._fact(reference, value)
        for part in reference.path:
            value = _child(value, part)
            if value is MISSING:
                self._undefined(f"`{reference.name}{reference.rest}` is not there")
        return value.get() if isinstance(value, Lazy) else value

    def _environment(self, reference: Reference, environ: object, scope: Scope) -> object:
        name = str(reference.path[0]) if reference.path else ""
        value = environ.get(name) if isinstance(environ, Mapping) else None
        if value:
            return value
        if self.default is None:
            self._undefined(
                f"the environment variable {name} is not set (or is empty)",
                f"export {name}=…, or write a default: ${{env.{name}:-…}}",
            )
        return self.default.render(scope) if isinstance(self.default, Deferred) else self.default

    def _fact(self, reference: Reference, step: Facts) -> object:
        """The rest of the path is a query over the facts of a step, as ``first.header.etag``."""
        if not reference.rest:
            return step
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
        """The expressions in it, its own first, for checks from the file alone."""
        yield self
        if isinstance(self.default, Expression | Text):
            yield from self.default.expressions()

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
        for part in self.parts:
            if isinstance(part, Expression):
                yield from part.expressions()

    def __repr__(self) -> str:
        return self.source


def _child(value: object, part: str | int) -> object:
    if isinstance(value, Lazy):
        value = value.get()
    if isinstance(value, Mapping):
        return value.get(part, MISSING)
    if isinstance(value, list | tuple) and isinstance(part, int):
        return value[part] if -len(value) <= part < len(value) else MISSING
    return MISSING
