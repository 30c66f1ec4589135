"""The run as Markdown, for a pull request, a wiki or a summary: counts, a table, the failures.

Written for GitHub's flavour. Nothing of what a server says becomes a link, an image, a heading or
HTML: in the table every character with a meaning is escaped, elsewhere it stands in code fences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runner.reports.cleaning import Clean
from runner.reports.console import summary
from runner.reports.files import write_whole
from runner.reports.told import BAD, Blame, blame, cleaned, label, long_text, second_try
from runner.result import ScenarioResult, SuiteResult
from runner.units import show_seconds

_MARKS: Final = {"passed": "✅", "failed": "❌", "error": "💥", "skipped": "⏭️"}
_ROWS: Final = 200
_SPECIAL: Final = re.compile(r"[\\`*_\[\]()#!|~]")
# GitHub makes formulas of what stands between dollars.
_HTML: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "<span>$</span>"}
# Mentions, references, addresses, short codes of emoji: an empty comment inside stops them.
_LINKED: Final = re.compile(
    r"(?<=@)(?=\S)|(?<=#)(?=\d)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=:)(?=[\w+-]+:)", re.IGNORECASE
)
_TICKS: Final = re.compile(r"`{3,}")
_LONGEST: Final = 60_000


def write_markdown(suite: SuiteResult, path: Path, clean: Clean | None = None) -> None:
    """Writes the page of a run, whole or not at all. Raises OSError."""
    write_whole(path, chunks(suite, clean))


def chunks(
    suite: SuiteResult, clean: Clean | None = None, *, limit: int | None = None
) -> Iterator[bytes]:
    """The page in UTF-8.

    Of more than 200 scenarios the table shows only those that did not pass. ``limit``: at most so
    many bytes; failures that have no room are counted.
    """
    room = _Room(limit)
    yield from room.take(f"### {_MARKS[suite.outcome]} {summary(suite)}\n\n")
    unfinished = suite.unfinished()
    if unfinished is not None:
        yield from room.take(f"**⚠️ {unfinished}**\n\n")
    if suite.seed is not None:
        yield from room.take(f"Random values repeat with `--seed {suite.seed}`.\n\n")
    yield from _table(suite, clean, room)
    left = 0
    for scenario in cleaned(suite, clean):
        wrong = blame(scenario)
        if wrong is not None:
            told = list(room.take("\n" + _details(scenario, wrong)))
            left += not told
            yield from told
    if left:
        were = "failure has" if left == 1 else "failures have"
        yield f"\n{left} more {were} no room here.\n".encode()


class _Room:
    """Counts the bytes that are left, some kept for the last line."""

    def __init__(self, limit: int | None) -> None:
        self._left = None if limit is None else limit - 200

    def take(self, text: str) -> Iterator[bytes]:
        """The text in UTF-8, nothing when it has no room."""
        data = text.encode("utf-8", "replace")
        if self._left is None:
            yield data
        elif len(data) <= self._left:
            self._left -= len(data)
            yield data


def _table(suite: SuiteResult, clean: Clean | None, room: _Room) -> Iterator[bytes]:
    whole = len(suite.scenarios) <= _ROWS
    rows = 0
    for scenario in cleaned(suite, clean):
        if whole or scenario.outcome in BAD:
            if not rows:
                yield from room.take("| | Scenario | Result | Time |\n|---|---|---|---:|\n")
            rows += 1
            yield from room.take(_row(scenario))


def _row(scenario: ScenarioResult) -> str:
    wrong, again = blame(scenario), second_try(scenario)
    told = ""
    if wrong is not None:
        told = f"{escaped(wrong.message)}<br>`{wrong.kind}` at {_code(wrong.place)}"
    elif scenario.outcome == "skipped":
        told = f"skipped: {escaped(scenario.reason or '')}".removesuffix(": ")
    elif scenario.reason:
        told = f"failed as expected: {escaped(scenario.reason)}"
    elif again is not None:
        told = f"passed on attempt {len(again.attempts)} of {escaped(again.name)}"
    for warning in scenario.warnings:
        told += f"{'<br>' if told else ''}warning: {escaped(warning)}"
    took = "" if scenario.outcome == "skipped" else show_seconds(scenario.duration)
    name = f"**{escaped(label(scenario))}**<br>{_code(scenario.file)}"
    return f"| {_MARKS[scenario.outcome]} | {name} | {told} | {took} |\n"


def _details(scenario: ScenarioResult, wrong: Blame) -> str:
    text = long_text(scenario)
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "\n…"
    title = f"{_MARKS[scenario.outcome]} {_html(label(scenario))}: {_html(wrong.message)}"
    return (
        f"<details><summary>{' '.join(title.split())}</summary>\n\n{fenced(text)}\n\n</details>\n"
    )


def fenced(text: str) -> str:
    """The text as a code block that nothing in it can end."""
    ticks = "`" * max([3, *(len(run) + 1 for run in _TICKS.findall(text))])
    return f"{ticks}text\n{text}\n{ticks}"


def escaped(text: str) -> str:
    """The text on one line, shown as it is wherever Markdown stands."""
    text = " ".join(text.split())
    parts = _LINKED.split(_SPECIAL.sub(lambda found: f"\\{found[0]}", text))
    return "<!-- -->".join("".join(_HTML.get(c, c) for c in part) for part in parts)


def _code(text: str) -> str:
    return f"<code>{escaped(text)}</code>"


def _html(text: str) -> str:
    """The text inside an HTML element that Markdown does not look into, as ``summary``.

    Markdown does look into inline text there, so its characters become entities.
    """
    return "".join(c if c.isalnum() or c in " ,;'\"" or c > "~" else f"&#{ord(c)};" for c in text)
