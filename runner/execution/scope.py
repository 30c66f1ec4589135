"""The variables in scope while a scenario runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from runner.query.values import Scope


class Variables(Scope):
    """Names to values: variables, the facts of steps with an id, ``env``, ``new``, ``serve``."""

    def __init__(
        self, environ: Mapping[str, str], *, seed: int | None = None, serve_url: str | None = None
    ) -> None:
        self.values: dict[str, object] = {}
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

    def copy(self, *, empty: bool = False) -> Variables:
        """The same names and values to go on from by itself; ``empty`` keeps only the reserved."""
        made = Variables({})
        made._reserved = self._reserved
        made.values = {} if empty else dict(self.values)
        return made

    def define(self, name: str, value: object) -> None:
        """Gives a variable its value."""
        self.values[name] = value


class New(Mapping[str, object]):
    """``${new.…}``: values made anew each time, reproducible under a seed."""

    def __init__(self, seed: int | None) -> None:
        # Most scenarios make no values: the generator is made with the first one.
        self._seed = seed
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

    def __getitem__(self, name: str) -> object:
        return self._made()[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())
