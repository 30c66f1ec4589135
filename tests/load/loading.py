"""Loads started as a user starts them: by the command, in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.harness import PROJECT, Command, httpsteps


def loaded(folder: Path, *words: str | Path, status: int = 0) -> dict[str, Any]:
    """Runs a load that must end with this exit status, and gives its JSON report."""
    report = folder / "load.json"
    done = httpsteps("load", *words, "--report", f"json={report}", cwd=folder)
    assert done.status == status, done.out + done.err
    assert done.err == ""
    made = json.loads(report.read_text("utf-8"))
    assert isinstance(made, dict)
    return made


def entry(report: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    """The one entry of this type and name."""
    (found,) = (each for each in report["entries"] if (each["type"], each["name"]) == (kind, name))
    assert isinstance(found, dict)
    return found


class Running:
    """A command that runs; it is ended when the block is left."""

    def __init__(
        self,
        folder: Path,
        *words: str | Path,
        machine: str | None = None,
        out: int = subprocess.PIPE,
    ) -> None:
        """``machine`` is the network namespace to run it in, ``out`` where it writes."""
        prefix = [] if machine is None else ["ip", "netns", "exec", machine]
        command = [*prefix, sys.executable, "-m", "runner", *map(str, words)]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def workers(self, count: int) -> list[int]:
        """The process ids of the workers it started, once there are so many."""
        found: list[int] = []

        def there() -> bool:
            found[:] = children(self.process.pid)
            return len(found) == count

        assert until(there), found
        return found

    def interrupt(self) -> None:
        """Presses Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def end(self, seconds: float = 40) -> Command:
        """Waits for its end."""
        out, err = self.process.communicate(timeout=seconds)
        return Command(self.process.returncode, out, err)


def until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether the condition holds before so many seconds have passed."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def children(parent: int) -> list[int]:
    """The processes a process has started that still run."""
    try:
        return [each.pid for each in psutil.Process(parent).children() if runs(each.pid)]
    except psutil.NoSuchProcess:
        return []


def runs(pid: int) -> bool:
    """Whether a process still runs."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
