"""Work on what a server sent, ended when its time is over.

A comparison or a query can take long on a large or a hostile body, and much of it goes on in
libraries that look at no clock. So it is done in a thread of its own, which is left alone when the
time is over and told to end at its next instruction.
"""

from __future__ import annotations

import _thread
import gc
from collections.abc import Callable
from threading import Lock
from typing import Final, Generic, TypeVar

Made = TypeVar("Made")

_MOMENT: Final = 0.005
"""Seconds that ended work has to be over; it takes longer only inside a library's own code."""


class OutOfTime(Exception):  # noqa: N818 - the name says what happened
    """The work was not done in the time it had."""


def within(seconds: float, work: Callable[[], Made]) -> Made:
    """What the work gives. Raises OutOfTime after so many seconds, and what the work raises."""
    if seconds <= 0:
        raise OutOfTime
    worker = _Worker(work)
    try:
        worker.wait(seconds)
    finally:
        over = worker.end()
    if not over:
        raise OutOfTime
    return worker.result()


class _Ended(BaseException):
    """Raised inside a worker whose result nobody waits for; nothing in the work catches it."""


class _Worker(Generic[Made]):
    """Work in a thread of its own, which begins at once.

    No garbage is collected meanwhile: what ends it could then be raised in a finalizer or the
    callback of a weak reference, where Python prints it and goes on.
    """

    def __init__(self, work: Callable[[], Made]) -> None:
        self._work: Final = work
        self._made: list[Made] = []
        self._error: Exception | None = None
        self._turn: Final = Lock()
        self._done: Final = Lock()
        self._begun = self._over = self._told = False
        self._collects: Final = gc.isenabled()
        self._done.acquire()
        self._ident: Final = _thread.start_new_thread(self._run, ())
        gc.disable()

    def _run(self) -> None:
        try:
            with self._turn:
                self._begun = not self._told
            if not self._begun:
                return
            try:
                self._made.append(self._work())
            except Exception as error:
                self._error = error
            with self._turn:
                self._over = not self._told
            while self._told:
                # What ends it is on its way, and must not come to whoever runs after this.
                pass
        except _Ended:
            pass
        finally:
            self._done.release()

    def wait(self, seconds: float) -> None:
        """Waits until the work is done, for so many seconds at most."""
        self._done.acquire(timeout=seconds)

    def end(self) -> bool:
        """Has the work end, if it has not. Returns whether it had."""
        with self._turn:
            if not self._over:
                self._told = True
                if self._begun:
                    self._interrupt()
        if not self._over:
            self._done.acquire(timeout=_MOMENT)
        if self._collects:
            gc.enable()
        return self._over

    def _interrupt(self) -> None:
        import ctypes

        ident = ctypes.c_ulong(self._ident)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(_Ended))

    def result(self) -> Made:
        """What the work gave. Raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._made[0]
