"""What a run is made of: which scenarios and cases, with which values, against which service."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from runner.cli.choosing import chosen
from runner.cli.output import NotServedError, UsageError
from runner.cli.settings import FileSettings
from runner.execution.finding import discover
from runner.execution.jobs import Job, Sheet, jobs_of, load_sheets, repeated, shuffled
from runner.execution.scenario_run import Settings
from runner.execution.scope import Variables
from runner.kinds import StepFault
from runner.query.values import settle
from runner.redact import Redactor
from runner.scenario.model import Address, Scenario
from runner.scenario.problems import Problem, ProblemError
from runner.units import duration

if TYPE_CHECKING:
    from runner.cli.given import Value
    from runner.scenario.environment import Environment


class Plan(NamedTuple):
    """All that is settled before the first byte is sent. ``warnings`` and ``notes`` are for the
    user.
    """

    jobs: list[Job]
    settings: Settings
    redactor: Redactor
    environment: Environment | None = None
    deadline: float | None = None
    serve: str | None = None
    ready: str | None = None
    folder: Path = Path()
    warnings: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @contextmanager
    def served(self) -> Iterator[Settings]:
        """The settings of the run, the service under test running meanwhile if there is one.

        Raises ``NotServedError``, and ``ProblemError`` for an environment that cannot be had.
        """
        if self.serve is None:
            yield self.settled()
            return
        from runner.execution.service import ServiceError, serving

        try:
            with serving(self.serve, self.ready, folder=self.folder, within=self.deadline) as url:
                yield self.settled(url)
        except ServiceError as error:
            raise NotServedError(str(error)) from None

    def settled(self, serve_url: str | None = None) -> Settings:
        """The settings with the values of the environment, its templates filled in.

        Raises ``ProblemError`` where one of them names what is not there.
        """
        made = self.settings._replace(serve_url=serve_url)
        if self.environment is None:
            return made._replace(hidden=self.redactor.secrets)
        scope = Variables(made.environ, seed=made.seed, serve_url=serve_url)
        try:
            for name, tree in self.environment.values.items():
                value = settle(tree, scope)
                scope.define(name, value)
                if name in self.environment.secrets:
                    hide(value, self.redactor)
            base = made.base
            if base is None and self.environment.base is not None:
                base = str(settle(self.environment.base, scope))
        except StepFault as fault:
            raise ProblemError(_fault(fault)) from None
        return made._replace(base=base, environment=scope.values, hidden=self.redactor.secrets)


def make_plan(arguments: argparse.Namespace, file: FileSettings, redactor: Redactor) -> Plan:
    """The plan for the words of the command line; the settings ``file`` stands behind them.

    Raises ``UsageError``, and ``ProblemError`` with everything wrong in the files.
    """
    update = bool(arguments.update_snapshots)
    paths = arguments.paths or file.paths or ["scenarios"]
    found, missing = discover(paths, file.exclude)
    values = _values(arguments, file)
    for value in values:
        if value.secret:
            hide(value.value, redactor)
    sheets, problems = load_sheets(found, update=update)
    if missing or problems:
        raise ProblemError(*missing, *problems)
    jobs, notes = chosen(jobs_of(sheets), arguments, file)
    meant = list({id(job.sheet): job.scenario for job in jobs}.values())
    meant = meant or [sheet.scenario for sheet in sheets]
    name = arguments.environment or file.environment
    environment = None
    if name:
        from runner.cli.environments import find_environment
        from runner.cli.given import fit_environment

        environment = find_environment(name, found, by_word=bool(arguments.environment))
        fit_environment(environment, meant)
    base = None
    if arguments.base is not None:
        from runner.cli.base_url import checked_base

        base = checked_base(arguments.base)
    if base is None and (environment is None or environment.base is None):
        base = file.base
    seed = _seed(arguments, file, sheets, environment)
    if arguments.repeat > 1:
        jobs = repeated(jobs, arguments.repeat)
    if arguments.shuffle:
        assert seed is not None
        jobs = shuffled(jobs, seed)
        notes.append(f"shuffled: the same order comes with --shuffle --seed {seed}")
    elsewhere = arguments.base or (environment is not None and environment.base)
    serve = arguments.serve or (None if elsewhere else file.serve)
    if serve is None:
        _need_no_service(meant)
    variables = _settled(values, meant)
    place = base if base is not None or environment is None else environment.base
    if any("env." in scenario.text or scenario.base is None for scenario in meant):
        from runner.cli.unset import need_values

        names = {*variables, *(environment.values if environment else ())}
        need_values(meant, names, place, serve)
    settings = Settings(
        environ=dict(os.environ),
        base=base,
        variables=variables,
        output=arguments.output or (Path(file.output) if file.output else None),
        seed=seed,
        update_snapshots=update,
        secret=redactor.add,
    )
    return Plan(
        jobs,
        settings,
        redactor,
        environment,
        _deadline(arguments.deadline or file.deadline),
        serve,
        arguments.ready or (None if arguments.serve else file.ready),
        Path.cwd() if arguments.serve else file.folder,
        tuple(_warnings(values, environment, meant)),
        tuple(notes),
    )


def hide(value: object, redactor: Redactor) -> None:
    """Has every text and number in a secret value masked from now on."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            hide(item, redactor)
    elif value is not None and not isinstance(value, bool):
        redactor.add(str(value))


def _values(arguments: argparse.Namespace, file: FileSettings) -> list[Value]:
    """All values from outside; of one name the last is meant. A word wins over a file."""
    files, hidden = arguments.vars or file.vars, arguments.secrets or file.secrets
    if not (files or hidden or arguments.var or arguments.secret):
        return []
    from runner.cli.given import from_file, from_words

    return [
        *(value for name in files for value in from_file(name, "--vars")),
        *(value for name in hidden for value in from_file(name, "--secrets", secret=True)),
        *from_words(arguments.var, "--var"),
        *from_words(arguments.secret, "--secret", secret=True),
    ]


def _settled(values: Sequence[Value], scenarios: Sequence[Scenario]) -> dict[str, object]:
    if not values:
        return {}
    from runner.cli.given import settled

    return settled(values, scenarios)


def _need_no_service(scenarios: Sequence[Scenario]) -> None:
    """Raises ``ProblemError`` for scenarios that need one that the run starts."""
    if any("serve" in scenario.text for scenario in scenarios):
        from runner.cli.unserved import unserved

        if problems := list(unserved(scenarios)):
            raise ProblemError(*problems)


def _warnings(
    values: Sequence[Value], environment: Environment | None, scenarios: Sequence[Scenario]
) -> Iterator[Problem]:
    if not values and environment is None:
        return
    from runner.cli.given import declared, slips

    yield from slips(values, environment, scenarios)
    known = declared(scenarios)
    files = dict.fromkeys(value.file for value in values if value.file is not None)
    for file in files:
        held = [value.name for value in values if value.file == file]
        if not known & set(held):
            message = f"no scenario of this run declares any of the variables in {file}"
            yield Problem("unknown-name", message, severity="warning")


def _deadline(text: str | None) -> float | None:
    try:
        return duration(text) if text else None
    except ValueError as error:
        raise UsageError(f"--deadline: {error}") from None


def _seed(
    arguments: argparse.Namespace,
    file: FileSettings,
    sheets: Sequence[Sheet],
    environment: Environment | None,
) -> int | None:
    """The seed asked for, or one of its own for a run that makes random values or has a random
    order: it can then be repeated.
    """
    if arguments.seed is not None:
        return int(arguments.seed)
    if file.seed is not None:
        return file.seed
    random_values = any(sheet.random for sheet in sheets) or (
        environment is not None and "${new." in environment.source.text
    )
    if random_values or arguments.shuffle:
        import random

        return random.SystemRandom().randrange(2**31)
    return None


def _fault(fault: StepFault) -> Problem:
    at = fault.at if isinstance(fault.at, Address) else None
    return Problem(fault.fault.kind, fault.fault.message, at, hint=fault.fault.hint)
