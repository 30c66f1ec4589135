"""A worker: carries iterations out for a master that leads and counts."""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import Any

import gevent
from gevent.socket import wait_read
from locust.env import Environment

from runner.load_test.tickets import Tickets
from runner.load_test.user import user_class
from runner.load_test.work import Work, digest


class Worker:
    """One process of a load led by a master at a host and port."""

    def __init__(self, work: Work, host: str, port: int, *, owned: bool) -> None:
        """``owned``: the master started it, holds a pipe to it, and takes Ctrl-C for it.

        Raises ConnectionError when no master answers for five minutes.
        """
        self._work = work
        self._told = False
        if owned:
            gevent.spawn(_until_left_alone)
        self.environment = Environment(user_classes=[user_class(work, self._spent)])
        self.environment.events.test_stopping.add_listener(  # type: ignore[no-untyped-call]
            work.stop
        )
        self.runner = self.environment.create_worker_runner(host, port)
        self.runner.register_message("share", self._share)
        self.runner.register_message("finish", self._finish, concurrent=True)
        told = {"host": socket.gethostname(), "pid": os.getpid(), "digest": digest(work.jobs)}
        self.runner.send_message("hello", told)
        for number in (signal.SIGINT, signal.SIGTERM):
            gevent.signal_handler(number, self._leave)

    def work(self) -> None:
        """Works until the master says it is over, or is gone."""
        self.runner.greenlet.join()

    def _share(self, *_: object, msg: Any = None, **__: object) -> None:
        share = msg.data
        self._work.tickets = Tickets(share["index"], share["count"], share["total"])
        self._work.period = share["period"]

    def _spent(self) -> None:
        if not self._told:
            self._told = True
            self.runner.send_message("spent", {})

    def _finish(self, *_: object, **__: object) -> None:
        self._end()
        self.runner.send_message("finished", {})

    def _leave(self) -> None:
        self._end()
        self.environment.events.quitting.fire(  # type: ignore[no-untyped-call]
            environment=self.environment
        )
        self.runner.quit()

    def _end(self) -> None:
        """Waits for what runs, and sends what was counted since the last report: Locust would wait
        for that half a second only.
        """
        self.runner.stop()
        counted: dict[str, object] = {}
        self.environment.events.report_to_master.fire(  # type: ignore[no-untyped-call]
            client_id=self.runner.client_id, data=counted
        )
        self.runner.send_message("stats", counted)


def _until_left_alone() -> None:
    """Ends with the process that started this one, which holds the other end of the pipe."""
    pipe = sys.stdin.fileno()
    while True:
        wait_read(pipe)
        if not os.read(pipe, 4096):
            break
    # There is nobody left to tell anything, so nothing is worth waiting for.
    os._exit(1)
