"""Results as JSON: the published shape, and back again."""

from __future__ import annotations

import copy
import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import runner.reports
from runner.kinds import KINDS
from runner.plain import plain
from runner.query.values import MISSING, WrittenFloat, WrittenInt
from runner.result import (
    Attempt,
    Failure,
    ScenarioResult,
    Snippet,
    StepResult,
    SuiteResult,
)
from runner.result_json import ResultError, suite_from_json, suite_to_json

FOLDER = Path(runner.reports.__file__).parent
SCHEMA = json.loads((FOLDER / "result.schema.json").read_text())
VALID = Draft202012Validator(SCHEMA)

texts = st.text(max_size=8)
maybe = st.none() | texts
seconds = st.floats(0, 1e6, allow_nan=False)
outcomes = st.sampled_from(["passed", "failed", "error", "skipped"])
kinds = st.sampled_from([None, *KINDS])
trees = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
mappings = st.dictionaries(texts, trees, max_size=3)
failures = st.builds(
    Failure,
    query=texts,
    matcher=texts,
    expected=trees,
    found=trees | st.just(MISSING),
    message=texts,
    at=texts,
    paths=st.lists(texts, max_size=2).map(tuple),
)
attempts = st.builds(
    Attempt, outcome=outcomes, started=seconds, duration=seconds, kind=kinds, message=maybe
)
snippets = st.builds(
    Snippet,
    first=st.integers(1, 999),
    lines=st.lists(texts, max_size=2).map(tuple),
    mark=st.tuples(st.integers(1, 99), st.integers(1, 99), st.integers(1, 99)),
    file=maybe,
)


def _steps(inner: st.SearchStrategy[StepResult] | None) -> st.SearchStrategy[StepResult]:
    return st.builds(
        StepResult,
        name=texts,
        verb=texts,
        at=texts,
        outcome=outcomes,
        started=seconds,
        duration=seconds,
        kind=kinds,
        phase=st.sampled_from([None, *{kind.phase for kind in KINDS.values()}]),
        message=maybe,
        hint=maybe,
        causes=st.lists(texts, max_size=2).map(tuple),
        failures=st.lists(failures, max_size=2).map(tuple),
        times=st.dictionaries(st.sampled_from(["dns", "tcp", "tls", "wait"]), seconds),
        facts=mappings,
        captured=mappings,
        attempts=st.lists(attempts, max_size=2).map(tuple),
        curl=maybe,
        snippet=st.none() | snippets,
        steps=st.just(()) if inner is None else st.lists(inner, max_size=2).map(tuple),
    )


scenarios = st.builds(
    ScenarioResult,
    name=texts,
    file=texts,
    case=maybe,
    tags=st.lists(texts, max_size=2).map(tuple),
    outcome=outcomes,
    duration=seconds,
    steps=st.lists(_steps(_steps(None)), max_size=2).map(tuple),
    teardown=st.lists(_steps(None), max_size=1).map(tuple),
    kind=kinds,
    message=maybe,
    reason=maybe,
    started=st.none() | seconds,
)
suites = st.builds(
    SuiteResult,
    version=texts,
    started=st.just("2026-11-23T03:00:00Z"),
    duration=seconds,
    outcome=outcomes,
    scenarios=st.lists(scenarios, max_size=2).map(tuple),
    seed=st.none() | st.integers(),
    not_run=st.integers(0),
)


@settings(max_examples=25, deadline=None)
@given(suites)
def test_any_result_fits_the_schema_and_comes_back_as_it_was(suite: SuiteResult) -> None:
    document = json.loads(json.dumps(suite_to_json(suite)))
    VALID.validate(document)
    assert suite_from_json(document) == suite


def example() -> SuiteResult:
    step = StepResult(
        name="send",
        verb="send",
        at="a.yaml:9:5",
        outcome="failed",
        started=0.01,
        duration=0.03,
        kind="expectation-failed",
        phase="send",
        message="status is 404, expected 200",
        failures=(
            Failure("status", "equals", 200, 404, "is 404, expected 200", "a.yaml:11:15"),
            Failure("$.name", "equals", "Lamp", MISSING, "is missing", "a.yaml:12:15"),
            Failure("$.name", "equals", "Lamp", None, "is null", "a.yaml:13:15"),
        ),
        times={"send": 0.001, "wait": 0.02},
        facts={
            "status": 404,
            "tls.not-after": datetime(2027, 1, 1, tzinfo=UTC),
            "body": b"caf\xc3\xa9",
            "raw": b"\xff\x00",
            "header": {"content-type": "text/html"},
            "size": WrittenInt(7, "007"),
        },
        attempts=(Attempt("failed", 0.0, 0.01, "read-timeout", "silent"),),
        snippet=Snippet(9, ("  - send:",), (9, 5, 4)),
    )
    scenario = ScenarioResult("Catalogue", "a.yaml", None, ("smoke",), "failed", 0.2, steps=(step,))
    return SuiteResult("0.1.0", "2026-11-23T03:00:00.000Z", 0.41, "failed", (scenario,), 7)


def test_the_document_is_the_one_that_is_published() -> None:
    document = suite_to_json(example())
    VALID.validate(document)
    assert document["httpsteps"] == {"result": 1, "version": "0.1.0"}
    assert document["counts"] == {"passed": 0, "failed": 1, "error": 0, "skipped": 0}
    assert (document["outcome"], document["seed"], document["duration"]) == ("failed", 7, 0.41)
    step = document["scenarios"][0]["steps"][0]
    assert step["failures"][0] == {
        "query": "status",
        "matcher": "equals",
        "expected": 200,
        "found": 404,
        "message": "is 404, expected 200",
        "at": "a.yaml:11:15",
        "paths": [],
    }
    assert step["facts"] == {
        "status": 404,
        "tls.not-after": "2027-01-01T00:00:00+00:00",
        "body": "café",
        "raw": {"base64": "/wA="},
        "header": {"content-type": "text/html"},
        "size": 7,
    }
    assert (step["hint"], step["causes"], step["curl"], step["steps"]) == (None, [], None, [])
    assert step["snippet"] == {
        "file": None, "first": 9, "lines": ["  - send:"], "mark": [9, 5, 4],
    }  # fmt: skip


def test_what_was_not_found_is_told_from_null() -> None:
    found = suite_to_json(example())["scenarios"][0]["steps"][0]["failures"]
    assert "found" not in found[1]
    assert found[2]["found"] is None
    back = suite_from_json(suite_to_json(example())).scenarios[0].steps[0].failures
    assert back[1].found is MISSING
    assert back[2].found is None


def test_a_document_stays_the_same_when_read_and_written_again() -> None:
    once = suite_to_json(example())
    assert suite_to_json(suite_from_json(once)) == once


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        ((1, 2), [1, 2]),
        ({3, 1}, [1, 3]),
        ({1: 2}, {"1": 2}),
        (True, True),
        (memoryview(b"ab"), "ab"),
        (WrittenFloat(1.1, "1.10"), 1.1),
        (10**400, 10**400),
    ],
)
def test_values_json_has_no_form_for(value: object, expected: object) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


def test_kinds_phases_and_shapes_in_the_schema_are_those_of_the_code() -> None:
    definitions = SCHEMA["$defs"]
    assert definitions["kind"]["enum"] == [None, *KINDS]
    assert set(definitions["step"]["properties"]["phase"]["enum"][1:]) == {
        kind.phase for kind in KINDS.values()
    }
    document = suite_to_json(example())
    scenario = document["scenarios"][0]
    step = scenario["steps"][0]
    assert set(SCHEMA["properties"]) == set(document)
    for name, written in (
        ("scenario", scenario),
        ("step", step),
        ("failure", step["failures"][0]),
        ("attempt", step["attempts"][0]),
        ("snippet", step["snippet"]),
    ):
        assert set(definitions[name]["properties"]) == set(written), name


def test_the_schema_says_what_every_field_means() -> None:
    def undescribed(schema: Any, place: str) -> list[str]:
        found = []
        for name, one in schema.get("properties", {}).items():
            inner = one.get("items") or one.get("$ref") or one.get("anyOf")
            if "description" not in one and not (isinstance(inner, str | list)):
                found.append(f"{place}.{name}")
            found += undescribed(one, f"{place}.{name}")
        for name, one in schema.get("$defs", {}).items():
            found += undescribed(one, name)
        return found

    Draft202012Validator.check_schema(SCHEMA)
    assert undescribed(SCHEMA, "") == []


def _damaged(change: Any) -> dict[str, Any]:
    document = copy.deepcopy(suite_to_json(example()))
    change(document)
    return document


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda d: d["scenarios"][0]["steps"][0].pop("name"),
            "scenarios[0].steps[0].name is not there",
        ),
        (lambda d: d["scenarios"][0].update(outcome="green"), 'scenarios[0].outcome is "green"'),
        (lambda d: d.update(duration="1"), "duration has the wrong type"),
        (lambda d: d.update(duration=True), "duration has the wrong type"),
        (lambda d: d.update(scenarios=[1]), "scenarios[0] is no mapping"),
        (lambda d: d["scenarios"][0].update(tags=[1]), "scenarios[0].tags holds more than texts"),
        (
            lambda d: d["scenarios"][0]["steps"][0]["snippet"].update(mark=[1]),
            "scenarios[0].steps[0].snippet.mark is not line, column and width",
        ),
        (lambda d: d.pop("httpsteps"), "no `httpsteps.result`"),
        (lambda d: d["httpsteps"].update(result=2, version="9.0"), "use httpsteps 9.0 or later"),
    ],
)
def test_a_damaged_document_is_refused_with_the_place(change: Any, message: str) -> None:
    with pytest.raises(ResultError, match="result") as caught:
        suite_from_json(_damaged(change))
    assert message in str(caught.value)


@pytest.mark.parametrize("document", [None, [], "x", {}, {"httpsteps": 1}])
def test_what_is_no_result_at_all_is_refused(document: Any) -> None:
    with pytest.raises(ResultError, match="no result of httpsteps"):
        suite_from_json(document)


def test_fields_of_later_versions_are_passed_over() -> None:
    document = suite_to_json(example())
    document["weather"] = "fine"
    assert suite_from_json(document).outcome == "failed"
