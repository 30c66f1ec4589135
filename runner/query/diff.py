"""Deep comparison that tells only the paths that differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from runner.query.show import WIDTH, show
from runner.query.values import MISSING, same, type_name

LIMIT: Final = 10
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Difference:
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
        partners = pair(expected, found, lambda wanted, value: includes(value, wanted))
        for index, partner in enumerate(partners):
            if partner is None:
                yield Difference(f"{path}[*]", MISSING, expected[index])
    elif not same(found, expected):
        yield Difference(path, found, expected)


def includes(found: object, expected: object) -> bool:
    """Whether ``found`` includes ``expected``, deep; see ``lacking``."""
    return next(lacking(found, expected), None) is None


def pair(
    left: Iterable[object], right: Iterable[object], fits: Callable[[object, object], bool]
) -> list[int | None]:
    """For each of ``left`` the index of a partner of its own in ``right``, or None.

    As many as possible get one (a maximum matching, found by augmenting paths).
    """
    lefts, rights = list(left), list(right)
    known: dict[tuple[int, int], bool] = {}
    partner: list[int | None] = [None] * len(lefts)
    taken: dict[int, int] = {}

    def fit(one: int, other: int) -> bool:
        if (one, other) not in known:
            known[one, other] = fits(lefts[one], rights[other])
        return known[one, other]

    for start in range(len(lefts)):
        came_from: dict[int, int] = {}
        end = _free_end(start, came_from, taken, len(rights), fit)
        while end is not None:
            one = came_from[end]
            previous = partner[one]
            partner[one], taken[end] = end, one
            end = previous
    return partner


def _free_end(
    start: int,
    came_from: dict[int, int],
    taken: Mapping[int, int],
    count: int,
    fit: Callable[[int, int], bool],
) -> int | None:
    """The free right end of an augmenting path from the left ``start``, found breadth first."""
    queue = [start]
    for one in queue:
        # Lists mostly stand in the same order, so the search begins at the same index.
        for at in range(count):
            other = (one + at) % count
            if other in came_from or not fit(one, other):
                continue
            came_from[other] = one
            if other not in taken:
                return other
            queue.append(taken[other])
    return None


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
    """The JSONPath one step deeper."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    if isinstance(key, str) and _PLAIN.fullmatch(key):
        return f"{path}.{key}"
    text = str(key).replace("\\", "\\\\").replace("'", "\\'")
    return f"{path}['{text}']"


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
    first = next(
        (at for at, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b),
        min(len(found), len(expected)),
    )
    start = max(0, first - 30)
    return tuple(  # type: ignore[return-value]
        ("…" if start else "") + show(text[start:]) + (f" (at {first})" if start else "")
        for text in (found, expected)
    )
