"""Values of a valid source, compiled: templates, queries, matchers, captures, conditions.

Whatever the schema cannot see is found here, and every problem of the file is kept, not the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.kinds import KINDS, StepFault
from runner.query.matchers import Matcher, MatcherError, parse_matcher
from runner.query.path import Query, QueryError
from runner.query.values import Deferred, Written
from runner.scenario.files import Files
from runner.scenario.model import Address, Capture, Check, Condition, Path
from runner.scenario.problems import Problem
from runner.scenario.source import Source
from runner.scenario.template import Expression, TemplateError, compile_query, compile_text

_SCALARS = frozenset({str, int, float, bool, type(None)})


class Compiler:
    """Compiles what stands at the paths of one source; ``problems`` grows as it goes.

    ``uses`` are the expressions met so far. Queries and scalar matchers that were compiled once are
    kept: files say the same thing often.
    """

    def __init__(self, source: Source, files: Files) -> None:
        self.source = source
        self.files = files
        self.problems: list[Problem] = []
        self.uses: list[Expression] = []
        self._queries: dict[tuple[str, str | None], Query] = {}
        self._matchers: dict[tuple[type, object, str], Matcher] = {}

    def tree(self, value: object, path: Path, *, text: bool = False) -> object:
        """A value with its templates compiled. ``text``: numbers in it are sent as written."""
        if isinstance(value, str):
            return self.compile(value, path)
        if isinstance(value, Mapping):
            return {
                self._key(key, (*path, key)): self.tree(item, (*path, key), text=text)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.tree(item, (*path, index), text=text) for index, item in enumerate(value)]
        if text and isinstance(value, Written):
            self._check_spelling(value, path)
        return value

    def compile(self, text: str, path: Path, *, mark: Address | None = None) -> Any:
        """A text with its templates compiled; the text itself when one cannot be."""
        if "${" not in text:
            return text
        at = mark or self.source.mark(path)
        try:
            return self._used(compile_text(text, _content(at, self.source), self.files))
        except TemplateError as error:
            self.problem(str(error), _shifted(at, self.source, error.offset), error.hint)
            return text

    def shown(self, text: str, path: Path) -> str | Deferred:
        """A text made from the one at ``path`` for the report; its templates are no uses."""
        try:
            return compile_text(text, self.source.mark(path), self.files)
        except TemplateError:
            return text

    def _key(self, key: object, path: Path) -> object:
        if isinstance(key, str) and "${" in key:
            return self.compile(key, path, mark=self.source.key_mark(path))
        return key

    def _used(self, compiled: Any) -> Any:
        if hasattr(compiled, "expressions"):
            self.uses.extend(compiled.expressions())
        return compiled

    def expect(self, raw: object, verb: str, path: Path) -> tuple[tuple[Check, ...], Check | None]:
        if not isinstance(raw, Mapping):
            return (), None
        checks, error = [], None
        for key, value in raw.items():
            check = self._check(str(key), value, verb, (*path, key))
            if check is None:
                continue
            if str(key).split("|")[0].strip() == "error":
                error = check
            else:
                checks.append(check)
        return tuple(checks), error

    def _check(self, text: str, value: object, verb: str, path: Path) -> Check | None:
        query = self._query(text, verb, path, key=True)
        if query is None:
            return None
        kind = query.type if isinstance(query, Query) else "any"
        matcher = self._matcher(value, kind, path, text)
        if matcher is None:
            return None
        return Check(text, query, matcher, self.source.mark(path))

    def _query(self, text: str, verb: str | None, path: Path, *, key: bool) -> Any:
        known = self._queries.get((text, verb))
        if known is not None:
            return known
        at = self.source.key_mark(path) if key else self.source.mark(path)
        try:
            query = self._used(compile_query(text, verb, _content(at, self.source), self.files))
            if isinstance(query, Query):
                self._queries[text, verb] = query
            return query
        except (QueryError, TemplateError) as error:
            self.problem(str(error), _shifted(at, self.source, error.offset), error.hint)
            return None

    def _matcher(self, value: object, fact_type: str, path: Path, subject: str) -> Matcher | None:
        plain = type(value) in _SCALARS and not (type(value) is str and "${" in value)
        key = (type(value), value, fact_type)
        if plain and key in self._matchers:
            return self._matchers[key]
        spec = self.tree(value, path)
        try:
            matcher = parse_matcher(spec, fact_type, self.files, subject)
            if plain:
                self._matchers[key] = matcher
            return matcher
        except MatcherError as error:
            self.problem(str(error), self.source.mark((*path, *error.path)), error.hint)
        except StepFault as fault:
            self.fault(fault, path)
        return None

    def conditions(self, raw: object, path: Path) -> Iterator[Condition]:
        """The lines of an ``if`` or ``while``."""
        if not isinstance(raw, Mapping):
            return
        for key, value in raw.items():
            at = self.source.key_mark((*path, key))
            text = str(key).strip()
            inside = text.removeprefix("${").removesuffix("}") if text.startswith("${") else text
            try:
                expression = self._used(Expression(inside, at, self.files))
            except TemplateError as error:
                self.problem(str(error), at, error.hint)
                continue
            matcher = self._matcher(value, "any", (*path, key), text)
            if matcher is not None:
                yield Condition(text, expression, matcher, self.source.mark((*path, key)))

    def captures(self, raw: object, verb: str, path: Path) -> Iterator[Capture]:
        """The lines of a ``capture``."""
        if not isinstance(raw, Mapping):
            return
        for variable, spec in raw.items():
            place = (*path, variable)
            settings = spec if isinstance(spec, Mapping) else {"from": spec}
            where = (*place, "from") if isinstance(spec, Mapping) else place
            text = str(settings["from"])
            query = self._query(text, verb, where, key=False)
            if query is not None:
                yield Capture(
                    str(variable),
                    text,
                    query,
                    self.source.mark(where),
                    secret=bool(settings.get("secret", False)),
                    append=bool(settings.get("append", False)),
                )

    def _check_spelling(self, value: Written, path: Path) -> None:
        digits = value.written.lstrip("-")
        overflow = isinstance(value, float) and value in (float("inf"), float("-inf"))
        leading = digits[:1] == "0" and digits[1:2].isdigit()
        if overflow or leading or digits[:1] == "+" or digits[:2].lower() == "0x":
            self.problem(
                f"`{value.written}` could be meant as a number or as text",
                self.source.mark(path),
                f'quote it to send it as written: "{value.written}"',
            )

    def fault(self, fault: StepFault, path: Path) -> None:
        """Keeps a fault as a problem with the value at ``path``."""
        self.problem(
            fault.fault.message, self.source.mark(path), fault.fault.hint, kind=fault.fault.kind
        )

    def problem(
        self, message: str, at: Address, hint: str | None, *, kind: str = "invalid-scenario"
    ) -> None:
        """Keeps a problem."""
        assert kind in KINDS
        self.problems.append(Problem(kind, message, at, hint=hint, line=self.source.line(at.line)))

    def at(self, path: Path) -> object:
        """The plain value at ``path``."""
        value: Any = self.source.value
        for part in path:
            value = value[part]
        return value


def _content(at: Address, source: Source) -> Address:
    """Where the text of a scalar begins: behind the quote of a quoted one."""
    line = source.line(at.line)
    quoted = line[at.column - 1 : at.column] in ("'", '"')
    return Address(at.file, at.line, at.column + 1, at.width) if quoted else at


def _shifted(at: Address, source: Source, offset: int) -> Address:
    """The place ``offset`` characters into a scalar, as far as its line goes."""
    inside = _content(at, source)
    if offset >= at.width:
        return at
    return Address(at.file, at.line, inside.column + offset, max(1, at.width - offset))
