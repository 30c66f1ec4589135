"""Elements of two lists paired one to one: each expected element with one that includes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from runner.query.identity import identity

Fits = Callable[[object, object], bool]
Others = Sequence[int]

_FEW: Final = 5_000


def pair_included(
    expected: Sequence[object], found: Sequence[object], fits: Fits
) -> list[int | None]:
    """For each expected element the index of an element of its own that fits it, or None.

    As many as possible get one. ``fits(expected, found)`` says whether what is found has at least
    all of what is expected; it must hold for what is the same and be transitive. Then those that
    are the same can be paired first, and only the rest is searched for.
    """
    if len(expected) * len(found) <= _FEW:
        every = range(len(found))
        return pair(expected, found, fits, [every] * len(expected))
    partner: list[int | None] = [None] * len(expected)
    waiting: dict[object, list[int]] = {}
    for other in range(len(found) - 1, -1, -1):
        waiting.setdefault(identity(found[other]), []).append(other)
    rest: list[int] = []
    for one, item in enumerate(expected):
        same = waiting.get(identity(item))
        if same:
            partner[one] = same.pop()
        else:
            rest.append(one)
    if not rest:
        return partner
    left = sorted(other for others in waiting.values() for other in others)
    index = _Index([found[other] for other in left])
    wanted = [expected[one] for one in rest]
    candidates = [index.candidates(item) for item in wanted]
    paired = pair(wanted, [found[other] for other in left], fits, candidates)
    for one, place in zip(rest, paired, strict=True):
        partner[one] = None if place is None else left[place]
    return partner


class _Index:
    """The elements that come into question for an expected one, by the plain values in them."""

    def __init__(self, found: Sequence[object]) -> None:
        self._every: Final = range(len(found))
        self._leaves: Final[dict[object, list[int]]] = {}
        for at, item in enumerate(found):
            for leaf in set(_leaves(item)):
                self._leaves.setdefault(leaf, []).append(at)

    def candidates(self, expected: object) -> Others:
        """Indices of what can include the expected element: it has all its plain values, so it is
        among those with the rarest of them.
        """
        shortest: Others = self._every
        for leaf in _leaves(expected):
            those = self._leaves.get(leaf, ())
            if len(those) < len(shortest):
                shortest = those
        return shortest


def _leaves(value: object, key: object = None) -> Iterator[object]:
    """The texts, numbers and so on at any depth, each with the name it stands under."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _leaves(item, name)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item, key)
    else:
        yield key, identity(value)


def pair(
    left: Sequence[object],
    right: Sequence[object],
    fits: Fits,
    candidates: Sequence[Others],
) -> list[int | None]:
    """For each of ``left`` the index of a partner of its own in ``right``, or None.

    As many as possible get one (a maximum matching, found by augmenting paths). ``candidates`` are
    for each of ``left`` the indices that can fit at all, in ascending order.
    """
    known: dict[tuple[int, int], bool] = {}
    partner: list[int | None] = [None] * len(left)
    taken: dict[int, int] = {}
    dead: set[int] = set()

    def fit(one: int, other: int) -> bool:
        if (one, other) not in known:
            known[one, other] = fits(left[one], right[other])
        return known[one, other]

    for start in range(len(left)):
        came_from: dict[int, int] = {}
        end = _free_end(start, came_from, taken, dead, candidates, fit)
        if end is None:
            # No path through these can set another element free any more.
            dead.update(came_from)
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
    dead: set[int],
    candidates: Sequence[Others],
    fit: Callable[[int, int], bool],
) -> int | None:
    """The free right end of an augmenting path from the left ``start``, found breadth first."""
    queue = [start]
    for one in queue:
        others = candidates[one]
        # Lists mostly stand in the same order, so the search begins at the same index.
        first = one % len(others) if others else 0
        for at in chain(range(first, len(others)), range(first)):
            other = others[at]
            if other in came_from or other in dead or not fit(one, other):
                continue
            came_from[other] = one
            if other not in taken:
                return other
            queue.append(taken[other])
    return None
