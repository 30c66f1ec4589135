"""Everything the file tells is told in one go, and nothing that follows from another problem."""

from __future__ import annotations

import textwrap

import pytest

from tests.harness import problems, write


def told(tmp_path, text):
    """The line and the kind of each problem."""
    return [(each.at.line, each.kind) for each in problems(tmp_path, textwrap.dedent(text))]


WRONG = "invalid-scenario"
UNDEFINED = "undefined-variable"
ORDER = "wrong-order"

TOGETHER = {
    "schema, variable and order": (
        """\
        steps:
        - got: /
        - session:
        - get: /${nope}
          expct: {status: 200}
        - read:
        """,
        [(2, WRONG), (4, UNDEFINED), (5, WRONG), (6, ORDER)],
    ),
    "several of one step": (
        """\
        steps:
        - get: /${nope}
          expct: {status: 200}
          headers: {X: "a\\nb"}
          expect: {staus: 200}
          deadline: 5
        """,
        [(2, UNDEFINED), (3, WRONG), (4, "invalid-header"), (5, WRONG), (6, WRONG)],
    ),
    "inside brackets": (
        """\
        steps:
        - block:
          - get: /${a}
          - sendd:
        - parallel: [5, [{got: 1}], [{get: "/${b}"}]]
        """,
        [(3, UNDEFINED), (4, WRONG), (5, WRONG), (5, WRONG), (5, UNDEFINED)],
    ),
    "a bad top key": (
        "varz: {a: 1}\ndeadline: 5\nsteps:\n- get: /${a}/${b}\n- read:\n",
        [(1, WRONG), (2, WRONG), (4, UNDEFINED), (5, ORDER)],
    ),
    "a verb's value": (
        "steps:\n- get: 5\n- wait: 5\n  name: ${q}\n- session: 5\n- open: GET /\n",
        [(2, WRONG), (3, WRONG), (4, UNDEFINED), (5, WRONG), (6, ORDER)],
    ),
    "a file that is not there": (
        "cases: nope.csv\nsteps:\n- use: nope.yaml\n- get: /${column}\n- got: /\n",
        [(1, "file-not-found"), (3, "file-not-found"), (5, WRONG)],
    ),
    "lines of one expect": (
        "steps:\n- get: /\n  expect:\n    time.total: {below: 500}\n    $.tag: {contain: x}\n"
        "    stats: 1\n  capture:\n    a: $.[\n    b: {form: $.a}\n",
        [(4, WRONG), (5, WRONG), (6, WRONG), (8, WRONG), (9, WRONG)],
    ),
    "teardown": (
        "steps:\n- got: /\nteardown:\n- get: /${nope}\n",
        [(2, WRONG), (4, UNDEFINED)],
    ),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_problems_of_every_sort_are_told_together(tmp_path, name):
    text, expected = TOGETHER[name]
    assert sorted(told(tmp_path, text)) == sorted(expected)


ALONE = {
    "a verb": "- session:\n- conect: http://a\n- open: GET /\n- send:\n- read:\n",
    "a capture's key": "- get: /\n  captur: {item: $.id}\n- get: /${item}\n",
    "a capture's query": "- get: /\n  capture: {item: '$.['}\n- get: /${item}\n",
    "an id": "- session:\n  idd: ada\n- connect: http://a\n  in: ada\n",
    "a handle's name": "- session:\n  id: a\n- connect: http://a\n  in: [a]\n- open: GET /\n",
    "a set": "- sett: {a: 1}\n- get: /${a}\n",
    "an error": "- session:\n- connect: http://a\n  expect: {error: conection-refused}\n"
    "- open: GET /\n",
    "a block": "- blok:\n  - session:\n    id: x\n  - connect: http://a\n- open: GET /\n  in: x\n",
    "a used file": "- use: nope.yaml\n  id: u\n- open: GET /\n- send:\n- read:\n",
    "two verbs": "- get: /\n  post: /\n  id: both\n- get: /${both.status}\n",
    "branches": "- parallel:\n  - - get: /\n      expct: {a: 1}\n  - - get: /\n"
    "      expct: {a: 1}\n",
}


@pytest.mark.parametrize("name", ALONE)
def test_nothing_follows_from_a_problem(tmp_path, name):
    found = problems(tmp_path, f"steps:\n{ALONE[name]}")
    assert len(found) == (2 if name == "branches" else 1), [str(each) for each in found]


def test_after_a_session_it_is_known_again_what_there_is(tmp_path):
    text = "steps:\n- got: /\n- open: GET /\n- session:\n- open: GET /\n"
    assert told(tmp_path, text) == [(2, WRONG), (5, ORDER)]


def test_what_a_used_file_has_for_its_cases_it_lacks_here(tmp_path):
    write(tmp_path, "cases: [{a: 1}, {a: 2}]\nsteps:\n- get: /${a}\n", "inner.yaml")
    (problem,) = problems(tmp_path, "steps:\n- use: inner.yaml\n")
    assert (problem.kind, problem.at.file, problem.at.line) == (
        UNDEFINED,
        str(tmp_path / "inner.yaml"),
        3,
    )
    write(tmp_path, "vars: {a: 3}\ncases: [{a: 1}, {a: 2}]\nsteps:\n- get: /${a}\n", "inner.yaml")
    assert problems(tmp_path, "steps:\n- use: inner.yaml\n") == ()


@pytest.mark.parametrize(
    ("step", "last"),
    [
        ("- got: /\n", "… and more, not all of it was looked at"),
        ("- get: /\n  expct: 1\n", "… and more, not all of it was looked at"),
        ("- get: /${nope}\n", "… and 1,900 more problems"),
    ],
)
def test_of_very_many_problems_the_first_are_told(tmp_path, step, last):
    found = problems(tmp_path, "steps:\n" + step * 2000)
    assert len(found) == 101
    assert found[-1].message == last
    lines = [each.at.line for each in found]
    assert lines == sorted(lines)
    assert lines[0] in (2, 3)


NAMES = {
    "vars": "vars: {x: 1}\nsteps:\n- get: /${x}\n  id: «x»\n",
    "secrets": "secrets: {x: '${env.X}'}\nsteps:\n- get: /\n  id: «x»\n",
    "a case": "cases: [{x: 1}]\nsteps:\n- get: /\n  id: «x»\n",
    "a matrix": "cases: {matrix: {x: [1, 2]}}\nsteps:\n- get: /\n  id: «x»\n",
    "a file of cases": "cases: cases.csv\nsteps:\n- get: /\n  id: «x»\n",
    "a capture": "steps:\n- get: /\n  capture: {x: status}\n- get: /\n  id: «x»\n",
    "its own capture": "steps:\n- get: /\n  id: «x»\n  capture: {x: status}\n",
    "a later capture": "steps:\n- get: /\n  id: «x»\n- get: /\n  capture: {x: status}\n",
    "set": "steps:\n- block:\n  - get: /\n    id: «x»\nteardown:\n- set: {x: 1}\n",
    "for-each": "steps:\n- get: /\n  id: «x»\n  for-each: {x: [1]}\n",
}


@pytest.mark.parametrize("name", NAMES)
def test_an_id_is_no_variables_name(tmp_path, name):
    write(tmp_path, "x\n1\n", "cases.csv")
    before = NAMES[name].partition("«")[0]
    (problem,) = problems(tmp_path, NAMES[name].replace("«", "").replace("»", ""))
    assert problem.kind == WRONG
    assert "the id `x` is a variable's name too" in problem.message
    place = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    assert (problem.at.line, problem.at.column) == place
    other = NAMES[name].replace("«x»", "other")
    assert problems(tmp_path, other) == ()


def test_a_secret_is_no_variable_too(tmp_path):
    text = "vars: {a: 1}\nsecrets: {a: '${env.X}'}\nsteps:\n- get: /${a}\n"
    (problem,) = problems(tmp_path, text)
    assert "stands in `vars` and in `secrets`" in problem.message
    assert problem.at.line == 2


@pytest.mark.parametrize("head", ["", "vars: {x: 1}\n"])
def test_two_branches_may_not_capture_one_name(tmp_path, head):
    branch = "  - - get: /\n      capture: {x: status}\n"
    before, after = f"{head}steps:\n- parallel:\n{branch}", "- get: /${x}\n"
    assert problems(tmp_path, f"{before}  - - get: /\n{after}") == ()
    (problem,) = problems(tmp_path, f"{before}{branch}{after}")
    assert problem.message == "two branches of this 'parallel' capture `x`"


def test_a_set_step_has_the_facts_it_sets(tmp_path):
    good = "expect: {abc: 1, abc.d: 1, time.total: {below: 1s}, attempts: 1}"
    assert problems(tmp_path, f"steps:\n- set: {{abc: 1}}\n  {good}\n") == ()
    text = "steps:\n- set: {abc: 1}\n  expect: {abd: 1}\n  capture: {x: status}\n- get: /${x}\n"
    first, second = problems(tmp_path, text)
    assert (first.at.line, first.at.column, first.hint) == (3, 12, "did you mean `abc`?")
    assert (second.at.line, second.at.column) == (4, 16)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("vars: {}\nsteps: [get: /]\n", 1),
        ("secrets: {}\nsteps: [get: /]\n", 1),
        ("outputs: {}\nsteps: [get: /]\n", 1),
        ("tags: []\nsteps: [get: /]\n", 1),
        ("steps:\n- get: /\n  headers: {}\n", 3),
        ("steps:\n- get: /\n  params: {}\n", 3),
        ("steps:\n- session:\n  headers: {}\n", 3),
        ("steps:\n- session:\n  cookies: {}\n", 3),
        ("steps:\n- session:\n  tls: {}\n", 3),
        ("steps:\n- get: /\n  for-each: {a: []}\n", 3),
        ("steps:\n- get: /\n  expect: {$.a: {schema: {}}}\n", 3),
    ],
)
def test_what_is_empty_says_nothing(tmp_path, text, line):
    (problem,) = problems(tmp_path, text)
    assert problem.at.line == line
    assert " is empty: expected " in problem.message
    assert problem.hint


def test_empty_data_is_data(tmp_path):
    text = "steps:\n- post: /\n  json: {}\n  expect: {$.a: {equals: {}}, $.b: []}\n- post: /\n"
    assert problems(tmp_path, f"{text}  form: {{}}\n") == ()
