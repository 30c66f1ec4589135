"""``${…}`` in the rows of cases: filled in with the variables, once for each case."""

from __future__ import annotations

import threading

import pytest

from runner.execution.jobs import jobs_of
from runner.execution.scenario_run import Settings, run_scenario
from runner.execution.suite import run_suite
from runner.scenario.loader import load
from tests.harness import problems, write

STEPS = "steps:\n- set: {made: '${a}'}\n"


def made(tmp_path, text, steps=STEPS, **settings):
    """What `a` is in each case."""
    scenario = load(write(tmp_path, text + steps), root=tmp_path)
    given = Settings(environ=settings.pop("environ", {}), **settings)
    results = [run_scenario(scenario, case, given) for case in scenario.cases]
    assert [each.outcome for each in results] == ["passed"] * len(results), results
    return [each.steps[0].facts["made"] for each in results]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cases: [{a: '${env.X:-x}'}, {a: b}]\n", ["x", "b"]),
        ("vars: {b: 7}\ncases: [{a: '${b}'}]\n", [7]),
        ("vars: {b: 7}\ncases: [{a: 'n ${b}'}]\n", ["n 7"]),
        ("cases: [{a: '${b}${c}', b: 1, c: '${b}'}]\n", ["11"]),
        ("vars: {a: '${b}', b: 0}\ncases: [{b: '${c}', c: 5}]\n", [5]),
        ("vars: {a: '${b}', b: 0}\ncases: [{b: '${a}', a: 5}]\n", [5]),
        ("cases: [{a: {deep: ['${case}']}, case: one}]\n", [{"deep": ["one"]}]),
        ("cases: [{a: '$${b}'}]\n", ["${b}"]),
        ("cases: {matrix: {a: ['${b}', 2], b: [x, y]}}\n", ["x", "y", 2, 2]),
        ("vars: {a: 0}\ncases: [{a: '${env.N:-7}'}]\n", [7]),
    ],
)
def test_rows_hold_templates(tmp_path, text, expected):
    assert made(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.csv", "a\n${env.N:-7}\n"),
        ("c.json", '[{"a": "${env.N:-7}"}]'),
        ("c.yaml", "- a: ${env.N:-7}\n"),
    ],
)
def test_files_hold_templates_too(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    text = f"vars: {{a: 0}}\ncases: {name}\n"
    assert made(tmp_path, text) == [7]
    assert made(tmp_path, text, environ={"N": "8"}) == [8]


def test_text_from_the_environment_that_does_not_convert(tmp_path):
    text = "vars: {a: 0}\ncases: [{a: '${env.N:-7}'}]\n"
    scenario = load(write(tmp_path, text + STEPS), root=tmp_path)
    result = run_scenario(scenario, scenario.cases[0], Settings(environ={"N": "many"}))
    assert (result.outcome, result.kind) == ("error", "invalid-scenario")
    assert "scenario.yaml:2:" in result.message
    assert '"many" is no integer' in result.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cases: [{a: '${nothing}'}]", "1:14: `nothing` is not defined here"),
        ("vars: {user: x}\ncases: [{a: 'u ${uesr}'}]", "2:16: `uesr` is not defined here"),
        ("cases: [{a: '${new.uid}'}]", "1:14: `new.uid` is not defined here"),
        ("cases: [{a: '${made}'}]", "1:14: `made` is not defined here"),
        ("cases: [{a: '${a}'}]", "1:14: `a` needs its own value: a -> a"),
        ("vars: {b: '${a}'}\ncases: [{a: '${b}'}]", "2:14: `a` needs its own value: a -> b -> a"),
        ("cases: {matrix: {a: ['${nothing}'], b: [1, 2]}}", "1:23: `nothing` is not defined here"),
        ("cases: {matrix: {a: [1, 1]}}", "1:9: two combinations are labelled `1`"),
        ("cases: {matrix: {a: [1], case: [x]}}", "1:26: `case` labels a case; in a matrix its "
         "values make the label"),
        ("cases: [{case: 2, a: 1}, {a: 2}]", "1:26: two cases are labelled `2`"),
        ("cases: [{case: '', a: 1}]", "1:16: this label is empty"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_stands(tmp_path, text, expected):
    (found,) = problems(tmp_path, f"{text}\n{STEPS}")
    assert f"{found.at.line}:{found.at.column}: {found.message}" == expected


def test_new_values_are_made_once_for_each_case(tmp_path):
    text = "vars: {b: '${a}'}\ncases: [{a: '${new.uuid}', case: x}, {a: '${new.uuid}', case: y}]\n"
    steps = "steps:\n- set: {made: ['${a}', '${b}', '${a}']}\n"
    first, second = made(tmp_path, text, steps, seed=7)
    assert len(set(first)) == len(set(second)) == 1
    assert first != second
    assert [first, second] == made(tmp_path, text, steps, seed=7)
    assert [first, second] != made(tmp_path, text, steps, seed=8)


def test_cases_with_templates_run_in_processes_that_share_nothing(tmp_path):
    """A thread that runs keeps the workers from being forked."""
    text = "vars: {a: 0}\ncases: [{a: '${env.N:-7 | int}'}, {a: 'x ${new.hex | upper}'}]\n"
    path = write(tmp_path, text + STEPS)
    scenario = load(path, root=tmp_path)
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        jobs = jobs_of([scenario])
        result = run_suite(jobs, Settings(environ={}, seed=1), at_once=2)
    finally:
        stop.set()
        other.join()
    assert [each.outcome for each in result.scenarios] == ["passed", "passed"]
    assert result.scenarios[0].steps[0].facts["made"] == 7
