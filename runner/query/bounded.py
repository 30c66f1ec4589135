"""Work on what a server sent, ended when its time is over.

A comparison or a query can take long on a large or a hostile body, and much of it goes on in
libraries that look at no clock. So it is done in a thread of its own, which is left alone when the
time is over and told to end at its next instruction.
"""

from __future__ import annotations

import _thread
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, Final, Generic, Protocol, TypeVar

Made = TypeVar("Made")

_MOMENT: Final = 0.005
"""Seconds that ended work has to be over; it takes longer only inside a library's own code."""

_PAUSE: Final = 0.1
"""Seconds from one time that work is told to end to the next: it may be in a `finally`."""


class OutOfTime(Exception):  # noqa: N818 - the name says what happened
    """The work was not done in the time it had."""


def within(seconds: float, work: Callable[[], Made]) -> Made:
    """What the work gives. Raises OutOfTime after so many seconds, and what the work raises.

    Where gevent has made threads cooperative, the work has a real one all the same, and other
    greenlets run meanwhile.
    """
    if seconds <= 0:
        raise OutOfTime
    with _collector.resting(), _bell() as bell:
        worker = _Worker(work, perf_counter() + seconds, bell)
        try:
            bell.wait(seconds)
        finally:
            worker.end()
    if not worker.in_time:
        raise OutOfTime
    return worker.result()


def _real(name: str) -> Any:
    """What this name of ``_thread`` stands for where nothing has replaced it."""
    monkey = _cooperative()
    return getattr(_thread, name) if monkey is None else monkey.get_original("_thread", name)


def _cooperative() -> Any:
    """The module of gevent's that made threads cooperative; None where they are real ones."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey if monkey is not None and monkey.is_module_patched("_thread") else None


class _Collector:
    """The garbage collector of this process, which rests while any work goes on.

    What ends work could otherwise be raised in a finalizer or the callback of a weak reference,
    where Python prints it and goes on.
    """

    def __init__(self) -> None:
        self._lock: Final = _real("allocate_lock")()
        self._resting = 0
        self._was_on = False

    @contextmanager
    def resting(self) -> Iterator[None]:
        self.rest()
        try:
            yield
        finally:
            self.wake()

    def rest(self) -> None:
        with self._lock:
            if self._resting == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._resting += 1

    def wake(self) -> None:
        with self._lock:
            self._resting -= 1
            if self._resting == 0 and self._was_on:
                gc.enable()


# The collector's switch is one for the whole process, so who uses it must be counted as such.
_collector: Final = _Collector()


class _Bell(Protocol):
    """Rung once, in one thread, for who waits in another."""

    def ring(self) -> None: ...

    def wait(self, seconds: float) -> bool:
        """Whether it has rung, after so many seconds at most."""


class _Lock:
    """A bell for a thread."""

    def __init__(self) -> None:
        self._rung: Final = _real("allocate_lock")()
        self._rung.acquire()

    def ring(self) -> None:
        self._rung.release()

    def wait(self, seconds: float) -> bool:
        if not self._rung.acquire(timeout=min(seconds, _thread.TIMEOUT_MAX)):
            return False
        self._rung.release()
        return True


class _HubBell:
    """A bell for a greenlet: the others of its thread run while it waits."""

    def __init__(self) -> None:
        import gevent
        from gevent.event import Event

        self._rung: Final = Event()
        self._turn: Final = _real("allocate_lock")()
        self._watcher: Any = gevent.get_hub().loop.async_()
        self._watcher.start(self._rung.set)

    def ring(self) -> None:
        with self._turn:
            if self._watcher is not None:
                self._watcher.send()

    def wait(self, seconds: float) -> bool:
        return bool(self._rung.wait(seconds))

    def close(self) -> None:
        """From now on nobody waits, and ringing does nothing."""
        with self._turn:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None


@contextmanager
def _bell() -> Iterator[_Bell]:
    if _cooperative() is None:
        yield _Lock()
        return
    bell = _HubBell()
    try:
        yield bell
    finally:
        bell.close()


class _Ended(BaseException):
    """Raised inside a worker whose result nobody waits for; nothing in the work catches it."""


class _Worker(Generic[Made]):
    """Work in a thread of its own, which begins at once; it rings the bell when it is over.

    ``in_time``: it was done, or raised, by the moment ``until`` of ``perf_counter``.
    """

    def __init__(self, work: Callable[[], Made], until: float, bell: _Bell) -> None:
        self._work: Final = work
        self._until: Final = until
        self._bell: Final = bell
        self._made: list[Made] = []
        self._error: Exception | None = None
        self._turn: Final = _real("allocate_lock")()
        self._gone: Final = _Lock()
        self._begun = self._left = self._told = False
        self.in_time = False
        self._ident: Final[int] = _real("start_new_thread")(self._run, ())

    def _run(self) -> None:
        # `suppress` is Python: what ends this could be raised in its own code, and get out.
        try:
            try:  # noqa: SIM105
                self._carry_out()
            except _Ended:
                pass
            while not self._left:
                try:  # noqa: SIM105
                    self._leave()
                except _Ended:
                    pass
        finally:
            self._gone.ring()
            self._bell.ring()

    def _carry_out(self) -> None:
        with self._turn:
            self._begun = not self._told
        if not self._begun:
            return
        try:
            self._made.append(self._work())
        except Exception as error:
            self._error = error
        done = perf_counter() <= self._until
        with self._turn:
            self.in_time = done and not self._told

    def _leave(self) -> None:
        """Has nothing more be raised here: what was sent and has not come is taken back."""
        with self._turn:
            if self._told and self._begun:
                self._raise(None)
            self._left = True

    def end(self) -> None:
        """Has the work end, if it has not."""
        if self._tell() and not self._bell.wait(_MOMENT):
            _collector.rest()
            try:
                _real("start_new_thread")(self._insist, ())
            except RuntimeError:
                # Without a thread for it, what was told once has to do.
                _collector.wake()

    def _tell(self) -> bool:
        """Tells the work to end; whether it was still there."""
        with self._turn:
            if self._left:
                return False
            self._told = True
            if self._begun:
                self._raise(_Ended)
            return True

    def _insist(self) -> None:
        """Tells it again until it ends: Python drops what is raised in a finalizer, and work may
        leave by a `finally` of its own.
        """
        over = self._gone.wait(_PAUSE)
        # A library's own code may take minutes, and is no reason to keep all garbage.
        _collector.wake()
        while not over and self._tell():
            over = self._gone.wait(_PAUSE)

    def _raise(self, error: type[_Ended] | None) -> None:
        import ctypes

        ident = ctypes.c_ulong(self._ident)
        what = None if error is None else ctypes.py_object(error)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, what)

    def result(self) -> Made:
        """What the work gave. Raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._made[0]
