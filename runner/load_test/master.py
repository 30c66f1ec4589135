"""A load of several processes, seen from the one that leads and counts."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any, NamedTuple

import gevent
from gevent.event import Event
from locust.env import Environment
from locust.runners import STATE_MISSING

from runner.load_test.processes import WorkerProcess
from runner.load_test.user import user_class
from runner.load_test.work import Options, Work, digest

_LAST_WORDS_SECONDS = 60.0


class Member(NamedTuple):
    """A worker that has come: its number, from 1, and where it runs."""

    number: int
    host: str
    pid: int


class Master:
    """Leads workers and gathers what they count. ``expected`` of them must come before it begins.

    ``wrong`` is set when a worker has other scenarios. Raises OSError where it cannot listen.
    """

    def __init__(self, work: Work, options: Options, host: str, port: int, expected: int) -> None:
        self.expected = expected
        self.wrong: str | None = None
        self.lost = 0
        self.processes: list[WorkerProcess] = []
        self._options = options
        self._digest = digest(work.jobs)
        self._members: dict[str, Member] = {}
        self._gone: set[str] = set()
        self._moved: set[str] = set()
        self._spent: set[str] = set()
        self._finished: set[str] = set()
        self._begun = False
        self._over = Event()
        self.environment = Environment(
            user_classes=[user_class(work, lambda: None)], stop_timeout=options.grace
        )
        self.runner = self.environment.create_master_runner(host, port)
        self.runner.register_message("hello", self._hello)
        self.runner.register_message("spent", self._is_spent)
        self.runner.register_message("finished", self._has_finished)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.runner.server.port)

    def _hello(self, *, msg: Any, **_: object) -> None:
        if msg.node_id in self._members:
            return
        told = msg.data
        member = Member(len(self._members) + 1, told["host"], told["pid"])
        if told["digest"] != self._digest:
            self.wrong = f"the worker on {member.host} has other scenarios than the master"
        self._members[msg.node_id] = member
        if self._begun:
            self._send_share(msg.node_id)

    def _is_spent(self, *, msg: Any, **_: object) -> None:
        self._spent.add(msg.node_id)

    def _has_finished(self, *, msg: Any, **_: object) -> None:
        self._finished.add(msg.node_id)

    @property
    def _there(self) -> set[str]:
        return self._members.keys() - self._gone

    @property
    def come(self) -> int:
        """How many workers there are now."""
        return len(self._there)

    @property
    def ready(self) -> bool:
        """Whether as many workers as are expected have come."""
        return len(self._there) >= self.expected

    @property
    def alive(self) -> bool:
        """Whether a worker is there; before the load begins, whether all may still come."""
        if not self._begun:
            # One that was started here and ended will not come any more.
            return all(process.running for process in self.processes)
        return bool(self._there)

    @property
    def spent(self) -> bool:
        """Whether all iterations asked for are over, on the workers that are left."""
        return bool(self._there) and self._there <= self._spent

    @property
    def running(self) -> int:
        """How many iterations may run: one for each user."""
        return self.runner.user_count

    def begin(self) -> None:
        """Gives each worker its share of the iterations, and starts the users."""
        self._begun = True
        for client in self._there:
            self._send_share(client)
        # It comes back only when all users are there, or should be.
        gevent.spawn(self.runner.start, self._options.users, self._options.spawn_rate)

    def _send_share(self, client: str) -> None:
        share = {
            "index": self._members[client].number - 1,
            "count": self.expected,
            "total": self._options.iterations,
            "period": self._options.period,
        }
        self.runner.send_message("share", share, client)

    def watch(self) -> list[str]:
        """A sentence on each worker that has gone since it was last asked; what it had to do goes
        to the others.
        """
        told = []
        for process in self.processes:
            if (how := process.ended()) is not None:
                client = next(
                    (key for key, each in self._members.items() if each.pid == process.pid), None
                )
                told += self._is_gone(client, how)
        states = {client: each.state for client, each in self.runner.clients.items()}
        for client in self._there:
            if states.get(client) == STATE_MISSING:
                told += self._is_gone(client, "it is silent")
            elif client not in states and not self._over.is_set():
                told += self._is_gone(client, "it left")
        for client in self._gone:
            # Locust takes users from a silent worker, but gives them to no other.
            if states.get(client) == STATE_MISSING and client not in self._moved:
                self._moved.add(client)
                if self._there and not self._over.is_set():
                    gevent.spawn(self.runner.start, self._options.users, self._options.spawn_rate)
        return told

    def _is_gone(self, client: str | None, how: str) -> list[str]:
        if client is None:
            return [f"a worker ended before it began: {how}"]
        if client in self._gone or self._over.is_set():
            return []
        self._gone.add(client)
        self.lost += 1
        member = self._members[client]
        left = len(self._there)
        rest = f"the load goes on with {left} of {self.expected}" if left else "none is left"
        return [f"worker {member.number} on {member.host} is lost ({how}): {rest}"]

    def finish(self) -> None:
        """Has the workers begin no more iterations, and waits for those that run. Who has not
        answered by then is lost.
        """
        self._over.set()
        for client in self._there:
            self.runner.send_message("finish", {}, client)
        end = perf_counter() + self._options.grace + _LAST_WORDS_SECONDS
        while perf_counter() < end and not self._there <= self._finished | self._silent():
            gevent.sleep(0.05)
        # What they had counted last is lost with them.
        silent = self._there - self._finished
        self._gone |= silent
        self.lost += len(silent)

    def _silent(self) -> set[str]:
        ended = {process.pid for process in self.processes if not process.running}
        return {
            client
            for client, member in self._members.items()
            if member.pid in ended
            or client not in self.runner.clients
            or self.runner.clients[client].state == STATE_MISSING
        }

    def close(self) -> None:
        """Ends the workers: they send their last counts, and are gone."""
        self._over.set()
        self.runner.quit()
        stop_all(self.processes)


def stop_all(processes: Sequence[WorkerProcess]) -> None:
    """Ends processes that should have ended by themselves by now."""
    for process in processes:
        process.stop()
