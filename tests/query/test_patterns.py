"""Regular expressions: the cost is never estimated too low, and nothing can hang."""

from __future__ import annotations

import re
import time

import pytest

from runner.query.cost import read_cost
from runner.query.filters import FilterError, parse_filters
from runner.query.matchers import parse_matcher
from runner.query.patterns import SECONDS, STEPS, Pattern, PatternError, TooCostly


def cost(pattern: str, text: str) -> float:
    return read_cost(pattern, re.compile(pattern).flags).of(text, STEPS)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("abc", "x" * 1_000_000),
        ("^v(\\d+)$", "x" * 1_000_000),
        ("v(\\d+)", "1" * 500),
        ("\\bitem-[0-9a-f]{8}\\b", "item-" * 100_000),
        ("<title>(.*?)</title>", "<p>short line</p>\n" * 10_000),
        ("(\\d+)\\.(\\d+)\\.(\\d+)", "version 1.2.3 " * 1_000),
        ("(\\d{1,3}\\.){3}\\d{1,3}", "127.0.0.1 " * 500),
        ("a?b?c?", "abc" * 1_000),
        ("(?:abc)+", "abc" * 300),
        ("(cat|dog)s?", "cats dogs " * 1_000),
        ("(a+)+$", "a" * 6),
        ("[^]]+", "ab]" * 1_000),
        ("\\x41+\\u0042", "AB" * 1_000),
    ],
)
def test_what_is_cheap_is_searched_in_place(pattern: str, text: str) -> None:
    assert cost(pattern, text) <= STEPS


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "a" * 40),
        ("(a|a)*$", "a" * 40),
        ("(a|ab)*c", "ab" * 40),
        ("(?:a?){40}b", "a" * 40),
        ("(.*)*x", "a" * 40),
        ("((ab)*)*c", "ab" * 40),
        ("(\\w+\\s?)*$", "word " * 20 + "!"),
        ("\\d+x", "1" * 100_000),
        ("(?i)a+x", "A" * 100_000),
        ("(?i:a+)x", "A" * 100_000),
        ("(?s).*x", "a\n" * 50_000),
        (".*.*.*x", "a" * 1_000),
        ("a{1,500}a{1,500}b", "a" * 5_000),
        ("(a+)\\1\\1b", "a" * 5_000),
        ("(?P<n>a+)(?P=n)b", "a" * 5_000),
        ("(?x) a + # many", "a" * 20),
        ("(?=(a+)+$)", "a" * 40),
        ("a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaaaaaaaaaa", "a" * 22),
    ],
)
def test_what_may_be_dear_is_not_searched_in_place(pattern: str, text: str) -> None:
    assert cost(pattern, text) > STEPS


@pytest.mark.parametrize("pattern", ["(a|a)*$", "(\\w+\\s?)*$"])
def test_a_dear_search_is_broken_off(pattern: str) -> None:
    before = time.monotonic()
    with pytest.raises(TooCostly, match="longer than 1 s"):
        Pattern(pattern).search("a" * 60 + "!")
    assert time.monotonic() - before < SECONDS + 8


def test_a_child_finds_the_same() -> None:
    text = "ä;\udc80;" + "key=val;" * 20
    pattern = "(?P<k>(?:\\w+)+)=(x)?"
    assert cost(pattern, text) > STEPS
    expected = re.search(pattern, text)
    found = Pattern(pattern).search(text)
    assert expected is not None
    assert found is not None
    assert found.span == expected.span()
    assert found.groups == (expected.group(), *expected.groups())
    assert found.names == expected.groupdict()
    assert Pattern("(?:a+)+z").search("b" * 30) is None


@pytest.mark.parametrize("pattern", ["(", "[", "*", "(?P<a", "a{2,1}", "\\", "(?<n>a)"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(PatternError):
        Pattern(pattern)


def test_matcher_and_filter_tell_what_was_too_costly() -> None:
    value = "a" * 60 + "!"
    for spec in ({"matches": "(a+)+$"}, {"not": {"matches": "(a+)+$"}}):
        found = parse_matcher(spec).check(value)
        assert "took longer than 1 s" in found[0].message
    with pytest.raises(FilterError, match="took longer than 1 s"):
        parse_filters("| regex '(a+)+$'")(value)


def test_a_pattern_too_long_to_be_compiled_in_time_is_refused() -> None:
    assert Pattern("a" * 100_000).search("b") is None
    told = "it may have 100,000 characters; this one has 100,001"
    with pytest.raises(PatternError, match=told):
        Pattern("a" * 100_001)
    with pytest.raises(ValueError, match=told):
        parse_matcher({"matches": "a" * 100_001})
