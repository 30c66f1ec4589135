"""The variables in scope while a scenario runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from runner.execution.unmade import Unmade
from runner.query.values import Scope

if TYPE_CHECKING:
    from runner.redact import Redactor
    from runner.scenario.model import Case, Scenario


class Variables(Scope):
    """Names to values: variables, the facts of steps with an id, ``env``, ``new``, ``serve``.

    ``unmade`` are those that a step should have given a value and did not. ``redactor`` has what
    must not be shown.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        seed: int | str | None = None,
        serve_url: str | None = None,
        redactor: Redactor | None = None,
    ) -> None:
        self.values: dict[str, object] = {}
        self.redactor = redactor
        self.unmade = Unmade()
        self._reserved: dict[str, object] = {
            "env": environ,
            "new": New(seed),
        }
        if serve_url is not None:
            self._reserved["serve"] = {"url": serve_url}

    def lookup(self, name: str) -> object:
        """The value of a first name. Raises KeyError when nothing has it."""
        if name in self.values:
            return self.values[name]
        return self._reserved[name]

    def hidden(self, value: object, query: str) -> object:
        """What the query found, with secrets and credentials masked, bytes read as Latin-1."""
        if self.redactor is None:
            return value
        if isinstance(value, bytes):
            return self.redactor.exact(value.decode("latin-1")).encode("latin-1")
        return next(iter(cast(Mapping[str, object], self.redactor.value({query: value})).values()))

    def copy(self, *, empty: bool = False) -> Variables:
        """The same names and values to go on from by itself; ``empty`` keeps only the reserved."""
        made = Variables({}, redactor=self.redactor)
        made._reserved = self._reserved
        if not empty:
            made.values = dict(self.values)
            made.unmade = Unmade(self.unmade.reasons)
        return made

    def branch(self, number: int) -> Variables:
        """A copy for a branch that runs at the same time as others: it has random values of its
        own, which do not depend on how far the others are.
        """
        made = self.copy()
        new = cast(New, self._reserved["new"])
        made._reserved = {**self._reserved, "new": new.branch(number)}
        return made

    def define(self, name: str, value: object) -> None:
        """Gives a variable its value."""
        self.values[name] = value


def seed_of(seed: int | None, scenario: Scenario, case: Case) -> str | None:
    """The seed of one case of a scenario: its random values are its own, whatever else runs, in
    which order, and from where the command was called.
    """
    if seed is None:
        return None
    place = os.path.relpath(os.path.realpath(scenario.path), scenario.root)
    return f"{seed}/{place.replace(os.sep, '/')}/{case.label or ''}"


class New(Mapping[str, object]):
    """``${new.…}``: values made anew each time, reproducible under a seed."""

    def __init__(self, seed: int | str | None) -> None:
        # Most scenarios make no values: the generator is made with the first one.
        self._seed = seed
        self._forks = 0
        self._makers: dict[str, Callable[[], object]] = {}

    def _made(self) -> dict[str, Callable[[], object]]:
        if not self._makers:
            self._makers = self._make()
        return self._makers

    def _make(self) -> dict[str, Callable[[], object]]:
        import random
        import uuid

        source = random.Random(self._seed)
        return {
            "uuid": lambda: str(uuid.UUID(int=source.getrandbits(128), version=4)),
            "now": lambda: datetime.now(UTC).isoformat(timespec="milliseconds"),
            "int": lambda: source.randrange(2**31),
            "hex": lambda: f"{source.getrandbits(64):016x}",
        }

    def branch(self, number: int) -> New:
        """Values for a branch: other ones than here, and than in each branch before."""
        self._forks += 1
        return New(None if self._seed is None else f"{self._seed}/{self._forks}.{number}")

    def __getitem__(self, name: str) -> object:
        return self._made()[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())
