"""A run in a process of its own, and Ctrl-C to it.

Run by itself it interrupts a run in the phase it is told, for use inside a private network:
``python interrupting.py FOLDER PHASE`` prints what ``Ended`` holds, as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Ended:
    """How the run ended: status, output, its JSON report, and seconds since Ctrl-C."""

    status: int
    out: str
    err: str
    report: Mapping[str, Any]
    seconds: float

    @property
    def scenario(self) -> Mapping[str, Any]:
        """The only scenario of the report."""
        (found,) = self.report["scenarios"]
        return dict(found)

    @property
    def step(self) -> Mapping[str, Any]:
        """The first step that has a kind."""
        return next(step for step in self.scenario["steps"] if step["kind"])


class Process:
    """``httpsteps run`` on the scenarios of a folder, with a JSON report and one of events."""

    def __init__(self, folder: Path) -> None:
        self.report = folder / "result.json"
        self.events = folder / "events.jsonl"
        reports = (f"--report=json={self.report}", f"--report=jsonl={self.events}")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "runner", "run", folder, *reports],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for(self, **wanted: object) -> None:
        """Waits for an event that has all of this; raises TimeoutError after 20 s."""
        end = time.monotonic() + 20
        while not any(wanted.items() <= event.items() for event in self._told()):
            if time.monotonic() > end or self.process.poll() is not None:
                raise TimeoutError(f"the run never told of {wanted}: {self.process.poll()}")
            time.sleep(0.01)
        time.sleep(0.05)  # from the telling to the doing

    def _told(self) -> Iterator[dict[str, Any]]:
        text = self.events.read_text() if self.events.exists() else ""
        for line in text.rpartition("\n")[0].splitlines():
            yield {key: value for key, value in json.loads(line).items() if _hashable(value)}

    def first(self) -> None:
        """A first Ctrl-C, before the one that ``interrupt`` sends."""
        self.process.send_signal(signal.SIGINT)

    def interrupt(self) -> Ended:
        """Ctrl-C, and how the run ends."""
        began = time.perf_counter()
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=20)
        seconds = time.perf_counter() - began
        report = json.loads(self.report.read_text()) if self.report.exists() else {}
        return Ended(self.process.returncode, out, err, report, seconds)


def _hashable(value: object) -> bool:
    return not isinstance(value, dict | list)


@contextmanager
def running(folder: Path) -> Iterator[Process]:
    """The scenarios of a folder, running; killed at the end if they still are."""
    made = Process(folder)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
            made.process.communicate()


def main(words: Sequence[str]) -> None:
    """Interrupts a run once it is in a phase, and prints how it ended."""
    with running(Path(words[0])) as process:
        process.wait_for(phase=words[1])
        print(json.dumps(asdict(process.interrupt())))


if __name__ == "__main__":
    main(sys.argv[1:])
