"""What all scenarios of one run of pytest have in common: values, environment, secrets, service."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from runner.assembly import assemble, from_mapping, url_of
from runner.cli.given import Value, from_file, from_words, settled, slips
from runner.cli.output import UsageError
from runner.cli.plan import Plan, hide
from runner.cli.settings import FileSettings
from runner.execution.finding import Found
from runner.execution.scenario_run import Settings
from runner.execution.service import ServiceError, serving
from runner.redact import Redactor
from runner.scenario.model import Scenario
from runner.scenario.problems import Problem, ProblemError, render


class HttpstepsWarning(UserWarning):
    """Something about the values given to scenarios that is probably a slip."""


def told(error: Exception) -> str:
    """What is wrong, as the command says it."""
    if isinstance(error, ProblemError):
        return "\n\n".join(map(render, error.problems))
    hint = error.hint if isinstance(error, UsageError) else None
    return f"{error}\n  hint: {hint}" if hint else str(error)


class Run:
    """The scenarios of a run, and what ``settle`` makes of the options and the settings file."""

    def __init__(self, config: pytest.Config, file: FileSettings) -> None:
        self.redactor = Redactor()
        self._config = config
        self._file = file
        self._found: list[Found] = []
        self._scenarios: list[Scenario] = []
        self._plan: Plan | None = None
        self._problem: str | None = None
        self._settled: dict[str | None, Settings] = {}
        self._slips: set[str] = set()

    def add(self, found: Found, scenario: Scenario) -> None:
        """Takes a scenario in."""
        self._found.append(found)
        self._scenarios.append(scenario)

    @property
    def seed(self) -> int | None:
        """What makes the random values of this run repeat, if there are any."""
        return self._plan.settings.seed if self._plan else None

    def settle(self) -> None:
        """Reads values and environment, once all scenarios are there.

        Raises ``pytest.UsageError`` with all that is wrong.
        """
        if not self._scenarios:
            return
        try:
            self._plan = self._assembled()
        except (UsageError, ProblemError, ValueError) as error:
            if not hasattr(self._config, "workerinput"):
                raise pytest.UsageError(told(error)) from None
            # A worker of pytest-xdist that ends is restarted: its tests say what is wrong.
            self._problem = told(error)
        else:
            for problem in self._plan.warnings:
                self._warn(problem)

    def _assembled(self) -> Plan:
        option, file = self._config.getoption, self._file
        output = option("httpsteps_output") or file.output
        settings = Settings(
            dict(os.environ),
            base=url_of(option("httpsteps_base"), "--httpsteps-base"),
            output=Path(output).absolute() if output else None,
            seed=file.seed if option("httpsteps_seed") is None else option("httpsteps_seed"),
            update_snapshots=option("httpsteps_update_snapshots"),
        )
        return assemble(
            self._found,
            self._scenarios,
            list(self._values()),
            self.redactor,
            settings,
            environment=option("httpsteps_environment") or file.environment,
            default_base=file.base,
        )

    def _values(self) -> Iterator[Value]:
        option = self._config.getoption
        for name in option("httpsteps_vars") or self._file.vars:
            yield from from_file(name, "--httpsteps-vars")
        for name in option("httpsteps_secrets") or self._file.secrets:
            yield from from_file(name, "--httpsteps-secrets", secret=True)
        yield from from_words(option("httpsteps_var"), "--httpsteps-var")
        yield from from_words(option("httpsteps_secret"), "--httpsteps-secret", secret=True)

    def _warn(self, problem: Problem) -> None:
        text = self.redactor.text(f"{problem.message}; {problem.hint}")
        if text not in self._slips:
            self._slips.add(text)
            at = problem.at
            place = (at.file, at.line) if at else (self._scenarios[0].file, 1)
            warnings.warn_explicit(text, HttpstepsWarning, *place)

    def base(self, given: object) -> str | None:
        """The base URL that the command line or else the fixture gives. Fails the test for none."""
        try:
            fixture = url_of(given, "httpsteps_base_url")
        except ValueError as error:
            self._fail(str(error))
        word = self._ready().settings.base
        return fixture if self._config.getoption("httpsteps_base") is None else word

    def settings(
        self,
        scenario: Scenario,
        base: str | None,
        variables: Mapping[str, object],
        secrets: Mapping[str, object],
        serve_url: str | None,
    ) -> Settings:
        """All that the scenario is given, the values of fixtures too.

        Fails the test, without a traceback, for values that cannot be meant.
        """
        try:
            values = [
                *from_mapping(variables, "httpsteps_vars", loose=True),
                *from_mapping(secrets, "httpsteps_secrets", secret=True, loose=True),
            ]
            for value in values:
                if value.secret:
                    hide(value.value, self.redactor)
            made = settled(values, [scenario])
            if serve_url not in self._settled:
                self._settled[serve_url] = self._ready().settled(serve_url)
        except (UsageError, ProblemError, ValueError) as error:
            self._fail(told(error))
        for problem in slips(values, None, self._scenarios):
            self._warn(problem)
        common = self._settled[serve_url]
        return common._replace(
            base=base or common.base,
            variables={**made, **(common.variables or {})},
            hidden=self.redactor.secrets,
        )

    def serves(self, base: str | None) -> bool:
        """Whether the service of the settings file is wanted, ``base`` being the URL given."""
        place = self._ready().environment
        return bool(self._file.serve) and not base and (place is None or place.base is None)

    @contextmanager
    def service(self) -> Iterator[str]:
        """The URL of that service, which runs meanwhile. Fails the test if it does not come up."""
        command = self._file.serve or ""
        try:
            with serving(command, self._file.ready, folder=self._file.folder) as url:
                yield url
        except ServiceError as error:
            self._fail(str(error))

    def _fail(self, text: str) -> NoReturn:
        pytest.fail(self.redactor.text(text), pytrace=False)

    def _ready(self) -> Plan:
        if self._plan is None:
            self._fail(self._problem or "the scenarios were not settled")
        return self._plan
