"""One step that did not pass, as a person wants to read it at three in the morning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from runner.reports import console_facts as facts
from runner.reports.console_source import frame
from runner.reports.shell import wrap_command
from runner.reports.style import Ink, Style, fill
from runner.result import Attempt, StepResult
from runner.units import show_seconds

_BAD: Final = ("failed", "error")
_ATTEMPTS: Final = 6


class Shown(NamedTuple):
    """A step to show: its path (``3.1``), the names of the steps around it, those before it."""

    step: StepResult
    path: str
    of: int
    around: tuple[str, ...] = ()
    before: tuple[StepResult, ...] = ()


def culprits(steps: Sequence[StepResult], prefix: str = "") -> Iterator[Shown]:
    """The steps that did not pass: of a composite those inside, unless its own checks failed."""
    for index, step in enumerate(steps):
        if step.outcome in _BAD:
            shown = Shown(step, f"{prefix}{index + 1}", len(steps), before=tuple(steps[:index]))
            yield from inside(shown)


def inside(shown: Shown) -> Iterator[Shown]:
    """The step itself, or of a composite those inside that did not pass."""
    step = shown.step
    inner = [(n, one) for n, one in enumerate(step.steps) if one.outcome in _BAD]
    if step.failures or not inner:
        times = dict(step.times)
        if not times:
            for one in step.steps:
                times.update(one.times)
        yield shown._replace(step=step._replace(times=times))
        return
    for index, one in inner:
        whole = one._replace(
            snippet=one.snippet or (step.snippet if one.at == step.at else None),
            hint=one.hint or step.hint,
            curl=one.curl or step.curl,
            attempts=one.attempts or step.attempts,
            facts={**step.facts, **one.facts},
        )
        around = (*shown.around, step.name)
        yield from inside(
            Shown(whole, f"{shown.path}.{index + 1}", shown.of, around, tuple(step.steps[:index]))
        )


class Note(NamedTuple):
    """A line behind ``=``: items that are not broken where there are several, and lines below."""

    title: str
    items: Sequence[str]
    below: Sequence[Ink] = ()


def render_step(shown: Shown, style: Style) -> list[str]:
    """The lines on one step that did not pass, without indentation."""
    step = shown.step
    kind = step.kind or step.outcome
    word = "error" if step.outcome == "error" else "failed"
    head = [Ink(f"{word}: ", "bold red")]
    message = f"{step.message or kind}{also(step)}  [{kind}]"
    lines = list(style.hang(head, message, "bold"))
    source, gutter = frame(step, style)
    margin = " " * gutter
    lines += [*source, style.line(Ink(f"{margin} |", "blue"))]
    for note in _notes(shown, style, style.prose - gutter - 3):
        lines += _note(note, margin, style)
    return lines


def also(step: StepResult) -> str:
    """How many more checks failed than the one the step's message is on."""
    more = len(step.failures) - 1
    return f", and {more} more check{'s' * (more > 1)} failed" if more > 0 else ""


def _note(note: Note, margin: str, style: Style) -> Iterator[str]:
    head = [Ink(f"{margin} = ", "blue"), Ink(f"{note.title}: ", "bold")]
    indent = len(margin) + 3 + len(note.title) + 2
    if len(note.items) == 1:
        yield from style.hang(head, note.items[0])
    else:
        rows = fill(note.items, style.glyph(" · "), style.prose - indent) if note.items else [""]
        for number, row in enumerate(rows):
            yield style.line(*(head if number == 0 else [" " * indent]), row)
    for line in note.below:
        yield style.line(margin, "   ", line)


def _notes(shown: Shown, style: Style, room: int) -> Iterator[Note]:
    step = shown.step
    name = step.name if step.name.startswith(step.verb) else f'{step.verb} "{step.name}"'
    first, *parts = shown.path.split(".")
    names = [*shown.around, name]
    inside = "".join(f"; in its part {n}, {one}" for n, one in zip(parts, names[1:], strict=False))
    took = show_seconds(step.duration)
    yield Note("step", [f"{first} of {shown.of}, {names[0]}{inside}, took {took}"])
    if phases := facts.phases(step, shown.before, style):
        yield Note("phases", phases)
    if text := facts.peer(step):
        yield Note("peer", [text])
    if parts := facts.certificate(step):
        yield Note("certificate", parts)
    for hop in facts.hops(step, style):
        yield Note("redirect", [hop])
    if text := facts.status_line(step, style):
        headers = fill(facts.headers(step), style.glyph(" · "), room)
        body = (Ink(line, "dim") for line in facts.body(step, style, room))
        yield Note("answer", [text], [*(Ink(line, "") for line in headers), *body])
    for text in _attempts(step):
        yield Note("attempts" if " to " in text.split(",")[0] else "attempt", [text])
    for cause in step.causes:
        if cause not in (step.message or ""):
            yield Note("cause", [cause])
    if step.hint:
        yield Note("hint", [step.hint])
    if step.curl:
        command = wrap_command(step.curl, room)
        yield Note("to repeat it", [], [Ink(line, "cyan") for line in command])


def _attempts(step: StepResult) -> list[str]:
    """What came of each attempt; those in a row that ended alike are told together."""
    told: list[str] = []
    if len(step.attempts) < 2:
        return told
    number = 0
    for (kind, message), group in groupby(step.attempts, lambda one: (one.kind, one.message)):
        tries: list[Attempt] = list(group)
        first, number = number + 1, number + len(tries)
        last = tries[-1]
        which = f"{first} to {number}" if len(tries) > 1 else f"{number}"
        took = show_seconds(max(0.0, last.started + last.duration - tries[0].started))
        text = f"{which}, took {took}: {kind or last.outcome}"
        told.append(text if message in (None, step.message) else f"{text}, {message}")
    if len(told) > _ATTEMPTS:
        told[2 : 3 - _ATTEMPTS] = []
    return told
