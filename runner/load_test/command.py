"""The load that a command line asks for: planned, carried out, reported."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import gevent
from locust.stats import stats_history

from runner.cli import main
from runner.cli.choosing import NothingLeftError
from runner.cli.output import NotServedError, UsageError, coloured, complain, show_problems
from runner.cli.plan import Plan, make_plan
from runner.cli.settings import FileSettings, read_settings
from runner.execution.scenario_run import Settings
from runner.load_test.console import LoadConsole, heading
from runner.load_test.course import Ended, Engine, carry_out
from runner.load_test.engines import engine_for
from runner.load_test.master import Master
from runner.load_test.outcome import (
    Limits,
    Verdict,
    counts_of,
    failures_of,
    judge,
    rows_of,
    unfinished,
    verdict,
)
from runner.load_test.report import document_of, write_report
from runner.load_test.work import Options, Work, know_secrets
from runner.redact import Redactor
from runner.reports.style import Style
from runner.scenario.problems import ProblemError

_STATUS: Final[dict[Verdict, int]] = {
    "passed": main.PASSED, "failed": main.FAILED, "error": main.UNREACHABLE,
    "interrupted": main.INTERRUPTED, "internal-error": main.OUR_BUG,
}  # fmt: skip


def load(arguments: argparse.Namespace, served: str | None) -> int:
    """Runs the load, or works for one; ``served`` is where the leading process has the service.

    Gives the exit status.
    """
    # What Locust has to say is said here, in other words and with secrets masked.
    logging.disable(logging.CRITICAL)
    redactor = Redactor()
    colour = not arguments.no_color
    try:
        file = read_settings(Path.cwd())
        colour = colour and file.color
        plan = _plan(arguments, file, redactor)
        if plan.warnings and not arguments.given:
            show_problems(plan.warnings, sys.stderr, colour=coloured(sys.stderr, wanted=colour))
        if not plan.jobs:
            complain("nothing to run", "scenarios that are skipped make no load")
            return main.NOTHING_TO_RUN
        if arguments.worker or arguments.given:
            return _work(arguments, plan, plan.settled(served))
        from runner.execution.signs import all_as_ctrl_c

        with all_as_ctrl_c(), plan.served() as settings:
            return _lead(arguments, plan, settings, colour=colour)
    except ProblemError as error:
        show_problems(error.problems, sys.stderr, colour=coloured(sys.stderr, wanted=colour))
        return main.BAD_USAGE
    except NothingLeftError as error:
        complain(str(error), error.hint)
        return main.NOTHING_TO_RUN
    except UsageError as error:
        complain(redactor.text(str(error)), error.hint)
        return main.BAD_USAGE
    except NotServedError as error:
        complain(str(error))
        return main.UNREACHABLE
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:
        return main.broken(error, redactor.text)


def _plan(arguments: argparse.Namespace, file: FileSettings, redactor: Redactor) -> Plan:
    plan = make_plan(arguments, file, redactor)
    jobs = [job for job in plan.jobs if job.scenario.skip is None]
    elsewhere = arguments.master or arguments.worker or arguments.given
    return plan._replace(jobs=jobs, serve=None if elsewhere else plan.serve)


def _work(arguments: argparse.Namespace, plan: Plan, settings: Settings) -> int:
    from runner.load_test.worker import Worker

    work = Work(plan.jobs, settings, parts=arguments.steps)
    where = f"{arguments.master_host}:{arguments.master_port}"
    if not arguments.given:
        sys.stdout.write(f"working for the master on {where}\n")
        sys.stdout.flush()
    _settle()
    try:
        worker = Worker(work, arguments.master_host, arguments.master_port, owned=arguments.given)
    except ConnectionError:
        complain(f"no master answers on {where}", "start it with --master --master-host")
        return main.UNREACHABLE
    worker.work()
    return main.PASSED


def _settle() -> None:
    """What was loaded stays to the end, so the collector need not look at it again."""
    gc.freeze()
    gc.enable()


def _lead(arguments: argparse.Namespace, plan: Plan, settings: Settings, *, colour: bool) -> int:
    redactor = plan.redactor
    know_secrets(plan.jobs, settings, redactor)
    options = Options(
        arguments.users, arguments.spawn_rate or arguments.users, arguments.duration,
        arguments.iterations, arguments.rate, arguments.grace,
    )  # fmt: skip
    work = Work(plan.jobs, settings, parts=arguments.steps)
    style = Style.of(sys.stdout, os.environ, colour=colour)
    console = LoadConsole(sys.stdout, style, redactor.text)
    started = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    _settle()
    engine = engine_for(arguments, work, options, settings)
    where = f"{arguments.master_host}:{arguments.master_port}"
    if arguments.master:
        console.note(f"waiting for {engine.expected} workers on {where}")
    busy = _watching_the_processor(engine)
    if any(form == "html" for form, _ in arguments.report):
        assert engine.environment.runner is not None
        gevent.spawn(stats_history, engine.environment.runner)

    def tick(seconds: float | None) -> None:
        if seconds is None:
            come = engine.come if isinstance(engine, Master) else 0
            console.waiting(come, engine.expected, where)
        else:
            console.tick(engine.environment, seconds, options.duration)

    try:
        ended = carry_out(engine, options.duration, lambda text: console.note(text, "yellow"), tick)
    finally:
        console.close()
    if ended.cause == "wrong":
        complain(engine.wrong or "", "load is made of the same files and words on each machine")
        return main.BAD_USAGE
    return _tell(arguments, options, engine, ended, console, redactor, started, busy)


def _watching_the_processor(engine: Engine) -> list[float]:
    """A list that gets an element when this process has used up its core."""
    busy: list[float] = []

    def note(cpu_usage: float, **_: object) -> None:
        busy.append(cpu_usage)

    engine.environment.events.cpu_warning.add_listener(note)  # type: ignore[no-untyped-call]
    return busy


def _tell(
    arguments: argparse.Namespace,
    options: Options,
    engine: Engine,
    ended: Ended,
    console: LoadConsole,
    redactor: Redactor,
    started: str,
    busy: list[float],
) -> int:
    environment = engine.environment
    rows, failures = rows_of(environment), failures_of(environment)
    counts = counts_of(rows, failures)
    limits = _limits(arguments)
    if engine.lost and ended.cause == "iterations":
        limits = limits._replace(iterations=options.iterations)
    thresholds = judge(limits, rows, counts, unfinished(rows, failures))
    made = verdict(counts, failures, thresholds, cut_off=ended.cause == "interrupted")
    if ended.cause == "no-workers":
        told = "no worker is left: the load ended early"
        console.note(told if engine.lost else "the load did not begin", "bold red")
        made = "error"
    runner = environment.runner
    if busy or getattr(runner, "worker_cpu_warning_emitted", False):
        console.note(
            "a core of this load was used up: times may be those of httpsteps rather than of the"
            " service; more --workers help",
            "yellow",
        )
    if options.rate is not None and counts.whole < 0.9 * options.rate * ended.seconds - 1:
        reached = counts.whole / ended.seconds
        console.note(
            f"{reached:.3g} of {options.rate:g} iterations/s were reached: more --users help where"
            " each has to wait for the service",
            "yellow",
        )
    head = heading(
        ended.seconds, ended.whole, options.users, engine.expected, engine.lost, options.rate
    )
    console.summary(rows, failures, counts, thresholds, " · ".join(head))
    document = document_of(
        {
            "outcome": made, "started": started, "duration": ended.seconds, "ended-by": ended.cause,
            "users": options.users, "rate": options.rate,
            "workers": {"expected": engine.expected, "lost": engine.lost},
        },
        rows, failures, counts, thresholds,
    )  # fmt: skip
    for form, path in arguments.report:
        write_report(form, Path(path), document, environment, redactor)
    return _STATUS[made]


def _limits(arguments: argparse.Namespace) -> Limits:
    word = arguments.max_failures
    p95 = None if arguments.max_p95 is None else arguments.max_p95 * 1000
    if word.endswith("%"):
        return Limits(p95, float(word.removesuffix("%")))
    return Limits(p95, number=int(float(word)))
