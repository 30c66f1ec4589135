"""A part of a run for each of several machines: all parts together are the whole, none twice.

Each machine works out its part by itself. So a part depends on nothing but the jobs, and durations
from a file that all machines are given; never on what a machine remembers of its own runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from runner.execution.history import duration_of
from runner.execution.jobs import Job

Durations = Mapping[tuple[str, str | None], float]


class DurationsError(ValueError):
    """The file tells no durations; the text says why."""


def shard_of(
    jobs: Sequence[Job], number: int, count: int, durations: Durations | None = None
) -> list[Job]:
    """The jobs of one of ``count`` parts, in their order; parts are numbered from 1.

    With durations, in seconds, the longest job goes first to the part that has least to do; a job
    of unknown duration counts as the median. Without them jobs are dealt out in turn, in the order
    of their names.
    """
    names = [(job.place, job.case.label or "", place) for place, job in enumerate(jobs)]
    order = sorted(range(len(jobs)), key=names.__getitem__)
    if durations is None:
        mine = order[number - 1 :: count]
    else:
        mine = _longest_first(jobs, order, count, durations)[number - 1]
    return [jobs[place] for place in sorted(mine)]


def _longest_first(
    jobs: Sequence[Job], order: Sequence[int], count: int, durations: Durations
) -> list[list[int]]:
    known = [
        durations.get((job.place, job.case.label), durations.get((_shown(job), job.case.label)))
        for job in jobs
    ]
    usual = median([each for each in known if each is not None] or [1.0])
    # In whole milliseconds, so that sums are the same whatever they are made of; a millisecond
    # for each, so that jobs that take none are dealt out too.
    lasts = [1 + round(1000 * (usual if each is None else each)) for each in known]
    parts: list[list[int]] = [[] for _ in range(count)]
    loads = [0] * count
    for place in sorted(order, key=lambda place: -lasts[place]):
        least = loads.index(min(loads))
        parts[least].append(place)
        loads[least] += lasts[place]
    return parts


def read_durations(path: Path) -> Durations:
    """The durations in a file: a result of ``--report json`` or ``jsonl``, or a history.

    Raises OSError, and ``DurationsError`` for a file that tells none.
    """
    text = path.read_bytes()
    made: dict[tuple[str, str | None], float] = {}
    try:
        document = json.loads(text)
    except ValueError:
        _take(_lines(text), lambda one: one.get("scenario", one), made)
    else:
        told = document.get("scenarios") if isinstance(document, dict) else None
        _take(told if isinstance(told, list) else [document], lambda one: one, made)
    if not made:
        raise DurationsError(
            f"{path} tells no durations: name a file that --report json=FILE wrote"
        )
    return made


def _take(
    told: Sequence[Any],
    named: Callable[[Any], Any],
    made: dict[tuple[str, str | None], float],
) -> None:
    for one in told:
        if isinstance(one, dict) and "duration" in one:
            name, seconds = named(one), duration_of(one["duration"])
            if seconds is None or not isinstance(name, dict):
                continue
            file, case = name.get("file"), name.get("case")
            if isinstance(file, str) and (case is None or isinstance(case, str)):
                made[file, case] = seconds


def _lines(text: bytes) -> list[Any]:
    made = []
    for line in text.splitlines():
        try:
            made.append(json.loads(line))
        except ValueError:
            continue
    return made


def _shown(job: Job) -> str:
    return Path(job.sheet.found.shown).as_posix()
