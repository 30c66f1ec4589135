"""Processes of our own: how many are worth having, how they are started, how they ended."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from runner.execution.jobs import Job, Sheet
from runner.execution.signs import ASKING
from runner.scenario.model import Case


class Process(Protocol):
    """A process as ``multiprocessing`` makes it, whichever way."""

    exitcode: int | None

    def start(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...
    def kill(self) -> None: ...


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def held_back() -> Iterator[None]:
    """Keeps Ctrl-C and its like waiting, also in a process started in the block until it lets them
    through.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ASKING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def can_fork() -> bool:
    """Whether a fork is safe: on Linux, with no other thread that may hold a lock."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208 - a count, no paths
    except OSError:
        return threading.active_count() == 1


def portable(jobs: Sequence[Job]) -> list[Job]:
    """The jobs for a process that shares nothing with this one."""
    sheets: dict[int, Sheet] = {}
    return [
        job._replace(
            sheet=sheets.get(id(job.sheet))
            or sheets.setdefault(id(job.sheet), job.sheet.portable()),
            # The templates of a case are functions, which cannot be sent.
            case=Case(job.case.label, {}),
        )
        for job in jobs
    ]


def unheard(_text: str) -> None:
    """Takes a secret and does nothing: a worker has its own way to tell."""


def how_it_ended(status: int | None) -> str:
    if status is None:
        return "closed its pipe"
    if status >= 0:
        return f"ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    why = ": was there memory enough?" if -status == signal.SIGKILL else ""
    return f"was killed by {name}{why}"
