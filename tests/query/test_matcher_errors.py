"""Specifications that are wrong, or that no value of the query's type can satisfy."""

from __future__ import annotations

import pytest

from runner.query.matchers import MatcherError, parse_matcher
from runner.query.types import TYPES
from runner.query.values import WrittenFloat

TABLE: list[tuple[str, object, tuple[str | int, ...], str]] = [
    ("status", "200", (), '`q` is an integer: write 200 without quotes; found the text "200"'),
    ("status", "ok", (), "write 200, a class such as 2xx, or any"),
    ("status", "6xx", (), "write 200, a class such as 2xx, or any"),
    ("status", 20, (), "a status lies between 100 and 599"),
    ("status", None, (), "never null"),
    ("status", True, (), "write a number; found the boolean true"),
    ("status", [200, 201], (), "write a number; found the list"),
    ("status", {"one-of": [200, "201"]}, ("one-of", 1), "write 201 without quotes"),
    ("status", {"not": "200"}, ("not",), "write 200 without quotes"),
    ("status", {"any-of": [200, {"equals": "201"}]}, ("any-of", 1, "equals"), "write 201 without"),
    ("status", {"above": "2xx"}, ("above",), "`above` needs a number"),
    (
        "status",
        {"contains": 2},
        ("contains",),
        "`contains` needs text, a list or a mapping, but `q`",
    ),
    ("status", {"is": "text"}, ("is",), "`q` is an integer and never text"),
    ("status", {"is": "null"}, ("is",), "never null"),
    ("status", {"empty": False}, ("empty",), "`empty` needs"),
    ("integer", "5", (), "write 5 without quotes"),
    ("integer", "x", (), "write a number"),
    ("number", {"above": "5"}, ("above",), "write 5 without quotes"),
    ("duration", {"below": 500}, ("below",), "write a duration with its unit: 500ms"),
    ("duration", {"below": "500"}, ("below",), "write a duration with its unit"),
    ("duration", {"below": ""}, ("below",), "write a duration with its unit"),
    ("duration", 1, (), "write a duration with its unit: 1ms"),
    ("duration", {"near": {"value": "1s", "within": 5}}, ("near", "within"), "with its unit: 5ms"),
    ("duration", {"near": {"value": 1, "within": "5s"}}, ("near", "value"), "with its unit: 1ms"),
    ("size", "10 kB", (), "write a whole number, or one with a unit"),
    ("size", {"below": 1.5}, ("below",), "write a whole number, or one with a unit"),
    ("date", "tomorrow", (), "write it like 2026-01-31T12:00:00Z"),
    ("date", 5, (), "write it like 2026-01-31T12:00:00Z"),
    ("text", 5, (), '`q` is text: quote it: "5"'),
    ("text", WrittenFloat(1.1, "1.10"), (), 'quote it: "1.10"'),
    ("text", True, (), 'quote it: "true"'),
    ("text", ["a"], (), "write a text, or a matcher"),
    ("text", {"one-of": ["a", 5]}, ("one-of", 1), 'quote it: "5"'),
    ("text", {"above": 5}, ("above",), "`q` is text and `above` compares it with a number"),
    (
        "text",
        {"above": "2026-01-01"},
        ("above",),
        "`q` is text and `above` compares it with a date",
    ),
    ("text", {"near": {"value": 1, "within": 1}}, ("near",), "`near` needs"),
    ("text", {"includes": ["a"]}, ("includes",), "`includes` needs a list or a mapping, but `q`"),
    ("text", {"each": 1}, ("each",), "`each` needs a list"),
    ("text", {"sorted": True}, ("sorted",), "`sorted` needs a list"),
    ("text", {"is": "integer"}, ("is",), "never integer"),
    (
        "text",
        {"contains": 5},
        ("contains",),
        "`contains` takes a text; found the integer 5: quote it",
    ),
    ("version", 1.1, (), 'quote it: "1.1"'),
    ("version", {"above": "x"}, ("above",), '`above` needs a version; found the text "x"'),
    ("boolean", "true", (), "write true without quotes"),
    ("boolean", 1, (), "write true or false"),
    ("boolean", {"above": 0}, ("above",), "`above` needs"),
    ("list", "a", (), 'write a list, or {contains: "a"}'),
    ("list", {"equals": {"a": 1}}, ("equals",), "write a list"),
    ("list", {"starts-with": "a"}, ("starts-with",), "`starts-with` needs text"),
    ("list", {"includes": {"a": 1}}, ("includes",), "`q` is a list"),
    ("mapping", "a", (), "write {equals: {…}}"),
    ("mapping", {"includes": [1]}, ("includes",), "`q` is a mapping"),
    ("any", {}, (), "an empty mapping is no matcher"),
    ("any", {"abvoe": 5}, ("abvoe",), "to compare with a mapping write `equals:`"),
    ("any", {"id": 5, "above": 1}, ("id",), "there is no matcher `id`"),
    ("any", {5: 1}, ("5",), "there is no matcher `5`"),
    ("any", {"not": {}}, ("not",), "an empty mapping is no matcher"),
    ("any", {"not": {"a": 1}}, ("not", "a"), "there is no matcher `a`"),
    ("any", {"each": {"a": 1}}, ("each", "a"), "there is no matcher `a`"),
    ("any", {"any-of": []}, ("any-of",), "a list with something in it"),
    ("any", {"any-of": 5}, ("any-of",), "`any-of` takes a list; found the integer 5"),
    ("any", {"all-of": {}}, ("all-of",), "`all-of` takes a list"),
    ("any", {"none-of": [1, {"x": 1}]}, ("none-of", 1, "x"), "there is no matcher `x`"),
    ("any", {"one-of": []}, ("one-of",), "a list with something in it"),
    ("any", {"one-of": "a"}, ("one-of",), "`one-of` takes a list"),
    (
        "any",
        {"above": "42"},
        ("above",),
        "`above` needs a number, duration, size, date or version; found",
    ),
    ("any", {"above": "x"}, ("above",), "`above` needs a number"),
    ("any", {"above": ""}, ("above",), "`above` needs a number"),
    ("any", {"above": True}, ("above",), "found the boolean true"),
    ("any", {"above": None}, ("above",), "found null"),
    ("any", {"above": [1]}, ("above",), "found the list [1]"),
    ("any", {"near": 5}, ("near",), "`near` takes {value: …, within: …}; found the integer 5"),
    ("any", {"near": {"value": 5}}, ("near",), "`near` takes {value"),
    ("any", {"near": {"value": 5, "within": -1}}, ("near",), "not below 0"),
    ("any", {"near": {"value": True, "within": 1}}, ("near", "value"), "write a number"),
    ("any", {"near": {"value": "x", "within": 1}}, ("near", "value"), "write it like 2026"),
    (
        "any",
        {"starts-with": 5},
        ("starts-with",),
        'takes a text; found the integer 5: quote it: "5"',
    ),
    ("any", {"ends-with": None}, ("ends-with",), "takes a text; found null"),
    ("any", {"matches": "("}, ("matches",), "is no regular expression"),
    ("any", {"matches": 5}, ("matches",), "takes a text"),
    ("any", {"includes": "a"}, ("includes",), "`includes` takes a list or a mapping"),
    ("any", {"any-order": "a"}, ("any-order",), "`any-order` takes a list"),
    ("any", {"ignoring": ["$.a"]}, ("ignoring",), "none is here"),
    ("any", {"ignoring": ["$.a"], "contains": "a"}, ("ignoring",), "none is here"),
    ("any", {"equals": {}, "ignoring": "$.a"}, ("ignoring",), "takes a list of JSONPaths"),
    ("any", {"equals": {}, "ignoring": []}, ("ignoring",), "takes a list of JSONPaths"),
    ("any", {"equals": {}, "ignoring": ["a"]}, ("ignoring", 0), "takes JSONPaths such as"),
    ("any", {"equals": {}, "ignoring": ["$.a", "$.b-c"]}, ("ignoring", 1), "is no JSONPath"),
    ("any", {"exists": "yes"}, ("exists",), '`exists` takes true or false; found the text "yes"'),
    ("any", {"empty": 1}, ("empty",), "`empty` takes true or false; found the integer 1"),
    ("any", {"sorted": "up"}, ("sorted",), "`sorted` takes true, false or descending"),
    ("any", {"sorted": 1}, ("sorted",), "`sorted` takes true, false or descending"),
    ("any", {"sorted": [1]}, ("sorted",), "`sorted` takes true, false or descending"),
    ("any", {"unique": None}, ("unique",), "`unique` takes true or false; found null"),
    ("any", {"is": "intger"}, ("is",), '`is` knows no kind "intger"'),
    ("any", {"is": 5}, ("is",), "`is` knows no kind 5"),
    ("any", {"schema": 5}, ("schema",), "a schema is a mapping"),
    ("any", {"schema": {"type": "intger"}}, ("schema",), "this is no JSON Schema"),
    ("any", {"schema": {"$schema": "urn:x"}}, ("schema",), "dialect urn:x is not known"),
    ("any", {"schema": {"$ref": "https://x.test/s"}}, ("schema",), "no schema is fetched"),
    ("any", {"schema": "s.json"}, ("schema",), "cannot be read"),
    ("any", {"same-as": 5}, ("same-as",), "takes a text"),
    ("any", {"same-as": "../x"}, ("same-as",), "below snapshots/"),
    ("any", {"same-as": "/x"}, ("same-as",), "below snapshots/"),
    ("any", {"same-as": ""}, ("same-as",), "below snapshots/"),
]


@pytest.mark.parametrize(("type_", "spec", "path", "message"), TABLE)
def test_refuses(type_: str, spec: object, path: tuple[str | int, ...], message: str) -> None:
    with pytest.raises(MatcherError) as caught:
        parse_matcher(spec, type_, subject="q")
    assert message in str(caught.value)
    assert caught.value.path == path
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ({"abvoe": 5}, "did you mean `above`?"),
        ({"zzz": 5}, "the matchers are"),
        ({"above": "42"}, "write 42 without quotes"),
        ({"is": "intger"}, "did you mean `integer`?"),
        ({"includes": "a"}, "{contains: "),
        ({}, "{equals: {}}"),
        ({"schema": {"$ref": "https://x.test/s"}}, "`$defs`"),
    ],
)
def test_hints(spec: object, hint: str) -> None:
    with pytest.raises(MatcherError) as caught:
        parse_matcher(spec)
    assert hint in str(caught.value.hint)


def test_without_a_subject_it_is_the_value() -> None:
    with pytest.raises(MatcherError, match="the value is an integer: write 5 without quotes"):
        parse_matcher("5", "integer")


def test_a_deep_spec_is_an_error() -> None:
    spec: object = 1
    for _ in range(5000):
        spec = {"not": spec}
    with pytest.raises(MatcherError, match="nested too deeply"):
        parse_matcher(spec)


@pytest.mark.parametrize("type_", TYPES)
def test_exists_is_for_every_type(type_: str) -> None:
    assert parse_matcher({"exists": True}, type_).check(5) == ()
