from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.plain import plain
from runner.scenario.grammar import keys_of, steps_in, verbs
from runner.scenario.source import Source, read_source
from runner.scenario.validate import validate
from tests.scenario.table import broken, good
from tests.scenario.verdict import plain_verdict

GOOD = good()
BROKEN = broken()


def read(data: bytes) -> Source:
    return read_source(data, "shop.yaml")


@pytest.mark.parametrize("name", GOOD)
def test_a_good_scenario_has_no_problem(name: str) -> None:
    assert validate(read(GOOD[name])) == ()


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_is_told_once_where_it_stands(name: str) -> None:
    case = BROKEN[name]
    (problem,) = validate(read(case.source))
    assert str(problem) == f"shop.yaml:{case.at}: {case.message}"
    assert problem.hint == case.hint
    assert problem.kind == "invalid-scenario"
    assert problem.at is not None
    assert problem.line == case.source.decode().splitlines()[problem.at.line - 1]


@pytest.mark.parametrize("name", [*GOOD, *BROKEN])
def test_plain_jsonschema_gives_the_same_verdict(name: str) -> None:
    source = read(GOOD.get(name) or BROKEN[name].source)
    assert plain_verdict(source.value) is (validate(source) == ())


def test_the_good_scenarios_show_every_verb_and_every_key() -> None:
    shown: set[str] = set()
    for data in GOOD.values():
        for _, step in steps_in(read(data).value):
            assert isinstance(step, dict)
            shown |= step.keys()
    assert {*verbs(), *(key for verb in verbs() for key in keys_of(verb))} == shown


def test_all_problems_are_told_in_the_order_of_the_lines() -> None:
    text = b"deadline: 5\nsteps:\n- gett: /x\n- get: /x\n  lines: 1\n  deadline: 7\nflavour: a\n"
    told = [str(problem.at) for problem in validate(read(text))]
    assert told == [f"shop.yaml:{at}" for at in ("1:11", "3:3", "5:3", "6:13", "7:1")]


def test_an_unknown_key_lists_what_the_verb_takes() -> None:
    (problem,) = validate(read(b"steps:\n- wait: 1s\n  expct: {status: 200}\n"))
    assert problem.expected == "expected one of: name, id, if, expect, …"
    (problem,) = validate(read(b"steps:\n- wait: 1s\n  flavour: sweet\n"))
    listed = "name, id, if, expect, capture, on-failure, deadline, for-each"
    assert problem.expected == f"expected one of: {listed}"


def test_two_verbs_are_both_shown() -> None:
    (problem,) = validate(read(b"steps:\n- get: /x\n  post: /y\n"))
    assert [(str(at), note) for at, note in problem.also] == [("shop.yaml:2:3", "the first verb")]


def test_keys_of_a_step_with_two_verbs_are_still_checked() -> None:
    text = b"steps:\n- get: /x\n  wait: 1s\n  deadline: 4\n  expect: {}\n"
    told = [problem.message.partition(" ")[0] for problem in validate(read(text))]
    assert told == ["a", "`deadline`:", "`expect`"]


@pytest.mark.parametrize("depth", [10, 45])
def test_deep_blocks_are_validated(depth: int) -> None:
    text = "steps:\n- " + "{block: [" * depth + "{wait: 1}" + "]}" * depth + "\n"
    told: list[str] = []
    thread = threading.Thread(
        target=lambda: told.extend(problem.message for problem in validate(read(text.encode())))
    )
    thread.start()
    thread.join()
    assert told == ["`wait`: expected a duration like 250ms, found the integer 1"]


WORDS = st.text("aZ9_-.$:{ é", max_size=5)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 600),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "a", "5s", "get", "json", "2xx", "${a}", "$.a", "stop", *verbs()]),
    WORDS,
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.sampled_from(["expect", "status", "a", "x-a", *verbs()]), WORDS),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(["expect", "jsn", "retry", "GET", "a-b", "env", "", *verbs()])
SEEDS = [read(data).value for data in GOOD.values()]


def places(tree: object, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    listed = [place]
    items: Any = ()
    if isinstance(tree, dict):
        items = tree.items()
    elif isinstance(tree, list):
        items = enumerate(tree)
    for key, value in items:
        listed += places(value, (*place, key))
    return listed


def mutated(tree: Any, data: st.DataObject) -> Any:
    for _ in range(data.draw(st.integers(1, 3))):
        *before, last = data.draw(st.sampled_from(places(tree)[1:] or [("steps",)]))
        holder: Any = tree
        for part in before:
            holder = holder[part]
        listed = isinstance(holder, list)
        change = data.draw(st.sampled_from(["drop", "rename", "replace", "wrap"]))
        if change == "replace" or (listed and change == "rename"):
            holder[last] = data.draw(VALUES)
        elif change == "wrap":
            holder[last] = data.draw(st.sampled_from([[holder[last]], {"url": holder[last]}]))
        elif listed or last in holder:
            value = holder.pop(last)
            if change == "rename":
                holder[data.draw(NAMES)] = value
        if not isinstance(tree, dict) or not tree:
            break
    return tree


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_a_scenario_is_turned_into_is_judged_with_addresses(data: st.DataObject) -> None:
    tree = mutated(plain(data.draw(st.sampled_from(SEEDS))), data)
    text = json.dumps(tree, ensure_ascii=True)
    source = read(text.encode())
    problems = validate(source)
    assert plain_verdict(source.value) is (problems == ())
    for problem in problems:
        assert problem.at is not None
        assert 1 <= problem.at.column <= len(problem.line or "") + 1
        assert problem.message
        assert "given schemas" not in problem.message
