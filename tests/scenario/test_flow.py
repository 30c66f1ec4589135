"""Which variables exist where: found in the file, through captures, cases, loops and `use`."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.execution.scope import New
from runner.scenario.flow import PARTS
from tests.harness import problems, write


def told(folder: Path, text: str) -> list[str]:
    """Line and message of each problem, and the hint behind it."""
    return [
        f"{problem.at.line}: {problem.message}" + (f" ({problem.hint})" if problem.hint else "")
        for problem in problems(folder, text)
        if problem.at is not None
    ]


GOOD = {
    "captured before": "steps:\n- get: /\n  capture: {a: $.a}\n- get: /${a}\n",
    "own captures in expect": "steps:\n- get: /\n  capture: {a: $.a}\n  expect: {$.b: '${a}'}\n",
    "a capture in the next": (
        "steps:\n- get: /\n  capture: {a: $.a, b: '$.items | nth ${a}'}\n- get: /${b}\n"
    ),
    "variables in any order": "vars: {url: '/${item}', item: 1}\nsteps:\n- get: ${url}\n",
    "variables from secrets": (
        "vars: {header: 'Bearer ${token}'}\nsecrets: {token: abcdefg}\n"
        "steps:\n- get: /\n  headers: {Authorization: '${header}'}\n"
    ),
    "cases that all have it": "cases: [{a: 1}, {a: 2}]\nsteps:\n- get: /${a}\n",
    "a label of cases": "cases: [{case: x}]\nsteps:\n- get: /${case}\n",
    "each in for-each": "steps:\n- get: /${a}\n  for-each: {a: [1, 2]}\n",
    "captured in a block": (
        "steps:\n- block:\n  - get: /\n    capture: {a: $.a}\n  expect: {status: 200}\n"
        "- get: /${a}\n"
    ),
    "captured in a branch": (
        "steps:\n- parallel:\n  - - get: /\n      capture: {a: $.a}\n  - - get: /\n- get: /${a}\n"
    ),
    "set": "steps:\n- set: {a: 1}\n  expect: {a: '${a}'}\n- get: /${a}\n",
    "a fact of a step": "steps:\n- get: /\n  id: one\n- get: /${one.header.etag}\n",
    "outputs": "steps:\n- get: /\n  capture: {a: $.a}\noutputs: {b: '${a}'}\n",
    "in teardown": "steps:\n- get: /\n  capture: {a: $.a}\nteardown:\n- delete: /${a}\n",
    "reserved": "vars: {a: '${new.uuid}', b: '${env.HOME:-x}'}\nsteps:\n- get: ${serve.url}/\n",
}

BAD = {
    "misspelt": (
        "vars: {item: 1}\nsteps:\n- get: /${itme}\n",
        "3: `itme` is not defined here (did you mean `item`?)",
    ),
    "too late": (
        "steps:\n- get: /${a}\n- get: /\n  capture: {a: $.a}\n",
        "2: `a` is not defined here (the step at line 3 defines it: too late for this one)",
    ),
    "own capture in the path": (
        "steps:\n- get: /${a}\n  capture: {a: $.a}\n",
        "2: `a` is not defined here (the step at line 2 defines it: too late for this one)",
    ),
    "own id": (
        "steps:\n- get: /\n  id: one\n  expect: {$.a: '${one.status}'}\n",
        "4: `one` is not defined here (the step at line 2 defines it: too late for this one)",
    ),
    "if on what the step captures": (
        "steps:\n- get: /\n  if: {a: {exists: true}}\n  capture: {a: $.a}\n",
        "3: `a` is not defined here (the step at line 2 defines it: too late for this one)",
    ),
    "if on for-each's own": (
        "steps:\n- get: /${a}\n  for-each: {a: [1]}\n  if: {a: 1}\n",
        "4: `a` is not defined here (the step at line 2 defines it: too late for this one)",
    ),
    "if of a block on what is in it": (
        "steps:\n- block:\n  - get: /\n    capture: {a: $.a}\n  if: {a: 1}\n",
        "5: `a` is not defined here (the step at line 3 defines it: too late for this one)",
    ),
    "while on nothing yet": (
        "steps:\n- get: /\n  capture: {a: $.a}\n  repeat: {while: {a: 1}, at-most: 3}\n",
        "4: `a` is not defined here (the step at line 2 defines it: too late for this one)",
    ),
    "some cases only": (
        "cases:\n- {case: x, a: 1}\n- {case: y}\nsteps:\n- get: /${a}\n",
        "3: case y gives `a` no value",
    ),
    "in outputs": (
        "steps:\n- get: /\noutputs: {b: '${a}'}\n",
        "3: `a` is not defined here (define it in `vars`, or capture it in a step before)",
    ),
    "captured in teardown, put out": (
        "steps:\n- get: /\nteardown:\n- get: /\n  capture: {a: $.a}\noutputs: {b: '${a}'}\n",
        "6: `a` is not defined here (the step at line 4 defines it: too late for this one)",
    ),
    "a circle": (
        "vars: {a: '${b}', b: '${c}', c: '${a}'}\nsteps:\n- get: /${a}\n",
        "1: `a` needs its own value: a -> b -> c -> a (give one of them a value of its own)",
    ),
    "itself": (
        "vars: {a: '${a}'}\nsteps:\n- get: /${a}\n",
        "1: `a` needs its own value: a -> a (give one of them a value of its own)",
    ),
    "new with a slip": (
        "vars: {a: '${new.uid}'}\nsteps:\n- get: /${a}\n",
        "1: `new.uid` is not there (did you mean `new.uuid`?)",
    ),
    "serve with nothing": (
        "steps:\n- get: ${serve}/\n",
        "2: `serve` is not there (write `${serve.url}`)",
    ),
    "outputs as a variable": (
        "steps:\n- get: /${outputs.a}\n",
        "2: `outputs` is a fact of a `use` step, not a variable "
        "(capture it there, as `capture: {item: outputs.item}`)",
    ),
    "a fact the step has not": (
        "steps:\n- session:\n  id: one\n- get: /${one.stauts}\n",
        "4: step `one` has no such fact: there is no fact `stauts`",
    ),
    "set of itself": (
        "steps:\n- set: {a: 1, b: '${a}'}\n",
        "2: `a` is not defined here (the step at line 2 defines it: too late for this one)",
    ),
    "two branches": (
        "steps:\n- parallel:\n  - - get: /\n      capture: {a: $.a}\n"
        "  - - get: /\n      capture: {a: $.a}\n",
        "2: two branches of this 'parallel' capture `a` "
        "(branches run at the same time: give each its own name)",
    ),
    "the other branch": (
        "steps:\n- parallel:\n  - - get: /\n      capture: {a: $.a}\n  - - get: /${a}\n",
        "5: `a` is not defined here (the step at line 3 defines it: too late for this one)",
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_defined_is_no_problem(tmp_path: Path, name: str) -> None:
    assert told(tmp_path, GOOD[name]) == []


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_defined_is_told_where_it_stands(tmp_path: Path, name: str) -> None:
    text, expected = BAD[name]
    (found,) = told(tmp_path, text)
    assert found == expected or found.startswith(f"{expected} (")


NOWHERE = "define it in `vars`, or capture it in a step before"
USED = (
    "vars: {user: ada}\nsteps:\n- get: /${user}\n  capture: {token: $.t}\n"
    "outputs: {token: '${token}'}\n"
)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("  capture: {a: outputs.token}\n- get: /${a}\n", []),
        ("  expect: {outputs.token: {exists: true}}\n", []),
        ("  id: login\n- get: /${login.outputs.token}\n", []),
        (
            "  capture: {a: outputs.tokn}\n",
            ["3: _used.yaml declares no output `tokn` (did you mean `token`?)"],
        ),
        (
            "  expect:\n    outputs['other']: 1\n",
            ["4: _used.yaml declares no output `other` (declare it there in `outputs`)"],
        ),
        (
            "  id: login\n- get: /${login.outputs.tokn}\n",
            ["4: _used.yaml declares no output `tokn` (did you mean `token`?)"],
        ),
        (
            "- get: /${token}\n",
            [f"3: `token` is not defined here ({NOWHERE})"],
        ),
        (
            "  with: {user: '${who}'}\n",
            [f"3: `who` is not defined here ({NOWHERE})"],
        ),
    ],
)
def test_a_used_scenario_gives_its_outputs_and_nothing_else(
    tmp_path: Path, rest: str, expected: list[str]
) -> None:
    write(tmp_path, USED, "_used.yaml")
    found = told(tmp_path, f"steps:\n- use: _used.yaml\n{rest}")
    assert [each.replace(f"{tmp_path}/", "") for each in found] == expected


def test_an_output_is_pointed_at(tmp_path: Path) -> None:
    write(tmp_path, USED, "_used.yaml")
    (problem,) = problems(
        tmp_path, "steps:\n- use: _used.yaml\n  expect: {outputs.tokn: {is: text}}\n"
    )
    assert problem.at is not None
    assert (problem.at.line, problem.at.column, problem.at.width) == (3, 12, 12)


def test_new_is_what_the_run_makes() -> None:
    assert set(PARTS["new"]) == set(New(1))
