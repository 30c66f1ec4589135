"""How a running scenario is ended from outside: by another thread, or by Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from runner.steps.kept import Kept


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


class Now(BaseException):
    """Ctrl-C came a second time. No ``except`` for the first may take it."""


@contextmanager
def ctrl_c(once: Callable[[], None]) -> Iterator[None]:
    """Has ``once`` called by the first Ctrl-C while the block runs, and ``Now`` raised by the next.

    Only in the main thread, and only where Ctrl-C would raise ``KeyboardInterrupt`` otherwise.
    """
    before = signal.getsignal(signal.SIGINT)
    inside = threading.current_thread() is threading.main_thread()
    if not inside or before is not signal.default_int_handler:
        yield
        return
    count = 0

    def handler(_number: int, _frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        if count > 1:
            raise Now
        once()

    signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
