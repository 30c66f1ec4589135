"""The schema offers an editor every fact of every verb, in the words of the facts themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from runner.query.facts import FACTS, VERBS, facts_of
from runner.query.matchers import MatcherError, parse_matcher
from runner.scenario.grammar import resolve, schema, verb_node
from runner.scenario.loader import load
from runner.scenario.problems import ProblemError
from runner.scenario.source import read_source
from tests.scenario.verdict import plain_verdict

PROJECT: Final = Path(__file__).parents[2]
SCENARIOS: Final = sorted(
    path
    for path in PROJECT.glob("scenarios/**/*.yaml")
    if not {"environments", "snapshots"} & set(path.parts)
)
OWN_WORDS: Final = {"status", "error"}
LITERALS: Final[list[Any]] = [
    True, False, 0, 5, 200, 1.5, "abc", "250ms", "4kB", "2026-01-01", "TLSv1.2", "HTTP/1.1", "any",
    "2xx", "12", [1], [], {"equals": {"a": 1}}, {"exists": False},
]  # fmt: skip


def expect_of(verb: str) -> Any:
    return resolve(verb_node(verb)["properties"]["expect"])


@pytest.mark.parametrize("verb", VERBS)
def test_every_fact_of_a_verb_is_offered_and_no_other(verb: str) -> None:
    node = expect_of(verb)
    fixed = {name for name, fact in facts_of(verb).items() if fact.stem is None}
    stems = {fact.stem for fact in facts_of(verb).values() if fact.stem is not None}
    assert {name for name in node["properties"] if name in FACTS} == fixed
    of_families = [name for name in node["properties"] if name not in FACTS]
    assert {name.rpartition(".")[0] for name in of_families} <= stems
    for stem in stems:
        matching = [each for each in node["patternProperties"] if re.search(each, f"{stem}.abc")]
        assert len(matching) == 1, stem
    assert len(node.get("patternProperties", ())) == len(stems)
    assert node["additionalProperties"] == {"$ref": "#/$defs/matcher"}


@pytest.mark.parametrize("name", sorted(set(FACTS) - OWN_WORDS))
def test_a_fact_is_described_in_its_own_words(name: str) -> None:
    fact = FACTS[name]
    node = schema()["$defs"][f"fact-{fact.stem or name}"]
    assert node["description"] == f"{fact.doc[:1].upper()}{fact.doc[1:]}."
    ((key, value),) = read_source(fact.example.encode(), "x").value.items()  # type: ignore[union-attr]
    if key == name or (fact.stem and key.rpartition(".")[0] == fact.stem):
        assert node["examples"][0] == value


@pytest.mark.parametrize("fact", [*FACTS.values()], ids=[*FACTS])
def test_the_schema_refuses_no_value_that_a_query_takes(fact: Any) -> None:
    name = f"{fact.stem}.abc" if fact.stem else fact.name
    offered = schema()["$defs"][f"fact-{fact.stem or fact.name}"]
    judge = Draft202012Validator({"$defs": schema()["$defs"], "allOf": [offered]})
    refused = 0
    for value in LITERALS:
        try:
            parse_matcher(value, fact.type, None, name)
        except MatcherError:
            continue
        if not judge.is_valid(value):
            refused += 1
            assert name == "error", (name, value)  # the loader leaves its kinds to the schema
    assert refused < len(LITERALS)
    assert judge.is_valid("${value}")
    if fact.type not in ("any", "text", "version", "date"):
        assert not judge.is_valid("never")


def test_a_query_of_ones_own_is_still_taken() -> None:
    node = {"$defs": schema()["$defs"], "allOf": [expect_of("get")]}
    for key in ("$.a", "css:p | count", "time.total | int", "header['X-A']", "text | regex 'a'"):
        assert Draft202012Validator(node).is_valid({key: 5}), key


@pytest.mark.parametrize("path", SCENARIOS, ids=[str(p.relative_to(PROJECT)) for p in SCENARIOS])
def test_a_shipped_scenario_is_right_for_the_plain_schema_and_the_loader(path: Path) -> None:
    assert plain_verdict(read_source(path.read_bytes(), str(path)).value)
    load(path, root=PROJECT)


@pytest.mark.parametrize(
    "step",
    [
        "get: /\n  expect: {time.total: 500}",
        "get: /\n  expect: {header.etag: 5}",
        "connect:\n  expect: {port: '443'}",
        "read:\n  expect: {eof: 'yes'}",
        "get: /\n  expect: {size: big}",
        "get: /\n  expect: {redirects: 2}",
    ],
)
def test_a_value_a_fact_never_has_is_told_by_both(tmp_path: Path, step: str) -> None:
    before = "- session:\n- connect:\n- open: GET /\n- send:\n" if step.startswith("read") else ""
    before = "- session:\n" if step.startswith("connect") else before
    path = tmp_path / "a.yaml"
    path.write_text(f"base: http://127.0.0.1\nsteps:\n{before}- {step}\n", encoding="utf-8")
    assert not plain_verdict(read_source(path.read_bytes(), "a.yaml").value)
    with pytest.raises(ProblemError) as caught:
        load(path, root=tmp_path)
    (problem,) = caught.value.problems
    assert problem.at is not None
    assert problem.kind == "invalid-scenario"
