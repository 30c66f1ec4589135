"""``repeat`` and ``for-each``: a step more than once on purpose."""

from __future__ import annotations

import json

from tests.harness import fails, passes, problems, run
from tests.lab import scripted
from tests.lab.scripted import again, respond, response


def pages(lab, count):
    """A listing of this many pages, each naming the next."""

    def answer(asked):
        number = int(asked.target.partition("=")[2] or 1)
        following = f"/items?page={number + 1}" if number < count else None
        body = {"items": [number], "next": following}
        return response(200, json.dumps(body).encode(), [("Content-Type", "application/json")])

    return lab(scripted(again(respond(answer))))


PAGING = """
vars: {{next: /items?page=1, all: []}}
steps:
- get: ${{next}}
  repeat: {{while: {{next: {{not: null}}}}, at-most: {most}}}
  capture:
    next: $.next
    all: {{from: "$.items[0]", append: true}}
- set: {{seen: "${{all}}"}}
  expect: {{seen: [1, 2, 3]}}
"""


def test_while_a_variable_holds(tmp_path, lab):
    server = pages(lab, 3)
    result = passes(tmp_path, PAGING.format(most=10), base=server.url)
    assert [each.target[-1] for each in server.requests] == ["1", "2", "3"]
    rounds = result.steps[0].steps
    assert [each.name for each in rounds] == [f"get /items?page={n}" for n in (1, 2, 3)]
    assert server.connections == 1


def test_exactly_at_most_rounds_are_well(tmp_path, lab):
    passes(tmp_path, PAGING.format(most=3), base=pages(lab, 3).url)


def test_reaching_at_most_fails(tmp_path, lab):
    server = pages(lab, 9)
    step = fails(tmp_path, PAGING.format(most=2), "expectation-failed", base=server.url)
    assert (step.outcome, step.phase) == ("failed", "checks")
    assert "2 rounds" in step.message
    assert "at-most" in step.hint
    assert len(server.requests) == 2


def test_times(tmp_path, echo):
    result = passes(tmp_path, "steps:\n- get: /x\n  repeat: {times: 3}\n", base=echo.url)
    assert len(echo.requests) == len(result.steps[0].steps) == 3


def test_a_round_that_fails_is_the_last(tmp_path, lab):
    server = pages(lab, 9)
    step = fails(
        tmp_path,
        "steps:\n- get: /\n  repeat: {times: 3}\n  expect: {$.items: [2]}\n",
        "expectation-failed",
        base=server.url,
    )
    assert len(server.requests) == 1
    assert [each.outcome for each in step.steps] == ["failed"]
    assert step.failures[0].query == "$.items"


def test_a_while_that_never_holds_is_seen_as_skipped(tmp_path, echo):
    result = run(
        tmp_path,
        "vars: {go: false}\nsteps:\n- get: /\n  repeat: {while: {go: true}, at-most: 3}\n",
        base=echo.url,
    )
    assert (result.outcome, result.steps[0].outcome) == ("skipped", "skipped")
    assert result.steps[0].message == "`while` did not hold before the first round"
    assert echo.requests == []


def test_a_block_repeats_with_its_variables(tmp_path, echo):
    passes(
        tmp_path,
        """
        vars: {path: /}
        steps:
        - block:
          - get: ${path}
            capture: {path: $.target}
          - set: {path: "${path}a"}
          repeat: {times: 3}
        """,
        base=echo.url,
    )
    assert [each.target for each in echo.requests] == ["/", "/a", "/aa"]


def test_for_each_runs_all_and_gathers_what_they_capture(tmp_path, echo):
    passes(
        tmp_path,
        """
        vars: {names: [a, b, c]}
        steps:
        - get: /items/${name}
          for-each: {name: "${names}"}
          capture: {targets: $.target}
        - set: {got: "${targets}"}
          expect: {got: [/items/a, /items/b, /items/c]}
        """,
        base=echo.url,
    )
    assert echo.connections == 1


def test_for_each_gathers_what_must_not_be_shown_too(tmp_path, echo):
    result = passes(
        tmp_path,
        """
        steps:
        - get: /cookies/set?n=v${x}
          for-each: {x: [1, 2]}
          capture: {cookies: cookie.n}
        - set: {got: "${cookies}"}
          expect: {got: [v1, v2]}
        """,
        base=echo.url,
    )
    assert result.steps[0].captured == {"cookies": ["***", "***"]}


def test_one_failure_fails_it_and_the_others_run_all_the_same(tmp_path, echo):
    step = fails(
        tmp_path,
        """
        steps:
        - get: /status/${code}
          for-each: {code: [200, 500, 201, 404]}
        """,
        "unexpected-status",
        base=echo.url,
    )
    assert [each.outcome for each in step.steps] == ["passed", "failed", "passed", "failed"]
    assert "500" in step.message


def test_for_each_over_mappings_and_typed_values(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - post: /${each.path}
          json: ${each.body}
          for-each: {each: [{path: a, body: {n: 1}}, {path: b, body: [true]}]}
        """,
        base=echo.url,
    )
    assert [(each.target, each.body) for each in echo.requests] == [
        ("/a", b'{"n":1}'),
        ("/b", b"[true]"),
    ]


def test_an_empty_list_fails(tmp_path, echo):
    step = fails(
        tmp_path,
        "vars: {none: []}\nsteps:\n- get: /\n  for-each: {x: '${none}'}\n",
        "expectation-failed",
        base=echo.url,
    )
    assert "empty list" in step.message
    assert step.outcome == "failed"


def test_what_is_no_list_fails(tmp_path, echo):
    result = run(
        tmp_path, "vars: {t: a}\nsteps:\n- get: /\n  for-each: {x: '${t}'}\n", base=echo.url
    )
    assert result.outcome != "passed"
    assert echo.requests == []


def test_for_each_with_retry_inside(tmp_path, echo):
    result = run(
        tmp_path,
        """
        steps:
        - get: /status/${code}
          for-each: {code: [500, 200]}
          retry: {attempts: 2, every: 1ms}
        """,
        base=echo.url,
    )
    first, second = result.steps[0].steps
    assert len(first.attempts) == 2
    assert second.attempts == ()
    assert len(echo.requests) == 3


def test_repeat_belongs_to_requests_and_blocks(tmp_path):
    text = "steps:\n- session:\n- connect:\n  repeat: {times: 2}\n"
    assert any("repeat" in each.message for each in problems(tmp_path, text))
