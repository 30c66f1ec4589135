"""Versions as text and their order: ``TLSv1.2`` < ``TLSv1.3``, ``1.9`` < ``1.10``."""

from __future__ import annotations

import re
from typing import Final

from runner.query.show import show

_VERSION: Final = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z .-]*?)?[/ ]?v?(?P<numbers>\d{1,9}(?:\.\d{1,9}){0,9})"
    r"(?:-(?P<early>[0-9A-Za-z.-]{1,60}))?(?:\+[0-9A-Za-z.-]{1,60})?"
)

Key = tuple[int, tuple[int, ...], int, tuple[tuple[int, int, str], ...]]


class Version:
    """A version that can be compared: a product's name, numbers, perhaps a pre-release."""

    __slots__ = ("key", "name")

    def __init__(self, text: str) -> None:
        """Raises ValueError with a sentence when the text is no version."""
        found = _VERSION.fullmatch(text.strip())
        if found is None:
            raise ValueError(
                f"{show(text, 60)} is no version: write it like 1.10, HTTP/1.1 or TLSv1.2"
            )
        name = (found["name"] or "").strip(" ./-").lower()
        self.name: Final = "" if name == "v" else name
        numbers = tuple(int(each) for each in found["numbers"].split("."))
        while len(numbers) > 1 and numbers[-1] == 0:
            numbers = numbers[:-1]
        early = found["early"]
        # SSL came before TLS; both are one line of versions.
        era = 0 if self.name == "ssl" else 1
        self.key: Final[Key] = (era, numbers, 0 if early else 1, _early(early or ""))

    def comparable(self, other: Version) -> bool:
        """Whether both speak of the same product, or one of them of none."""
        line = {"ssl": "tls"}
        names = {line.get(each, each) for each in (self.name, other.name) if each}
        return len(names) < 2


def _early(text: str) -> tuple[tuple[int, int, str], ...]:
    """The order of pre-releases: numbers by value and before words (semver 2.0.0, item 11)."""
    return tuple(
        (0, int(each), "") if each.isdigit() and each.isascii() else (1, 0, each)
        for each in text.split(".")
        if text
    )
