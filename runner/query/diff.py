"""Deep comparison that tells only the paths that differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from runner.query.show import WIDTH, show
from runner.query.values import MISSING, same, type_name

LIMIT: Final = 10
_LONG: Final = 100
_LONGEST: Final = 400
_PLAIN: Final = r"[A-Za-z_][A-Za-z0-9_]*"


class Difference(NamedTuple):
    """One place where two values differ, with its JSONPath; MISSING stands for nothing there."""

    path: str
    found: object
    expected: object

    def __str__(self) -> str:
        subject = "" if self.path == "$" else f"{self.path} "
        if self.found is MISSING:
            return f"{subject}is missing, expected {show(self.expected)}"
        if self.expected is MISSING:
            return f"{subject}is {show(self.found)}, expected nothing there"
        found, expected = contrast(self.found, self.expected)
        return f"{subject}is {found}, expected {expected}"


def differences(found: object, expected: object, path: str = "$") -> Iterator[Difference]:
    """The places where ``found`` is not the same as ``expected``; lists are compared by index."""
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        for key, wanted in expected.items():
            value = found.get(key, MISSING)
            if value is MISSING:
                yield Difference(step(path, key), MISSING, wanted)
            else:
                yield from differences(value, wanted, step(path, key))
        for key, value in found.items():
            if key not in expected:
                yield Difference(step(path, key), value, MISSING)
    elif isinstance(found, list | tuple) and isinstance(expected, list | tuple):
        for index in range(max(len(found), len(expected))):
            place = step(path, index)
            if index >= len(found):
                yield Difference(place, MISSING, expected[index])
            elif index >= len(expected):
                yield Difference(place, found[index], MISSING)
            else:
                yield from differences(found[index], expected[index], place)
    elif not same(found, expected):
        yield Difference(path, found, expected)


def lacking(found: object, expected: object, path: str = "$") -> Iterator[Difference]:
    """The places where ``found`` does not include ``expected``.

    A mapping may have more keys. A list may have more elements and another order, but each
    expected element needs an element of its own.
    """
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        for key, wanted in expected.items():
            value = found.get(key, MISSING)
            if value is MISSING:
                yield Difference(step(path, key), MISSING, wanted)
            else:
                yield from lacking(value, wanted, step(path, key))
    elif isinstance(found, list | tuple) and isinstance(expected, list | tuple):
        if same(found, expected):
            return
        from runner.query.pairing import pair_included

        partners = pair_included(expected, found, lambda wanted, value: includes(value, wanted))
        for index, partner in enumerate(partners):
            if partner is None:
                yield Difference(f"{path}[*]", MISSING, expected[index])
    elif not same(found, expected):
        yield Difference(path, found, expected)


def includes(found: object, expected: object) -> bool:
    """Whether ``found`` includes ``expected``, deep; see ``lacking``."""
    return next(lacking(found, expected), None) is None


def sentence(found: Iterable[Difference], limit: int = LIMIT) -> tuple[str, tuple[str, ...]]:
    """The differences in one line, the first ``limit`` of them, and their paths."""
    shown: list[Difference] = []
    more = 0
    for difference in found:
        if len(shown) < limit:
            shown.append(difference)
        else:
            more += 1
    text = "; ".join(str(difference) for difference in shown)
    if more:
        text += f"; and {more} more"
    paths = tuple(each.path for each in shown)
    return text, () if paths == ("$",) else paths


def step(path: str, key: object) -> str:
    """The JSONPath one step deeper; what is too long to be read is cut short."""
    if isinstance(key, int):
        place = f"[{key}]"
    elif isinstance(key, str) and len(key) <= _LONG and re.fullmatch(_PLAIN, key):
        place = f".{key}"
    else:
        text = str(key)
        text = f"{text[:_LONG]}…" if len(text) > _LONG else text
        place = "['" + text.replace("\\", "\\\\").replace("'", "\\'") + "']"
    return f"{path}{place}" if len(path) < _LONGEST else path if path[-1:] == "…" else f"{path}…"


def contrast(found: object, expected: object) -> tuple[str, str]:
    """Both values shown; of long texts the part around the first place where they differ."""
    both_text = isinstance(found, str) and isinstance(expected, str)
    if both_text and max(len(found), len(expected)) > WIDTH:  # type: ignore[arg-type]
        return _around(str(found), str(expected))
    shown = show(found), show(expected)
    if shown[0] == shown[1] and not both_text:
        return f"{shown[0]} ({type_name(found)})", f"{shown[1]} ({type_name(expected)})"
    return shown


def _around(found: str, expected: str) -> tuple[str, str]:
    first = _first_difference(found, expected)
    start = max(0, first - 30)
    return tuple(  # type: ignore[return-value]
        ("…" if start else "")
        + show(text[start : start + 2 * WIDTH])
        + (f" (at {first})" if start else "")
        for text in (found, expected)
    )


def _first_difference(one: str, other: str) -> int:
    """The index of the first character that differs, or the length of the shorter text."""
    at, size = 0, min(len(one), len(other))
    block = 2**16
    while block:
        # By blocks: one character at a time, a body of megabytes takes seconds.
        while at < size and one[at : at + block] == other[at : at + block]:
            at += block
        block //= 256
    return min(at, size)
