"""Problems on a terminal or in a pipe, with nothing in them that must stay secret."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from shutil import get_terminal_size
from typing import TextIO

from runner.scenario.problems import Problem, render


class NotServedError(Exception):
    """The service under test did not come up; the message says why and shows its output."""


class UsageError(Exception):
    """Words that cannot be meant; the message is for the user."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def coloured(stream: TextIO, *, wanted: bool = True) -> bool:
    """Whether to write colours: on a terminal that has them, unless ``NO_COLOR`` or the caller says
    no.
    """
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return wanted and stream.isatty() and not plain


def show_problems(problems: Sequence[Problem], stream: TextIO, *, colour: bool) -> None:
    """Writes the problems one after the other, and how many there were."""
    width = 100
    if stream.isatty() or os.environ.get("COLUMNS"):
        width = max(40, min(width, get_terminal_size().columns))
    for problem in problems:
        stream.write(render(problem, colour, width) + "\n\n")
    count = sum(problem.stands_for for problem in problems)
    if len(problems) > 1:
        files = {problem.at.file for problem in problems if problem.at}
        where = f" in {len(files)} files" if len(files) > 1 else ""
        warnings = sum(problem.severity == "warning" for problem in problems)
        told = []
        if count > warnings:
            more = "more than " if any(not each.stands_for for each in problems) else ""
            told.append(more + counted(count - warnings, "problem"))
        if warnings:
            told.append(counted(warnings, "warning"))
        stream.write(f"{' and '.join(told)}{where}\n")


def complain(message: str, hint: str | None = None) -> None:
    """One line to standard error, and a hint below it."""
    sys.stderr.write(f"httpsteps: {message}\n")
    if hint:
        sys.stderr.write(f"  hint: {hint}\n")


def counted(count: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
