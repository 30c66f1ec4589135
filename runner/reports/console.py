"""The console: a line for each scenario, what went wrong below it, the counts at the end.

Live lines come from events; everything else is a function of the result alone, so that a saved
result is shown just as the run was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TextIO

from runner.reports.cleaning import Clean, clean_scenario, for_terminal
from runner.reports.console_scenario import render_scenario
from runner.reports.style import Ink, Part, Style
from runner.result import ScenarioResult, SuiteResult
from runner.units import show_seconds

if TYPE_CHECKING:
    from runner.reports.progress import Progress
    from runner.reports.verbose import Verbose

__all__ = ["Console", "render_scenario", "render_suite", "summary"]

_BAD: Final = ("failed", "error")
_RECAP: Final = 10
_REDRAW: Final = 0.05
_CLEAR: Final = "\r\x1b[K"
_IN_A_SCENARIO: Final = ("step-started", "phase")
_ON_THE_WAY: Final = ("scenario-started", "scenario-finished")


class Console:
    """A listener that writes to a text stream.

    ``clean`` is applied to every text that came from outside (redaction, control sequences) before
    it is cut or wrapped. ``quiet`` leaves out scenarios that passed or were skipped; ``verbose``
    adds the phases of every step as they happen. ``live`` says whether a progress line may be drawn
    and cleared again: on a terminal only. ``expected`` and ``at_once`` are those of ``Progress``;
    with several at once the line is drawn by ``live``, which takes events as they come. May be
    called from several threads.

    Its events and their details are those of ``JsonLines``; events it does not know are passed
    over.
    """

    def __init__(
        self,
        stream: TextIO,
        style: Style,
        *,
        clean: Clean | None = None,
        quiet: bool = False,
        verbose: bool = False,
        live: bool | None = None,
        expected: Sequence[float | None] = (),
        at_once: int = 1,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._stream = stream
        self._style = style
        self._clean = for_terminal(clean)
        self._quiet = quiet
        self._verbose = _verbose(style, self._clean) if verbose else None
        shown = (stream.isatty() and style.redraws if live is None else live) and not verbose
        self._progress = _progress(expected, at_once) if shown else None
        self._apart = at_once > 1
        self._clock = clock
        self._lock = RLock()
        self._drawn = False
        self._last = ""
        self._next = 0.0

    @property
    def wants_steps(self) -> bool:
        """Whether anything is shown of steps and phases while they go on."""
        return self._verbose is not None or (self._progress is not None and not self._apart)

    def __call__(self, event: str, detail: Mapping[str, Any]) -> None:
        """Takes one event. Raises OSError when the stream is gone."""
        with self._lock:
            if not self._apart:
                self._show_progress(event, detail)
            if event == "scenario-finished":
                result: ScenarioResult = detail["result"]
                if not self._quiet or result.outcome in _BAD or result.warnings:
                    self._write(render_scenario(result, self._style, self._clean))
            elif self._verbose is not None:
                self._write("".join(f"{line}\n" for line in self._verbose.lines(event, detail)))

    def live(self, event: str, detail: Mapping[str, Any]) -> None:
        """Takes an event as it comes, of whichever scenario."""
        with self._lock:
            if self._apart:
                self._show_progress(event, detail)

    def note(self, text: str) -> None:
        """Writes a line on the run itself, before it begins; nothing when quiet."""
        with self._lock:
            if not self._quiet:
                self._write(self._style.line(Ink(self._clean(text), "dim")) + "\n")

    def finish(self, suite: SuiteResult, notes: Iterable[str] = ()) -> None:
        """Writes what stands below the scenarios: failures once more in a long run, these notes,
        the counts.
        """
        with self._lock:
            gap = "\n" if self._last and not self._last.endswith("\n\n") else ""
            told = [self._style.line(Ink(self._clean(note), "yellow")) + "\n" for note in notes]
            self._write(gap + "".join(told) + ending(suite, self._style, self._clean))

    def close(self) -> None:
        """Takes a progress line away that is still there."""
        with self._lock:
            self._write("")

    def _write(self, text: str) -> None:
        self._last = text or self._last
        if self._drawn:
            text = _CLEAR + text
            self._drawn = False
        if text:
            self._stream.write(_written(text, self._stream.encoding))
            self._stream.flush()

    def _show_progress(self, event: str, detail: Mapping[str, Any]) -> None:
        if self._progress is None:
            return
        self._progress.take(event, detail)
        if event not in (_ON_THE_WAY if self._apart else _IN_A_SCENARIO):
            return
        now = self._clock()
        if now < self._next:
            return
        self._next = now + _REDRAW
        style = self._style
        text = self._clean(self._progress.text(event, detail))
        line = style.line(Ink(style.cut(text, (style.width or 80) - 1), "dim"))
        self._stream.write(_written(_CLEAR + line, self._stream.encoding))
        self._stream.flush()
        self._drawn = True


def render_suite(
    suite: SuiteResult, style: Style, clean: Clean | None = None, *, quiet: bool = False
) -> str:
    """A whole run as the console shows it in the end."""
    shown = [one for one in suite.scenarios if not quiet or one.outcome in _BAD]
    body = "".join(render_scenario(one, style, clean) for one in shown)
    gap = "\n" if body and not body.endswith("\n\n") else ""
    return body + gap + ending(suite, style, clean)


def ending(suite: SuiteResult, style: Style, clean: Clean | None = None) -> str:
    """What stands below the scenarios. The last line is ``summary``."""
    lines: list[str] = []
    counts = suite.counts()
    bad = sum(counts[outcome] for outcome in _BAD)
    if bad and len(suite.scenarios) > _RECAP:
        lines.append(style.line(Ink("Not passed:", "bold")))
        shown = for_terminal(clean)
        for result in suite.scenarios:
            if result.outcome not in _BAD:
                continue
            one = clean_scenario(result, shown, bad_only=True)
            kind, place = _culprit(one)
            case = f" [{one.case}]" if one.case else ""
            text = f"  {place}  {kind}  {one.name}{case}"
            lines.append(style.line(style.cut(text, style.width) if style.width else text))
        lines.append("")
    if suite.seed is not None and bad:
        lines.append(style.line(Ink(f"random values repeat with --seed {suite.seed}", "dim")))
    unfinished = suite.unfinished()
    if unfinished is not None:
        lines.append(style.line(Ink(unfinished, "yellow")))
    parts: list[Part] = []
    looks = {"passed": "green", "failed": "bold red", "errors": "bold red", "skipped": "yellow"}
    for text in summary(suite).split(", "):
        head, space, duration = text.partition(" in ")
        count, word = head.split(" ")
        look = looks.get("errors" if word == "error" else word, "") if count != "0" else ""
        parts += [", " if parts else "", Ink(head, look), space + duration]
    lines.append(style.line(*parts))
    return "".join(f"{line}\n" for line in lines)


def summary(suite: SuiteResult) -> str:
    """The last line: ``4 passed, 1 failed, 0 errors, 2 skipped in 1.24 s``."""
    counts = suite.counts()
    errors = "error" if counts["error"] == 1 else "errors"
    return (
        f"{counts['passed']} passed, {counts['failed']} failed, {counts['error']} {errors}, "
        f"{counts['skipped']} skipped in {show_seconds(suite.duration)}"
    )


def _progress(expected: Sequence[float | None], at_once: int) -> Progress:
    from runner.reports.progress import Progress

    return Progress(expected, at_once)


def _verbose(style: Style, clean: Clean) -> Verbose:
    from runner.reports.verbose import Verbose

    return Verbose(style, clean)


def _culprit(scenario: ScenarioResult) -> tuple[str, str]:
    """The kind and the place of what was first wrong with the scenario."""
    from runner.reports.console_source import place_of
    from runner.reports.console_step import culprits

    for shown in culprits([*scenario.steps, *scenario.teardown]):
        step = shown.step
        return step.kind or step.outcome, place_of(step)
    return scenario.kind or scenario.outcome, scenario.file


def _written(text: str, encoding: str | None) -> str:
    """The text with what the stream cannot encode as escapes."""
    encoding = encoding or "utf-8"
    try:
        return text.encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:
        return text.encode("ascii", "backslashreplace").decode("ascii")
