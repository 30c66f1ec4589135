"""The course of a run: which job is next, what is told of it and when, what came of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import runner
from runner.execution.interpreter import Listen
from runner.execution.interruption import Interruption
from runner.execution.jobs import Job
from runner.execution.scenario_run import TEARDOWN_SECONDS, Settings, run_scenario
from runner.execution.spool import HELD, HELD_WITH_BODIES, Spool
from runner.execution.turns import InTurn
from runner.result import ScenarioResult, SuiteResult, kinds_of, worst
from runner.scenario.problems import ProblemError

Tell = Callable[[str, Mapping[str, object]], None]


class Course:
    """A run while it goes on. Times are seconds since ``began``, on ``perf_counter``'s clock.

    ``listen`` is told of one job after the other, in their order; ``live`` of everything as it
    comes, with the results that are in no order then. ``steps`` and ``live_steps`` say which of
    them is told of steps and phases too; ``telling`` whether any is. ``notice`` is given what is to
    be said at once; it may be called in a signal handler.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        settings: Settings,
        listen: Listen | None,
        live: Listen | None,
        *,
        fail_fast: bool,
        deadline: float | None,
        steps: bool,
        live_steps: bool,
        notice: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.jobs = jobs
        self.settings = settings
        self.began = perf_counter()
        self.interrupted = False
        self._started = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.telling = (steps and listen is not None) or (live_steps and live is not None)
        self._live = live
        self._steps, self._live_steps = steps, live_steps
        self._fail_fast = fail_fast
        self._deadline = deadline
        self._spool = Spool(HELD_WITH_BODIES if settings.bodies else HELD)
        self._turns = InTurn(listen, self._spool.of)
        self._next = 0
        self._running: set[int] = set()
        self._notice = notice
        self._stopped = False
        self._again: list[int] = []

    def tell(self, event: str, **detail: object) -> None:
        """Tells of something that belongs to no job."""
        told = {"time": perf_counter() - self.began, **detail}
        self._turns.at_once(event, told)
        if self._live is not None:
            self._live(event, told)

    def begin(self) -> None:
        """Tells that the run begins."""
        self.tell(
            "run-started",
            version=runner.__version__,
            started=self._started,
            seed=self.settings.seed,
            scenarios=len(self.jobs),
        )

    def end(self) -> SuiteResult:
        """Tells what is left to tell, and gives the whole."""
        self._turns.flush()
        spool = self._spool
        outcome = worst(list(spool.outcomes))
        suite = SuiteResult(
            version=runner.__version__,
            started=self._started,
            duration=perf_counter() - self.began,
            outcome="error" if self.interrupted else outcome,
            scenarios=spool,
            seed=self.settings.seed,
            interrupted=self.interrupted,
            not_run=len(self.jobs) - len(spool),
        )
        self.tell("run-finished", result=suite)
        return suite

    def interrupt(self) -> None:
        """Takes Ctrl-C: nothing more begins."""
        self.interrupted = self._stopped = True

    def say_ending(self) -> None:
        """Says that Ctrl-C has come, and how long it may take."""
        count = len(self._running)
        if count:
            self._notice(
                f"interrupted: ending {count} scenario{'s' * (count > 1)} (each step of a teardown"
                f" may take {TEARDOWN_SECONDS:g} s); Ctrl-C again to stop at once"
            )

    def cut_off(self) -> str:
        """What is to be said of the scenarios that run when everything ends at once."""
        names = [self.jobs[number].scenario.name for number in sorted(self._running)]
        if not names:
            return "stopped"
        more = f" and of {len(names) - 1} more" if len(names) > 1 else ""
        return f"stopped: the teardown of {names[0]}{more} did not finish"

    @property
    def more(self) -> bool:
        """Whether there are jobs that may still begin."""
        return not self._stopped and bool(self._again or self._next < len(self.jobs))

    def next(self) -> int | None:
        """The number of the job that is to begin now, None when none is.

        Those the deadline of the run leaves no time for fail here.
        """
        while self.more:
            if self._again:
                return self._again.pop()
            number, self._next = self._next, self._next + 1
            left = self.left()
            if left is None or left > 0 or self.jobs[number].scenario.skip is not None:
                return number
            self.started(number)
            self.finished(number, self._too_late(self.jobs[number]))
        return None

    def give_back(self, number: int) -> None:
        """A job that was to begin and did not is the next again."""
        self._again.append(number)

    def left(self) -> float | None:
        """Seconds until the deadline of the run, None without one."""
        return None if self._deadline is None else self._deadline - (perf_counter() - self.began)

    def started(self, number: int) -> None:
        """Tells that a job begins."""
        self._running.add(number)
        steps = self.jobs[number].sheet.steps
        self.told(number, "scenario-started", {"steps": steps})

    def told(self, number: int, event: str, detail: Mapping[str, object]) -> None:
        """Tells what a running job told, or that it begins or is over."""
        told = {"time": perf_counter() - self.began, "scenario": self._where(number), **detail}
        whole = event in ("scenario-started", "scenario-finished")
        if whole or self._steps:
            self._turns(number, event, told)
        if self._live is not None and (whole or self._live_steps):
            self._live(event, told)

    def finished(self, number: int, result: ScenarioResult, data: bytes | None = None) -> None:
        """Takes what came of a job; ``data`` is the same pickled, where that has been done."""
        self._running.discard(number)
        self._spool.put(number, result, data)
        self.told(number, "scenario-finished", {"result": result})
        if "interrupted" in kinds_of(result):
            self.interrupt()
        if self._fail_fast and result.outcome in ("failed", "error"):
            self._stopped = True

    def _where(self, number: int) -> dict[str, object]:
        job = self.jobs[number]
        scenario = job.scenario
        return {"index": number, "name": scenario.name, "file": scenario.file, "case": job.label}

    def _too_late(self, job: Job) -> ScenarioResult:
        message = f"the deadline of the run, {self._deadline:g} s, passed before it began"
        return ended(job, "deadline-exceeded", message)._replace(
            outcome="failed", started=perf_counter() - self.began
        )


def settings_for(settings: Settings, job: Job, left: float | None) -> Settings:
    """The settings of one job: ``left`` are the seconds until the run must be over.

    The rounds of a job do not repeat each other's random values.
    """
    if settings.seed is not None and job.round > 1:
        settings = settings._replace(seed=settings.seed + job.round - 1)
    return settings if left is None else settings._replace(deadline=left)


def carry_out(
    job: Job,
    settings: Settings,
    listen: Listen | None,
    began: float,
    interruption: Interruption | None = None,
) -> ScenarioResult:
    """Runs one job; whatever goes wrong is in its result. ``began`` is when the run did."""
    begun = perf_counter() - began
    try:
        scenario, case = job.whole()
        result = run_scenario(scenario, case, settings, listen, interruption)
    except KeyboardInterrupt:
        result = ended(job, "interrupted", "interrupted")
    except ProblemError as error:
        result = ended(job, error.problems[0].kind, error.problems[0].message)
    except Exception as error:  # a bug of ours must not cost the results of the others
        result = _broken(job, error)
    return result._replace(case=job.label, started=begun)


def ended(job: Job, kind: str, message: str) -> ScenarioResult:
    """The result of a job that ended in this error before it had one of its own."""
    scenario = job.scenario
    return ScenarioResult(
        scenario.name, scenario.file, job.label, scenario.tags, "error", 0.0,
        kind=kind, message=message,
    )  # fmt: skip


def _broken(job: Job, error: Exception) -> ScenarioResult:
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"
    message = f"{type(error).__name__}: {error} ({place}): please report it"
    return ended(job, "internal-error", message)


def placed(listen: Tell, began: float) -> Listen:
    """A listener for one scenario that tells ``listen`` the moment of each event too."""

    def told(event: str, detail: Mapping[str, object]) -> None:
        rest = dict(detail)
        moment = rest.pop("moment", None)
        now = moment if isinstance(moment, float) else perf_counter()
        listen(event, {"time": now - began, **rest})

    return told
