"""A load on a terminal: a line while it goes on, and a table at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Final, TextIO

from runner.columns import display_width
from runner.load_test.entries import SCENARIO
from runner.load_test.outcome import Counts, Failed, Row, Threshold
from runner.reports.style import Ink, Part, Style
from runner.units import show_seconds

if TYPE_CHECKING:
    from locust.env import Environment

_EVERY: Final = 1.0
_NARROWEST: Final = 12
_FAILURES_SHOWN: Final = 20


class LoadConsole:
    """Writes to one stream, with secrets masked by ``clean``. Names that are too long for a
    terminal are cut; in a pipe they are whole.
    """

    def __init__(self, stream: TextIO, style: Style, clean: Callable[[str], str]) -> None:
        self._stream = stream
        self._style = style
        self._clean = clean
        self._live = stream.isatty() and style.redraws
        self._any = False
        self._shown = False
        self._last = 0.0

    def note(self, text: str, look: str = "") -> None:
        """A line that stays."""
        self._erase()
        for line in self._style.hang([], self._clean(text), look):
            self._write(line)
        self._stream.flush()

    def waiting(self, come: int, expected: int, where: str) -> None:
        """Says how many workers have come, on a terminal."""
        if self._due():
            self._show(f"waiting for workers on {where}: {come} of {expected} have come")

    def tick(self, environment: Environment, seconds: float, duration: float | None) -> None:
        """Says how far the load is, once a second, on a terminal."""
        if not self._due():
            return
        runner, stats = environment.runner, environment.stats
        users = 0 if runner is None else runner.user_count
        rows = [entry for entry in stats.entries.values() if entry.method != SCENARIO]
        whole = [entry for entry in stats.entries.values() if entry.method == SCENARIO]
        rate = sum(entry.current_rps for entry in rows)
        bad = sum(entry.num_failures for entry in whole)
        done = sum(entry.num_requests for entry in whole)
        left = 0.0 if duration is None else duration - seconds
        time = f"{seconds:.0f} s" + (f", {left:.0f} s left" if left > 0 else "")
        self._show(
            f"{time} · {users} users · {done} iterations, {bad} not passed · {rate:.0f} steps/s"
        )

    def close(self) -> None:
        """Takes the live line away."""
        self._erase()
        self._stream.flush()

    def summary(
        self,
        rows: Sequence[Row],
        failures: Sequence[Failed],
        counts: Counts,
        thresholds: Sequence[Threshold],
        head: str,
    ) -> None:
        """The table of entries, the failures by kind, and what was asked of the load."""
        self._erase()
        if self._any:
            self._write("")
        self._write(self._style.line(Ink(self._clean(head), "bold")))
        if rows:
            self._write("")
            self._table(rows)
        shown = _told(failures)
        if shown:
            self._write("")
            self._write(self._style.line(Ink("failures", "bold")))
            for each in shown[:_FAILURES_SHOWN]:
                text = f"{each.kind}: {each.message}  {each.type} {each.name}"
                for line in self._style.hang([f"{each.times:>8}  "], self._clean(text)):
                    self._write(line)
            if len(shown) > _FAILURES_SHOWN:
                self._write(f"{'':8}  and {len(shown) - _FAILURES_SHOWN} more reasons")
        self._write("")
        for asked in thresholds:
            mark = self._style.mark("passed" if asked.holds else "failed")
            look = "" if asked.holds else "red"
            for line in self._style.hang(
                [mark, f" {asked.option}: "], self._clean(asked.message), look
            ):
                self._write(line)
        cut = f", {counts.cut} cut short" if counts.cut else ""
        self._write(
            f"{counts.all} iterations: {counts.passed} passed, {counts.failed} failed,"
            f" {counts.error} errors{cut}"
        )
        self._stream.flush()

    def _table(self, rows: Sequence[Row]) -> None:
        kinds = max(len(row.type) for row in rows) + 2
        longest = max(display_width(row.name) for row in rows)
        columns = [_column(name, rows) for name in _COLUMNS]
        room = longest
        if self._style.width is not None:
            free = self._style.width - kinds
            for name in _LESSER:
                if free - _width(columns) < _NARROWEST:
                    columns = [column for column in columns if column[0].strip() != name]
            room = max(1, min(longest, free - _width(columns)))
        head = "".join(column[0] for column in columns)
        title = self._style.cut("times in ms", kinds + room)
        self._write(self._style.line(Ink(f"{title:{kinds + room}}{head}", "dim")))
        for number, row in enumerate(rows, 1):
            name = self._style.cut(self._clean(row.name), room)
            name += " " * (room - display_width(name))
            cells: list[Part] = [column[number] for column in columns]
            if row.failures:
                cells[1] = Ink(columns[1][number], "red")
            look = "dim" if row.type == SCENARIO else ""
            self._write(
                self._style.line(Ink(f"{row.type:{kinds}}", "cyan"), Ink(name, look), *cells)
            )

    def _due(self) -> bool:
        now = perf_counter()
        if not self._live or now - self._last < _EVERY:
            return False
        self._last = now
        return True

    def _show(self, text: str) -> None:
        width = (self._style.width or 80) - 1
        shown = self._style.cut(self._clean(text), width)
        self._stream.write(f"\r\x1b[K{self._style.line(Ink(shown, 'dim'))}")
        self._stream.flush()
        self._shown = True

    def _erase(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._shown = False

    def _write(self, line: str) -> None:
        self._any = True
        self._stream.write(f"{line}\n")


def _told(failures: Sequence[Failed]) -> list[Failed]:
    """Those to be shown: a scenario's only where none of its steps tells the same."""
    of_steps = {(each.kind, each.message) for each in failures if each.type != SCENARIO}
    return [
        each
        for each in failures
        if each.type != SCENARIO or (each.kind, each.message) not in of_steps
    ]


def _column(name: str, rows: Sequence[Row]) -> list[str]:
    """The head of a column and its numbers, all as wide."""
    cells = [name, *(_COLUMNS[name](row) for row in rows)]
    width = max(map(len, cells)) + 2
    return [f"{cell:>{width}}" for cell in cells]


def _width(columns: Sequence[Sequence[str]]) -> int:
    return sum(len(column[0]) for column in columns)


def _ms(milliseconds: float) -> str:
    if milliseconds < 1:
        return "<1"
    return f"{milliseconds:.0f}"


_COLUMNS: Final[Mapping[str, Callable[[Row], str]]] = {
    "count": lambda row: str(row.requests),
    "failed": lambda row: str(row.failures),
    "/s": lambda row: f"{row.rate:.1f}",
    "p50": lambda row: _ms(row.p50),
    "p95": lambda row: _ms(row.p95),
    "p99": lambda row: _ms(row.p99),
    "max": lambda row: _ms(row.max),
}
# What a narrow terminal does without, in this order.
_LESSER: Final = ("p99", "/s", "p50", "max")


def heading(
    seconds: float, whole: float, users: int, come: int, lost: int, rate: float | None
) -> Iterator[str]:
    """What the load was, in parts: it went on for ``seconds``, and was all over after ``whole``."""
    yield f"{users} user{'' if users == 1 else 's'} for {show_seconds(seconds)}"
    if whole - seconds >= _EVERY:
        yield f"{show_seconds(whole - seconds)} more until all iterations were over"
    if come:
        yield f"{come} worker{'' if come == 1 else 's'}" + (f", {lost} lost" if lost else "")
    if rate is not None:
        yield f"{rate:g} iterations/s asked for"
