"""Problems on a terminal or in a pipe, with nothing in them that must stay secret."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from runner.scenario.problems import Problem, render


def coloured(stream: TextIO, *, wanted: bool = True) -> bool:
    """Whether to write colours: on a terminal, unless ``NO_COLOR`` or the caller says no."""
    return wanted and stream.isatty() and not os.environ.get("NO_COLOR")


def show_problems(problems: Sequence[Problem], stream: TextIO, *, colour: bool) -> None:
    """Writes the problems one after the other, and how many there were."""
    for problem in problems:
        stream.write(render(problem, colour) + "\n\n")
    files = {problem.at.file for problem in problems if problem.at}
    if len(problems) > 1:
        where = f" in {len(files)} files" if len(files) > 1 else ""
        stream.write(f"{len(problems)} problems{where}\n")


def complain(message: str, hint: str | None = None) -> None:
    """One line to standard error, and a hint below it."""
    sys.stderr.write(f"httpsteps: {message}\n")
    if hint:
        sys.stderr.write(f"  hint: {hint}\n")


def counted(count: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
