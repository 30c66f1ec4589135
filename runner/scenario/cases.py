"""``cases``: the rows a scenario runs for, from a list, a matrix or a file."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from runner.kinds import Fault, StepFault
from runner.query.values import as_text, is_deferred, type_name
from runner.scenario.files import Files
from runner.scenario.model import Case


def read_cases(spec: Any, files: Files, variables: Mapping[str, object]) -> tuple[Case, ...]:
    """The cases of a ``cases`` value. ``variables`` are the defaults in ``vars``: text from a CSV
    file takes the type of the default of its name.

    Raises ``StepFault`` (invalid-scenario, file-not-found, file-outside-root).
    """
    if isinstance(spec, str):
        rows: Iterable[Any] = _from_file(spec, files, variables)
    elif isinstance(spec, Mapping):
        matrix = spec["matrix"]
        rows = (
            {"case": ", ".join(map(_label, values)), **dict(zip(matrix, values, strict=True))}
            for values in itertools.product(*matrix.values())
        )
    else:
        rows = spec
    made = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            _wrong(f"case {number} is {type_name(row)}: a case is a mapping of variable to value")
        label = as_text(row["case"]) if "case" in row else str(number)
        made.append(Case(label, dict(row)))
    if not made:
        _wrong("`cases` is empty: the scenario would never run")
    return tuple(made)


def typed_as(text: str, default: object) -> object:
    """Text from outside (a cell, ``--var``) in the type of the default it replaces.

    Raises ValueError with a sentence when it does not convert.
    """
    if default is None or isinstance(default, str) or is_deferred(default):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    wanted, found = type_name(default), type_name(value)
    if wanted == found or (wanted, found) == ("number", "integer"):
        return value
    raise ValueError(f'"{text}" is no {wanted}, which its default in `vars` is')


def fitted(value: object, default: object) -> object:
    """A value from outside in the type of the default it replaces: text is converted, a number or
    a truth value becomes text where the default is text.

    Raises ValueError with a sentence when the types do not fit.
    """
    if default is None or is_deferred(default) or is_deferred(value):
        return value
    if isinstance(value, str):
        return typed_as(value, default)
    wanted, found = type_name(default), type_name(value)
    if wanted == found or (wanted, found) == ("number", "integer"):
        return value
    if wanted == "text" and found in ("integer", "number", "boolean"):
        return as_text(value)
    raise ValueError(f"a {found} is no {wanted}, which its default in `vars` is")


def _from_file(name: str, files: Files, variables: Mapping[str, object]) -> Iterable[Any]:
    content = files.read_bytes(name)
    if name.endswith(".csv"):
        return _from_csv(name, content, variables)
    if name.endswith(".json"):
        try:
            rows = json.loads(content)
        except ValueError as error:
            _wrong(f"{name} is not JSON: {error}")
    else:
        from runner.scenario.source import read_source

        rows = read_source(content, name).value
    if not isinstance(rows, list):
        _wrong(f"{name} holds {type_name(rows)}: cases are a list of mappings")
    return rows


def _from_csv(name: str, content: bytes, variables: Mapping[str, object]) -> Iterable[Any]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _wrong(f"{name} is not UTF-8: byte {error.start}")
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        table = list(reader)
    except csv.Error as error:
        _wrong(f"{name}:{reader.line_num}: {error}")
    head, *rows = table or [[]]
    for number, row in enumerate(rows, 2):
        if not row:
            continue
        if len(row) != len(head):
            _wrong(f"{name}:{number}: {len(row)} cells, but the head names {len(head)} columns")
        made: dict[str, object] = {}
        for column, (key, cell) in enumerate(zip(head, row, strict=True), 1):
            try:
                made[key] = typed_as(cell, variables.get(key))
            except ValueError as error:
                _wrong(f"{name}:{number}: column {column} ({key}): {error}")
        yield made


def _label(value: object) -> str:
    try:
        return as_text(value)
    except ValueError:
        return json.dumps(value)


def _wrong(message: str) -> NoReturn:
    raise StepFault(Fault("invalid-scenario", "load", message))
