"""Jobs at the same time: processes for the cores, threads in them for what only waits.

The parent hands out a job whenever a thread is free, so that long ones do not hold up others.
"""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Iterator
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Final

from runner.execution.course import Course, ended
from runner.execution.hand import Hand
from runner.execution.interruption import ctrl_c
from runner.execution.processes import (
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
_USELESS: Final = 2


def run_at_once(course: Course, count: int) -> None:
    """Runs the jobs of a course, ``count`` of them at the same time."""
    with _Pool(course, count) as pool, ctrl_c(pool.wake):
        try:
            _run(course, pool)
        except Exception:
            # A report could not be written, as on a full disk: servers are owed the teardown.
            pool.wind_up()
            raise


def _run(course: Course, pool: _Pool) -> None:
    while True:
        if course.interrupted:
            pool.interrupt()
        while pool.has_room and (number := course.next()) is not None:
            pool.give(number)
        if not pool.busy:
            pool.give_up()
            return
        pool.take()


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
        self._hands: list[Hand] = []
        self._told = False
        self._useless = 0
        self._why = ""
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
                hand.say(END)
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
        hand.say(RUN, number, self._course.left())

    def wake(self) -> None:
        """Takes Ctrl-C: no job begins from now on, and ``take`` returns."""
        self._course.interrupt()
        self._waker.send_bytes(b"!")

    def interrupt(self) -> None:
        """Has all workers end the jobs they run, once."""
        if not self._told:
            self._told = True
            self._course.say_ending()
            for hand in self._hands:
                hand.say(INTERRUPT)

    def take(self) -> None:
        """Waits for what workers have to say, and passes it on."""
        for hand, message in self._heard_of():
            if message is None:
                self._lost(hand)
            else:
                self._heard(hand, *message)

    def wind_up(self) -> None:
        """Has all jobs that run ended, with their teardown, and passes nothing on."""
        self._told = True
        for hand in self._hands:
            hand.say(INTERRUPT)
        while self.busy:
            for hand, message in self._heard_of():
                if message is None:
                    self._dismiss(hand)
                elif message[0] in ("finished", "refused"):
                    hand.given.discard(message[1])

    def give_up(self) -> None:
        """Ends what no worker can be had for."""
        message = f"no worker process came to run it: the last one {self._why}"
        if not self._forks:
            guard = '`if __name__ == "__main__":`'
            message += f"; a script that runs scenarios at the same time does so under {guard}"
        while (number := self._course.next()) is not None:
            self._course.started(number)
            result = ended(self._course.jobs[number], "internal-error", message)
            self._course.finished(number, result)

    def _heard_of(self) -> Iterator[tuple[Hand, tuple[Any, ...] | None]]:
        """Waits for a message, and gives all that are there; None for a worker that died."""
        pipes = {hand.pipe: hand for hand in self._hands}
        for ready in wait([*pipes, self._awake]):
            if ready is self._awake:
                self._awake.recv_bytes()
                continue
            hand = pipes[ready]  # type: ignore[index]
            try:
                message = hand.pipe.recv()
            except (EOFError, OSError, pickle.UnpicklingError):
                message = None
            yield hand, message

    def _heard(self, hand: Hand, word: str, *rest: Any) -> None:
        course = self._course
        if word == "secret":
            course.settings.secret(rest[0])
        elif word == "started":
            hand.begun.add(rest[0])
            hand.useful = True
            self._useless = 0
            course.started(rest[0])
        elif word == "refused":
            hand.given.discard(rest[0])
            course.give_back(rest[0])
            hand.room = len(hand.given)
            if not hand.given:
                hand.process.kill()  # it can do nothing, which `take` is told
        elif word == "event":
            number, event, data = rest
            course.told(number, event, pickle.loads(data))
        else:
            number, data = rest
            hand.given.discard(number)
            hand.begun.discard(number)
            course.finished(number, pickle.loads(data), data)

    def _lost(self, hand: Hand) -> None:
        """A worker died: what it had begun is lost, what it had not is run by another.

        No other comes in the place of the second in a row that never began anything.
        """
        self._dismiss(hand)
        how = self._why = how_it_ended(hand.process.exitcode)
        self._useless += not hand.useful
        for number in sorted(hand.given - hand.begun):
            self._course.give_back(number)
        for number in sorted(hand.begun):
            message = f"the worker process that ran it {how}"
            result = ended(self._course.jobs[number], "internal-error", message)
            self._course.finished(number, result)
        if (self._course.more or self.busy) and self._useless < _USELESS:
            self._hire(max(1, hand.room))

    def _dismiss(self, hand: Hand) -> None:
        self._hands.remove(hand)
        hand.pipe.close()
        hand.process.join(_PATIENCE)

    def _hire(self, room: int) -> None:
        hand = Hand(room)
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
        try:
            # Until a worker has its own handler, Ctrl-C would end it in the middle.
            with held_back():
                hand.process.start()
        except OSError as error:
            self._why = f"could not be started: {error.strerror or error}"
            hand.pipe.close()
            return
        finally:
            theirs.close()
        self._hands.append(hand)
        if self._told:
            hand.say(INTERRUPT)

    def _kill(self) -> None:
        for hand in self._hands:
            if hand.process.exitcode is None:
                hand.process.kill()
        for hand in self._hands:
            hand.process.join()
            hand.pipe.close()
