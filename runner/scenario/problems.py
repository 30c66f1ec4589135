"""A problem with a scenario: its address, the line with a caret, and the remedy.

This is the only place that draws a caret, for terminals, JSON and GitHub alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from runner.columns import cells, clean, display_width, wrap
from runner.scenario.model import Address
from runner.spelling import did_you_mean

MOST: Final = 100
"""How many problems of one file are told: who has more reads no further."""

_PROSE: Final = 80
_NARROW: Final = 28
_LONGEST: Final = 1000

__all__ = [
    "MOST", "Problem", "ProblemError", "as_github", "as_json", "did_you_mean", "most_of", "render",
]  # fmt: skip


class Problem(NamedTuple):
    """One thing wrong with a scenario.

    ``kind`` is one of the load kinds; a warning has a name of its own. ``message`` is one sentence.
    ``expected`` stands beside the caret, ``found`` and ``hint`` below it (a hint may have several
    lines). ``line`` is the text of the source line ``at`` points into. ``also`` are further places,
    each with a note; ``also_lines`` are their source lines, in the same order, where they are
    known. ``stands_for`` is how many problems it is: more than one in place of those that are not
    told, 0 where nobody counted them.
    """

    kind: str
    message: str
    at: Address | None = None
    expected: str | None = None
    found: str | None = None
    hint: str | None = None
    line: str | None = None
    also: tuple[tuple[Address, str], ...] = ()
    also_lines: tuple[str, ...] = ()
    severity: Literal["error", "warning"] = "error"
    stands_for: int = 1

    def __str__(self) -> str:
        return f"{self.at}: {self.message}" if self.at else self.message


class ProblemError(Exception):
    """Raised where a scenario cannot be used; ``problems`` is all that was found wrong."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems: tuple[Problem, ...] = problems

    def __str__(self) -> str:
        return "\n".join(f"{one}: {one.hint}" if one.hint else str(one) for one in self.problems)


def most_of(problems: Iterable[Problem], *, cut: bool = False) -> tuple[Problem, ...]:
    """The problems of one file in the order of its lines: the first ``MOST``, and one for the rest.

    ``cut``: more was not looked at.
    """
    listed = sorted(problems, key=_position)
    rest = listed[MOST:]
    if not rest:
        return tuple(listed)
    left = len(rest)
    more = (
        "… and more, not all of it was looked at"
        if cut
        else (f"… and {left:,} more problem{'s' * (left > 1)}")
    )
    last = Problem(rest[0].kind, more, rest[0].at, stands_for=0 if cut else left)
    return (*listed[:MOST], last)


def _position(problem: Problem) -> tuple[int, int]:
    return (problem.at.line, problem.at.column) if problem.at else (0, 0)


class _Mark(NamedTuple):
    """One caret to draw, and what stands beside it."""

    at: Address
    label: str
    source: str
    main: bool


class _Page:
    """The lines of one rendered problem, as they are written."""

    def __init__(self, colour: bool, width: int, gutter: int, severity: str) -> None:
        self.lines: list[str] = []
        self.severity = severity
        self.look = "1;33" if severity == "warning" else "1;31"
        self.colour = colour
        self.width = width
        self.prose = min(width, _PROSE)
        self.margin = " " * gutter

    def ink(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and text else text

    def headline(self, message: str, kind: str) -> None:
        indent = len(self.severity) + 2
        text = f"{_short(message)}  [{kind}]"
        for number, line in enumerate(wrap(text, self.prose - indent)):
            if number == 0:
                head = self.ink(f"{self.severity}:", self.look)
                self.lines.append(head + " " + self.ink(line, "1"))
            else:
                self.lines.append(" " * indent + self.ink(line, "1"))

    def place(self, arrow: str, at: Address) -> None:
        self.lines.append(f"{self.margin}{self.ink(arrow, '34')} {clean(str(at))}")

    def bar(self, number: str = "", text: str = "") -> None:
        edge = self.ink(f"{number:>{len(self.margin)}} |", "34")
        self.lines.append(f"{edge} {text}" if text else edge)

    def frame(self, arrow: str, marks: list[_Mark]) -> list[tuple[str, str]]:
        """Draws source lines with carets; gives back the labels there was no room for."""
        first = next((mark for mark in marks if mark.main), marks[0])
        if arrow == ":::":
            self.bar()
        self.place(arrow, first.at)
        self.bar()
        left_over: list[tuple[str, str]] = []
        before: int | None = None
        for mark in sorted(marks, key=lambda mark: (mark.at.line, not mark.main)):
            text, start, span = _excerpt(mark, self.width - len(self.margin) - 3)
            if mark.at.line != before:
                if before is not None and mark.at.line > before + 1:
                    self.lines.append(self.ink("...", "34"))
                self.bar(str(mark.at.line), text)
            before = mark.at.line
            caret, code = ("^", self.look) if mark.main else ("-", "1;34")
            column = start + span + 1
            room = self.prose - len(self.margin) - 3 - column
            label: list[str] = []
            if display_width(mark.label) <= room or room >= _NARROW:
                label = list(wrap(mark.label, room))
            else:
                title = "expected" if mark.main else "also"
                left_over.append((title, mark.label.removeprefix("expected ")))
            head = " ".join([caret * span, *label[:1]])
            self.bar(text=" " * start + self.ink(head.rstrip(), code))
            for line in label[1:]:
                self.bar(text=" " * column + self.ink(line, code))
        return left_over

    def note(self, title: str, text: str) -> None:
        for number, paragraph in enumerate(_short(text).split("\n")):
            indent = len(self.margin) + 3 + len(title) + 2
            for position, line in enumerate(wrap(paragraph, self.prose - indent)):
                if number == position == 0:
                    head = f"{self.margin} {self.ink('=', '34')} {self.ink(title + ':', '1')}"
                    self.lines.append(f"{head} {line}")
                else:
                    self.lines.append(" " * indent + line)


def render(problem: Problem, colour: bool = False, width: int = 100) -> str:
    """The problem for a person: several lines, no newline at the end, no control characters.

    Source lines are cut to ``width`` columns around the caret; sentences are wrapped at 80
    columns, or at ``width`` when that is less. ``colour`` adds ANSI colours.
    """
    marks, notes = _marks(problem)
    numbers = [mark.at.line for mark in marks]
    page = _Page(colour, width, len(str(max(numbers, default=1))), problem.severity)
    page.headline(problem.message, problem.kind)
    if problem.at and not any(mark.main for mark in marks):
        page.place("-->", problem.at)
    for file in dict.fromkeys(mark.at.file for mark in marks):
        own = [mark for mark in marks if mark.at.file == file]
        notes += page.frame("-->" if any(mark.main for mark in own) else ":::", own)
    if notes or problem.found or problem.hint:
        if marks:
            page.bar()
        for title, text in (*notes, ("found", problem.found), ("hint", problem.hint)):
            if text:
                page.note(title, text)
    return "\n".join(page.lines)


def as_json(problem: Problem) -> dict[str, object]:
    """The problem as plain data for JSON; absent parts are null.

    ``label`` is what stands beside the caret, ``expected`` its rest where it says that.
    """
    at, label = problem.at, problem.expected or ""
    return {
        "kind": problem.kind,
        "severity": problem.severity,
        "message": problem.message,
        **_place(at),
        "label": problem.expected,
        "expected": label.removeprefix("expected ") if label.startswith("expected ") else None,
        "found": problem.found,
        "hint": problem.hint,
        "source": problem.line,
        "also": [{**_place(place), "note": note} for place, note in problem.also],
    }


def as_github(problem: Problem) -> str:
    """The problem as a workflow command of GitHub Actions, which shows it beside the line."""
    properties: dict[str, object] = {}
    if problem.at:
        at = problem.at
        properties = {"file": at.file, "line": at.line, "col": at.column}
        if at.width > 1:
            properties["endColumn"] = at.column + at.width - 1
    properties["title"] = problem.kind
    listed = ",".join(f"{name}={_escape(str(v), ':,')}" for name, v in properties.items())
    parts = [problem.message, problem.expected] if problem.expected else [problem.message]
    named = (("found", problem.found), ("hint", problem.hint))
    parts += [f"{title}: {text.removeprefix(f'{title} ')}" for title, text in named if text]
    parts += [f"{place}: {note}" for place, note in problem.also]
    return f"::{problem.severity} {listed}::{_escape(chr(10).join(parts))}"


def _marks(problem: Problem) -> tuple[list[_Mark], list[tuple[str, str]]]:
    """What can be drawn in the source, and as notes what cannot."""
    marks: list[_Mark] = []
    notes: list[tuple[str, str]] = []
    if problem.at and problem.line is not None:
        marks.append(_Mark(problem.at, _short(problem.expected or ""), problem.line, True))
    elif problem.expected:
        notes.append(("expected", problem.expected.removeprefix("expected ")))
    for number, (place, note) in enumerate(problem.also):
        if number < len(problem.also_lines):
            marks.append(_Mark(place, note, problem.also_lines[number], False))
        else:
            notes.append(("also", f"{note} ({place})"))
    return marks, notes


def _place(at: Address | None) -> dict[str, object]:
    if at is None:
        return {"file": None, "line": None, "column": None, "width": None}
    return {"file": at.file, "line": at.line, "column": at.column, "width": at.width}


def _escape(text: str, also: str = "") -> str:
    for character in "%\r\n" + also:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _short(text: str) -> str:
    """A sentence that quotes what is very long, with its middle left out."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 4 :]}"


def _excerpt(mark: _Mark, room: int) -> tuple[str, int, int]:
    """The source line cut to ``room`` columns, and the caret's first column and width in it."""
    far = max(0, mark.at.column - 1 - 4 * room)
    line = list(cells(mark.source[far : far + 8 * room]))
    first = min(mark.at.column - 1 - far, len(line))
    start = sum(columns for _, columns in line[:first])
    span = sum(columns for _, columns in line[first : first + mark.at.width]) or 1
    total = sum(columns for _, columns in line)
    if max(total, start + span) <= room:
        return "".join(shown for shown, _ in line).rstrip(), start, span
    left = max(0, min(start - room // 3, max(total, start + 1) - room))
    cut = left + room < total
    text, column, skipped = "…" if left else "", 0, 0
    for shown, columns in line:
        if left and column <= left:
            skipped = column + columns
        elif column + columns > left + room - cut:
            break
        else:
            text += shown
        column += columns
    start = start - skipped + (left > 0)
    return text.rstrip() + "…" * cut, start, max(1, min(span, room - start - cut))
