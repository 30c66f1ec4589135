"""The tables of good and broken scenarios beside this file.

A section begins with ``=== its name``; the text below is the scenario, or only its list of steps.
In a broken one ``--- line:column: message`` follows, and below it the hint, if there is one.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).parent


class Broken(NamedTuple):
    """A scenario with one mistake, and what is said of it."""

    source: bytes
    at: str
    message: str
    hint: str | None


def good() -> dict[str, bytes]:
    """Scenarios in which nothing is wrong, by name."""
    return {name: _source(text) for name, text in _sections("good.txt")}


def broken() -> dict[str, Broken]:
    """Scenarios with one mistake each, by name."""
    table = {}
    for name, text in _sections("broken.txt"):
        source, _, told = text.partition("\n--- ")
        first, _, hint = told.partition("\n")
        at, _, message = first.partition(": ")
        table[name] = Broken(_source(source), at, message, hint or None)
    return table


def _sections(file: str) -> list[tuple[str, str]]:
    parts = ("\n" + (_HERE / file).read_text(encoding="utf-8")).split("\n=== ")[1:]
    sections = [(part.partition("\n")[0], part.partition("\n")[2].strip()) for part in parts]
    assert len(dict(sections)) == len(sections), f"a name stands twice in {file}"
    return sections


def _source(text: str) -> bytes:
    return (f"steps:\n{text}\n" if text.startswith("-") else f"{text}\n").encode()
