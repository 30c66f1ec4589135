"""Which known name a misspelt one was meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 200
_SEPARATORS: Final = dict.fromkeys(map(ord, "-_. "))


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``word`` is most likely a slip for, or None when none is near.

    Case and ``- _ .`` do not count; a third of the letters may be wrong, missing or swapped; the
    beginning of a longer name is near it. Of two, the one where letters are only missing is nearer.
    """
    plain = word.translate(_SEPARATORS).lower()
    best: tuple[tuple[int, bool, bool, int], str] | None = None
    for candidate in candidates:
        other = candidate.translate(_SEPARATORS).lower()
        if candidate == word or not plain or not other:
            continue
        shorter, longer = sorted((plain, other), key=len)
        starts = len(shorter) >= 3 and longer.startswith(shorter)
        if len(longer) - len(shorter) > (len(longer) + 1) // 3 and not starts:
            continue
        if len(longer) > _LONGEST:
            continue
        distance = _distance(plain, other)
        if starts:
            distance = min(distance, 1)
        if distance > (len(longer) + 1) // 3 or distance >= len(shorter):
            continue
        letters = iter(longer)
        changed = not all(letter in letters for letter in shorter)
        rank = (distance, plain[0] != other[0], changed, len(longer) - len(shorter))
        if best is None or rank < best[0]:
            best = (rank, candidate)
    return best[1] if best else None


def _distance(left: str, right: str) -> int:
    """How many letters to change, drop, add or swap with a neighbour (Damerau-Levenshtein)."""
    older: list[int] = []
    old = list(range(len(right) + 1))
    for row, a in enumerate(left, 1):
        new = [row]
        for column, b in enumerate(right, 1):
            cost = min(old[column] + 1, new[-1] + 1, old[column - 1] + (a != b))
            if row > 1 and column > 1 and a == right[column - 2] and left[row - 2] == b:
                cost = min(cost, older[column - 2] + 1)
            new.append(cost)
        older, old = old, new
    return old[-1]
