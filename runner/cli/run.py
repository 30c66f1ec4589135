"""``httpsteps run``: carries scenarios out and says what happened."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from runner.cli import main
from runner.cli.choosing import NothingLeftError, add_choices
from runner.cli.notice import notice
from runner.cli.output import NotServedError, UsageError, coloured, complain, show_problems
from runner.cli.plan import Plan, make_plan
from runner.cli.reporting import FORMATS, STDOUT, Report, parse_reports, reporting
from runner.cli.rounds import Rounds
from runner.cli.settings import FileSettings, read_settings
from runner.controls import strip_controls
from runner.execution.history import History, Journal
from runner.execution.interruption import StoppedError
from runner.execution.jobs import Job
from runner.execution.signs import all_as_ctrl_c
from runner.execution.suite import run_suite
from runner.redact import Redactor
from runner.reports.console import Console
from runner.reports.style import Style
from runner.result import SuiteResult
from runner.scenario.problems import ProblemError

# Results are many objects and no cycles: the collector's own thresholds would have it look at them
# for a fifth of the run.
_COLLECT = (20_000, 20, 20)
_EPILOG = """\
examples:
  httpsteps run
  httpsteps run scenarios/shop.yaml --base https://staging.example -v
  httpsteps run --environment staging --secrets staging.env
  httpsteps run --tag smoke --report json=result.json
  httpsteps run --jobs auto              as many at once as there are cores
  httpsteps run --jobs 64                more, where servers are slow
  httpsteps run --failed                 again, only what did not pass
  httpsteps run --shard 1/4 --durations durations.json
  httpsteps run --dry-run                what would be sent, and nothing is
  httpsteps run --serve 'python app.py {port}' --ready /health

values: a word of the command line wins over a file named there, that over a
case, it over environments/NAME.yaml, that over `vars`
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
    add("--seed", type=int, metavar="N", help="make ${new.…} values and --shuffle repeat")


def _add_course(group: Any) -> None:
    add = group.add_argument
    add("--dry-run", action="store_true", help="print every request, send nothing")
    add("--jobs", metavar="N", type=_jobs, help="so many at the same time; auto: one a core")
    add("--fail-fast", action="store_true", help="stop after the first that does not pass")
    add("--repeat", metavar="N", type=_count, default=1, help="run each N times; all must pass")
    add("--shuffle", action="store_true", help="in random order; --seed repeats it")
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


def _count(word: str) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{word!r}: expected a whole number from 1 on")
    return int(word)


def _jobs(word: str) -> str:
    if word != "auto" and not (word.isdecimal() and 1 <= int(word) <= 10_000):
        raise argparse.ArgumentTypeError(f"{word!r}: expected a whole number from 1 on, or auto")
    return word


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
            complain("nothing to run", "scenarios are files that end in .yaml")
            return main.NOTHING_TO_RUN
        if arguments.dry_run:
            return _rehearse(arguments, plan)
        # What was loaded stays to the end of the run, so the collector need not look at it.
        gc.freeze()
        gc.set_threshold(*_COLLECT)
        gc.enable()
        return _carry_out(arguments, file, plan, reports, colour=colour)
    except ProblemError as error:
        show_problems(error.problems, sys.stderr, colour=coloured(sys.stderr, wanted=colour))
        return main.BAD_USAGE
    except NothingLeftError as error:
        complain(str(error), error.hint)
        return main.NOTHING_TO_RUN
    except UsageError as error:
        complain(redactor.text(str(error)), error.hint)
        return main.BAD_USAGE
    except BrokenPipeError:
        raise
    except Exception as error:
        # What must not be shown is known here, and no longer above.
        return main.broken(error, redactor.text)


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
    at_once = _at_once(arguments.jobs or file.jobs, len(plan.jobs))
    journal = Journal(plan.jobs)
    rounds = Rounds(plan.jobs)
    # A report on the standard output has it for itself.
    stream = sys.stderr if any(path == STDOUT for _, path in reports) else sys.stdout
    console = Console(
        stream,
        Style.of(stream, os.environ, colour=colour),
        clean=plan.redactor.value,
        quiet=arguments.quiet or (file.quiet and not arguments.verbose),
        verbose=arguments.verbose or (file.verbose and not arguments.quiet),
        expected=_expected(plan.jobs) if stream.isatty() else (),
        at_once=at_once,
    )
    for note in plan.notes:
        console.note(note)
    options = {"steps": arguments.junit_steps}
    bodies = any(form.bodies for form, _ in reports)
    facts = any(form.facts for form, _ in reports)
    began = monotonic()
    suite: SuiteResult | None = None
    lost = False
    try:
        with (
            all_as_ctrl_c(),
            plan.served() as settings,
            reporting(reports, console, plan.redactor, options, (journal, rounds)) as told,
        ):
            try:
                suite = run_suite(
                    plan.jobs,
                    settings._replace(bodies=bodies, facts=facts),
                    told.in_turn,
                    live=told.live,
                    fail_fast=arguments.fail_fast or file.fail_fast,
                    deadline=_left(plan, monotonic() - began),
                    steps=console.wants_steps,
                    live_steps=told.live_steps,
                    at_once=at_once,
                    notice=notice,
                )
            finally:
                console.close()
                journal.close()
    except NotServedError as error:
        complain(plan.redactor.text(str(error)))
        return main.UNREACHABLE
    except StoppedError as error:
        complain(plan.redactor.text(strip_controls(str(error))))
        return main.INTERRUPTED
    except BrokenPipeError:
        raise
    except OSError as error:
        # Requests were sent, so that this is not the status of bad usage.
        main.broken(error, plan.redactor.text)
        if suite is None:
            return main.UNREACHABLE
        lost = True
    console.finish(suite, [*rounds.told(), *_stopped_service(plan, suite)])
    return status_of(suite) or (main.UNREACHABLE if lost else main.PASSED)


def _stopped_service(plan: Plan, suite: SuiteResult) -> Iterator[str]:
    """What keeps the commands that repeat a request from working."""
    if plan.serve and suite.outcome in ("failed", "error"):
        yield "the service was started for this run and is stopped now"


def _left(plan: Plan, took: float) -> float | None:
    """The deadline for what is left of the run, of which the service's start is a part."""
    if plan.deadline is None or plan.serve is None:
        return plan.deadline
    return max(0.001, round(plan.deadline - took, 3))


def _at_once(word: str | None, jobs: int) -> int:
    """How many scenarios run at the same time."""
    if word == "auto":
        from runner.execution.processes import cores

        return max(1, min(cores(), jobs))
    return max(1, min(int(word or 1), jobs))


def _expected(jobs: Sequence[Job]) -> list[float | None]:
    """The seconds each job took when it last ran, None where that is not known."""
    history = History(jobs)
    return [past.duration if (past := history.of(job)) else None for job in jobs]


def status_of(suite: SuiteResult) -> int:
    """The exit status of a run: what failed outranks what could not be carried out."""
    kinds = suite.kinds()
    if suite.interrupted or "interrupted" in kinds:
        return main.INTERRUPTED
    if "internal-error" in kinds:
        return main.OUR_BUG
    counts = suite.counts()
    if counts["failed"]:
        return main.FAILED
    return main.UNREACHABLE if counts["error"] else main.PASSED
