"""Values that plain data has no word for: the one that is not there, numbers as written."""

from __future__ import annotations

from typing import Final


class Missing:
    """The type of ``MISSING``: what a query gives that finds nothing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "missing"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


class Written:
    """A number that was not written as Python would write it, as ``1.10`` or ``007``.

    In a text position it is sent as written; elsewhere it is the number.
    """

    written: str


class WrittenInt(Written, int):
    """An integer with its own spelling."""

    def __new__(cls, value: int, written: str) -> WrittenInt:
        made = super().__new__(cls, value)
        made.written = written
        return made

    def __reduce__(self) -> tuple[type[WrittenInt], tuple[int, str]]:
        return WrittenInt, (int(self), self.written)


class WrittenFloat(Written, float):
    """A float with its own spelling."""

    def __new__(cls, value: float, written: str) -> WrittenFloat:
        made = super().__new__(cls, value)
        made.written = written
        return made

    def __reduce__(self) -> tuple[type[WrittenFloat], tuple[float, str]]:
        return WrittenFloat, (float(self), self.written)
