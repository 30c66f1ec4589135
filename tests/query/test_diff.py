"""Deep comparison: the paths that differ, and pairing."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.query.diff import differences, includes, lacking, sentence, step
from runner.query.pairing import pair
from runner.query.values import same

SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, "", "1", "a"])
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("found", "expected", "said"),
    [
        ({"items": [{"name": "Lamp"}]}, {"items": [{"name": "Lampe"}]},
         '$.items[0].name is "Lamp", expected "Lampe"'),
        ({"a": 1}, {"b": 1}, "$.b is missing, expected 1; $.a is 1, expected nothing there"),
        ([1], [1, {"a": 2}], "$[1] is missing, expected {a: 2}"),
        ({"a b": 1}, {"a b": 2}, "$['a b'] is 1, expected 2"),
        ({"it's": 1}, {"it's": 2}, "$['it\\'s'] is 1, expected 2"),
        (5, 6, "is 5, expected 6"),
        ({"a": [1, 2]}, {"a": {"b": 1}}, "$.a is [1, 2], expected {b: 1}"),
    ],
)  # fmt: skip
def test_says_where(found: object, expected: object, said: str) -> None:
    assert sentence(differences(found, expected))[0] == said


def test_steps() -> None:
    assert step("$", 0) == "$[0]"
    assert step("$", "a_1") == "$.a_1"
    assert step("$", "a-1") == "$['a-1']"
    assert step("$.a", "b\\") == "$.a['b\\\\']"


@given(TREES, TREES)
def test_nothing_differs_exactly_when_both_are_the_same(left: object, right: object) -> None:
    assert same(left, left)
    assert same(left, right) is same(right, left)
    assert (not list(differences(left, right))) is same(left, right)


@given(TREES, TREES)
def test_a_value_includes_itself_and_what_it_is_the_same_as(left: object, right: object) -> None:
    assert includes(left, left)
    if same(left, right):
        assert not list(lacking(left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        assert includes({**left, **right}, right)
    if isinstance(left, list) and isinstance(right, list):
        assert includes(left + right, right)
        assert includes(right + left, right)


def test_pairing_goes_back_on_a_first_choice() -> None:
    # 0 fits a and b, 1 fits a only: taking a for 0 first must not leave 1 alone.
    fits = {(0, "a"), (0, "b"), (1, "a")}
    every = [range(2)] * 2
    assert pair([0, 1], ["a", "b"], lambda one, other: (one, other) in fits, every) == [1, 0]


@given(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3))))
def test_pairing_is_as_large_as_can_be(edges: set[tuple[int, int]]) -> None:
    every = [range(4)] * 4
    found = pair(range(4), range(4), lambda one, other: (one, other) in edges, every)
    chosen = [(one, other) for one, other in enumerate(found) if other is not None]
    assert set(chosen) <= edges
    assert len({other for _, other in chosen}) == len(chosen)
    best = max(sum(each in edges for each in enumerate(order)) for order in permutations(range(4)))
    assert len(chosen) == best


def test_long_lists_of_one_kind_are_compared_fast() -> None:
    rows = [{"id": number} for number in range(3000)]
    assert includes(rows, rows)
    assert includes(rows, rows[::-1][:50])
