from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from runner.kinds import KINDS
from runner.query.facts import VERBS
from runner.query.matchers.themes import MATCHERS
from runner.scenario.grammar import common_keys, keys_of, resolve, schema, verb_node, verbs
from runner.scenario.source import read_source
from runner.scenario.validate import validate
from runner.scenario.written import flow, lines
from runner.units import DURATION, SIZE

DEFS: Final = schema()["$defs"]
TEMPLATE: Final = DEFS["template"]["pattern"]
# A step's keys are described where they are defined; these only narrow them.
NARROWING: Final = ("dependentSchemas", "else")
CONSTRAINTS: Final = {
    "type", "enum", "pattern", "minimum", "maximum", "minLength", "minItems", "maxItems",
    "minProperties", "maxProperties", "uniqueItems", "not",
}  # fmt: skip


def nodes(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema inside a schema, by its place."""
    if not isinstance(node, dict):
        return
    yield place, node
    for word in ("properties", "patternProperties", "$defs", "dependentSchemas"):
        for name, inner in node.get(word, {}).items():
            yield from nodes(inner, f"{place}/{word}/{name}")
    for word in ("items", "additionalProperties", "propertyNames", "not", "if", "then", "else"):
        yield from nodes(node.get(word), f"{place}/{word}")
    for word in ("anyOf", "oneOf", "allOf"):
        for number, inner in enumerate(node.get(word, ())):
            yield from nodes(inner, f"{place}/{word}/{number}")


PROPERTIES: Final = {
    f"{place}/properties/{name}": inner
    for place, node in nodes(schema())
    if not any(word in place for word in NARROWING)
    for name, inner in node.get("properties", {}).items()
}


def accepts(node: object, value: object) -> bool:
    whole = {"$defs": DEFS, "allOf": [node]}
    return bool(Draft202012Validator(whole).is_valid(value))


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_it_names_every_verb_once_and_the_same_way() -> None:
    step = DEFS["step"]
    assert set(verbs()) == set(VERBS)
    assert [each["required"] for each in step["if"]["oneOf"]] == [[verb] for verb in verbs()]
    assert tuple(step["else"]["properties"]) == verbs()
    assert {name for name in DEFS if name.startswith("step-")} == {f"step-{v}" for v in verbs()}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_a_flat_mapping_with_the_verb_and_the_common_keys(verb: str) -> None:
    node = verb_node(verb)
    assert node["required"] == [verb]
    assert node["additionalProperties"] is False
    assert {"name", "id", "if", "expect", "capture", "on-failure", "deadline"} <= {*keys_of(verb)}
    for key in {*common_keys()} & {*keys_of(verb)} - {"expect"}:
        assert node["properties"][key] == {"$ref": f"#/$defs/key-{key}"}
    assert node["properties"]["expect"].keys() == {"$ref"}


@pytest.mark.parametrize("place", PROPERTIES)
def test_a_property_has_a_description_and_examples_that_fit_it(place: str) -> None:
    node = resolve(PROPERTIES[place])
    assert re.fullmatch(r".{5,}", node["description"])
    assert node["examples"]
    for example in node["examples"]:
        assert accepts(PROPERTIES[place], example), example
    if "default" in node:
        assert accepts(PROPERTIES[place], node["default"])


@pytest.mark.parametrize("name", DEFS)
def test_a_definition_has_a_description_and_examples_that_fit_it(name: str) -> None:
    assert DEFS[name]["description"]
    assert DEFS[name]["examples"]
    for example in DEFS[name]["examples"]:
        assert accepts(DEFS[name], example), example


@pytest.mark.parametrize("verb", VERBS)
def test_the_examples_of_a_verb_are_steps_as_they_are_shown(verb: str) -> None:
    examples = verb_node(verb)["examples"]
    source = read_source("\n".join(["steps:", *lines(examples)]).encode(), "shop.yaml")
    assert source.value == {"steps": examples}
    assert validate(source) == ()


@pytest.mark.parametrize("place", [place for place in PROPERTIES if "step-" not in place])
def test_an_example_reads_back_from_one_line(place: str) -> None:
    for example in resolve(PROPERTIES[place])["examples"]:
        if example is not None:
            assert read_source(f"a: {flow(example)}".encode(), "x").value == {"a": example}


def test_whatever_can_be_offended_says_what_it_expects() -> None:
    for place, node in nodes(schema()):
        silent = re.search(r"/(not|if|oneOf|else|anyOf)(/\d+)?(/anyOf/\d+)?$", place)
        if CONSTRAINTS & node.keys() and not silent and not re.fullmatch(r"/\$defs/step.*", place):
            assert "x-expects" in node, place


def test_there_is_one_form_of_a_template() -> None:
    patterns = {node["pattern"] for _, node in nodes(schema()) if "pattern" in node}
    patterns.remove(DEFS["step-open"]["properties"]["open"]["pattern"])
    assert [each for each in patterns if r"\{" in each.replace(TEMPLATE, "")] == []
    assert sum(TEMPLATE in each for each in patterns) >= 5


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("${a}", True), ("a ${b}", True), ("$${a}", False), ("$$${a}", False), ("$a {b}", False)],
)
def test_a_template_is_what_is_put_in(text: str, is_one: bool) -> None:
    assert accepts(DEFS["template"], text) is is_one
    assert accepts(DEFS["flag"], text) is is_one


UNITS: Final = st.text("0123456789.hmsBkKMGi -\n٣", max_size=9)


@given(UNITS)
def test_a_duration_is_what_the_runner_reads_as_one(text: str) -> None:
    assert accepts(DEFS["duration"], text) is bool(DURATION.fullmatch(text))


@pytest.mark.parametrize("text", ["250ms", "2s", "1.5s", "1m30s", "1h", "1h2m3s4ms", "0s", "5m5ms"])
def test_a_duration_in_each_unit(text: str) -> None:
    assert accepts(DEFS["duration"], text)
    assert DURATION.fullmatch(text)


@given(UNITS)
def test_a_size_is_what_the_runner_reads_as_one(text: str) -> None:
    assert accepts(DEFS["size"], text) is bool(re.fullmatch(SIZE, text, re.ASCII))


@pytest.mark.parametrize("text", ["512", "1B", "10kB", "4MB", "1GB", "1KiB", "4MiB", "1GiB"])
def test_a_size_in_each_unit(text: str) -> None:
    assert accepts(DEFS["size"], text)
    assert re.fullmatch(SIZE, text, re.ASCII)


def test_kinds_are_the_runners_own() -> None:
    failed = [kind.name for kind in KINDS.values() if kind.outcome == "failed"]
    assert DEFS["kind"]["enum"] == list(KINDS)
    assert schema()["properties"]["expect-failure"]["properties"]["kind"]["enum"] == failed


def test_matchers_are_the_runners_own() -> None:
    assert set(DEFS["matcher"]["properties"]) == set(MATCHERS)
