"""The source lines of a step, with a caret and a verdict under each value that did not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from runner.columns import cells, display_width, wrap
from runner.query.show import show
from runner.query.values import MISSING
from runner.reports.style import Ink, Part, Style
from runner.result import Failure, StepResult
from runner.units import show_seconds

CHECKED: Final = frozenset({
    "expectation-failed", "capture-failed", "schema-mismatch", "retry-stopped", "unexpected-status",
    "graphql-errors", "authentication-failed", "invalid-json", "invalid-xml",
})  # fmt: skip
_WHOLE: Final = 14
_PATHS: Final = 10
_SIMPLE: Final = frozenset({
    "not", "above", "at-least", "at-most", "below", "near", "contains", "starts-with", "ends-with",
    "matches", "includes", "any-order", "exists", "empty", "sorted", "unique", "is", "one-of",
})  # fmt: skip


class Mark(NamedTuple):
    """A caret: where, how wide, the verdicts below it, the query they are on."""

    line: int
    column: int
    width: int
    verdicts: tuple[tuple[str, ...], ...]
    query: str = ""


def frame(step: StepResult, style: Style) -> tuple[list[str], int]:
    """The ``-->`` line, the source lines with carets, and how many columns the gutter has.

    Verdicts on checks that stand in none of these lines are written below them.
    """
    marks, elsewhere = marks_of(step)
    snippet = step.snippet
    lines = snippet.lines if snippet else ()
    first = snippet.first if snippet else 1
    gutter = len(str(first + len(lines) - 1)) + 1
    margin = " " * gutter
    made = [style.line(Ink(f"{margin}--> ", "blue"), place_of(step))]
    if lines:
        made.append(_bar(style, margin))
        made += _source(lines, first, marks, style, gutter)
    if elsewhere:
        made.append(_bar(style, margin))
    for failure in elsewhere:
        head = f"{failure.query} ({failure.at})"
        made.append(_bar(style, margin, style.cut(head, style.prose - gutter - 3)))
        for verdict in _verdicts(failure):
            made += _below(verdict, 4, style, margin)
    return made, gutter


def place_of(step: StepResult) -> str:
    """Where to look, as file:line:column: at the value to blame, or at the step.

    A step that broke on the wire is shown itself, whichever of its checks broke with it.
    """
    snippet = step.snippet
    if snippet is None:
        return step.at
    file = snippet.file or step.at.rsplit(":", 2)[0]
    place = f"{file}:{snippet.mark[0]}:{snippet.mark[1]}"
    broke = step.kind not in CHECKED and place in {failure.at for failure in step.failures}
    return step.at if broke else place


def _source(
    lines: Sequence[str], first: int, marks: list[Mark], style: Style, gutter: int
) -> Iterator[str]:
    margin = " " * gutter
    room = (style.width or 120) - gutter - 3
    before = 0
    for number in _shown(len(lines), first, marks):
        if before and number > before + 1:
            yield style.line(Ink("." * gutter, "blue"))
        before = number
        here = [mark for mark in marks if mark.line == number]
        text, skipped = _window(lines[number - first], here, room, style)
        yield _bar(style, f"{number:>{gutter}}", text)
        for mark in here:
            source = lines[number - first]
            start = display_width(source[: mark.column - 1]) - skipped
            if start >= display_width(text) - len(style.glyph("…")) and mark is not here[0]:
                yield from _afar(mark, style, margin)
                continue
            span = display_width(source[mark.column - 1 : mark.column - 1 + mark.width]) or 1
            span = max(1, min(span, display_width(text) - start))
            label = ", ".join(mark.verdicts[0]) if len(mark.verdicts) == 1 else ""
            caret: list[Part] = [" " * start, Ink("^" * span, "bold red")]
            if label and start + span + 1 + display_width(label) <= style.prose - gutter - 3:
                yield _bar(style, margin, *caret, " ", Ink(label, "red"))
                continue
            yield _bar(style, margin, *caret)
            indent = min(start, 4)
            for verdict in mark.verdicts:
                yield from _below(verdict, indent, style, margin)


def _afar(mark: Mark, style: Style, margin: str) -> Iterator[str]:
    """The verdicts on what stands in a part of the line that is not shown."""
    head = f"{mark.line}:{mark.column} {mark.query}"
    for verdict in mark.verdicts or ((),):
        yield from _below(
            (", ".join([f"{head}: {verdict[0]}", *verdict[1:]]),) if verdict else (head,),
            4,
            style,
            margin,
        )


def _below(verdict: tuple[str, ...], indent: int, style: Style, margin: str) -> Iterator[str]:
    room = style.prose - len(margin) - 3 - indent
    whole = ", ".join(verdict)
    for part in [whole] if display_width(whole) <= room else verdict:
        for line in wrap(part, room):
            yield _bar(style, margin, " " * indent, Ink(line, "red"))


def _bar(style: Style, number: str, *parts: Part) -> str:
    return style.line(Ink(f"{number} |", "blue"), *([" ", *parts] if parts else []))


def _shown(count: int, first: int, marks: list[Mark]) -> list[int]:
    """The numbers of the lines to show: all of a short step, of a long one those that matter."""
    numbers = range(first, first + count)
    if count <= _WHOLE:
        return list(numbers)
    near = {first, first + 1}
    for mark in marks:
        near |= {mark.line - 1, mark.line, mark.line + 1}
    return [number for number in numbers if number in near]


def _window(source: str, marks: list[Mark], room: int, style: Style) -> tuple[str, int]:
    """The line cut to the room around its first mark, and the columns cut at its start."""
    if display_width(source) <= room:
        return source, 0
    dots = style.glyph("…")
    column = min((mark.column for mark in marks), default=1)
    start = display_width(source[: column - 1])
    width = marks[0].width if marks else 1
    skipped = 0
    if start + min(width, room // 2) > room - len(dots):
        skipped = start - room // 3
        source = _drop(source, skipped + len(dots))
        return style.cut(dots + source, room), skipped
    return style.cut(source, room), 0


def _drop(text: str, columns: int) -> str:
    used = 0
    for index, (_, width) in enumerate(cells(text)):
        if used >= columns:
            return " " * (used - columns) + text[index:]
        used += width
    return ""


def marks_of(step: StepResult) -> tuple[list[Mark], list[Failure]]:
    """Carets in the step's own lines, and the failures that stand somewhere else."""
    snippet = step.snippet
    file = (snippet and snippet.file) or step.at.rsplit(":", 2)[0]
    marks: dict[tuple[int, int], Mark] = {}
    elsewhere: list[Failure] = []
    for failure in step.failures:
        place = failure.at.rsplit(":", 2)
        line = int(place[1]) if len(place) == 3 and place[1].isdecimal() else 0
        column = int(place[2]) if line and place[2].isdecimal() else 1
        if not snippet or place[0] != file or not 0 <= line - snippet.first < len(snippet.lines):
            elsewhere.append(failure)
            continue
        known = (line, column) == snippet.mark[:2]
        width = snippet.mark[2] if known else _width(snippet.lines[line - snippet.first], column)
        before = marks.get((line, column))
        own = [
            one for one in _verdicts(failure) if len(one) > 1 or one[0] not in (step.message or "")
        ]
        verdicts = (*(before.verdicts if before else ()), *own)
        marks[line, column] = Mark(line, column, width, verdicts, failure.query)
    row, start = place_of(step).rsplit(":", 2)[1:]
    main = int(row), int(start)
    if snippet and main not in marks and (not marks or step.kind not in CHECKED):
        width = snippet.mark[2] if main == snippet.mark[:2] else len(step.verb)
        marks[main] = Mark(*main, width, ())
    return sorted(marks.values()), elsewhere


def _verdicts(failure: Failure) -> Iterator[tuple[str, ...]]:
    """What was expected and what was found; of a deep comparison only where they differ.

    Each verdict stands on one line, or in its parts on several.
    """
    if failure.paths:
        yield from ((path,) for path in failure.paths[:_PATHS])
        if len(failure.paths) > _PATHS:
            yield (f"and {len(failure.paths) - _PATHS} more differences",)
        return
    if failure.matcher != "equals" and failure.matcher not in _SIMPLE:
        yield (failure.message,)
        return
    how = "" if failure.matcher == "equals" else f"{failure.matcher} "
    expected = _show(failure.query, failure.expected)
    found = "nothing" if failure.found is MISSING else _show(failure.query, failure.found)
    yield f"expected {how}{expected}", f"found {found}"


def _show(query: str, value: object) -> str:
    timed = query.startswith("time.") and "|" not in query
    if timed and isinstance(value, str):
        return value
    if timed and isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return show_seconds(value)
    return show(value, 120)


def _width(line: str, column: int) -> int:
    """How wide the value is that begins in this column: a guess, for a caret only."""
    rest = line[column - 1 :]
    if rest[:1] in ("'", '"'):
        end = rest.find(rest[0], 1)
        return end + 1 if end > 0 else len(rest.rstrip())
    if rest[:1] in ("{", "["):
        depth = 0
        for index, character in enumerate(rest):
            depth += (character in "{[") - (character in "}]")
            if depth == 0:
                return index + 1
        return len(rest.rstrip())
    ends = [" #"]
    before = line[: column - 1]
    if before.count("{") > before.count("}") or before.count("[") > before.count("]"):
        ends += [",", "}", "]"]
    places = [place for end in ends if (place := rest.find(end)) > 0]
    return len(rest[: min(places, default=len(rest))].rstrip()) or 1
