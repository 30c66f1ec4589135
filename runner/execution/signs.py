"""The signals that ask a run to come to its end: Ctrl-C, and those that mean the same."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_POLITE: Final = frozenset(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)

ASKING: Final = _POLITE | {signal.SIGINT}
"""Ctrl-C, what ``kill`` sends, and what a terminal sends that is closed."""


@contextmanager
def all_as_ctrl_c() -> Iterator[None]:
    """Has SIGTERM and SIGHUP do in the block what Ctrl-C does, where they would end the process.

    Only in the main thread. One that is ignored, as with ``nohup``, stays so.
    """
    taken = []
    if threading.current_thread() is threading.main_thread():
        taken = [sign for sign in _POLITE if signal.getsignal(sign) is signal.SIG_DFL]
    for sign in taken:
        signal.signal(sign, signal.default_int_handler)
    try:
        yield
    finally:
        for sign in taken:
            signal.signal(sign, signal.SIG_DFL)
