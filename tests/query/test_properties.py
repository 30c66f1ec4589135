"""Whatever is written, the parsers raise their own errors only, and matchers keep their laws."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.query.facts import VERBS
from runner.query.filters import FILTERS, FilterError, parse_filters
from runner.query.filters.lists import identity
from runner.query.matchers import MatcherError, parse_matcher
from runner.query.matchers.themes import MATCHERS
from runner.query.path import QueryError, parse_query
from runner.query.show import show
from runner.query.types import TYPES
from runner.query.values import MISSING, same

PIECES = "::attr(x) //a status header cookie redirects css: xpath: css-all: -1 =="
WORDS = st.sampled_from([*FILTERS, *PIECES.split(), *"$|.[]'\"0*?@ \\()", " | "])
QUERIES = st.lists(WORDS | st.text(max_size=3), max_size=8).map("".join) | st.text(max_size=20)
DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(["500ms", "1kB", "2026-01-01", "1.10", "2xx", "$.a", "uuid", "(", "any"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
# A random text must not be taken for the name of a file or a schema that is fetched.
NAMES = st.sampled_from([name for name in MATCHERS if name not in ("schema", "same-as")])
SPECS = st.recursive(
    DATA,
    lambda inner: st.dictionaries(
        NAMES | st.text(max_size=3), inner | st.lists(inner, max_size=2), max_size=2
    ),
    max_leaves=6,
)
FACTS = {
    "status": 200,
    "header": {"a": "b"},
    "cookie": {"a": {"value": "b"}},
    "redirects": [{"status": 301}],
    "json": {"a": [1, {"b": None}]},
    "markup": ("<p>a</p>", "html"),
    "text": "ab",
}


@settings(max_examples=400)
@given(QUERIES, st.sampled_from([None, *VERBS]))
def test_a_query_is_parsed_or_refused(text: str, verb: str | None) -> None:
    try:
        query = parse_query(text, verb)
    except QueryError as refused:
        error = refused
    else:
        assert query.type in TYPES
        with contextlib.suppress(FilterError):
            query.find(FACTS)
        return
    assert str(error)
    assert 0 <= error.offset <= len(text)


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(FILTERS)), st.lists(st.text("ab01$.'%*", max_size=4), max_size=2), DATA
)
def test_a_filter_gives_or_refuses(name: str, words: list[str], value: object) -> None:
    quoted = " ".join("'" + word.replace("'", "''") + "'" for word in words)
    try:
        pipeline = parse_filters(f"| {name} {quoted}")
    except QueryError:
        return
    with contextlib.suppress(FilterError):
        pipeline(value)


@settings(max_examples=400)
@given(SPECS, st.sampled_from(TYPES), DATA)
def test_a_matcher_is_parsed_or_refused(spec: object, type_: str, value: object) -> None:
    try:
        matcher = parse_matcher(spec, type_)
    except MatcherError as refused:
        error = refused
    else:
        for found in (matcher.check(value), matcher.check(MISSING)):
            assert all(each.message for each in found)
        assert len(matcher.text) < 2000
        return
    assert str(error)
    _follow(spec, error.path)


def _follow(spec: Any, path: tuple[str | int, ...]) -> None:
    """The path of an error leads to a place in the spec."""
    for step in path:
        if isinstance(step, str) and isinstance(spec, dict) and step not in spec:
            assert step in {"within", "value"}
            return
        spec = spec[step]


@given(DATA)
def test_equals_is_reflexive(value: object) -> None:
    assert parse_matcher({"equals": value}).check(value) == ()
    assert parse_matcher({"one-of": [value]}).check(value) == ()
    assert parse_matcher({"not": {"equals": value}}).check(value) != ()
    assert parse_matcher({"contains": value}).check([0, value]) == ()


@given(DATA, DATA)
def test_equals_and_not_are_opposites(left: object, right: object) -> None:
    holds = parse_matcher({"equals": left}).check(right) == ()
    assert holds is same(left, right)
    assert holds is (parse_matcher({"not": {"equals": left}}).check(right) != ())
    assert holds is (identity(left) == identity(right))


@given(st.lists(DATA, max_size=5), st.randoms())
def test_any_order_is_blind_to_order(items: list[object], random: Any) -> None:
    shuffled = items[:]
    random.shuffle(shuffled)
    assert parse_matcher({"any-order": shuffled}).check(items) == ()
    assert parse_matcher({"includes": shuffled}).check(items) == ()
    assert parse_matcher({"any-order": [*shuffled, "more"]}).check(items) != ()


@given(DATA)
def test_nothing_but_exists_false_holds_for_what_is_missing(value: object) -> None:
    for spec in (
        {"equals": value}, {"not": {"equals": value}}, {"none-of": [{"equals": value}]},
        {"one-of": [value]}, {"contains": value}, {"empty": True}, {"empty": False},
        {"exists": True}, {"each": {"equals": value}}, {"is": "null"}, {"not": {"exists": True}},
        {"not": {"exists": False}}, {"schema": {"type": "null"}}, {"unique": False},
        {"sorted": False},
    ):  # fmt: skip
        found = parse_matcher(spec).check(MISSING)
        assert found
        assert "is missing" in found[0].message
    assert parse_matcher({"exists": False}).check(MISSING) == ()


@given(DATA, st.integers(1, 100))
def test_values_are_shown_short_and_on_one_line(value: object, width: int) -> None:
    text = show(value, width)
    assert len(text) <= width + 2
    assert "\n" not in text


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_order_is_that_of_numbers(value: float, limit: float) -> None:
    def holds(name: str) -> bool:
        return parse_matcher({name: limit}).check(value) == ()

    assert holds("above") is (value > limit)
    assert holds("below") is (value < limit)
    assert holds("at-least") is (value >= limit)
    assert holds("at-most") is (value <= limit)


@pytest.mark.parametrize("name", ["above", "at-least", "at-most", "below"])
def test_nan_is_in_no_order(name: str) -> None:
    assert parse_matcher({name: 5}).check(float("nan")) != ()
