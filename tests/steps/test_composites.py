"""``block``, ``parallel`` and ``use``: steps inside steps."""

from __future__ import annotations

import pytest

from tests.harness import fails, passes, problems, run, write
from tests.lab import EchoServer


def test_a_block_shows_the_last_fact_of_each_name(tmp_path, echo):
    result = passes(
        tmp_path,
        """
        steps:
        - block:
          - get: /status/201
          - get: /status/202
            id: inner
          id: both
          expect: {status: 202}
        - set: {a: "${both.status}", b: "${inner.status}"}
          expect: {a: 202, b: 202}
        """,
        base=echo.url,
    )
    assert [each.name for each in result.steps[0].steps] == ["get /status/201", "get /status/202"]


def test_a_failing_block_stops_inside_and_fails_as_its_step(tmp_path, echo):
    step = fails(
        tmp_path,
        """
        steps:
        - block:
          - get: /one
          - get: /status/500
          - get: /three
          name: the three
        - get: /not-sent
        """,
        "unexpected-status",
        base=echo.url,
    )
    assert (step.name, step.outcome) == ("the three", "failed")
    assert [each.outcome for each in step.steps] == ["passed", "failed", "skipped"]
    assert len(echo.requests) == 2


def test_parallel_branches_run_at_the_same_time(tmp_path, echo):
    result = passes(
        tmp_path,
        """
        steps:
        - session:
          user-agent: shared
        - parallel:
          - - get: /slow?before=0.3
            - set: {left: a}
          - - get: /slow?before=0.3
            - set: {right: b}
          - - get: /slow?before=0.3
        - set: {both: "${left}${right}"}
          expect: {both: ab}
        """,
        base=echo.url,
    )
    asked = [each for each in result.steps[1].steps if each.verb == "get"]
    assert len(asked) == 3
    ends = [each.started + each.duration for each in asked]
    assert max(each.started for each in asked) < min(ends)
    assert echo.connections == 3
    assert {each.header("user-agent") for each in echo.requests} == {"shared"}


def test_parallel_branches_have_their_own_handles_and_variables(tmp_path, echo):
    passes(
        tmp_path,
        """
        vars: {name: outer}
        steps:
        - session:
        - connect:
        - open: GET /outer
        - parallel:
          - - connect:
            - open: GET /a?${name}
            - send:
            - read:
          - - connect:
            - open: GET /b?${name}
            - send:
            - read:
        - send:
        """,
        base=echo.url,
    )
    assert {each.target for each in echo.requests} == {"/a?outer", "/b?outer", "/outer"}
    assert echo.requests[-1].target == "/outer"
    assert echo.connections == 3


def test_cookies_of_a_branch_are_in_the_shared_session(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
        - parallel:
          - - get: /cookies/set?a=1
          - - get: /cookies/set?b=2
        - get: /cookies
          expect: {$: {equals: {a: "1", b: "2"}}}
        """,
        base=echo.url,
    )


def test_a_failing_branch_does_not_stop_the_other(tmp_path, echo):
    result = run(
        tmp_path,
        """
        steps:
        - parallel:
          - - get: /status/500
            - get: /not-sent
          - - wait: 50ms
            - get: /sent
        """,
        base=echo.url,
    )
    assert result.kind == "unexpected-status"
    assert sorted(each.target for each in echo.requests) == ["/sent", "/status/500"]


def test_a_name_captured_in_two_branches_is_a_load_error(tmp_path):
    (found,) = problems(
        tmp_path,
        """
        steps:
        - parallel:
          - - set: {x: 1}
          - - set: {x: 2}
        """,
    )
    assert "`x`" in found.message
    assert found.kind == "invalid-scenario"


LOGIN = """
vars: {user: nobody, path: /cookies/set}
steps:
- get: ${path}?who=${user}
  id: login
  capture: {name: "$.who"}
teardown:
- delete: /sessions/${name}
outputs: {name: "${name}", status: "${login.status}"}
"""


def test_use_runs_in_the_callers_session_with_variables_of_its_own(tmp_path, echo):
    write(tmp_path, LOGIN, "login.yaml")
    passes(
        tmp_path,
        """
        vars: {user: of-the-caller}
        steps:
        - session:
        - use: login.yaml
          with: {user: ada}
          id: login
          expect: {outputs.name: ada, outputs.status: 200}
          capture: {who: outputs.name}
        - get: /cookies?${who}-${user}-${login.outputs.name}
          expect: {$.who: ada}
        teardown:
        - delete: /mine
        """,
        base=echo.url,
    )
    assert [f"{each.method} {each.target}" for each in echo.requests] == [
        "GET /cookies/set?who=ada",
        "GET /cookies?ada-of-the-caller-ada",
        "DELETE /mine",
        "DELETE /sessions/ada",
    ]


def test_use_twice(tmp_path, echo):
    write(tmp_path, LOGIN, "login.yaml")
    passes(
        tmp_path,
        """
        steps:
        - use: login.yaml
          with: {user: ada}
        - use: login.yaml
          for-each: {one: [grace, linus]}
          with: {user: "${one}"}
        """,
        base=echo.url,
    )
    targets = [each.target for each in echo.requests]
    assert targets[:3] == [f"/cookies/set?who={name}" for name in ("ada", "grace", "linus")]
    assert targets[3:] == [f"/sessions/{name}" for name in ("linus", "grace", "ada")]


def test_a_failure_inside_use_is_its_own(tmp_path, echo):
    write(tmp_path, LOGIN, "login.yaml")
    result = run(
        tmp_path, "steps:\n- use: login.yaml\n  with: {path: /status/500}\n", base=echo.url
    )
    (step,) = result.steps
    assert step.outcome == "failed"
    assert [each.outcome for each in step.steps] == ["failed"]
    assert "login.yaml" in step.steps[0].at


def test_use_makes_sessions_the_caller_goes_on_with(tmp_path, echo):
    write(tmp_path, "steps:\n- session:\n  user-agent: inner\n- connect:\n", "begin.yaml")
    passes(tmp_path, "steps:\n- use: begin.yaml\n- open: GET /\n- send:\n", base=echo.url)
    assert echo.requests[0].header("user-agent") == "inner"


def test_the_base_of_the_used_scenario(tmp_path, lab):
    one, two = lab(EchoServer()), lab(EchoServer())
    write(tmp_path, f"base: {two.url}\nsteps:\n- get: /inner\n", "inner.yaml")
    passes(tmp_path, f"base: {one.url}\nsteps:\n- use: inner.yaml\n- get: /outer\n")
    assert [each.target for each in two.requests] == ["/inner"]
    assert [each.target for each in one.requests] == ["/outer"]


@pytest.mark.parametrize("names", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_circles_are_load_errors(tmp_path, names):
    for name, following in zip(names, [*names[1:], names[0]], strict=True):
        write(tmp_path, f"steps:\n- use: {following}.yaml\n", f"{name}.yaml")
    found = problems(tmp_path, "steps:\n- use: a.yaml\n")
    assert len(found) == 1
    assert "circle" in found[0].message
    assert " -> ".join(f"{name}.yaml" for name in [*names, "a"]) in found[0].message


def test_problems_of_the_used_file_have_its_address(tmp_path):
    write(tmp_path, "steps:\n- get: /${nothing}\n", "inner.yaml")
    (found,) = problems(tmp_path, "steps:\n- use: inner.yaml\n")
    assert found.kind == "undefined-variable"
    assert str(found.at).endswith("inner.yaml:2:9")


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("use: none.yaml", "file-not-found", "none.yaml"),
        ("use: ../out.yaml", "file-outside-root", "leaves the folder"),
        ("use: inner.yaml\n  with: {usr: a}", "invalid-scenario", "declares no variable `usr`"),
    ],
)
def test_what_use_cannot_use(tmp_path, text, kind, words):
    write(tmp_path, "vars: {user: a}\nsteps:\n- wait: 1ms\n", "inner.yaml")
    (found,) = problems(tmp_path, f"steps:\n- {text}\n")
    assert found.kind == kind
    assert words in found.message
    assert found.at.line >= 2
