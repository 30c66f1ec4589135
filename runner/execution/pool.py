"""Jobs at the same time: processes for the cores, threads in them for what only waits.

The parent hands out a job whenever a thread is free, so that long ones do not hold up others.
"""

from __future__ import annotations

import multiprocessing
import pickle
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Final

from runner.execution.course import Course, ended
from runner.execution.interruption import ctrl_c
from runner.execution.processes import (
    Process,
    can_fork,
    cores,
    held_back,
    how_it_ended,
    portable,
    unheard,
)
from runner.execution.worker import END, INTERRUPT, RUN, work
from runner.steps import verb

_PATIENCE: Final = 2.0


def run_at_once(course: Course, count: int) -> None:
    """Runs the jobs of a course, ``count`` of them at the same time."""
    with _Pool(course, count) as pool, ctrl_c(pool.wake):
        while True:
            if course.interrupted:
                pool.interrupt()
            while pool.has_room and (number := course.next()) is not None:
                pool.give(number)
            if not pool.busy:
                return
            pool.take()


class _Hand:
    """A worker process: its pipe, how many jobs it takes, which it has, and which it has begun."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.given: set[int] = set()
        self.begun: set[int] = set()
        self.process: Process
        self.pipe: Connection

    @property
    def free(self) -> int:
        return self.room - len(self.given)


class _Pool:
    def __init__(self, course: Course, count: int) -> None:
        self._course = course
        processes = min(count, cores())
        self._rooms = [
            count // processes + (number < count % processes) for number in range(processes)
        ]
        self._settings = course.settings._replace(secret=unheard)
        self._forks = can_fork()
        self._jobs = course.jobs if self._forks else portable(course.jobs)
        self._hands: list[_Hand] = []
        self._told = False
        self._awake, self._waker = multiprocessing.Pipe(duplex=False)

    def __enter__(self) -> _Pool:
        if self._forks:
            # What all need is loaded once, before there are several.
            for name in {step.verb for job in self._jobs for step in job.scenario.steps}:
                verb(name)
        try:
            for room in self._rooms:
                self._hire(room)
        except BaseException:
            self._kill()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if error is None:
            for hand in self._hands:
                self._say(hand, END)
            for hand in self._hands:
                hand.process.join(_PATIENCE)
        self._kill()
        self._awake.close()
        self._waker.close()

    @property
    def has_room(self) -> bool:
        """Whether a thread is free."""
        return any(hand.free for hand in self._hands)

    @property
    def busy(self) -> bool:
        """Whether any job is not over yet."""
        return any(hand.given for hand in self._hands)

    def give(self, number: int) -> None:
        """Has the least busy worker begin a job."""
        hand = max(self._hands, key=lambda each: each.free)
        hand.given.add(number)
        self._say(hand, RUN, number, self._course.left())

    def wake(self) -> None:
        """Takes Ctrl-C: no job begins from now on, and ``take`` returns."""
        self._course.interrupt()
        self._waker.send_bytes(b"!")

    def interrupt(self) -> None:
        """Has all workers end the jobs they run, once."""
        if not self._told:
            self._told = True
            for hand in self._hands:
                self._say(hand, INTERRUPT)

    def take(self) -> None:
        """Waits for what workers have to say, and passes it on."""
        pipes = {hand.pipe: hand for hand in self._hands}
        for ready in wait([*pipes, self._awake]):
            if ready is self._awake:
                self._awake.recv_bytes()
                continue
            hand = pipes[ready]  # type: ignore[index]
            try:
                message = hand.pipe.recv()
            except (EOFError, OSError, pickle.UnpicklingError):
                self._lost(hand)
            else:
                self._heard(hand, *message)

    def _heard(self, hand: _Hand, word: str, *rest: Any) -> None:
        course = self._course
        if word == "secret":
            course.settings.secret(rest[0])
        elif word == "started":
            hand.begun.add(rest[0])
            course.started(rest[0])
        elif word == "event":
            number, event, data = rest
            course.told(number, event, pickle.loads(data))
        else:
            number, data = rest
            hand.given.discard(number)
            hand.begun.discard(number)
            course.finished(number, pickle.loads(data), data)

    def _lost(self, hand: _Hand) -> None:
        """A worker died: what it had begun is lost, what it had not is run by another."""
        self._hands.remove(hand)
        hand.pipe.close()
        hand.process.join(_PATIENCE)
        how = how_it_ended(hand.process.exitcode)
        for number in sorted(hand.given - hand.begun):
            self._course.give_back(number)
        for number in sorted(hand.begun):
            message = f"the worker process that ran it {how}"
            result = ended(self._course.jobs[number], "internal-error", message)
            self._course.finished(number, result)
        if self._course.more or self.busy:
            self._hire(hand.room)

    def _hire(self, room: int) -> None:
        hand = _Hand(room)
        context: Any = multiprocessing.get_context("fork" if self._forks else "spawn")
        hand.pipe, theirs = context.Pipe()
        strangers = []
        if self._forks:
            strangers = [hand.pipe, self._awake, self._waker, *(each.pipe for each in self._hands)]
        course = self._course
        hand.process = context.Process(
            target=work,
            args=(theirs, strangers, self._jobs, self._settings, course.began, course.telling),
            daemon=True,
        )
        # Until a worker has its own handler, Ctrl-C would end it in the middle.
        with held_back():
            hand.process.start()
        theirs.close()
        self._hands.append(hand)
        if self._told:
            self._say(hand, INTERRUPT)

    def _say(self, hand: _Hand, word: str, number: int = -1, left: float | None = None) -> None:
        try:
            hand.pipe.send((word, number, left))
        except OSError:
            return  # it has died, which `take` is told too

    def _kill(self) -> None:
        for hand in self._hands:
            if hand.process.exitcode is None:
                hand.process.kill()
                hand.process.join()
            hand.pipe.close()
