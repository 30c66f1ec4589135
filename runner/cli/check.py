"""``httpsteps check``: everything that is wrong with scenarios and needs no network to be seen."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runner.cli.environments import environment_folders
from runner.cli.given import slips
from runner.cli.looking import look
from runner.cli.main import BAD_USAGE, PASSED
from runner.cli.output import coloured, counted, show_problems
from runner.execution.finding import Found
from runner.execution.scope import Variables
from runner.execution.suite import jobs_of, load_all
from runner.scenario.environment import Environment, read_environment
from runner.scenario.lint import warnings_of
from runner.scenario.parts import missing_parts
from runner.scenario.problems import Problem, ProblemError, as_github, as_json

_EPILOG = """\
examples:
  httpsteps check
  httpsteps check scenarios/shop.yaml
  httpsteps check --format github        annotations in a GitHub workflow
"""


def add_parser(commands: Any) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser(
        "check",
        help="find all problems of all files; nothing is sent",
        description="Checks scenarios without sending anything: all problems, not the first.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders (scenarios/)")
    parser.add_argument(
        "--format", choices=("text", "json", "github"), default="text", help="how to show problems"
    )
    parser.add_argument("--strict", action="store_true", help="warnings are problems: status 2")
    parser.add_argument("--no-color", action="store_true", help="no colours")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when nothing is wrong, 2 when something is, 5 with nothing to check.

    Warnings change it with ``--strict`` only.
    """
    sight = look(arguments)
    if isinstance(sight, int):
        return sight
    settings, found, missing = sight
    scenarios, problems = load_all(found)
    environments, wrong = _environments(found)
    elsewhere = {name for each in environments for name in each.values}
    if not settings.vars and not settings.secrets:
        for scenario in scenarios:
            problems += missing_parts(scenario, elsewhere)
    problems = [*missing, *problems, *wrong]
    scope = Variables(os.environ)
    warnings = [told for scenario in scenarios for told in warnings_of(scenario, scope)]
    warnings += [told for each in environments for told in slips((), each, scenarios)]
    if arguments.format == "json":
        document = {
            "files": len(found),
            "problems": [as_json(problem) for problem in problems],
            "warnings": [as_json(warning) for warning in warnings],
        }
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    elif arguments.format == "github":
        for problem in (*problems, *warnings):
            sys.stdout.write(as_github(problem) + "\n")
    else:
        colour = coloured(sys.stdout, wanted=settings.color and not arguments.no_color)
        show_problems([*problems, *warnings], sys.stdout, colour=colour)
        if not problems:
            count = len(jobs_of(scenarios))
            sys.stdout.write(
                f"{counted(len(found), 'file')}, {counted(count, 'scenario')}: no problems\n"
            )
    strict = arguments.strict or settings.strict
    return BAD_USAGE if problems or (strict and warnings) else PASSED


def _environments(found: Sequence[Found]) -> tuple[list[Environment], list[Problem]]:
    """The environments of these scenarios, and what is wrong with them."""
    places = {(each.path.parent, each.root): each for each in found}.values()
    folders = dict.fromkeys(folder for each in places for folder in environment_folders(each))
    made: list[Environment] = []
    problems: list[Problem] = []
    for path in (file for folder in folders for file in sorted(folder.glob("*.yaml"))):
        try:
            made.append(read_environment(path, path.parent, Path(os.path.relpath(path)).as_posix()))
        except ProblemError as error:
            problems += error.problems
    return made, problems
