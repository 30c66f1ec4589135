"""A line on standard error that cannot wait, from wherever the program is."""

from __future__ import annotations

import os
import select
import sys
from contextlib import suppress


def notice(text: str) -> None:
    """Writes one line past all buffers and locks, so that a signal handler may call it; on a
    terminal in place of the line the cursor stands in. One that has no room is left out rather than
    waited for.
    """
    with suppress(OSError, ValueError):
        target = sys.stderr.fileno()
        head = "\r\x1b[K" if os.isatty(target) and os.environ.get("TERM") != "dumb" else ""
        if os.name == "nt" or select.select([], [target], [], 0)[1]:
            os.write(target, f"{head}httpsteps: {text}\n".encode("utf-8", "replace"))
