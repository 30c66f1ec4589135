"""The short way to a verdict is the verdict of jsonschema."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from runner.scenario import validate as room
from runner.scenario.fits import fits_of, fits_scenario
from runner.scenario.source import read_source
from runner.scenario.validate import validate
from tests.scenario.table import broken, good
from tests.scenario.verdict import plain_verdict

VALUES = (
    None, True, False, 0, 1, 1.0, 2.5, -1, "", "a", "1s", "${a}", "2xx", "12kB", [], ["a"],
    ["a", "a"], [[]], {}, {"a": 1}, {"get": "/x"}, {"equals": 1}, {"basic": ["a", "b"]},
)  # fmt: skip


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Every mapping or list in a tree with each of its keys."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            found.append((node, key))
            if isinstance(node[key], dict | list):
                waiting.append(node[key])
    return found


@pytest.mark.parametrize("name", good())
def test_scenarios_that_were_damaged(name: str) -> None:
    chance = random.Random(name)
    value = read_source(good()[name], "shop.yaml").value
    assert fits_scenario()(value)
    names = [key for node, key in places(value) if isinstance(node, dict)]
    verdicts = set()
    for _ in range(40):
        tree = copy.deepcopy(value)
        node, key = chance.choice(places(tree))
        how = chance.randrange(4)
        if how == 0:
            del node[key]
        elif how == 1 and isinstance(node, dict):
            node[chance.choice(names)] = node[key]
        elif how == 2 and isinstance(node, dict):
            node[chance.choice(("x", "", "a b", "expect", "retry"))] = chance.choice(VALUES)
        else:
            node[key] = chance.choice(VALUES)
        verdict = plain_verdict(tree)
        verdicts.add(verdict)
        assert fits_scenario()(tree) is verdict, tree
    assert False in verdicts


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer"}, {"type": ["integer", "string"]}, {"type": "number"},
        {"type": "boolean"}, {"type": ["null", "array"]}, {"enum": [1, "a", None]},
        {"enum": [True, "a"]}, {"enum": [1.0, False]}, {"minimum": 1}, {"maximum": 1},
        {"minLength": 2}, {"maxItems": 0}, {"uniqueItems": True}, {"required": ["a"]},
        {"oneOf": [{"required": ["a"]}, {"required": ["get"]}]},
        {"oneOf": [{"type": "string"}, {"minLength": 1}]},
        {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "array"}},
        {"if": {"type": "string"}, "else": False}, {"not": {"type": "null"}},
        {"patternProperties": {"^a": {"type": "string"}}, "additionalProperties": False},
        {"properties": {"a": {"minimum": 2}}, "patternProperties": {"a": {"maximum": 0}}},
        {"dependentRequired": {"a": ["b"]}}, {"dependentSchemas": {"a": {"minProperties": 2}}},
        {"propertyNames": {"pattern": "^g"}}, {"items": {"type": "string"}},
        {"anyOf": [{"type": "string"}, {"type": "null"}]}, {"maxProperties": 0},
    ],
)  # fmt: skip
def test_every_keyword(schema: dict[str, Any]) -> None:
    validator: Any = Draft202012Validator(schema)
    verdicts = {str(value): validator.is_valid(value) for value in VALUES}
    assert {str(value): fits_of(schema)(value) for value in VALUES} == verdicts
    assert set(verdicts.values()) == {True, False}


def test_a_keyword_that_is_not_known_is_no_keyword_that_holds() -> None:
    with pytest.raises(NotImplementedError, match="prefixItems"):
        fits_of({"prefixItems": [{"type": "string"}]})


def test_jsonschema_sees_only_what_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> Any:
        raise AssertionError("asked")

    monkeypatch.setattr(room, "_slow", never)
    for text in good().values():
        assert validate(read_source(text, "shop.yaml")) == ()
    some = next(each for each in broken().values())
    with pytest.raises(AssertionError, match="asked"):
        validate(read_source(some.source, "shop.yaml"))
