"""A query that finds nothing is missing, also one for many values; filters may make more of it."""

from __future__ import annotations

from typing import Any

import pytest

from runner.query.matchers import parse_matcher
from runner.query.path import parse_query
from runner.query.values import MISSING

FACTS: dict[str, Any] = {
    "json": {"items": [{"id": 1}], "none": [], "text": '{"a": []}'},
    "markup": ("<p class=a>x</p>", "html"),
}
NOTHING = ("$.none[*]", "$.items[?@.id > 5].id", "$..nope", "css-all:h1", "xpath-all://h1",
           "$ | jsonpath '$..nope'", "$.text | jsonpath '$.a[*]'")  # fmt: skip
SPECS: tuple[object, ...] = (
    [], {"equals": []}, {"not": [1]}, {"empty": True}, {"empty": False}, {"exists": True},
    {"unique": True}, {"unique": False}, {"sorted": True}, {"sorted": False}, {"any-order": []},
    {"includes": []}, {"each": {"is": "integer"}}, {"none-of": [[1]]}, {"one-of": [[]]},
    {"all-of": [{"unique": True}]}, {"is": "list"}, {"schema": {"type": "array"}},
    {"contains": 1}, {"not": {"exists": False}},
)  # fmt: skip


@pytest.mark.parametrize("query", NOTHING)
def test_only_exists_false_holds(query: str) -> None:
    value = parse_query(query, "get").find(FACTS)
    assert value is MISSING
    for spec in SPECS:
        (wrong,) = parse_matcher(spec, "list").check(value)
        assert "is missing" in wrong.message, spec
    assert not parse_matcher({"exists": False}, "list").check(value)


@pytest.mark.parametrize("query", NOTHING)
@pytest.mark.parametrize(
    ("filters", "value"),
    [
        ("count", 0), ("sum", 0), ("first", MISSING), ("last", MISSING), ("nth 0", MISSING),
        ("sort", MISSING), ("unique", MISSING), ("reverse", MISSING), ("sort | count", 0),
        ("unique | reverse | count", 0), ("default 7", 7), ("default []", []),
        ("sort | default []", []), ("default [] | sort", []), ("first | default 'x'", "x"),
        ("text", "[]"), ("max", MISSING), ("jsonpath '$[*].a'", MISSING),
    ],
)  # fmt: skip
def test_what_filters_make_of_nothing(query: str, filters: str, value: object) -> None:
    assert parse_query(f"{query} | {filters}", "get").find(FACTS) == value


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("$.none", []),
        ("$.none | sort", []),
        ("$['none']", []),
        ("$[?@ == 'x' || length(@) == 0]", [[]]),
        ("$.items[?@.id == 1].none", MISSING),
        ("$.items[*]", [{"id": 1}]),
    ],
)
def test_an_empty_list_that_stands_in_the_document_is_found(query: str, value: object) -> None:
    assert parse_query(query, "get").find(FACTS) == value


def test_what_is_missing_says_how_to_expect_that() -> None:
    for spec in ([], {"empty": True}, {"any-order": []}):
        assert "{exists: false}" in parse_matcher(spec).check(MISSING)[0].message
    assert "exists" not in parse_matcher({"empty": False}).check(MISSING)[0].message


def test_a_capture_of_nothing_finds_nothing_but_for_a_default() -> None:
    for query, nothing in (("$..nope", True), ("$..nope | default []", False), ("$.none", True)):
        compiled = parse_query(query, "get")
        assert compiled.finds_nothing(compiled.find(FACTS)) is nothing
