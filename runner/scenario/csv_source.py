"""CSV text -> a list of rows that remember where each cell stands (RFC 4180).

The first line names the columns. Cells are separated by commas; one in double quotes may hold
commas, line breaks and doubled quotes. Blank lines are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from runner.scenario.json_source import decoded
from runner.scenario.problems import Problem, ProblemError
from runner.scenario.source import Source
from runner.scenario.source_text import SourceText
from runner.scenario.variable_names import wrong_name
from runner.scenario.yaml_nodes import Branch

_BARE: Final = re.compile(r"[^,\r\n]*")
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"')
_BREAK: Final = re.compile(r"\r\n|\n|\r")
_FIELD: Final = re.compile(r'[ \t]+"')
_OTHERS: Final = {";": "`;`", "\t": "tabs", "|": "`|`"}
_MOST_PROBLEMS: Final = 20
_KIND: Final = "invalid-scenario"


class _Cell(NamedTuple):
    text: str
    start: int
    end: int


def read_csv(content: bytes, file: str) -> Source:
    """The rows of a CSV file as mappings of column to text.

    Raises ``ProblemError`` (invalid-scenario) with the addresses of all columns whose names cannot
    be those of variables, or of all rows that do not fit.
    """
    source = decoded(content, file)
    head, *rows = _lines(source) or [[]]
    if not head:
        message = "the file is empty: its first line names the columns"
        raise ProblemError(source.problem(_KIND, message, 0, 0))
    if problems := list(_check_head(source, head)):
        raise ProblemError(*problems)
    table = Branch(0, False, [])
    for row in rows:
        if len(row) != len(head):
            problems.append(_ragged(source, row, head))
            continue
        values = {name.text: cell.text for name, cell in zip(head, row, strict=True)}
        branch = Branch(row[0].start, True, values)
        branch.end = row[-1].end
        for name, cell in zip(head, row, strict=True):
            branch.keys[name.text] = (name.start, name.end)
            branch.items[name.text] = (cell.start, cell.end)
        assert isinstance(table.value, list)
        table.items[len(table.value)] = branch
        table.value.append(values)
    if problems:
        raise ProblemError(*problems[:_MOST_PROBLEMS])
    return Source(source, table.value, table, quoting="csv")


def _check_head(source: SourceText, head: list[_Cell]) -> Iterator[Problem]:
    """What is wrong with the names of the columns."""
    seen: dict[str, _Cell] = {}
    for cell in head:
        place = (cell.start, cell.end)
        wrong = wrong_name(cell.text)
        if cell.text in seen:
            first = seen[cell.text]
            message = f"two columns are named `{cell.text}`"
            also = [(first.start, first.end, "first here")]
            yield source.problem(_KIND, message, *place, also=also)
        elif wrong is not None:
            message, hint = wrong
            told = (
                f"column {len(seen) + 1}: {message}"
                if cell.text
                else f"column {len(seen) + 1} has no name"
            )
            other = next((name for mark, name in _OTHERS.items() if mark in cell.text), None)
            if other is not None:
                hint = f"cells are separated by commas, not by {other}: save it with commas"
            yield source.problem(_KIND, told, *place, hint=hint)
        seen.setdefault(cell.text, cell)


def _ragged(source: SourceText, row: list[_Cell], head: list[_Cell]) -> Problem:
    found, due = len(row), len(head)
    cells = "1 cell" if found == 1 else f"{found} cells"
    columns = "1 column" if due == 1 else f"{due} columns"
    hint = "a cell with a comma in it stands in double quotes" if found > due else None
    if '"' in source.text[row[0].start : row[-1].end] and found > due:
        hint = 'a cell with a comma or a quote in it stands in double quotes, as "{""a"": 1}"'
    message = f"this row has {cells}, but the first line names {columns}"
    return source.problem(_KIND, message, row[0].start, row[-1].end, hint=hint)


def _lines(source: SourceText) -> list[list[_Cell]]:
    """The cells of each line that is not blank. Raises ``ProblemError``."""
    text, at = source.text, 0
    lines: list[list[_Cell]] = []
    while at < len(text):
        line: list[_Cell] = []
        while True:
            cell = _cell(source, at)
            line.append(cell)
            at = cell.end
            if not text.startswith(",", at):
                break
            at += 1
        if len(line) > 1 or line[0].end > line[0].start:
            lines.append(line)
        broken = _BREAK.match(text, at)
        at = broken.end() if broken else at
    return lines


def _cell(source: SourceText, start: int) -> _Cell:
    text = source.text
    if not text.startswith('"', start):
        found = _BARE.match(text, start)
        assert found is not None
        if _FIELD.match(found[0]):
            message = "blanks stand in front of the quote of this cell"
            hint = "the quote is the first character of a cell in quotes"
            raise ProblemError(source.problem(_KIND, message, start, found.end(), hint=hint))
        return _Cell(found[0], start, found.end())
    quoted = _QUOTED.match(text, start)
    if quoted is None:
        message = "the quote of this cell is never closed"
        raise ProblemError(source.problem(_KIND, message, start, start + 1))
    end = quoted.end()
    if end < len(text) and text[end] not in ",\r\n":
        message = "text stands behind the closing quote of this cell"
        hint = "a doubled quote is the quote itself"
        raise ProblemError(source.problem(_KIND, message, end, end + 1, hint=hint))
    return _Cell(quoted[1].replace('""', '"'), start, end)
