"""What the file alone shows to be impossible: missing prerequisites, names nobody defines."""

from __future__ import annotations

import pytest

from runner.scenario.problems import render
from tests.harness import passes, problems

SESSION = "- session:"
CONNECT = "- connect: http://a.example"
OPEN = "- open: GET /"
SEND = "- send:"


def found(tmp_path, *steps, head=""):
    """Kind, line, column and message of each problem; the first step stands on line 2."""
    text = f"{head}steps:\n" + "\n".join(steps) + "\n"
    return [
        (each.kind, each.at.line, each.at.column, each.message) for each in problems(tmp_path, text)
    ]


def wrong(line, message):
    """A step in the wrong order: the caret is under its verb."""
    return [("wrong-order", line, 3, message)]


@pytest.mark.parametrize(
    ("steps", "line", "message"),
    [
        ([CONNECT], 2, "'connect' needs a session: put a 'session' step before it"),
        ([OPEN], 2, "'open' needs a connection: put a 'connect' step before it"),
        ([SESSION, OPEN], 3, "'open' needs a connection: put a 'connect' step before it"),
        ([SEND], 2, "'send' needs an open request: put an 'open' step before it"),
        ([SESSION, CONNECT, SEND], 4, "'send' needs an open request: put an 'open' step before it"),
        (
            ["- add-headers: {A: b}"],
            2,
            "'add-headers' needs an open request: put an 'open' step before it",
        ),
        (["- read:"], 2, "'read' needs a sent request: put a 'send' step before it"),
        (
            [SESSION, CONNECT, OPEN, "- read:"],
            5,
            "'read' needs a sent request: put a 'send' step before it",
        ),
        (["- close:"], 2, "'close' needs a connection: put a 'connect' step before it"),
        (
            [SESSION, CONNECT, OPEN, SEND, SEND],
            6,
            "'send' needs an open request that is not sent yet: put an 'open' step before it",
        ),
        (
            [SESSION, CONNECT, OPEN, SEND, "- add-headers: {A: b}"],
            6,
            "'add-headers' needs an open request that is not sent yet: "
            "put an 'open' step before it",
        ),
        (
            [SESSION, CONNECT, OPEN, SEND, SESSION, "- read:"],
            7,
            "'read' needs a sent request: put a 'send' step before it",
        ),
    ],
)
def test_prerequisites(tmp_path, steps, line, message):
    assert found(tmp_path, *steps) == wrong(line, message)


def test_what_request_verbs_make_is_no_prerequisite(tmp_path):
    assert found(tmp_path, "- get: /", "- read:") == wrong(
        3, "'read' needs a sent request: put a 'send' step before it"
    )


def test_the_id_of_a_request_verb_can_be_read_on(tmp_path):
    assert found(tmp_path, "- get: /\n  id: a", "- read:\n  in: a") == []


def test_in_reaches_older_handles(tmp_path):
    steps = [
        SESSION + "\n  id: s",
        CONNECT + "\n  id: c",
        OPEN + "\n  id: r",
        SESSION,
        SEND + "\n  in: r",
        "- read:\n  in: c",
        "- read:\n  in: s",
    ]
    assert found(tmp_path, *steps) == []


@pytest.mark.parametrize("verb", ["connect: http://a.example", "send:", "read:", "get: /"])
def test_an_id_that_no_step_before_has(tmp_path, verb):
    problem = problems(tmp_path, f"steps:\n- session:\n  id: users\n- {verb}\n  in: user\n")
    assert [(each.kind, each.at.line) for each in problem] == [("wrong-order", 4)]
    assert problem[0].message == "no step before this one has the id `user`"
    assert "`users`" in problem[0].hint


def test_an_id_that_comes_later_is_none(tmp_path):
    (only,) = found(tmp_path, "- get: /\n  in: s", "- session:\n  id: s")
    assert only[:2] == ("wrong-order", 2)


def test_duplicate_ids_name_both_lines(tmp_path):
    (only,) = problems(tmp_path, "steps:\n- get: /\n  id: a\n- get: /\n  id: a\n")
    assert only.kind == "invalid-scenario"
    assert only.at.line in (4, 5)
    assert "`a`" in only.message
    assert "line 2" in only.hint


def test_prerequisites_inside_blocks_branches_and_teardown(tmp_path):
    text = """
steps:
- block:
  - read:
- parallel:
  - - send:
  - - session:
    - connect: http://a.example
    - open: GET /
teardown:
- read:
"""
    lines = [each.at.line for each in problems(tmp_path, text) if each.kind == "wrong-order"]
    assert lines == [4, 6, 11]


def test_a_block_makes_handles_for_what_follows(tmp_path):
    steps = ["- block:\n  - session:\n  - connect: http://a.example", OPEN, SEND, "- read:"]
    assert found(tmp_path, *steps) == []


def test_branches_share_sessions_and_not_connections(tmp_path):
    branch = "- parallel:\n  - - open: GET /\n  - - connect: http://a.example\n    - open: GET /"
    assert found(tmp_path, SESSION, CONNECT, branch) == [
        ("wrong-order", 5, 7, "'open' needs a connection: put a 'connect' step before it")
    ]


def test_all_problems_of_a_file_in_the_order_of_its_lines(tmp_path):
    problem = found(tmp_path, SEND, "- get: /${nothing}", "- read:", "- get: /${nobody}")
    assert [(each[0], each[1]) for each in problem] == [
        ("wrong-order", 2),
        ("undefined-variable", 3),
        ("wrong-order", 4),
        ("undefined-variable", 5),
    ]


@pytest.mark.parametrize(
    ("step", "column"),
    [
        ("- get: /${nothing}", 9),
        ("- get: '/${nothing}'", 10),
        ("- get: /\n  headers: {A: 'b ${nothing}'}", 19),
        ("- get: /\n  expect: {$.a: '${nothing}'}", 18),
        ("- get: /\n  expect: {'$[?@.a == ${nothing}]': 1}", 23),
        ("- get: /\n  if: {nothing: 1}", 8),
        ("- get: /\n  name: ${nothing}", 9),
        ("- get: /\n  params: {'${nothing}': 1}", 13),
        ("- set: {a: '${nothing | upper}'}", 13),
        ("- wait: ${nothing}", 9),
        ("- get: /\n  for-each: {x: '${nothing}'}", 18),
        ("- get: /\n  repeat: {while: {nothing: 1}, at-most: 2}", 20),
        ("- get: /\n  retry: {attempts: '${nothing}'}", 22),
        ("- post: /\n  json: {a: [1, '${nothing}']}", 18),
    ],
)
def test_an_undefined_variable_is_found_where_it_stands(tmp_path, step, column):
    (only,) = found(tmp_path, step)
    assert only == (
        "undefined-variable",
        2 + step.count("\n"),
        column,
        "`nothing` is not defined here",
    )


@pytest.mark.parametrize("key", ["base", "outputs", "vars", "secrets"])
def test_undefined_variables_outside_the_steps(tmp_path, key):
    value = "'${nothing}'" if key == "base" else "{a: '${nothing}'}"
    (only,) = problems(tmp_path, f"{key}: {value}\nsteps:\n- get: /\n")
    assert (only.kind, only.at.line) == ("undefined-variable", 1)


def test_hints_of_undefined_variables(tmp_path):
    def hint(text):
        (only,) = problems(tmp_path, text)
        return only.hint

    assert hint("vars: {item: 1}\nsteps:\n- get: /${itme}\n") == "did you mean `item`?"
    late = "steps:\n- get: /${token}\n- get: /\n  capture: {token: $.a}\n"
    assert "line 3" in hint(late)
    assert "vars" in hint("steps:\n- get: /${nothing}\n")


def test_a_capture_is_no_value_for_its_own_step(tmp_path):
    (only,) = found(tmp_path, "- get: /${a}\n  capture: {a: $.a}")
    assert only[:3] == ("undefined-variable", 2, 9)


def test_variables_that_are_defined(tmp_path, echo):
    passes(
        tmp_path,
        """
        vars: {a: 1}
        secrets: {b: lampshade}
        cases: [{c: 3}]
        steps:
        - get: /${a}${b}${c}
          id: first
          capture: {d: $.target}
        - set: {e: "${d}${first.status}"}
        - block:
          - set: {f: "${e}"}
        - parallel:
          - - set: {g: "${f}"}
          - - set: {h: "${f}"}
        - get: /${x}
          for-each: {x: ["${g}", "${h}"]}
        teardown:
        - get: /${f}
        """,
        base=echo.url,
    )


def test_the_problem_as_a_person_sees_it(tmp_path):
    (only,) = problems(tmp_path, "steps:\n- session:\n- read:\n")
    shown = render(only)
    assert "wrong-order" in shown
    assert "scenario.yaml:3:3" in shown
    assert "- read:" in shown
    assert shown.splitlines()[-1].strip().startswith("|") or "^^^^" in shown
