"""``cases``: the rows a scenario runs for, from a list, a matrix or a file.

A row's values stand in place of the defaults in ``vars`` and may hold ``${…}`` as those do: they
are filled in with them, in whatever order they need each other, once for each case.
"""

from __future__ import annotations

import itertools
import json
import math
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from runner.kinds import StepFault
from runner.query.values import Deferred, as_text, type_name
from runner.scenario.compiling import Compiler
from runner.scenario.expression import Expression
from runner.scenario.fitting import Fitted, typed_as
from runner.scenario.model import Case, Path
from runner.scenario.problems import Problem, ProblemError
from runner.scenario.variable_names import wrong_name

if TYPE_CHECKING:
    from runner.scenario.source import Source

MOST: Final = 10_000
LABEL: Final = "case"
_KIND: Final = "invalid-scenario"
_MOST_PROBLEMS: Final = 20


class Row(NamedTuple):
    """One case as it stands at ``path`` in its source. ``values`` are compiled."""

    number: int
    path: Path
    label: str
    values: dict[str, object]


def read_cases(
    compiler: Compiler, variables: Mapping[str, object], secrets: Mapping[str, object]
) -> tuple[Case, ...]:
    """The cases of a scenario. ``variables`` and ``secrets`` are its defaults: text from a CSV file
    or the environment takes their types. What is wrong is kept in the compiler's ``problems``, and
    the cases given back are then good for further checks only.

    Raises ``ProblemError`` for a file that cannot be read.
    """
    from runner.scenario.case_checks import check_rows

    raw = compiler.at(("cases",))
    before = len(compiler.problems)
    rows = compiler
    if isinstance(raw, str):
        rows = _opened(compiler, raw)
    reader = _Reader(rows, {**variables, **secrets}, secrets)
    found = reader.matrix(raw["matrix"]) if isinstance(raw, Mapping) else reader.listed(raw)
    if len(rows.problems) == (before if rows is compiler else 0):
        check_rows(rows, found, {**variables, **secrets})
    if rows is not compiler:
        compiler.problems += rows.problems
    if len(compiler.problems) == before:
        return tuple(Case(row.label, {LABEL: row.label, **row.values}) for row in found)
    del compiler.problems[before + _MOST_PROBLEMS :]
    names = dict.fromkeys(name for row in found for name in row.values)
    return (Case(None, {LABEL: None, **dict.fromkeys(names)}),)


def _opened(compiler: Compiler, name: str) -> Compiler:
    """A compiler of the file with this name."""
    shown = os.path.normpath(os.path.join(os.path.dirname(compiler.source.file), name))  # noqa: PTH118, PTH120
    try:
        return Compiler(_read(compiler.files.read_bytes(name), name, shown), compiler.files)
    except StepFault as fault:
        compiler.fault(fault, ("cases",))
    except ProblemError as error:
        compiler.problems += error.problems
    except OSError as error:
        at = compiler.source.mark(("cases",))
        compiler.problem(f'"{name}" cannot be read: {error.strerror}', at, None)
    raise ProblemError(*compiler.problems)


def _read(content: bytes, name: str, shown: str) -> Source:
    ending = name.rpartition(".")[2].lower()
    if ending in ("csv", "tsv"):
        from runner.scenario.csv_source import read_csv

        return read_csv(content, shown)
    if ending == "json":
        from runner.scenario.json_source import read_json

        return read_json(content, shown)
    from runner.scenario.source import read_source

    return read_source(content, shown)


class _Reader:
    """Makes rows of what stands in one source."""

    def __init__(
        self, compiler: Compiler, defaults: Mapping[str, object], secrets: Mapping[str, object]
    ) -> None:
        self.compiler = compiler
        self.source = compiler.source
        self.defaults = defaults
        self.secrets = secrets

    def wrong(
        self, message: str, path: Path, hint: str | None = None, *, key: bool = False
    ) -> None:
        self.compiler.problems.append(self.source.problem(_KIND, message, path, key=key, hint=hint))

    def listed(self, raw: Any) -> list[Row]:
        """The rows of a list, in the scenario or in a file."""
        base: Path = ("cases",)
        if isinstance(raw, str):
            raw, base = self.source.value, ()
            if not isinstance(raw, list):
                hint = "a matrix stands in the scenario itself" if _is_matrix(raw) else None
                self.wrong(f"cases are a list of mappings; this is {_named(raw)}", base, hint)
                return []
            if not raw:
                self.wrong("there is no case in this file: the scenario would never run", base)
        if len(raw) > MOST:
            self.wrong(f"these are {len(raw):,} cases; a scenario may have {MOST:,}", base)
            return []
        rows = []
        for number, row in enumerate(raw, 1):
            path = (*base, number - 1)
            if not isinstance(row, Mapping) or not row:
                found = "an empty one" if row == {} else _named(row)
                self.wrong(f"a case is a mapping of variable to value; this is {found}", path)
                continue
            label = self._label(row, path, number)
            rows.append(Row(number, path, label, dict(self._values(row, path))))
        return rows

    def matrix(self, raw: Mapping[str, list[Any]]) -> list[Row]:
        """One row for each combination."""
        base: Path = ("cases", "matrix")
        count = math.prod(map(len, raw.values()))
        if count > MOST:
            told = " x ".join(str(len(values)) for values in raw.values())
            message = f"this makes {count:,} cases ({told}); a scenario may have {MOST:,}"
            self.wrong(message, base, key=True)
            return []
        if LABEL in raw:
            message = "`case` labels a case; in a matrix its values make the label"
            self.wrong(message, (*base, LABEL), "give the variable another name", key=True)
            return []
        made = {
            name: [
                (_shown(value), self._value(name, value, (*base, name, index)))
                for index, value in enumerate(values)
            ]
            for name, values in raw.items()
        }
        return [
            Row(
                number,
                base,
                ", ".join(label for label, _ in chosen),
                {name: value for name, (_, value) in zip(made, chosen, strict=True)},
            )
            for number, chosen in enumerate(itertools.product(*made.values()), 1)
        ]

    def _label(self, row: Mapping[str, Any], path: Path, number: int) -> str:
        if LABEL not in row:
            return str(number)
        value, place = row[LABEL], (*path, LABEL)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.wrong(f"a label is text or a number; this is {_named(value)}", place)
        elif isinstance(value, str) and not value.strip():
            self.wrong("this label is empty", place, "without `case`, a case has its number")
        else:
            text = self.compiler.compile(value, place) if isinstance(value, str) else value
            if not isinstance(text, Deferred):
                return as_text(text)
            hint = "a label is known before the run: `--case` chooses by it"
            self.wrong("a label cannot hold templates", place, hint)
        return str(number)

    def _values(self, row: Mapping[str, Any], path: Path) -> Iterator[tuple[str, object]]:
        for name, value in row.items():
            if name == LABEL:
                continue
            wrong = wrong_name(name)
            if wrong is not None:
                self.wrong(wrong[0], (*path, name), wrong[1], key=True)
            yield name, self._value(name, value, (*path, name))

    def _value(self, name: str, value: object, path: Path) -> object:
        if value is None and self.source.is_empty(path):
            hint = "write null, or '' for an empty text"
            self.wrong(f"`{name}` has no value here", path, hint, key=True)
        made = self.compiler.tree(value, path)
        default, secret = self.defaults.get(name), name in self.secrets
        if isinstance(made, Deferred):
            outside = self.source.quoting == "csv" or _is_environment(made)
            at = self.source.mark(path)
            return Fitted(made, default, at, secret=secret) if outside else made
        if self.source.quoting != "csv":
            return made
        assert isinstance(made, str)
        try:
            return typed_as(made, default)
        except ValueError as error:
            told = self.source.problem(_KIND, f"column `{name}`: {error}", path)
            if secret:
                message = f"column `{name}`: no {type_name(default)}, which its default is"
                told = Problem(_KIND, message, told.at)
            self.compiler.problems.append(told)
            return made


def _is_environment(made: Deferred) -> bool:
    """Whether a value comes from the environment alone, so that it is text of any type."""
    named = made.reference if isinstance(made, Expression) else None
    return named is not None and named.name == "env"


def _is_matrix(raw: object) -> bool:
    return isinstance(raw, Mapping) and "matrix" in raw


def _named(value: object) -> str:
    kind = type_name(value)
    return kind if value is None or kind == "text" else f"{'an' if kind[0] == 'i' else 'a'} {kind}"


def _shown(value: object) -> str:
    try:
        return as_text(value)
    except ValueError:
        return json.dumps(value, ensure_ascii=False)
