"""Workers on this machine: processes started for a load, and gone with it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from typing import Final

_PATIENCE: Final = 3.0


class WorkerProcess:
    """A worker started here. It ends by itself when this process does, however that ends: it reads
    from a pipe whose other end is held here.
    """

    def __init__(self, given: dict[str, object]) -> None:
        """``given`` are the words of the command line, as data: no other process can see them."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "runner", "load", "--given"],
            stdin=subprocess.PIPE,
            # Ctrl-C is for the leading process; it tells its workers.
            start_new_session=True,
        )
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(given).encode() + b"\n")
            self._process.stdin.flush()
        self.pid = self._process.pid
        self._told = False

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def ended(self) -> str | None:
        """How the process ended, said once."""
        status = self._process.poll()
        if status is None or self._told:
            return None
        self._told = True
        return f"killed by signal {-status}" if status < 0 else f"it ended with status {status}"

    def stop(self) -> None:
        """Waits for the end of the process; has it ended when that does not come."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        for end in (self._process.terminate, self._process.kill):
            try:
                self._process.wait(_PATIENCE)
                return
            except subprocess.TimeoutExpired:
                end()
        self._process.wait()
