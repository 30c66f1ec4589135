"""The course of a load: from the first user to the last, or to Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Callable
from time import perf_counter
from typing import Literal, NamedTuple, Protocol

import gevent
from gevent.event import Event
from locust.env import Environment

_TICK = 0.2

Cause = Literal["time", "iterations", "interrupted", "no-workers", "wrong"]


class Engine(Protocol):
    """What makes the load: this process, or workers that it leads."""

    environment: Environment
    expected: int
    lost: int
    wrong: str | None

    @property
    def ready(self) -> bool: ...
    @property
    def alive(self) -> bool: ...
    @property
    def spent(self) -> bool: ...
    @property
    def running(self) -> int: ...
    def watch(self) -> list[str]: ...
    def begin(self) -> None: ...
    def finish(self) -> None: ...
    def close(self) -> None: ...


class Ended(NamedTuple):
    """Why a load ended, and how many seconds it took: until then, and until all was over."""

    cause: Cause
    seconds: float
    whole: float


def carry_out(
    engine: Engine,
    duration: float | None,
    note: Callable[[str], None],
    tick: Callable[[float | None], None],
) -> Ended:
    """Runs the load for so many seconds, until its iterations are spent, or until Ctrl-C: the first
    lets the iterations that run come to their end, the second does not.

    ``note`` is told what happens to workers, ``tick`` the seconds since the load began, often; None
    before it does.
    """
    asked, now = Event(), Event()

    def stop() -> None:
        (now if asked.is_set() else asked).set()

    handlers = [gevent.signal_handler(number, stop) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        cause = _gathered(engine, asked, note, tick)
        began = perf_counter()
        if cause is None:
            engine.begin()
            cause = _until_over(engine, duration, asked, note, tick)
        seconds = perf_counter() - began
        if cause == "interrupted" and engine.running:
            note(_ending(engine))
        finishing = gevent.spawn(engine.finish)
        while not finishing.ready() and not now.wait(_TICK / 4):
            tick(perf_counter() - began)
        return Ended("interrupted" if asked.is_set() else cause, seconds, perf_counter() - began)
    finally:
        engine.close()
        for handler in handlers:
            handler.cancel()


def _ending(engine: Engine) -> str:
    count, grace = engine.running, engine.environment.stop_timeout or 0
    return (
        f"interrupted: ending {count} iteration{'s' * (count > 1)} (at most {grace:g} s);"
        " Ctrl-C again to stop at once"
    )


def _gathered(
    engine: Engine,
    asked: Event,
    note: Callable[[str], None],
    tick: Callable[[float | None], None],
) -> Cause | None:
    while True:
        for told in engine.watch():
            note(told)
        if engine.wrong is not None:
            return "wrong"
        if not engine.alive:
            return "no-workers"
        if engine.ready:
            return None
        tick(None)
        if asked.wait(_TICK / 4):
            return "interrupted"


def _until_over(
    engine: Engine,
    duration: float | None,
    asked: Event,
    note: Callable[[str], None],
    tick: Callable[[float | None], None],
) -> Cause:
    began = perf_counter()
    while True:
        gone = perf_counter() - began
        left = _TICK if duration is None else min(_TICK, duration - gone)
        if left <= 0:
            return "time"
        if asked.wait(left):
            return "interrupted"
        for told in engine.watch():
            note(told)
        if engine.wrong is not None:
            return "wrong"
        if not engine.alive:
            return "no-workers"
        if engine.spent:
            return "iterations"
        tick(perf_counter() - began)
