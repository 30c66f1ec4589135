"""``httpsteps list``: which scenarios a run would be made of."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from runner.cli.choosing import add_choices, chosen
from runner.cli.main import BAD_USAGE, NOTHING_TO_RUN, PASSED
from runner.cli.output import UsageError, coloured, complain, show_problems
from runner.cli.settings import read_settings
from runner.execution.suite import discover, jobs_of, load_all
from runner.scenario.problems import ProblemError


def add_parser(commands: Any) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser(
        "list",
        help="list the scenarios a run would be made of",
        description="Lists scenarios and their cases, with their tags; nothing is sent.",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders (scenarios/)")
    add_choices(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0, 2 when a file is invalid, 5 when there is nothing to list."""
    try:
        settings = read_settings(Path.cwd())
    except ProblemError as error:
        show_problems(error.problems, sys.stderr, colour=coloured(sys.stderr))
        return BAD_USAGE
    paths = arguments.paths or settings.paths or ["scenarios"]
    found, missing = discover(paths, settings.exclude)
    scenarios, problems = load_all(found)
    try:
        jobs = chosen(jobs_of(scenarios), arguments, settings.tag)
    except UsageError as error:
        complain(str(error), error.hint)
        return BAD_USAGE
    for scenario, case in jobs:
        label = f" [{case.label}]" if case.label else ""
        tags = "".join(f" #{tag}" for tag in scenario.tags)
        skipped = f" (skipped: {scenario.skip})" if scenario.skip else ""
        sys.stdout.write(f"{scenario.file}  {scenario.name}{label}{tags}{skipped}\n")
    problems = [*missing, *problems]
    if problems:
        show_problems(problems, sys.stderr, colour=coloured(sys.stderr))
        return BAD_USAGE
    if not scenarios:
        complain(f"no scenarios in {', '.join(paths)}", "scenarios are files that end in .yaml")
        return NOTHING_TO_RUN
    return PASSED
