"""The user of Locust that carries scenarios out. Importing this makes everything cooperative."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, cast

import gevent
from locust import User, task
from locust.env import Environment
from locust.exception import StopUser

from runner.execution.course import carry_out
from runner.execution.interruption import Interruption
from runner.load_test.entries import CUT, SCENARIO, Entry, reason
from runner.load_test.work import Pace, Work
from runner.result import StepResult


def user_class(work: Work, spent: Callable[[], None]) -> type[User]:
    """The class of users that do this work. ``spent`` is called when its last iteration is over."""

    class ScenarioUser(User):
        """Carries out one iteration after the other."""

        def __init__(self, environment: Environment) -> None:
            super().__init__(environment)
            self._pace = None if work.period is None else Pace(work.period)

        def on_start(self) -> None:
            if self._pace is not None:
                self.wait()  # type: ignore[no-untyped-call]

        def wait_time(self) -> float:
            return 0.0 if self._pace is None else self._pace.wait()

        @task
        def iterate(self) -> None:
            ticket = work.tickets.take()
            if ticket is None:
                raise StopUser
            iteration = Iteration(work, ticket, self.environment.events.request.fire)
            # Apart from the user's own greenlet, which Locust kills at the end of its patience:
            # the teardown is to run then too.
            running = gevent.spawn(iteration.run)
            try:
                running.join()
            except gevent.GreenletExit:
                # Locust also kills a user that seemed to wait and has begun meanwhile.
                running.join(timeout=work.patience(self.environment.stop_timeout))
                iteration.end()
                running.join()
                raise
            finally:
                work.tickets.done()
                if work.tickets.spent:
                    spent()

    return ScenarioUser


class Iteration:
    """One run of one scenario, counted step by step."""

    def __init__(self, work: Work, ticket: int, count: Callable[..., object]) -> None:
        self._interruption = Interruption()
        self._ended = math.inf
        self._entries = work.entries
        self._job, self._settings = work.of(ticket)
        self._count = count

    def run(self) -> None:
        """Runs it. Whatever goes wrong is counted."""
        result = carry_out(self._job, self._settings, self._listen, 0.0, self._interruption)
        if result.outcome != "skipped":
            entry = Entry(SCENARIO, result.name)
            self._tell(entry, result.duration, 0, reason(result))

    def end(self) -> None:
        """Cuts it short: the time that its steps have taken is counted, as a failure of theirs."""
        self._ended = perf_counter()
        self._interruption.ask()

    def _listen(self, event: str, detail: Mapping[str, object]) -> None:
        if event != "step-finished":
            return
        result = cast(StepResult, detail["result"])
        entry = self._entries.get((result.at, result.verb))
        if entry is None or result.outcome == "skipped":
            return
        if result.kind == CUT and perf_counter() - result.duration > self._ended:
            # It was to begin after the end, and did nothing.
            return
        self._tell(entry, result.duration, _size(result.facts), reason(result))

    def _tell(self, entry: Entry, seconds: float, size: int, why: str | None) -> None:
        self._count(
            request_type=entry.type,
            name=entry.name,
            response_time=seconds * 1000,
            response_length=size,
            exception=why,
            context={},
        )


def _size(facts: Mapping[str, Any]) -> int:
    size = facts.get("size")
    return size if isinstance(size, int) else 0
