"""The reports of one run: each ``--report FORMAT=PATH`` fed while it goes on, or written after."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from runner.cli.output import UsageError
from runner.execution.interpreter import Listen
from runner.redact import Redactor
from runner.reports.console import Console
from runner.reports.formats import (
    FORMATS,
    STDOUT,
    Format,
    FormatError,
    options_of,
    parse_report,
)
from runner.result import SuiteResult

Report = tuple[Format, Path]

__all__ = ["FORMATS", "STDOUT", "Report", "Told", "parse_reports", "reporting"]


class Told(NamedTuple):
    """Who is told of a run: ``in_turn`` of one scenario after the other, ``live`` as it comes.

    ``live_steps``: whether ``live`` is to be told of steps too.
    """

    in_turn: Listen
    live: Listen
    live_steps: bool


def parse_reports(words: Sequence[str]) -> list[Report]:
    """The formats and paths of ``FORMAT=PATH`` words. Raises ``UsageError``."""
    try:
        reports = [parse_report(word, "--report") for word in words]
    except FormatError as error:
        raise UsageError(str(error), error.hint) from None
    taken: set[Path] = set()
    for form, path in reports:
        _writable(form, path)
        if path in taken:
            raise UsageError(f"--report {form.name}={path}: another report goes there already")
        taken.add(path)
    return reports


def _writable(form: Format, path: Path) -> None:
    """A report that cannot be written is said before anything is sent."""
    if path == STDOUT:
        return
    if path.is_dir():
        raise UsageError(f"--report {form.name}={path}: this is a folder", "name a file in it")
    folder = next((each for each in path.absolute().parents if each.exists()), None)
    if folder is not None and not folder.is_dir():
        raise UsageError(f"--report {form.name}={path}: {folder} is no folder")
    if folder is None or not os.access(folder, os.W_OK):
        raise UsageError(f"--report {form.name}={path}: {folder} cannot be written to")


@contextmanager
def reporting(
    reports: Sequence[Report],
    console: Console,
    redactor: Redactor,
    options: Mapping[str, Any],
    others: Sequence[Listen] = (),
) -> Iterator[Told]:
    """The listeners of the console, all reports and ``others``; documents are written when the run
    is over. What comes as lines comes as it happens, with the number of its scenario.

    Raises OSError for a file that cannot be written.
    """
    listeners: list[Listen] = [console.live, *others]
    lines = any(form.live for form, _ in reports)
    suites: list[SuiteResult] = []
    with ExitStack() as stack:
        for form, path in reports:
            if form.live:
                from runner.reports.jsonl import JsonLines

                listeners.append(JsonLines(_opened(path, stack), redactor.value))

        def tell(event: str, detail: Any) -> None:
            if event == "run-finished":
                suites.append(detail["result"])
            for listener in listeners:
                listener(event, detail)

        yield Told(console, tell, lines)
    for form, path in reports:
        for suite in suites if not form.live else ():
            form.write(suite, path, redactor.value, **options_of(form, options))


def _opened(path: Path, stack: ExitStack) -> IO[bytes]:
    if path == STDOUT:
        return sys.stdout.buffer
    path.parent.mkdir(parents=True, exist_ok=True)
    return stack.enter_context(path.open("wb"))
