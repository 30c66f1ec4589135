"""The run over all jobs: one after the other here, or several at the same time in processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from runner.execution.course import Course, carry_out, ended, placed, settings_for
from runner.execution.finding import Found, discover
from runner.execution.interpreter import Listen
from runner.execution.interruption import ByException, Now, StoppedError, ctrl_c
from runner.execution.jobs import Job, jobs_of, load_sheets
from runner.execution.scenario_run import Settings
from runner.result import SuiteResult
from runner.scenario.model import Scenario
from runner.scenario.problems import Problem

__all__ = ["Found", "discover", "jobs_of", "load_all", "run_suite"]


def load_all(
    found: Sequence[Found], *, update: bool = False
) -> tuple[list[Scenario], list[Problem]]:
    """The scenarios in these files, all of them whole, and everything wrong in all of them."""
    sheets, problems = load_sheets(found, update=update, room=2**62)
    return [sheet.scenario for sheet in sheets], problems


def run_suite(
    jobs: Sequence[Job],
    settings: Settings,
    listen: Listen | None = None,
    *,
    live: Listen | None = None,
    fail_fast: bool = False,
    deadline: float | None = None,
    steps: bool = True,
    live_steps: bool = True,
    at_once: int = 1,
    notice: Callable[[str], None] = lambda _text: None,
) -> SuiteResult:
    """Runs the jobs, ``at_once`` of them at the same time.

    ``listen`` is told of one job after the other, in their order; ``live`` of everything as it
    comes; of steps and phases too with ``steps`` and ``live_steps``. With ``fail_fast`` no job
    begins after one that did not pass. ``deadline`` bounds the whole run, in seconds: what has not
    begun by then fails.

    After Ctrl-C no further job begins and those that run are ended, with their teardown, of which
    ``notice`` is told; it may be called in a signal handler. A second Ctrl-C raises StoppedError, a
    KeyboardInterrupt, at once.

    The scenarios of the result may be read from a file each time they are asked for.
    """
    course = Course(
        jobs, settings, listen, live, fail_fast=fail_fast, deadline=deadline,
        steps=steps, live_steps=live_steps, notice=notice,
    )  # fmt: skip
    course.begin()
    try:
        if min(at_once, len(jobs)) > 1:
            from runner.execution.pool import run_at_once

            run_at_once(course, min(at_once, len(jobs)))
        else:
            _one_by_one(course)
    except Now:
        raise StoppedError(course.cut_off()) from None
    return course.end()


def _one_by_one(course: Course) -> None:
    running: ByException | None = None

    def interrupt() -> None:
        course.interrupt()
        course.say_ending()
        if running is not None:
            running.ask()

    with ctrl_c(interrupt):
        while (number := course.next()) is not None:
            job = course.jobs[number]
            course.started(number)

            def told(event: str, detail: Mapping[str, object], number: int = number) -> None:
                course.told(number, event, detail)

            running = interruption = ByException()
            try:
                result = carry_out(
                    job,
                    settings_for(course.settings, job, course.left()),
                    placed(told, course.began) if course.telling else None,
                    course.began,
                    interruption,
                )
                interruption.over()
            except KeyboardInterrupt:
                result = ended(job, "interrupted", "interrupted")
            course.finished(number, result)
