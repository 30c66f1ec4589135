"""The run for GitHub Actions: an annotation on the line of each failure, and a step summary.

Annotations are workflow commands, which the runner reads from a step's output.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from runner.query.show import show
from runner.query.values import MISSING
from runner.reports.cleaning import Clean
from runner.reports.files import write_whole
from runner.reports.told import Blame, blame, cleaned, label, second_try
from runner.result import StepResult, SuiteResult

SUMMARY: Final = "GITHUB_STEP_SUMMARY"
WORKSPACE: Final = "GITHUB_WORKSPACE"
# GitHub refuses a summary of more than 1 MiB.
_LIMIT: Final = 1_000_000


def write_github(
    suite: SuiteResult,
    path: Path,
    clean: Clean | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> None:
    """Writes the annotations; with ``GITHUB_STEP_SUMMARY`` set, adds a page to that file too.

    Raises OSError.
    """
    environ = os.environ if environ is None else environ
    write_whole(path, chunks(suite, clean, environ=environ))
    add_summary(suite, clean, environ)


def add_summary(
    suite: SuiteResult, clean: Clean | None = None, environ: Mapping[str, str] | None = None
) -> None:
    """Adds the page of the run to the step summary, where there is one. Raises OSError."""
    from runner.reports import markdown

    file = (os.environ if environ is None else environ).get(SUMMARY)
    if file:
        with Path(file).open("ab") as out:
            out.writelines(markdown.chunks(suite, clean, limit=_LIMIT))


def chunks(
    suite: SuiteResult, clean: Clean | None = None, *, environ: Mapping[str, str] | None = None
) -> Iterator[bytes]:
    """The annotations in UTF-8, one a line: errors, and warnings on steps that passed late.

    Files are named as the repository knows them, by ``GITHUB_WORKSPACE``.
    """
    workspace = (os.environ if environ is None else environ).get(WORKSPACE)
    for scenario in cleaned(suite, clean):
        name = label(scenario)
        wrong, again = blame(scenario), second_try(scenario)
        if wrong is not None:
            yield _command(
                "error", wrong.place, f"{name}: {wrong.kind}", _message(wrong), workspace
            )
        elif again is not None and scenario.outcome == "passed":
            kinds = dict.fromkeys(one.kind or one.outcome for one in again.attempts[:-1])
            text = (
                f"{again.name} passed on attempt {len(again.attempts)} (before: {', '.join(kinds)})"
            )
            yield _command("warning", again.at, f"{name}: passed late", text, workspace)
    unfinished = suite.unfinished()
    if unfinished is not None:
        kind = "error" if suite.interrupted else "warning"
        yield f"::{kind} title=the run is not whole::{_escaped(unfinished)}\n".encode()


def _message(wrong: Blame) -> str:
    lines = [wrong.message]
    step = wrong.step
    if step is not None:
        lines += _checks(step, wrong.message)
        if step.hint:
            lines.append(f"hint: {step.hint}")
        if step.curl:
            lines.append(f"to repeat it: {step.curl}")
    return "\n".join(lines)


def _checks(step: StepResult, message: str) -> Iterator[str]:
    """What each check expected and found, but for one that the message tells already."""
    for one in step.failures:
        if one.paths:
            yield from one.paths[:10]
            continue
        if message.endswith(one.message):
            continue
        how = "" if one.matcher == "equals" else f"{one.matcher} "
        found = "nothing" if one.found is MISSING else show(one.found)
        yield f"{one.query}: expected {how}{show(one.expected)}, found {found}"


def _command(kind: str, place: str, title: str, text: str, workspace: str | None) -> bytes:
    parts = place.rsplit(":", 2)
    numbered = len(parts) == 3 and parts[1].isdecimal() and parts[2].isdecimal()
    file = _in_workspace(parts[0] if numbered else place, workspace)
    properties = {"file": file}
    if numbered:
        properties |= {"line": parts[1], "col": parts[2]}
    properties["title"] = title
    listed = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::{kind} {listed}::{_escaped(text)}\n".encode("utf-8", "replace")


def _in_workspace(file: str, workspace: str | None) -> str:
    if not workspace:
        return file
    path = os.path.relpath(file, workspace)
    return file if path.startswith("..") else Path(path).as_posix()


def _escaped(text: str, more: str = "") -> str:
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
