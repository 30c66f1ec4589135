"""What a worker process does: jobs, each on a thread of its own, as the parent hands them out.

It says over its pipe when a job begins, or that it cannot have one more at the same time, what must
not be shown, what happens, and what came of it.
Ctrl-C reaches all processes of a terminal; here it does nothing, since the parent says what it
means. A worker whose parent has gone ends at once.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Iterable, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Final

from runner.execution.course import carry_out, placed, settings_for
from runner.execution.interruption import Interruption
from runner.execution.jobs import Job
from runner.execution.scenario_run import Settings
from runner.execution.signs import ASKING
from runner.plain import plain
from runner.result import ScenarioResult, StepResult
from runner.values import MISSING

RUN: Final = "run"
INTERRUPT: Final = "interrupt"
END: Final = "end"


def work(
    pipe: Connection,
    strangers: Iterable[Connection],
    jobs: Sequence[Job],
    settings: Settings,
    began: float,
    telling: bool,
) -> None:
    """Runs until the parent says that it is over.

    ``strangers`` are the parent's ends of pipes, which a fork has copied: kept open here, they
    would hide the parent's death.
    """
    for each in strangers:
        each.close()
    for sign in ASKING:
        # Not SIG_IGN, which the processes this one starts would inherit.
        signal.signal(sign, lambda _number, _frame: None)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKING)
    worker = _Worker(pipe, jobs, settings, began, telling=telling)
    while True:
        try:
            word, number, left = pipe.recv()
        except (EOFError, OSError):
            os._exit(1)
        if word == RUN:
            worker.begin(number, left)
        elif word == INTERRUPT:
            worker.interrupt()
        else:
            return


class _Worker:
    def __init__(
        self,
        pipe: Connection,
        jobs: Sequence[Job],
        settings: Settings,
        began: float,
        *,
        telling: bool,
    ) -> None:
        self._pipe = pipe
        self._jobs = jobs
        self._settings = settings._replace(secret=self._secret)
        self._began = began
        self._telling = telling
        self._sending = threading.Lock()
        self._running: dict[int, Interruption] = {}

    def begin(self, number: int, left: float | None) -> None:
        """Begins a job, which must be over in ``left`` seconds, or says that there is no room."""
        self._running[number] = interruption = Interruption()
        arguments = (number, left, interruption)
        try:
            threading.Thread(target=self._run, args=arguments, daemon=True).start()
        except (RuntimeError, MemoryError):
            del self._running[number]
            self._send("refused", number)

    def interrupt(self) -> None:
        """Ends the steps of all jobs that run; their teardown follows."""
        for interruption in list(self._running.values()):
            interruption.ask()

    def _run(self, number: int, left: float | None, interruption: Interruption) -> None:
        self._send("started", number)
        job = self._jobs[number]

        def told(event: str, detail: Mapping[str, object]) -> None:
            try:
                data = _packed(detail)
            except Exception:
                data = _packed({key: _plain(value) for key, value in detail.items()})
            self._send("event", number, event, data)

        result = carry_out(
            job,
            settings_for(self._settings, job, left),
            placed(told, self._began) if self._telling else None,
            self._began,
            interruption,
        )
        try:
            data = _packed(result)
        except Exception:
            data = _packed(_plain_result(result))
        self._running.pop(number, None)
        self._send("finished", number, data)

    def _secret(self, text: str) -> None:
        self._send("secret", text)

    def _send(self, *message: object) -> None:
        with self._sending:
            try:
                self._pipe.send(message)
            except OSError:
                os._exit(1)


def _packed(value: object) -> bytes:
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def _plain(value: object) -> object:
    """Data that can be sent, for what cannot."""
    return _plain_step(value) if isinstance(value, StepResult) else plain(value)


def _plain_result(result: ScenarioResult) -> ScenarioResult:
    return result._replace(
        steps=tuple(map(_plain_step, result.steps)),
        teardown=tuple(map(_plain_step, result.teardown)),
    )


def _plain_step(step: StepResult) -> StepResult:
    return step._replace(
        facts=plain(step.facts),
        captured=plain(step.captured),
        failures=tuple(
            one._replace(
                expected=plain(one.expected),
                found=MISSING if one.found is MISSING else plain(one.found),
            )
            for one in step.failures
        ),
        steps=tuple(map(_plain_step, step.steps)),
    )
