"""``httpsteps run``: carries scenarios out and says what happened."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from runner.cli import main
from runner.cli.choosing import add_choices
from runner.cli.output import NotServedError, UsageError, coloured, complain, show_problems
from runner.cli.plan import Plan, make_plan
from runner.cli.reporting import FORMATS, STDOUT, Report, parse_reports, reporting
from runner.cli.settings import FileSettings, read_settings
from runner.execution.suite import run_suite
from runner.redact import Redactor
from runner.reports.console import Console
from runner.reports.style import Style
from runner.result import SuiteResult, kinds_of
from runner.scenario.problems import ProblemError

_EPILOG = """\
examples:
  httpsteps run
  httpsteps run scenarios/shop.yaml --base https://staging.example -v
  httpsteps run --environment staging --secrets staging.env
  httpsteps run --tag smoke --report json=result.json
  httpsteps run --dry-run                what would be sent, and nothing is
  httpsteps run --serve 'python app.py {port}' --ready /health

values: a word of the command line wins over a file named there, that over a case,
it over environments/NAME.yaml, that over `vars`
"""


def add_parser(commands: Any) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser(
        "run",
        help="run scenarios",
        description="Runs scenarios and reports, step by step, what happened on the wire.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders (scenarios/)")
    add_choices(parser.add_argument_group("which scenarios"))
    _add_values(parser.add_argument_group("with which values"))
    _add_course(parser.add_argument_group("how"))
    _add_output(parser.add_argument_group("what is written"))
    parser.set_defaults(run=run)


def _add_values(group: Any) -> None:
    add = group.add_argument
    add("--base", metavar="URL", help="in place of every scenario's `base`")
    add("--environment", metavar="NAME", help="base, vars and secrets from environments/NAME.yaml")
    add(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="give a variable its value"
    )
    add("--vars", action="append", default=[], metavar="FILE", help="variables: YAML, JSON or .env")
    add("--secret", action="append", default=[], metavar="NAME=VALUE", help="the same, never shown")
    add("--secrets", action="append", default=[], metavar="FILE", help="the same, never shown")
    add("--seed", type=int, metavar="N", help="make ${new.…} values repeat")


def _add_course(group: Any) -> None:
    add = group.add_argument
    add("--dry-run", action="store_true", help="print every request, send nothing")
    add("--fail-fast", action="store_true", help="stop after the first that does not pass")
    add("--deadline", metavar="TIME", help="bound on the whole run, like 10m")
    add("--update-snapshots", action="store_true", help="write the files of `same-as` anew")
    add("--serve", metavar="CMD", help="start this service first; {port} in it is a free port")
    add("--ready", metavar="URL", help="the path that answers when the service is up")


def _add_output(group: Any) -> None:
    add = group.add_argument
    add("--output", type=Path, metavar="DIR", help="the folder `save` writes below")
    shown = ", ".join(FORMATS)
    add("--report", action="append", default=[], metavar="FORMAT=PATH", help=f"formats: {shown}")
    add("--junit-steps", action="store_true", help="junit: a test case for each step")
    add("-v", "--verbose", action="store_true", help="phases as they happen, like curl -v")
    add("-q", "--quiet", action="store_true", help="only what did not pass, and the counts")
    add("--no-color", action="store_true", help="no colours")


def run(arguments: argparse.Namespace) -> int:
    """Runs, reports, and gives the exit status of the language: 0, 1, 2, 3, 5, 70 or 130."""
    redactor = Redactor()
    colour = not arguments.no_color
    try:
        file = read_settings(Path.cwd())
        colour = colour and file.color
        reports = parse_reports(arguments.report or file.report)
        plan = make_plan(arguments, file, redactor)
        if plan.warnings:
            show_problems(plan.warnings, sys.stderr, colour=coloured(sys.stderr, wanted=colour))
        if not plan.jobs:
            complain(
                "nothing to run",
                "scenarios are files that end in .yaml; --tag, --name and --case choose among them",
            )
            return main.NOTHING_TO_RUN
        if arguments.dry_run:
            return _rehearse(arguments, plan)
        # What was loaded stays to the end of the run, so the collector need not look at it.
        gc.freeze()
        gc.enable()
        return _carry_out(arguments, file, plan, reports, colour=colour)
    except ProblemError as error:
        show_problems(error.problems, sys.stderr, colour=coloured(sys.stderr, wanted=colour))
        return main.BAD_USAGE
    except UsageError as error:
        complain(str(error), error.hint)
        return main.BAD_USAGE


def _rehearse(arguments: argparse.Namespace, plan: Plan) -> int:
    from runner.cli.dry_run import dry_run

    if arguments.update_snapshots:
        raise UsageError("--dry-run sends nothing, so there is nothing to write with it")
    return dry_run(plan, sys.stdout)


def _carry_out(
    arguments: argparse.Namespace,
    file: FileSettings,
    plan: Plan,
    reports: list[Report],
    *,
    colour: bool,
) -> int:
    # A report on the standard output has it for itself.
    stream = sys.stderr if any(path == STDOUT for _, path in reports) else sys.stdout
    console = Console(
        stream,
        Style.of(stream, os.environ, colour=colour),
        clean=plan.redactor.value,
        quiet=arguments.quiet or (file.quiet and not arguments.verbose),
        verbose=arguments.verbose or (file.verbose and not arguments.quiet),
    )
    options = {"steps": arguments.junit_steps}
    bodies = any(form.bodies for form, _ in reports)
    try:
        with (
            plan.served() as settings,
            reporting(reports, console, plan.redactor, options) as listen,
        ):
            try:
                suite = run_suite(
                    plan.jobs,
                    replace(settings, bodies=bodies),
                    listen,
                    fail_fast=arguments.fail_fast or file.fail_fast,
                    deadline=plan.deadline,
                    steps=console.wants_steps or any(form.live for form, _ in reports),
                )
            finally:
                console.close()
    except NotServedError as error:
        complain(str(error))
        return main.UNREACHABLE
    except BrokenPipeError:
        raise
    except OSError as error:
        complain(f"cannot write {error.filename}: {error.strerror}")
        return main.BAD_USAGE
    console.finish(suite)
    return status_of(suite)


def status_of(suite: SuiteResult) -> int:
    """The exit status of a run: what failed outranks what could not be carried out."""
    kinds = {kind for scenario in suite.scenarios for kind in kinds_of(scenario)}
    if "interrupted" in kinds:
        return main.INTERRUPTED
    if "internal-error" in kinds:
        return main.OUR_BUG
    counts = suite.counts()
    if counts["failed"]:
        return main.FAILED
    return main.UNREACHABLE if counts["error"] else main.PASSED
