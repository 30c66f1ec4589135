"""How a running scenario is ended from outside: by another thread, or by Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType
from typing import Final

from runner.execution.signs import ASKING
from runner.steps.kept import Kept

_SAME: Final = 1.0
"""Seconds in which a process is told several times to end by one that means it once: `timeout` and
a shell signal it, then its group. A hand that strikes Ctrl-C twice means it."""


class Interruption:
    """Ends the steps of one scenario from another thread, as Ctrl-C does in the main one.

    Its teardown is left alone. ``cut`` says that it came while the steps ran.
    """

    def __init__(self) -> None:
        self.cut = False
        self._asked = False
        self._kept: Kept | None = None
        self._lock = threading.Lock()

    def ask(self) -> None:
        """Ends the steps that run, or those that would."""
        with self._lock:
            self._asked = True
            self._end()

    @contextmanager
    def reaching(self, kept: Kept) -> Iterator[None]:
        """What runs in the block on these handles can be ended, and the handles used after it."""
        with self._lock:
            self._kept = kept
            if self._asked:
                self._end()
        try:
            yield
        finally:
            with self._lock:
                self._kept = None
                if self.cut:
                    kept.resume()

    def _end(self) -> None:
        if self._kept is not None and not self.cut:
            self.cut = True
            self._kept.abort()


class ByException(Interruption):
    """Ends the steps of a scenario in the main thread, by an exception from a signal handler."""

    def __init__(self) -> None:
        super().__init__()
        self._reachable = True

    def ask(self) -> None:
        """Raises KeyboardInterrupt, unless the steps are over."""
        if self._reachable:
            raise KeyboardInterrupt

    def over(self) -> None:
        """Has ``ask`` do nothing from now on."""
        self._reachable = False

    @contextmanager
    def reaching(self, _kept: Kept) -> Iterator[None]:
        """What comes after the block is left alone."""
        try:
            yield
        finally:
            self.over()


class StoppedError(KeyboardInterrupt):
    """Ctrl-C came a second time, and the run ended at once; the text says what was cut off."""


class Now(BaseException):
    """Ctrl-C came a second time. No ``except`` for the first may take it."""


@contextmanager
def ctrl_c(once: Callable[[], None]) -> Iterator[None]:
    """Has ``once`` called by the first Ctrl-C while the block runs, and ``Now`` raised by the next.

    So does each signal that would raise ``KeyboardInterrupt`` as Ctrl-C does. Only in the main
    thread.
    """
    taken = [sign for sign in ASKING if signal.getsignal(sign) is signal.default_int_handler]
    if threading.current_thread() is not threading.main_thread():
        taken = []
    first: float | None = None

    def handler(number: int, _frame: FrameType | None) -> None:
        nonlocal first
        if first is None:
            first = monotonic()
            once()
        elif number == signal.SIGINT or monotonic() - first > _SAME:
            raise Now

    for sign in taken:
        signal.signal(sign, handler)
    try:
        yield
    finally:
        for sign in taken:
            signal.signal(sign, signal.default_int_handler)
