"""Values of a valid source, compiled: templates, queries, matchers, captures, conditions.

Whatever the schema cannot see is found here, and every problem of the file is kept, not the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runner.kinds import KINDS, StepFault
from runner.query.matchers import Matcher, MatcherError, parse_matcher
from runner.query.path import Query, QueryError, parse_query
from runner.query.values import Deferred, Written
from runner.scenario.files import Files
from runner.scenario.model import Address, Capture, Check, Condition, Path
from runner.scenario.problems import Problem
from runner.scenario.source import Source
from runner.scenario.spots import Spot

if TYPE_CHECKING:
    from runner.scenario.expression import Expression

_SCALARS = frozenset({str, int, float, bool, type(None)})


class Compiler:
    """Compiles what stands at the paths of one source; ``problems`` grows as it goes.

    ``uses`` are the expressions met so far, ``verbs`` those of the steps with an id. Queries and
    scalar matchers that were compiled once are kept: files say the same thing often.
    """

    def __init__(self, source: Source, files: Files) -> None:
        self.source = source
        self.files = files
        self.value: Any = source.value
        self.problems: list[Problem] = []
        self.lost: set[str] = set()
        self.uses: list[Expression] = []
        self.verbs: dict[str, str] = {}
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

    def compile(self, text: str, path: Path, *, key: bool = False, skip: int = 0) -> Any:
        """A text with its templates compiled; the text itself when one cannot be.

        It is the scalar at ``path``, or its key, without the first ``skip`` characters.
        """
        if "${" not in text:
            return text
        from runner.scenario.template import TemplateError, compile_text

        place = Spot(self.source, path, self._scalar(text, path, key), key=key, skip=skip)
        try:
            return self._used(compile_text(text, place, self.files))
        except TemplateError as error:
            self.problem(str(error), place.at(error.offset), error.hint)
            return text

    def shown(self, text: str, path: Path, skip: int) -> str | Deferred:
        """A text made from the one at ``path`` for the report; its templates are no uses."""
        if "${" not in text:
            return text
        from runner.scenario.template import TemplateError, compile_text

        try:
            place = Spot(self.source, path, self._scalar(text, path, False), skip=skip)
            return compile_text(text, place, self.files)
        except TemplateError:
            return text

    def _scalar(self, text: str, path: Path, key: bool) -> str:
        """All of the scalar that a text is taken from."""
        value = path[-1] if key and path else self.at(path)
        return value if isinstance(value, str) else text

    def _key(self, key: object, path: Path) -> object:
        if isinstance(key, str) and "${" in key:
            return self.compile(key, path, key=True)
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
        return Check(text, query, matcher, self.source.mark(path), self.source.key_mark(path))

    def _query(self, text: str, verb: str | None, path: Path, *, key: bool) -> Any:
        known = self._queries.get((text, verb))
        if known is not None:
            return known
        place = Spot(self.source, path, text, key=key)
        try:
            if "${" in text:
                return self._query_template(text, verb, place)
            query = self._queries[text, verb] = parse_query(text, verb, self.files)
        except QueryError as error:
            self.problem(str(error), place.at(error.offset), error.hint)
            return None
        return query

    def _query_template(self, text: str, verb: str | None, place: Spot) -> Any:
        from runner.scenario.template import TemplateError, compile_query

        try:
            return self._used(compile_query(text, verb, place, self.files))
        except TemplateError as error:
            self.problem(str(error), place.at(error.offset), error.hint)
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
        from runner.scenario.template import TemplateError, compile_expression

        for key, value in raw.items():
            place = Spot(self.source, (*path, key), str(key), key=True)
            text = str(key).strip()
            inside = text.removeprefix("${").removesuffix("}") if text.startswith("${") else text
            offset = str(key).index(inside)
            try:
                expression = self._used(compile_expression(inside, place, self.files, offset))
            except TemplateError as error:
                self.problem(str(error), place.at(error.offset), error.hint)
                continue
            kind = self._type_of(expression)
            matcher = self._matcher(value, kind, (*path, key), text)
            if matcher is not None:
                yield Condition(text, expression, matcher, self.source.mark((*path, key)))

    def _type_of(self, use: Expression) -> str:
        """The static type of an expression: its own, or that of the fact of a step before."""
        named = use.reference
        if (
            named is None
            or named.name not in self.verbs
            or use.text.strip() != f"{named.name}{named.rest}"
        ):
            return use.type
        try:
            return parse_query(named.rest.removeprefix("."), self.verbs[named.name]).type
        except QueryError:
            return use.type

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
            if query is None:
                self.lost.add(str(variable))
            else:
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
        value = self.value
        for part in path:
            value = value[part]
        return value
