"""``httpsteps run``: carries scenarios out and says what happened."""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runner.cli import main
from runner.cli.output import coloured, complain, show_problems
from runner.cli.settings import FileSettings, read_settings
from runner.execution.interpreter import Listen
from runner.execution.scenario_run import Settings
from runner.execution.service import ServiceError, serving
from runner.execution.suite import discover, jobs_of, load_all, run_suite
from runner.redact import Redactor
from runner.reports.console import Console
from runner.reports.style import Style
from runner.result import StepResult, SuiteResult
from runner.scenario.cases import typed_as
from runner.scenario.model import Case, Scenario
from runner.scenario.problems import ProblemError, did_you_mean
from runner.units import duration

_EPILOG = """\
examples:
  httpsteps run
  httpsteps run scenarios/shop.yaml --base https://staging.example -v
  httpsteps run --tag smoke --report json=result.json
  httpsteps run --serve 'python app.py {port}' --ready /health
"""
FORMATS = ("json", "jsonl")


def add_parser(commands: Any) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser(
        "run",
        help="run scenarios",
        description="Runs scenarios and reports, step by step, what happened on the wire.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="files or folders (scenarios/)")
    add("--base", metavar="URL", help="in place of every scenario's `base`")
    add(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="give a variable its value"
    )
    add("--secret", action="append", default=[], metavar="NAME=VALUE", help="the same, never shown")
    add("--tag", action="append", default=[], metavar="TAG", help="only scenarios with this tag")
    add("--name", metavar="REGEX", help="only scenarios whose name matches")
    add("--case", metavar="LABEL", help="only this case")
    add("--fail-fast", action="store_true", help="stop after the first that does not pass")
    add("--seed", type=int, metavar="N", help="make ${new.…} values repeat")
    add("--deadline", metavar="TIME", help="bound on each scenario, like 30s")
    add("--output", type=Path, metavar="DIR", help="the folder `save` writes below")
    add(
        "--report", action="append", default=[], metavar="FORMAT=PATH", help="json=PATH, jsonl=PATH"
    )
    add("--serve", metavar="CMD", help="start this service first; {port} in it is a free port")
    add("--ready", metavar="URL", help="the path that answers when the service is up")
    add("-v", "--verbose", action="store_true", help="phases as they happen, like curl -v")
    add("-q", "--quiet", action="store_true", help="only what did not pass, and the counts")
    add("--no-color", action="store_true", help="no colours")
    parser.set_defaults(run=run)


class UsageError(Exception):
    """Words that cannot be meant; the message is for the user."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is settled before the first byte is sent."""

    jobs: list[tuple[Scenario, Case]]
    settings: Settings
    serve: str | None
    ready: str | None
    folder: Path


def run(arguments: argparse.Namespace) -> int:
    """Runs, reports, and gives the exit status of the language: 0, 1, 2, 3, 5, 70 or 130."""
    redactor = Redactor()
    try:
        file = read_settings(Path.cwd())
        plan = _plan(arguments, file, redactor)
        reports = [_report(word) for word in arguments.report]
    except ProblemError as error:
        show_problems(
            error.problems, sys.stderr, colour=coloured(sys.stderr, wanted=not arguments.no_color)
        )
        return main.BAD_USAGE
    except UsageError as error:
        complain(str(error), error.hint)
        return main.BAD_USAGE
    if not plan.jobs:
        complain(
            "nothing to run",
            "scenarios are files that end in .yaml; --tag, --name and --case choose among them",
        )
        return main.NOTHING_TO_RUN
    style = Style.of(sys.stdout, os.environ, colour=not arguments.no_color)
    console = Console(
        sys.stdout, style, clean=redactor.value, quiet=arguments.quiet, verbose=arguments.verbose
    )
    try:
        with _served(plan) as settings, _reporting(reports, console, redactor) as listen:
            try:
                suite = run_suite(plan.jobs, settings, listen, fail_fast=arguments.fail_fast)
            finally:
                console.close()
    except ServiceError as error:
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
    kinds = {scenario.kind for scenario in suite.scenarios} | set(_kinds(suite))
    if "interrupted" in kinds:
        return main.INTERRUPTED
    if "internal-error" in kinds:
        return main.OUR_BUG
    counts = suite.counts()
    if counts["failed"]:
        return main.FAILED
    return main.UNREACHABLE if counts["error"] else main.PASSED


def _kinds(suite: SuiteResult) -> Iterator[str]:
    for scenario in suite.scenarios:
        for step in (*scenario.steps, *scenario.teardown):
            yield from _step_kinds(step)


def _step_kinds(step: StepResult) -> Iterator[str]:
    if step.kind is not None:
        yield step.kind
    for inner in step.steps:
        yield from _step_kinds(inner)


def _plan(arguments: argparse.Namespace, file: FileSettings, redactor: Redactor) -> _Plan:
    paths = arguments.paths or ["scenarios"]
    found, missing = discover(paths, file.exclude)
    scenarios, problems = load_all(found)
    if missing or problems:
        raise ProblemError(*missing, *problems)
    jobs = _chosen(jobs_of(scenarios), arguments)
    given = {
        **_assignments(arguments.var, "--var", scenarios),
        **_assignments(arguments.secret, "--secret", scenarios),
    }
    for word in arguments.secret:
        redactor.add(word.partition("=")[2])
    try:
        deadline = duration(arguments.deadline) if arguments.deadline else None
    except ValueError as error:
        raise UsageError(f"--deadline: {error}") from None
    settings = Settings(
        environ=dict(os.environ),
        base=arguments.base or file.base,
        variables=given,
        output=arguments.output,
        seed=arguments.seed if arguments.seed is not None else _seed(scenarios),
        deadline=deadline,
        secret=redactor.add,
    )
    serve = arguments.serve or (None if arguments.base else file.serve)
    ready = arguments.ready or (None if arguments.serve else file.ready)
    return _Plan(jobs, settings, serve, ready, Path.cwd() if arguments.serve else file.folder)


def _seed(scenarios: Sequence[Scenario]) -> int | None:
    """A seed of its own for a run that makes random values, so that it can be repeated."""
    if any("${new." in scenario.text for scenario in scenarios):
        return random.SystemRandom().randrange(2**31)
    return None


def _chosen(
    jobs: list[tuple[Scenario, Case]], arguments: argparse.Namespace
) -> list[tuple[Scenario, Case]]:
    import re

    try:
        name = re.compile(arguments.name) if arguments.name else None
    except re.error as error:
        raise UsageError(f"--name: {arguments.name!r} is no regular expression: {error}") from None
    return [
        (scenario, case)
        for scenario, case in jobs
        if (not arguments.tag or set(arguments.tag) & set(scenario.tags))
        and (name is None or name.search(scenario.name))
        and (arguments.case is None or case.label == arguments.case)
    ]


def _assignments(
    words: Sequence[str], option: str, scenarios: Sequence[Scenario]
) -> dict[str, object]:
    """``NAME=VALUE`` words as variables, in the type of the default each replaces."""
    made: dict[str, object] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise UsageError(f"{option} {word}: write {option} NAME=VALUE")
        declared: dict[str, object] = {}
        for scenario in scenarios:
            if any(name in case.variables for case in scenario.cases):
                raise UsageError(
                    f"{option} {name}: `{name}` is a variable of the cases of {scenario.file}"
                )
            declared.update(scenario.variables)
            declared.update(scenario.secrets)
        if name not in declared:
            guess = did_you_mean(name, declared)
            raise UsageError(
                f"{option} {name}: no scenario of this run declares `{name}`",
                f"did you mean `{guess}`?" if guess else "declare it in `vars`, with its default",
            )
        try:
            made[name] = typed_as(text, declared[name])
        except ValueError as error:
            raise UsageError(f"{option} {name}: {error}") from None
    return made


def _report(word: str) -> tuple[str, Path]:
    form, equals, path = word.partition("=")
    if not equals or not path:
        raise UsageError(
            f"--report {word}: write --report FORMAT=PATH", f"formats: {', '.join(FORMATS)}"
        )
    if form not in FORMATS:
        guess = did_you_mean(form, FORMATS)
        raise UsageError(
            f"--report {word}: unknown format `{form}`",
            f"did you mean `{guess}`?" if guess else f"formats: {', '.join(FORMATS)}",
        )
    return form, Path(path)


@contextmanager
def _served(plan: _Plan) -> Iterator[Settings]:
    """The settings of the run, the service under test running meanwhile if there is one."""
    if plan.serve is None:
        yield plan.settings
        return
    with serving(plan.serve, plan.ready, folder=plan.folder) as url:
        yield replace(plan.settings, serve_url=url)


@contextmanager
def _reporting(
    reports: Sequence[tuple[str, Path]], console: Console, redactor: Redactor
) -> Iterator[Listen]:
    """One listener for the console and all reports; documents are written when the run is over."""
    listeners: list[Any] = [console]
    suites: list[SuiteResult] = []
    with ExitStack() as stack:
        for form, path in reports:
            if form == "jsonl":
                from runner.reports.jsonl import JsonLines

                path.parent.mkdir(parents=True, exist_ok=True)
                listeners.append(JsonLines(stack.enter_context(path.open("wb")), redactor.value))

        def tell(event: str, detail: Any) -> None:
            if event == "run-finished":
                suites.append(detail["result"])
            for listener in listeners:
                listener(event, detail)

        yield tell
    for form, path in reports:
        if form == "json":
            from runner.reports.json_report import write_json

            for suite in suites:
                write_json(suite, path, redactor.value)
