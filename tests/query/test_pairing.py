"""Elements of long lists find partners of their own fast, and as many as by trying all."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.query.diff import includes
from runner.query.matchers import parse_matcher
from runner.query.pairing import pair, pair_included

SCALARS = st.sampled_from([None, True, 1, 1.0, "1", "a"])
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=4,
)
FILLER: list[object] = [f"filler {number}" for number in range(75)]


def fits(wanted: object, value: object) -> bool:
    return includes(value, wanted)


@given(st.lists(TREES, max_size=5), st.lists(TREES, max_size=5))
def test_the_short_way_pairs_as_many_as_trying_all(left: list[Any], right: list[Any]) -> None:
    every = range(len(right))
    slowly = pair(left, right, fits, [every] * len(left))
    fast = pair_included([*FILLER, *left], [*right, *FILLER], fits)
    assert fast[: len(FILLER)] == [len(right) + at for at in range(len(FILLER))]
    found = fast[len(FILLER) :]
    chosen = [other for other in found if other is not None]
    assert len(set(chosen)) == len(chosen) == sum(other is not None for other in slowly)
    for one, other in zip(left, found, strict=True):
        assert other is None or fits(one, right[other])


MANY = 10_000
ROWS = [{"id": number, "name": f"n{number}", "in": [{"at": number}]} for number in range(MANY)]


@pytest.mark.parametrize(
    ("spec", "value", "holds"),
    [
        ({"any-order": ROWS}, ROWS[::-1], True),
        ({"includes": ROWS}, ROWS[::-1], True),
        ({"includes": list(range(MANY))}, list(range(MANY))[::-1], True),
        ({"includes": [{"id": row["id"]} for row in ROWS]}, ROWS[::-1], True),
        ({"includes": [{"in": [{"at": row["id"]}]} for row in ROWS]}, ROWS[::-1], True),
        ({"includes": [[number] for number in range(MANY)]},
         [[0, number] for number in range(MANY)][::-1], True),
        ({"includes": [{"id": -1 - row["id"]} for row in ROWS]}, ROWS, False),  # type: ignore[operator]
        ({"includes": [{}] * 2001}, ROWS[:2000], False),
        ({"equals": ROWS}, ROWS[::-1], False),
        ({"any-order": [*ROWS, ROWS[0]]}, [*ROWS, ROWS[1]], False),
    ],
)  # fmt: skip
def test_ten_thousand_elements_take_no_time_to_speak_of(
    spec: dict[str, Any], value: object, holds: bool
) -> None:
    before = time.process_time()
    found = parse_matcher(spec).check(value)
    # Pair by pair it would be a hundred million comparisons: minutes.
    assert time.process_time() - before < 10
    assert (not found) is holds
    assert all(len(each.message) < 2000 for each in found)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("a" * 5_000_000 + "b", "a" * 5_000_000 + "c"),
        ({"k" * 5_000_000: 1}, {"k" * 5_000_000: 2}),
        ({"k" * 500: {"l" * 500: {"m" * 500: {"n" * 500: {"o" * 500: 1}}}}}, {"k" * 500: {
            "l" * 500: {"m" * 500: {"n" * 500: {"o" * 500: 2}}}}}),
        (["x" * 100_000] * 1000, ["y" * 100_000] * 1000),
    ],
)  # fmt: skip
def test_what_is_said_of_large_values_is_short(found: object, expected: object) -> None:
    before = time.process_time()
    (wrong,) = parse_matcher({"equals": expected}).check(found)
    assert time.process_time() - before < 2
    assert len(wrong.message) < 2500
    assert all(len(path) < 600 for path in wrong.paths)


def test_long_texts_are_contrasted_where_they_differ() -> None:
    for at in (0, 1, 255, 256, 257, 65_535, 65_536, 70_000):
        one, other = "a" * at + "b" + "c" * 90_000, "a" * at + "d" + "c" * 90_000
        (wrong,) = parse_matcher(one).check(other)
        assert ("(at" not in wrong.message) if at <= 30 else (f"(at {at})" in wrong.message)
    (wrong,) = parse_matcher("a" * 300).check("a" * 200)
    assert "(at 200)" in wrong.message
