"""What a run is made of: a job for each case of each scenario, and for each round of it.

A run may be made of more files than memory should hold. All are loaded, and so checked, before it
begins; past a certain weight only what choosing needs is kept of each, and the file is loaded again
when its turn comes.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from runner.execution.finding import Found
from runner.scenario.loader import load
from runner.scenario.model import Case, Scenario
from runner.scenario.problems import Problem, ProblemError
from runner.scenario.uses import expressions

ROOM: Final = 12_000_000
"""About how many bytes of loaded scenarios a run keeps."""

_FILE_WEIGHT: Final = 5000
_LETTER_WEIGHT: Final = 30
_SWEEP: Final = 250


class Sheet:
    """A scenario file of a run.

    ``scenario`` is whole, or with a ``stamp`` lacks its steps, outputs and text. ``steps``: how
    many it has; ``random``: whether it asks for random values.
    """

    __slots__ = ("found", "random", "scenario", "stamp", "steps", "update")

    def __init__(self, scenario: Scenario, found: Found, *, update: bool = False) -> None:
        self.scenario = scenario
        self.found = found
        self.update = update
        self.steps = len(scenario.steps)
        self.random = _random(scenario)
        self.stamp: bytes | None = None

    def shorten(self) -> None:
        """Forgets what ``whole`` can have from the file again."""
        if self.stamp is None:
            self.stamp = _stamp(self.scenario)
            self.scenario = self.scenario._replace(
                steps=(), teardown=(), outputs={}, text="", description=None
            )

    def portable(self) -> Sheet:
        """The same for another process: with nothing but what ``whole`` needs."""
        short = self.scenario
        bare = Scenario(short.name, short.file, short.root, (), tags=short.tags, cases=())
        made = Sheet(bare, self.found)
        made.update, made.steps, made.random = self.update, self.steps, self.random
        made.stamp = self.stamp or _stamp(short)
        return made

    def whole(self) -> Scenario:
        """The scenario with everything. Raises ``ProblemError`` when its file has changed since."""
        if self.stamp is None:
            return self.scenario
        found = self.found
        scenario = load(found.path, root=found.root, shown=found.shown, update=self.update)
        if _stamp(scenario) != self.stamp:
            raise _changed(found)
        return scenario


class Job(NamedTuple):
    """One case of a scenario, to be run once. ``number`` is the place of the case among all of the
    scenario; ``round`` counts from 1 to ``rounds``.
    """

    sheet: Sheet
    case: Case
    number: int = 0
    round: int = 1
    rounds: int = 1

    @property
    def scenario(self) -> Scenario:
        """The scenario, perhaps without its steps: see ``Sheet``."""
        return self.sheet.scenario

    def whole(self) -> tuple[Scenario, Case]:
        """The scenario with everything, and its case.

        Raises ``ProblemError`` when a file has changed since the run began.
        """
        scenario = self.sheet.whole()
        if self.scenario.cases:
            return scenario, self.case
        found = scenario.cases[self.number : self.number + 1]
        if not found or found[0].label != self.case.label:
            raise _changed(self.sheet.found)
        return scenario, found[0]

    @property
    def label(self) -> str | None:
        """What tells this job from the others of its scenario: the case, the round."""
        if self.rounds == 1:
            return self.case.label
        count = f"{self.round}/{self.rounds}"
        return count if self.case.label is None else f"{self.case.label}, {count}"

    @property
    def place(self) -> str:
        """The file, from its root on, with slashes: the same on every machine."""
        found = self.sheet.found
        path, root = os.path.realpath(found.path), os.path.realpath(found.root)
        inside = path.startswith(root.rstrip(os.sep) + os.sep)
        path = path[len(root) :].lstrip(os.sep) if inside else os.path.relpath(path, root)
        return path.replace(os.sep, "/")


def load_sheets(
    found: Sequence[Found], *, update: bool = False, room: int = ROOM
) -> tuple[list[Sheet], list[Problem]]:
    """The scenarios in these files, and everything wrong in all of them.

    Whole are those that have room, by an estimate of their weight in bytes.
    """
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    for number, file in enumerate(found, 1):
        if number % _SWEEP == 0:
            # Loading leaves cycles behind, and the command has the collector off until it is over.
            gc.collect(0)
        try:
            scenario = load(file.path, root=file.root, shown=file.shown, update=update)
        except ProblemError as error:
            problems += error.problems
            continue
        sheet = Sheet(scenario, file, update=update)
        room -= _FILE_WEIGHT + _LETTER_WEIGHT * len(scenario.text)
        if room < 0:
            sheet.shorten()
        sheets.append(sheet)
    return sheets, problems


def _random(scenario: Scenario) -> bool:
    """Whether a scenario asks for random values: itself, in its cases, in a file that it uses."""
    if "${new." in scenario.text or any(map(_random_case, scenario.cases)):
        return True
    waiting = [*scenario.steps, *scenario.teardown]
    while waiting:
        step = waiting.pop()
        if step.scenario is not None and _random(step.scenario):
            return True
        waiting += step.steps
        for branch in step.branches:
            waiting += branch
    return False


def _random_case(case: Case) -> bool:
    """Whether a case does; it may stand in a file of its own."""
    uses = (use.reference for use in expressions(case.variables))
    return any(named is not None and named.name == "new" for named in uses)


def jobs_of(scenarios: Iterable[Scenario | Sheet]) -> list[Job]:
    """One job for each case of each scenario, in order."""
    sheets = (each if isinstance(each, Sheet) else _sheet(each) for each in scenarios)
    return [
        Job(sheet, case, number)
        for sheet in sheets
        for number, case in enumerate(sheet.scenario.cases)
    ]


def repeated(jobs: Iterable[Job], rounds: int) -> list[Job]:
    """Each job so many times, one time after the other."""
    return [
        job._replace(round=number, rounds=rounds) for job in jobs for number in range(1, rounds + 1)
    ]


def shuffled(jobs: Iterable[Job], seed: int) -> list[Job]:
    """The jobs in a random order, which is the same for the same jobs and seed."""
    import random

    made = list(jobs)
    random.Random(seed).shuffle(made)
    return made


def _sheet(scenario: Scenario) -> Sheet:
    return Sheet(scenario, Found(Path(scenario.path), Path(scenario.root), scenario.file))


def _changed(found: Found) -> ProblemError:
    message = f"{found.shown} was changed while the run went on: it was checked before"
    return ProblemError(Problem("invalid-scenario", message))


def _stamp(scenario: Scenario) -> bytes:
    return blake2b(scenario.text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
