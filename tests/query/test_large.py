"""No filter makes more than there is room for, and numbers too long for Python are told so."""

from __future__ import annotations

import pytest

from runner.query.errors import FilterError
from runner.query.filters import parse_filters
from runner.query.filters.registry import LARGEST
from runner.query.matchers import parse_matcher
from runner.query.show import kept
from runner.query.values import as_text

MEGA = "a" * 2**20


@pytest.mark.parametrize(
    ("filters", "value", "name"),
    [
        (f"replace a '{'b' * 65}'", MEGA, "replace"),
        (f"replace a '{'b' * 60}' | replace b '{'c' * 1000}'", MEGA, "replace"),
        ("url-encode", "é" * (LARGEST // 5), "url-encode"),
        ("hex-encode", "a" * (LARGEST // 2 + 1), "hex-encode"),
        ("base64-encode | base64-encode", "a" * (LARGEST // 2 + LARGEST // 10), "base64-encode"),
        ("html-encode", '"' * (LARGEST // 5), "html-encode"),
    ],
)
def test_a_filter_makes_no_more_than_a_body_may_have(filters: str, value: str, name: str) -> None:
    with pytest.raises(FilterError, match=f"`{name}` would make more than 64 MiB"):
        parse_filters(f"| {filters}")(value)


def test_what_is_larger_already_may_stay_so() -> None:
    large = "A" * (LARGEST + 10)
    assert parse_filters("| lower | trim | replace a b | count")(large) == LARGEST + 10


def test_a_text_is_split_into_so_many_parts_only() -> None:
    assert parse_filters("| split ',' | count")("a," * 999_999 + "a") == 1_000_000
    for filters in ("split ','", "split"):
        with pytest.raises(FilterError, match="more than 1,000,000 parts"):
            parse_filters(f"| {filters}")(", " * 1_000_001 + "a")


@pytest.mark.parametrize(
    ("filters", "value", "said"),
    [
        ("int", "9" * 5000, "`int` takes at most 4000 digits; found 5000"),
        ("json", "9" * 5000, "an integer of 5000 digits"),
        ("json", '{"a": 1, "a": 2}', 'the key "a" stands twice'),
        ("json", "[" * 300 + "]" * 300, "nested more than 200 levels deep"),
        ("jsonpath $.a", '{"a": 1, "a": 2}', 'the key "a" stands twice'),
        ("jsonpath $.a", "[" * 100_000, "nested more than 200 levels deep"),
        ("sum", [10**4299] * 20, "`sum` found numbers that are too large"),
        ("sum | text", [10**4200, 10**4250], "`sum` found numbers that are too large"),
        ("text", 10**4299, "more than 4,000 digits"),
    ],
)
def test_refuses(filters: str, value: object, said: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filters(f"| {filters}")(value)
    assert said in str(caught.value)
    assert "set_int" not in str(caught.value)


def test_long_integers_are_compared_and_shown() -> None:
    long = 10**4200
    (wrong,) = parse_matcher({"equals": 5}).check(long)
    assert wrong.message == "is a very large integer, expected 5"
    assert parse_matcher({"near": {"value": 1.5, "within": 1}}).check(long)
    assert not parse_matcher({"above": 1.5}).check(long)
    with pytest.raises(ValueError, match="more than 4,000 digits"):
        as_text(10**4299)


@pytest.mark.parametrize("value", [5, None, "x", [1, 2], {"a": [1]}, b"abc", "x" * 1000, 10**4299])
def test_a_report_keeps_a_value_as_it_is(value: object) -> None:
    assert kept(value) is value


@pytest.mark.parametrize(
    "value",
    [list(range(5000)), {str(n): n for n in range(5000)}, "x" * 10**6, [[[1] * 50] * 50],
     {"k" * 10**6: 1}, b"x" * 10**6],
)  # fmt: skip
def test_a_report_keeps_the_beginning_of_what_is_large(value: object) -> None:
    short = kept(value)
    assert isinstance(short, str)
    assert len(short) <= 1100
