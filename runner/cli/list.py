"""``httpsteps list``: which scenarios a run would be made of."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from runner.cli.choosing import NothingLeftError, add_choices, chosen
from runner.cli.looking import look
from runner.cli.main import BAD_USAGE, NOTHING_TO_RUN, PASSED
from runner.cli.output import UsageError, coloured, complain, show_problems
from runner.execution.jobs import jobs_of, load_sheets

_EPILOG = """\
examples:
  httpsteps list                         all there are below scenarios/
  httpsteps list --tag smoke             those of a run with the same words
  httpsteps list --failed                those that did not pass last time
"""


def add_parser(commands: Any) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser(
        "list",
        help="list the scenarios a run would be made of",
        description="Lists scenarios and their cases, with their tags; nothing is sent.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders (scenarios/)")
    add_choices(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0, 2 when a file is invalid, 5 when there is nothing to list."""
    sight = look(arguments)
    if isinstance(sight, int):
        return sight
    settings, found, missing = sight
    scenarios, problems = load_sheets(found)
    try:
        jobs, _ = chosen(jobs_of(scenarios), arguments, settings)
    except NothingLeftError as error:
        complain(str(error), error.hint)
        return NOTHING_TO_RUN
    except UsageError as error:
        complain(str(error), error.hint)
        return BAD_USAGE
    for job in jobs:
        scenario = job.scenario
        label = f" [{job.label}]" if job.label else ""
        tags = "".join(f" #{tag}" for tag in scenario.tags)
        skipped = f" (skipped: {scenario.skip})" if scenario.skip else ""
        sys.stdout.write(f"{scenario.file}  {scenario.name}{label}{tags}{skipped}\n")
    problems = [*missing, *problems]
    if problems:
        show_problems(problems, sys.stderr, colour=coloured(sys.stderr))
        return BAD_USAGE
    return PASSED
