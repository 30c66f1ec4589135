"""One scenario on the console: its line, and what is to say about steps that did not pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from runner.columns import display_width
from runner.reports.cleaning import Clean, clean_scenario, for_terminal
from runner.reports.style import Ink, Part, Style
from runner.result import ScenarioResult, StepResult
from runner.units import show_seconds

_BAD: Final = ("failed", "error")


def render_scenario(result: ScenarioResult, style: Style, clean: Clean | None = None) -> str:
    """The scenario as text that ends in a newline: one line, and below it each step that failed.

    ``clean`` is applied to every text before it is cut or wrapped; control sequences are taken out
    in any case.
    """
    result = clean_scenario(result, for_terminal(clean), bad_only=True)
    lines = list(_headline(result, style))
    for warning in result.warnings:
        lines += style.hang(["  ", Ink("warning: ", "bold yellow")], warning, "yellow")
    lines += _second_tries(result, style)
    if result.outcome in _BAD:
        lines += verdict(result, style)
        lines.append("")
    return "".join(f"{line}\n" for line in lines)


def _headline(result: ScenarioResult, style: Style) -> Iterator[str]:
    mark = style.mark(result.outcome)
    name = result.name if result.case is None else f"{result.name} [{result.case}]"
    fields: list[tuple[str, str]] = [(name, "bold" if result.outcome in _BAD else "")]
    fields.append((result.file, "dim"))
    if result.outcome == "skipped":
        fields.append((f"skipped: {result.reason}" if result.reason else "skipped", "yellow"))
    else:
        fields.append(_steps(result))
        fields.append((show_seconds(result.duration), "dim"))
    if result.outcome == "passed" and result.reason:
        fields.append((f"failed as expected: {result.reason}", "yellow"))
    head: list[Part] = [mark, " "]
    indent = " " * (display_width(mark.text) + 1)
    line = [*head, *_joined(fields)]
    if not style.width or _columns(line) <= style.width:
        yield style.line(*line)
        return
    yield from style.hang(head, *fields[0])
    line = [indent]
    for field in fields[1:]:
        if len(line) > 1 and _columns([*line, "  ", field[0]]) > style.width:
            yield style.line(*line)
            line = [indent]
        if _columns([indent, field[0]]) > style.width:
            yield from style.hang([indent], *field)
        else:
            line += _joined([("", ""), field] if len(line) > 1 else [field])
    if len(line) > 1:
        yield style.line(*line)


def _joined(fields: Sequence[tuple[str, str]]) -> list[Part]:
    parts: list[Part] = []
    for number, (text, look) in enumerate(fields):
        parts += ["  ", Ink(text, look)] if number else [Ink(text, look)]
    return parts


def _columns(parts: Sequence[Part]) -> int:
    return sum(display_width(part if isinstance(part, str) else part.text) for part in parts)


def _steps(result: ScenarioResult) -> tuple[str, str]:
    """How many steps there are, or which of them the scenario did not get past."""
    count = len(result.steps)
    for index, step in enumerate(result.steps):
        if result.outcome in _BAD and step.outcome in _BAD:
            verb = "failed" if step.outcome == "failed" else "error"
            return f"{verb} at step {index + 1} of {count}", "red"
    if any(step.outcome in _BAD for step in result.teardown):
        return "failed in its teardown", "red"
    text = f"{count} step" + "s" * (count != 1)
    if result.outcome in _BAD:
        return f"{result.outcome}, {text}", "red"
    skipped = sum(step.outcome == "skipped" for step in result.steps)
    return f"{text}, {skipped} skipped" if skipped else text, "dim"


def _second_tries(result: ScenarioResult, style: Style) -> Iterator[str]:
    """A line for each step that passed, though not on its first attempt."""
    for path, step in _all(result.steps):
        if step.outcome == "passed" and len(step.attempts) > 1:
            before = dict.fromkeys(a.kind or a.outcome for a in step.attempts[:-1])
            text = f"step {path}, {step.name}: passed on attempt {len(step.attempts)}"
            yield from style.hang(["  "], f"{text} (before: {', '.join(before)})", "yellow")


def _all(steps: Sequence[StepResult], prefix: str = "") -> Iterator[tuple[str, StepResult]]:
    for index, step in enumerate(steps):
        yield f"{prefix}{index + 1}", step
        yield from _all(step.steps, f"{prefix}{index + 1}.")


def verdict(result: ScenarioResult, style: Style) -> Iterator[str]:
    """The lines on everything that went wrong with a scenario whose texts are clean."""
    from runner.reports.console_step import culprits, render_step

    shown = [*culprits(result.steps), *culprits(result.teardown, "teardown ")]
    if result.message and result.message not in [one.step.message for one in shown]:
        kind = f"  [{result.kind}]" if result.kind else ""
        yield ""
        label = "error: " if result.outcome == "error" else "failed: "
        yield from style.hang(["  ", Ink(label, "bold red")], result.message + kind, "bold")
        if result.reason and result.reason not in result.message:
            yield from style.hang(["  ", Ink("reason: ", "bold")], result.reason)
    inside = style._replace(width=(style.width or 82) - 2)
    for one in shown:
        yield ""
        yield from ("  " + line if line else "" for line in render_step(one, inside))
    left = _left_out(result.steps)
    if left:
        were = "step after it was" if left == 1 else "steps after it were"
        yield ""
        yield style.line("  ", Ink(f"{left} {were} skipped", "yellow"))


def _left_out(steps: Sequence[StepResult]) -> int:
    """How many steps were skipped behind the first that did not pass."""
    bad = [index for index, step in enumerate(steps) if step.outcome in _BAD]
    return sum(step.outcome == "skipped" for step in steps[bad[0] :]) if bad else 0
