"""How a command that sends nothing begins: the settings, and the files its words mean."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

from runner.cli.main import BAD_USAGE, NOTHING_TO_RUN
from runner.cli.output import coloured, complain, show_problems
from runner.cli.settings import FileSettings, read_settings
from runner.execution.finding import Found, discover
from runner.scenario.problems import Problem, ProblemError


class Sight(NamedTuple):
    """What a command is about; ``missing`` are problems with words that mean no file."""

    settings: FileSettings
    found: list[Found]
    missing: list[Problem]


def look(arguments: argparse.Namespace) -> Sight | int:
    """What ``arguments.paths`` mean, or those of the settings, or ``scenarios``.

    Where that is nothing, says so and gives the exit status.
    """
    try:
        settings = read_settings(Path.cwd())
    except ProblemError as error:
        show_problems(error.problems, sys.stderr, colour=coloured(sys.stderr))
        return BAD_USAGE
    paths = arguments.paths or settings.paths or ["scenarios"]
    found, missing = discover(paths, settings.exclude)
    if not found and not missing:
        complain(f"no scenarios in {', '.join(paths)}", "scenarios are files that end in .yaml")
        return NOTHING_TO_RUN
    return Sight(settings, found, missing)
