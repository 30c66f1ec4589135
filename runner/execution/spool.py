"""The results of a run: a few in memory, more in a file without a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from io import FileIO
from typing import Final, overload

from runner.kinds import Outcome
from runner.result import ScenarioResult, kinds_of

HELD: Final = 2000
"""How many steps' results stay in memory, however many scenarios they belong to."""

HELD_WITH_BODIES: Final = 100
"""The same where each may hold the beginnings of bodies."""


class Spool(Sequence[ScenarioResult]):
    """Results by the number of their job: taken in any order, read in that of the jobs.

    What does not fit into memory is read back each time it is asked for, so walk through it rather
    than keep it. A disk without room costs nothing but memory: no more is written to it then.
    ``kinds`` are all failure kinds in it. It is not for several threads.
    """

    def __init__(self, held: int = HELD) -> None:
        self.kinds: set[str] = set()
        self._limit = held
        self._weight = 0
        self._full = False
        self._held: dict[int, ScenarioResult] = {}
        self._outcomes: dict[int, Outcome] = {}
        self._places: dict[int, tuple[int, int]] = {}
        self._file: FileIO | None = None
        self._numbers: list[int] = []

    def __del__(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()

    @property
    def outcomes(self) -> Iterable[Outcome]:
        """How each ended, without reading them all."""
        return self._outcomes.values()

    def put(self, number: int, result: ScenarioResult, data: bytes | None = None) -> None:
        """Takes the result of a job; ``data`` is the same pickled, where that has been done."""
        self.kinds |= kinds_of(result)
        self._outcomes[number] = result.outcome
        weight = len(result.steps) + len(result.teardown) + 1
        if self._weight + weight > self._limit:
            self._spill()
            if data is not None and self._write(number, data):
                return
        self._held[number] = result
        self._weight += weight

    def of(self, number: int) -> ScenarioResult:
        """The result of this job. Raises KeyError where there is none."""
        if number in self._held:
            return self._held[number]
        start, size = self._places[number]
        assert self._file is not None
        import pickle

        self._file.seek(start)
        made: ScenarioResult = pickle.loads(self._file.read(size) or b"")
        return made

    def __len__(self) -> int:
        return len(self._outcomes)

    def __iter__(self) -> Iterator[ScenarioResult]:
        return map(self.of, self._in_order())

    @overload
    def __getitem__(self, index: int) -> ScenarioResult: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[ScenarioResult, ...]: ...

    def __getitem__(self, index: int | slice) -> ScenarioResult | tuple[ScenarioResult, ...]:
        numbers = self._in_order()
        if isinstance(index, slice):
            return tuple(map(self.of, numbers[index]))
        return self.of(numbers[index])

    def _in_order(self) -> list[int]:
        if len(self._numbers) != len(self._outcomes):
            self._numbers = sorted(self._outcomes)
        return self._numbers

    def _spill(self) -> None:
        import pickle

        for number, result in list(self._held.items()):
            if self._full or not self._write(number, pickle.dumps(result, pickle.HIGHEST_PROTOCOL)):
                return
            del self._held[number]
        self._weight = 0

    def _write(self, number: int, data: bytes) -> bool:
        """Writes a result to the file, if there is room."""
        if self._full:
            return False
        try:
            if self._file is None:
                import tempfile

                # Without a buffer, so that what is said to be written is.
                self._file = tempfile.TemporaryFile(prefix="httpsteps-", buffering=0)  # noqa: SIM115
            start = self._file.seek(0, 2)
            self._full = self._file.write(data) != len(data)
        except OSError:
            self._full = True
        if not self._full:
            self._places[number] = (start, len(data))
        return not self._full
