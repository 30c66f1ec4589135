"""Slips that would check nothing, or lead astray: keywords, failure kinds, names of facts."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import validators

from runner.kinds import KINDS
from runner.query.matchers import MatcherError, parse_matcher
from runner.query.matchers.keywords import KEYWORDS
from runner.query.path import QueryError, parse_query


@pytest.mark.parametrize(
    ("schema", "path", "hint"),
    [
        ({"typ": "object"}, ("typ",), "did you mean `type`?"),
        ({"properties": {"a": {"minimun": 3}}}, ("properties", "a", "minimun"), "`minimum`"),
        ({"items": {"requird": ["a"]}}, ("items", "requird"), "`required`"),
        ({"anyOf": [{}, {"Type": "null"}]}, ("anyOf", 1, "Type"), "`type`"),
        ({"$defs": {"a": {"max": 3}}}, ("$defs", "a", "max"), "write `maximum`"),
        ({"type": "object", "additionalProperty": False}, ("additionalProperty",), "additional"),
    ],
)
def test_a_misspelt_keyword_is_refused(
    schema: dict[str, Any], path: tuple[str | int, ...], hint: str
) -> None:
    with pytest.raises(MatcherError) as caught:
        parse_matcher({"schema": schema})
    assert caught.value.path == ("schema", *path)
    assert "checks nothing" in caught.value.message
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize(
    "schema",
    [
        {"x-typ": 1, "type": "object"},
        {"example": 1, "nullable": True, "type": "object"},
        {"unit": "EUR", "type": "number"},
        {"properties": {"typ": {"type": "string"}, "max": {}}},
        {"enum": [{"typ": 1}], "default": {"typ": 1}},
        {"patternProperties": {"typ": {}}, "dependentRequired": {"typ": ["a"]}},
    ],
)
def test_annotations_names_and_data_are_no_slips(schema: dict[str, Any]) -> None:
    parse_matcher({"schema": schema})


@pytest.mark.parametrize("draft", ["3", "4", "6", "7", "201909", "202012"])
def test_every_keyword_of_every_draft_is_known(draft: str) -> None:
    validator: Any = getattr(validators, f"Draft{draft}Validator")
    assert set(validator.VALIDATORS) <= KEYWORDS
    assert set(validator.META_SCHEMA.get("properties", ())) <= KEYWORDS


@pytest.mark.parametrize("schema", [{}, True])
def test_a_schema_that_holds_for_everything_is_refused(schema: object) -> None:
    with pytest.raises(MatcherError, match="holds for everything"):
        parse_matcher({"schema": schema})


@pytest.mark.parametrize(
    "spec",
    [
        "conection-refused", 7, {"equals": "conection-refused"}, {"not": "conection-refused"},
        {"one-of": ["connection-refused", "conection-refused"]},
        {"any-of": ["conection-refused"]}, {"none-of": [{"one-of": ["conection-refused"]}]},
        {"matches": "^conection-refused$"}, {"starts-with": "conection"},
        {"contains": "conection-"}, {"ends-with": "-refusd"}, {"above": 5}, {"each": "x"},
    ],
)  # fmt: skip
def test_what_is_no_failure_kind_is_refused(spec: object) -> None:
    with pytest.raises(MatcherError) as caught:
        parse_matcher(spec, parse_query("error", "get").type, subject="error")
    if "conection-refused" in str(spec):
        assert caught.value.hint == "did you mean `connection-refused`?"


@pytest.mark.parametrize("kind", KINDS)
def test_every_failure_kind_can_be_expected(kind: str) -> None:
    for spec in (kind, {"one-of": [kind]}, {"matches": f"^{kind}$"}, {"starts-with": kind[:4]}):
        assert not parse_matcher(spec, "kind").check(kind)


def test_error_takes_no_filters() -> None:
    with pytest.raises(QueryError, match="`error` takes no filters") as caught:
        parse_query("error | upper", "get")
    assert caught.value.offset == 6


@pytest.mark.parametrize(
    ("query", "verb", "hint"),
    [
        ("items[0].id", "get", "write `$.items[0].id`"),
        ("json.id", "get", "write `$.id`"),
        ("json[0]['a b'].c-d", "get", "write `$[0]['a b']['c-d']`"),
        ("x-id", "get", "write `$['x-id']`"),
        ("content-type", "get", "write `header.content-type`"),
        ("Content-Type", "send", "write `header.content-type`"),
        ("content-type", "connect", "has time.total"),
        ("duration", "wait", "write `time.total`"),
        ("time", "get", "write `time.total`"),
        ("response.time", "get", "write `time.total`"),
        ("response.status", "send", "write `status`"),
        ("response.header.etag", "get", "write `header.etag`"),
        ("response.json.id", "get", "write `$.id`"),
        ("status_code", "get", "write `status`"),
        ("cookies", "get", "write `cookie.NAME`"),
        ("token", "use", "write `outputs.token`"),
        ("statu", "get", "did you mean `status`?"),
        ("items.id", "send", "has time.total"),
    ],
)
def test_the_hint_for_an_unknown_fact_leads_on(query: str, verb: str, hint: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query, verb)
    assert hint in str(caught.value.hint)


def test_what_a_hint_says_can_be_written() -> None:
    for query in ("items[0].id", "json[0]['a b'].c-d", "x-id", "response.json.id", "data['it''s']"):
        with pytest.raises(QueryError) as caught:
            parse_query(query, "get")
        parse_query(str(caught.value.hint).split("`")[1], "get")
