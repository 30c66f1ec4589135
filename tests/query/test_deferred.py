"""Matchers that hold templates: their values are data, read at each check."""

from __future__ import annotations

import pytest

from runner.query.matchers import MatcherError, parse_matcher
from runner.query.values import MISSING, Deferred, Scope


class Variables(Scope):
    def __init__(self, **variables: object) -> None:
        self.variables = variables

    def lookup(self, name: str) -> object:
        return self.variables[name]


class Reference(Deferred):
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def render(self, scope: Scope) -> object:
        return scope.lookup(self.name)

    def __str__(self) -> str:
        return f"${{{self.name}}}"


X = Reference("x")


@pytest.mark.parametrize(
    ("type_", "spec", "x", "value", "message"),
    [
        ("any", X, 5, 5, None),
        ("any", X, 5, 6, "is 6, expected 5"),
        ("any", X, {"above": 1}, {"above": 1}, None),
        ("any", X, {"above": 1}, 5, "is 5, expected {above: 1}"),
        ("any", X, {}, {}, None),
        ("any", X, 5, MISSING, "is missing, expected 5"),
        ("any", {"equals": {"a": X, "b": [X]}}, 1, {"a": 1, "b": [1]}, None),
        ("any", {"equals": {X: 1}}, "k", {"k": 1}, None),
        ("any", [X, 2], 1, [1, 2], None),
        ("any", {"not": X}, 5, 6, None),
        ("any", {"not": X}, {"above": 1}, 6, None),
        ("any", {"above": X}, 5, 6, None),
        ("any", {"above": X}, "42", 6, 'cannot be checked: `above` needs a number'),
        ("any", {"not": {"above": X}}, "42", 6, 'cannot be checked: `above` needs a number'),
        ("any", {"any-of": [X, 7]}, 5, 7, None),
        ("any", {"any-of": [{"above": X}, 7]}, 5, 4, "fits none of 2"),
        ("any", {"each": {"contains": X}}, "a", ["ab", "b"], '[1] does not contain "a"'),
        ("any", {"one-of": X}, [1, 2], 2, None),
        ("any", {"one-of": X}, 5, 2, "cannot be checked: `one-of` takes a list"),
        ("any", {"matches": X}, "(", "a", "cannot be checked: \"(\" is no regular expression"),
        ("any", {"exists": X}, False, MISSING, None),
        ("any", {"exists": X}, True, MISSING, "is missing"),
        ("any", {"above": X}, 5, MISSING, "is missing, expected above 5"),
        ("any", {"equals": {"a": X}, "ignoring": ["$.b"]}, 1, {"a": 1, "b": 2}, None),
        ("any", {"equals": {"a": 1}, "ignoring": [X]}, "$.b", {"a": 1, "b": 2}, None),
        ("any", {"equals": {"a": 1}, "ignoring": X}, 5, {"a": 1}, "cannot be checked: `ignoring`"),
        ("any", {"schema": {"const": X}}, 5, 5, None),
        ("any", {"schema": {"type": X}}, "intger", 5, "cannot be checked: this is no JSON Schema"),
        ("status", X, 200, 200, None),
        ("status", X, "2xx", 204, None),
        ("status", X, "200", 200, "cannot be checked: the value is an integer: write 200 without"),
        ("duration", {"below": X}, "1s", 0.5, None),
        ("duration", {"below": X}, 500, 0.5, "cannot be checked: the value is a duration"),
    ],
)  # fmt: skip
def test_truth(type_: str, spec: object, x: object, value: object, message: str | None) -> None:
    matcher = parse_matcher(spec, type_)
    for _ in range(2):
        found = matcher.check(value, Variables(x=x))
        if message is None:
            assert found == ()
        else:
            assert message in found[0].message
            assert found[0].found is value


@pytest.mark.parametrize(
    "spec",
    [
        {X: 5},
        {"abvoe": X},
        {"any-of": [X, {"abvoe": 5}]},
        {"equals": {"a": X}, "ignoring": ["a"]},
        {"equals": {"a": X}, "ignoring": [X], "abvoe": 1},
        {"above": True, "equals": X},
    ],
)
def test_the_rest_is_checked_at_once(spec: object) -> None:
    with pytest.raises(MatcherError):
        parse_matcher(spec)


def test_a_type_that_cannot_fit_is_told_at_once() -> None:
    with pytest.raises(MatcherError, match="`contains` needs"):
        parse_matcher({"contains": X}, "integer")


def test_text_shows_the_template() -> None:
    assert parse_matcher({"above": X}).text == "above ${x}"
    assert parse_matcher({"any-of": [X, 1]}).text == "${x} or 1"


def test_without_a_scope_it_is_a_bug_of_the_caller() -> None:
    with pytest.raises(TypeError):
        parse_matcher(X).check(5)
