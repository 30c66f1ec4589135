"""``httpsteps check``: everything that is wrong with scenarios and needs no network to be seen."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from runner.cli.main import BAD_USAGE, NOTHING_TO_RUN, PASSED
from runner.cli.output import coloured, complain, counted, show_problems
from runner.cli.settings import read_settings
from runner.execution.suite import discover, jobs_of, load_all
from runner.scenario.problems import ProblemError, as_github, as_json

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
    parser.add_argument("--no-color", action="store_true", help="no colours")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when nothing is wrong, 2 when something is, 5 with nothing to check."""
    paths = arguments.paths or ["scenarios"]
    try:
        settings = read_settings(Path.cwd())
    except ProblemError as error:
        show_problems(error.problems, sys.stderr, colour=coloured(sys.stderr))
        return BAD_USAGE
    found, missing = discover(paths, settings.exclude)
    if not found and not missing:
        complain(f"no scenarios in {', '.join(paths)}", "scenarios are files that end in .yaml")
        return NOTHING_TO_RUN
    scenarios, problems = load_all(found)
    problems = [*missing, *problems]
    if arguments.format == "json":
        document = {"files": len(found), "problems": [as_json(problem) for problem in problems]}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    elif arguments.format == "github":
        for problem in problems:
            sys.stdout.write(as_github(problem) + "\n")
    else:
        colour = coloured(sys.stdout, wanted=not arguments.no_color)
        show_problems(problems, sys.stdout, colour=colour)
        if not problems:
            count = len(jobs_of(scenarios))
            sys.stdout.write(
                f"{counted(len(found), 'file')}, {counted(count, 'scenario')}: no problems\n"
            )
    return BAD_USAGE if problems else PASSED
