"""What each process of a load carries out, and at what pace."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

from runner.execution.first_values import define_first
from runner.execution.jobs import Job
from runner.execution.scenario_run import Settings
from runner.execution.scope import Variables
from runner.kinds import StepFault
from runner.load_test.entries import Entries, entries_of
from runner.load_test.tickets import Tickets
from runner.redact import Redactor
from runner.scenario.model import Scenario

_CASES_LOOKED_AT = 1000


class Options(NamedTuple):
    """How much load, and for how long: seconds, and users or iterations a second.

    Without ``rate`` each user begins its next iteration at once. ``grace`` is how long an iteration
    may go on after the end.
    """

    users: int
    spawn_rate: float
    duration: float | None
    iterations: int | None
    rate: float | None
    grace: float

    @property
    def period(self) -> float | None:
        """Seconds from one iteration of a user to its next, None where they are not paced."""
        return None if self.rate is None else self.users / self.rate


class Work:
    """The iterations of one process. ``tickets`` and ``period`` may be set until it begins."""

    def __init__(self, jobs: Sequence[Job], settings: Settings, *, parts: bool = False) -> None:
        self.jobs = jobs
        # What iterations capture leaves no process, and there may be no end of it.
        self.settings = settings._replace(secret=_not_kept)
        self.entries: Entries = entries_of(scenarios_of(jobs), parts=parts)
        self.tickets = Tickets()
        self.period: float | None = None
        self._stopping: float | None = None

    def stop(self, **_: object) -> None:
        """The end has come: what runs has some patience left from now on."""
        self._stopping = perf_counter()

    def patience(self, grace: float) -> float:
        """Seconds until what runs is cut short."""
        if self._stopping is None:
            return 0.0
        return max(0.0, self._stopping + grace - perf_counter())

    def of(self, ticket: int) -> tuple[Job, Settings]:
        """The job of an iteration, and its settings: random values differ in each."""
        settings = self.settings
        if settings.seed is not None:
            settings = settings._replace(seed=settings.seed + ticket)
        return self.jobs[ticket % len(self.jobs)], settings


class Pace:
    """When one user begins its iterations: the first at a random moment of its first period, so
    that users do not all ask at the same time; the others a period apart, or at once when late.
    """

    def __init__(self, period: float) -> None:
        self._period = period
        self._due: float | None = None

    def wait(self) -> float:
        """Seconds until the next iteration."""
        now = perf_counter()
        if self._due is None:
            self._due = now + random.random() * self._period
        else:
            self._due = max(now, self._due + self._period)
        return self._due - now


def scenarios_of(jobs: Sequence[Job]) -> list[Scenario]:
    """The scenarios of jobs, each once and whole. Raises ``ProblemError`` for a changed file."""
    return [sheet.whole() for sheet in {id(job.sheet): job.sheet for job in jobs}.values()]


def digest(jobs: Sequence[Job]) -> str:
    """A text that is the same on two machines when they have the same scenarios and cases."""
    found = hashlib.blake2b(digest_size=16)
    for scenario in scenarios_of(jobs):
        found.update(scenario.text.encode("utf-8", "surrogatepass"))
    found.update(str(len(jobs)).encode())
    return found.hexdigest()


def know_secrets(jobs: Sequence[Job], settings: Settings, redactor: Redactor) -> None:
    """Has the redactor know the secrets of the scenarios before any iteration runs elsewhere."""
    for job in jobs[:_CASES_LOOKED_AT]:
        variables = Variables(settings.environ, seed=0, serve_url=settings.serve_url)
        try:
            define_first(
                job.sheet.whole(),
                job.case.variables,
                settings.variables or {},
                variables,
                redactor.add,
                settings.environment,
            )
        except StepFault:
            continue


def _not_kept(_secret: str) -> None:
    """Takes a secret nothing needs to know."""
