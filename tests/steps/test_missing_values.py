"""A variable or a fact that a failed or skipped step should have made: what needs it is skipped."""

from __future__ import annotations

import pytest

from tests.harness import fails, passes, run, why, write

LOST = "http://127.0.0.1:1/"


def outcomes(result):
    return [each.outcome for each in result.steps]


@pytest.mark.parametrize(
    "need",
    [
        "get: /items/${token}",
        "get: /\n  headers: {X: 'a ${token}'}",
        "get: /\n  expect: {$.path: '${token}'}",
        "get: /\n  capture: {other: \"$['${token}']\"}",
        "get: /\n  deadline: ${token}",
        "get: /\n  retry: {attempts: '${token}'}",
        "get: /\n  retry: {attempts: 2, stop-if: {status: '${token}'}}",
        "get: /\n  for-each: {item: '${token}'}",
        "get: /\n  repeat: {times: '${token}'}",
        "set: {copy: '${token}'}",
        "post: /\n  json: {deep: [{er: '${token}'}]}",
        "block:\n  - get: /${token}",
        "parallel:\n  - - get: /${token}\n  - - set: {a: '${token}'}",
        "use: used.yaml\n  with: {given: '${token}'}",
        "if: {token: {exists: true}}\n  get: /",
        "if: {token: x}\n  get: /",
        "get: /\n  repeat: {while: {token: x}, at-most: 2}",
    ],
)
@pytest.mark.parametrize(
    ("maker", "ended"),
    [
        (f"get: {LOST}\n  capture: {{token: status}}\n  on-failure: continue", "failed"),
        ("if: {no: true}\n  set: {token: x}", "was skipped"),
        ("if: {no: true}\n  block:\n  - set: {token: x}", "was skipped"),
        ("if: {no: true}\n  parallel:\n  - - set: {token: x}\n  - - wait: 1ms", "was skipped"),
    ],
    ids=["failed", "skipped", "in a block", "in parallel"],
)
def test_what_needs_it_is_skipped_and_names_the_step(tmp_path, echo, need, maker, ended):
    write(tmp_path, "vars: {given: x}\nsteps:\n- get: /\n", "used.yaml")
    text = f"vars: {{no: false}}\nsteps:\n- {maker}\n- {need}\n"
    result = run(tmp_path, text, base=echo.url)
    assert outcomes(result)[1] == "skipped", why(result)
    told = result.steps[1].message
    assert "it needs `token`" in told, told
    assert "scenario.yaml:3:" in told or "scenario.yaml:4:" in told, told
    assert ended in told
    assert echo.requests == []


def test_a_value_from_before_stands(tmp_path, echo):
    result = run(
        tmp_path,
        f"""
        vars: {{token: before}}
        steps:
        - get: {LOST}
          capture: {{token: status}}
          on-failure: continue
        - get: /${{token}}
        """,
        base=echo.url,
    )
    assert outcomes(result) == ["error", "passed"], why(result)
    assert [each.target for each in echo.requests] == ["/before"]


def test_facts_of_a_step_that_failed_are_missed_and_those_it_left_are_there(tmp_path, echo):
    result = run(
        tmp_path,
        f"""
        steps:
        - get: {LOST}
          id: lost
          on-failure: continue
        - get: /found
          id: found
          expect: {{header.x: y}}
          on-failure: continue
        - get: /${{lost.status}}
          on-failure: continue
        - get: /${{lost.error}}
        - get: /${{found.status}}
        """,
        base=echo.url,
    )
    assert outcomes(result) == ["error", "failed", "skipped", "passed", "passed"], why(result)
    assert result.steps[2].message.startswith("it needs `lost.status`, which `get ")
    assert [each.target for each in echo.requests][1:] == ["/connection-refused", "/200"]


def test_a_fact_that_a_passed_step_lacks_is_an_error(tmp_path, echo):
    fails(
        tmp_path,
        """
        steps:
        - get: /
          id: one
        - get: /${one.header.nothing}
        """,
        "undefined-variable",
        base=echo.url,
    )


def test_what_follows_is_skipped_in_turn_and_teardown_too(tmp_path, echo):
    result = run(
        tmp_path,
        f"""
        steps:
        - get: {LOST}
          capture: {{a: status}}
          on-failure: continue
        - set: {{b: '${{a}}'}}
        - get: /${{b}}
        teardown:
        - delete: /carts/${{a}}
        - delete: /mine
        """,
        base=echo.url,
    )
    assert outcomes(result) == ["error", "skipped", "skipped"]
    assert "set" in result.steps[2].message
    assert [each.outcome for each in result.teardown] == ["skipped", "passed"]


def test_an_absent_value_may_be_asked_for(tmp_path, echo):
    result = run(
        tmp_path,
        f"""
        steps:
        - get: {LOST}
          capture: {{token: status}}
          on-failure: continue
        - name: in place of ${{token}}
          if: {{token: {{exists: false}}}}
          get: /instead
        """,
        base=echo.url,
    )
    assert outcomes(result) == ["error", "passed"], why(result)


def test_a_branch_tells_the_steps_behind_what_it_did_not_make(tmp_path, echo):
    result = run(
        tmp_path,
        f"""
        steps:
        - parallel:
          - - get: {LOST}
              capture: {{a: status}}
          - - get: /
              capture: {{b: status}}
          on-failure: continue
        - get: /${{b}}
        - get: /${{a}}
        """,
        base=echo.url,
    )
    assert outcomes(result) == ["error", "passed", "skipped"], why(result)


def test_a_for_each_of_which_no_element_passed_makes_no_list(tmp_path, echo):
    result = run(
        tmp_path,
        f"""
        steps:
        - get: {LOST}
          for-each: {{each: [1, 2]}}
          capture: {{a: status}}
          on-failure: continue
        - set: {{count: '${{a | count}}'}}
        """,
        base=echo.url,
    )
    assert outcomes(result) == ["error", "skipped"], why(result)


def test_an_output_that_was_not_made(tmp_path, echo):
    """It skips a ``use`` step that asks for it, and what asks for it later; nothing else."""
    write(
        tmp_path,
        """
        vars: {no: false}
        steps:
        - if: {no: true}
          set: {item: 1}
        - set: {other: 2}
        outputs: {item: "${item}", other: "${other}"}
        """,
        "used.yaml",
    )
    result = run(
        tmp_path,
        """
        steps:
        - use: used.yaml
          capture: {item: outputs.item}
        - use: used.yaml
          id: second
          capture: {other: outputs.other}
        - set: {a: "${second.outputs.item}"}
        - set: {b: "${second.outputs.other}${other}"}
        """,
        base=echo.url,
    )
    assert outcomes(result) == ["skipped", "passed", "skipped", "passed"], why(result)
    assert "used.yaml:5:" in result.steps[0].message
    assert "used.yaml:5:" in result.steps[2].message


def test_a_block_whose_steps_are_all_skipped_is_skipped(tmp_path, echo):
    result = passes(
        tmp_path,
        """
        vars: {no: false}
        steps:
        - block:
          - if: {no: true}
            get: /
        - get: /
        """,
        base=echo.url,
    )
    assert outcomes(result) == ["skipped", "passed"]
