"""What became of each job when it last ran: a line of JSON for each time, kept below the root.

A line is written as soon as a result is there, so what a killed run came to know is known; a line
cut short is passed over. Of several lines on the same job the last one counts, so a run of a few
scenarios changes nothing about the others.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from runner.execution.jobs import Job
from runner.kinds import Outcome
from runner.scenario.valid import FOLDER, cache_of

NAME: Final = "history.jsonl"
Key = tuple[str, str | None]
_BAD: Final = ("failed", "error")
_LONG: Final = 256 * 1024


class Past(NamedTuple):
    """How a job ended when it last ran, and how many seconds it took."""

    outcome: str
    duration: float


def key_of(job: Job) -> Key:
    """What tells a job from others in the same root, from one run to the next."""
    return job.place, job.case.label


class History:
    """What is known of the jobs of a run; jobs of several roots have a file in each."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._known = {root: read_history(root / FOLDER / NAME) for root in _roots(jobs)}

    def of(self, job: Job) -> Past | None:
        """What is known of a job."""
        return self._known[job.sheet.found.root].get(key_of(job))

    def __bool__(self) -> bool:
        return any(self._known.values())


def failed_before(jobs: Iterable[Job], history: History) -> list[Job]:
    """The jobs that did not pass when they last ran."""
    return [job for job in jobs if (past := history.of(job)) and past.outcome in _BAD]


class Journal:
    """A listener that writes what becomes of these jobs. A root that cannot be written has none.

    Of a job with several rounds the worst counts.
    """

    def __init__(self, jobs: list[Job]) -> None:
        self._jobs = jobs
        self._files: dict[Path, IO[bytes] | None] = {}
        self._bad: set[tuple[Path, Key]] = set()

    def __call__(self, event: str, detail: Mapping[str, Any]) -> None:
        """Takes one event."""
        if event != "scenario-finished":
            return
        job = self._jobs[detail["scenario"]["index"]]
        result = detail["result"]
        root, key = job.sheet.found.root, key_of(job)
        outcome: Outcome = result.outcome
        if job.rounds > 1:
            if outcome in _BAD:
                self._bad.add((root, key))
            elif (root, key) in self._bad:
                outcome = "failed"
        file = self._file(root)
        if file is not None:
            line = {"file": key[0], "case": key[1], "outcome": outcome,
                    "duration": round(result.duration, 4)}  # fmt: skip
            try:
                file.write(json.dumps(line, ensure_ascii=True).encode() + b"\n")
                file.flush()
            except OSError:
                self._files[root] = None  # no room: the run goes on without

    def close(self) -> None:
        """Closes its files."""
        for file in self._files.values():
            if file is not None:
                file.close()

    def _file(self, root: Path) -> IO[bytes] | None:
        if root not in self._files:
            try:
                self._files[root] = _opened(cache_of(root))
            except OSError:
                self._files[root] = None
        return self._files[root]


def read_history(path: Path) -> dict[Key, Past]:
    """What a file tells, the last line on each job; nothing where there is none."""
    try:
        data = path.read_bytes()
    except OSError:
        return {}
    known: dict[Key, Past] = {}
    for line in data.split(b"\n"):
        try:
            told = json.loads(line)
            seconds = duration_of(told["duration"])
            if seconds is not None:
                known[told["file"], told["case"]] = Past(told["outcome"], seconds)
        except (ValueError, TypeError, KeyError):
            continue  # cut short by a kill, or not ours
    return known


def duration_of(value: object) -> float | None:
    """The seconds that a file tells, None where it is no number of them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if isfinite(seconds) and seconds >= 0 else None


def _opened(folder: Path) -> IO[bytes]:
    """The file to add lines to, its first one on a line of its own; made short if it is long."""
    path = folder / NAME
    if path.exists() and path.stat().st_size > _LONG:
        with suppress(OSError):
            _shorten(path)
    file = _shared(path)
    end = file.seek(0, os.SEEK_END)
    if end:
        file.seek(end - 1)
        if file.read(1) != b"\n":
            file.write(b"\n")
    return file


def _shared(path: Path) -> IO[bytes]:
    """The file, which no other run makes short while it is open here."""
    while True:
        file = path.open("ab+")
        if not _locked(file, alone=False) or _is_at(file, path):
            return file
        file.close()


def _shorten(path: Path) -> None:
    """Leaves one line for each job, if that leaves less than half and nobody else has it open.

    Raises OSError.
    """
    with path.open("rb") as held:
        if os.name != "nt" and not (_locked(held, alone=True) and _is_at(held, path)):
            return
        known = read_history(path)
        if held.read().count(b"\n") < 2 * len(known):
            return
        from runner.reports.files import write_whole

        lines = (
            json.dumps({"file": file, "case": case, **past._asdict()}).encode() + b"\n"
            for (file, case), past in known.items()
        )
        if os.name == "nt":
            # There a file that is open cannot be replaced, so nothing else is needed.
            held.close()
        write_whole(path, lines)


def _locked(file: IO[bytes], *, alone: bool) -> bool:
    """Locks a file until it is closed; not ``alone`` it waits until it can."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
    except (ImportError, OSError):
        return False
    return True


def _is_at(file: IO[bytes], path: Path) -> bool:
    """Whether the path still leads to this file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _roots(jobs: Iterable[Job]) -> set[Path]:
    return {job.sheet.found.root for job in jobs}
