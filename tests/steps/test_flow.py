"""``set``, ``wait``, ``if``, ``on-failure``, teardown, deadlines, and expected errors."""

from __future__ import annotations

import pytest

from tests.harness import fails, passes, run
from tests.lab import closed_port


def outcomes(result):
    return [each.outcome for each in result.steps]


def test_set_gives_typed_variables_that_are_its_facts(tmp_path):
    passes(
        tmp_path,
        """
        vars: {a: 1}
        steps:
        - set: {b: "${a}", text: "n${a}", list: ["${a}", {deep: "${a}"}]}
          expect:
            b: 1
            text: n1
            list: {equals: [1, {deep: 1}]}
            list | count: 2
        - set: {a: 2}
        - set: {c: "${a}"}
          expect: {c: 2}
        """,
    )


def test_wait(tmp_path):
    result = passes(tmp_path, "steps:\n- wait: 120ms\n  expect: {time.total: {at-least: 120ms}}\n")
    assert 0.12 <= result.steps[0].duration < 2


def test_a_wait_ends_with_the_deadline(tmp_path):
    step = fails(tmp_path, "steps:\n- wait: 10s\n  deadline: 50ms\n", "deadline-exceeded")
    assert step.duration < 2


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ("flag: true", "passed"),
        ("flag: false", "skipped"),
        ("env.NONE: {exists: false}", "passed"),
        ("name: {starts-with: la}", "passed"),
        ("name: {starts-with: x}", "skipped"),
        ("env.CI: 'true'", "passed"),
        ("env.NONE: {exists: true}", "skipped"),
        ("'${user.roles[0]}': admin", "passed"),
        ("first.status: 200", "passed"),
        ("'first.header.content-type': {contains: json}", "passed"),
        ("flag: true, name: other", "skipped"),
        ("'name | upper': LAMP", "passed"),
    ],
)
def test_if(tmp_path, echo, condition, outcome):
    result = run(
        tmp_path,
        f"""
        vars: {{flag: true, name: lamp, user: {{roles: [admin]}}}}
        steps:
        - get: /
          id: first
        - get: /second
          if: {{{condition}}}
        """,
        base=echo.url,
        environ={"CI": "true"},
    )
    assert outcomes(result) == ["passed", outcome]
    assert len(echo.requests) == (2 if outcome == "passed" else 1)
    assert result.outcome == "passed"


def test_a_skipped_step_says_why(tmp_path):
    (step,) = run(tmp_path, "vars: {a: 1}\nsteps:\n- wait: 1ms\n  if: {a: 2}\n").steps
    assert step.outcome == "skipped"
    assert "`if` does not hold: a" in step.message


def test_on_failure_continue_goes_on_and_the_scenario_still_fails(tmp_path, echo):
    result = run(
        tmp_path,
        """
        steps:
        - get: /status/500
          on-failure: continue
        - get: /second
        - get: /status/404
        - get: /fourth
        """,
        base=echo.url,
    )
    assert outcomes(result) == ["failed", "passed", "failed", "skipped"]
    assert (result.outcome, result.kind) == ("failed", "unexpected-status")


def test_error_outranks_failed(tmp_path, echo):
    result = run(
        tmp_path,
        """
        steps:
        - get: /status/500
          on-failure: continue
        - get: http://127.0.0.1:1/
        """,
        base=echo.url,
    )
    assert (result.outcome, result.kind) == ("error", "connection-refused")


def test_teardown_always_runs_each_step_of_it(tmp_path, echo):
    result = run(
        tmp_path,
        """
        steps:
        - get: /status/500
        teardown:
        - delete: /status/404
        - delete: /two
        """,
        base=echo.url,
    )
    assert [each.target for each in echo.requests] == ["/status/500", "/status/404", "/two"]
    assert [each.outcome for each in result.teardown] == ["failed", "passed"]
    assert (result.outcome, result.kind) == ("failed", "unexpected-status")
    assert "500" in result.message


def test_teardown_fails_a_passed_scenario(tmp_path, echo):
    result = run(
        tmp_path, "steps:\n- get: /\nteardown:\n- get: http://127.0.0.1:1/\n", base=echo.url
    )
    assert (result.outcome, result.kind) == ("error", "connection-refused")


def test_teardown_never_replaces_an_earlier_kind(tmp_path, echo):
    result = run(
        tmp_path,
        "steps:\n- get: /status/500\nteardown:\n- get: http://127.0.0.1:1/\n",
        base=echo.url,
    )
    assert (result.outcome, result.kind) == ("failed", "unexpected-status")


def test_teardown_runs_after_the_deadline(tmp_path, echo):
    result = run(
        tmp_path,
        """
        deadline: 100ms
        steps:
        - get: /slow?before=5
        - get: /not-sent
        teardown:
        - delete: /after
        """,
        base=echo.url,
    )
    assert result.kind == "deadline-exceeded"
    assert result.duration < 2
    assert echo.requests[-1].target == "/after"
    assert result.teardown[0].outcome == "passed"


@pytest.mark.parametrize("where", ["before=5", "head=5", "body=5"])
def test_a_deadline_on_a_step(tmp_path, echo, where):
    step = fails(
        tmp_path,
        f"steps:\n- get: /slow?{where}\n  deadline: 100ms\n",
        "deadline-exceeded",
        base=echo.url,
    )
    assert step.outcome == "failed"
    assert step.duration < 2


def test_a_deadline_on_a_block(tmp_path, echo):
    result = run(
        tmp_path,
        """
        steps:
        - block:
          - wait: 60ms
          - get: /slow?before=5
          - get: /never
          deadline: 150ms
        """,
        base=echo.url,
    )
    assert result.kind == "deadline-exceeded"
    assert result.duration < 2
    assert [part.outcome for part in result.steps[0].steps] == ["passed", "failed", "skipped"]


def test_a_deadline_through_a_variable(tmp_path, echo):
    fails(
        tmp_path,
        "vars: {limit: 50ms}\nsteps:\n- get: /slow?before=5\n  deadline: ${limit}\n",
        "deadline-exceeded",
        base=echo.url,
    )


def test_an_expected_error_turns_the_table(tmp_path):
    with closed_port() as port:
        result = passes(
            tmp_path,
            f"steps:\n- get: http://127.0.0.1:{port}/\n  expect: {{error: connection-refused}}\n",
        )
    (step,) = result.steps
    assert (step.outcome, step.kind, step.facts["error"]) == ("passed", None, "connection-refused")


@pytest.mark.parametrize(
    ("matcher", "outcome"),
    [
        ("{one-of: [connection-refused, connect-timeout]}", "passed"),
        ("{starts-with: connection}", "passed"),
        ("{exists: true}", "passed"),
        ("read-timeout", "failed"),
        ("{not: connection-refused}", "failed"),
    ],
)
def test_an_expected_error_by_matcher(tmp_path, matcher, outcome):
    with closed_port() as port:
        result = run(
            tmp_path, f"steps:\n- get: http://127.0.0.1:{port}/\n  expect: {{error: {matcher}}}\n"
        )
    assert result.outcome == outcome
    if outcome == "failed":
        assert result.kind == "expectation-failed"
        assert "connection-refused" in result.message


def test_a_step_that_passes_though_an_error_was_expected(tmp_path, echo):
    step = fails(
        tmp_path,
        "steps:\n- get: /\n  expect: {error: read-timeout}\n",
        "expectation-failed",
        base=echo.url,
    )
    assert "an error was expected" in step.message


def test_an_expected_bad_status(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - get: /status/404
          expect: {error: unexpected-status}
        - get: /
          expect: {$.a: 1, error: expectation-failed}
        """,
        base=echo.url,
    )


def test_a_misspelt_kind_is_found_in_the_file(tmp_path):
    from tests.harness import problems

    (found,) = problems(tmp_path, "steps:\n- get: /\n  expect: {error: conection-refused}\n")
    assert "connection-refused" in f"{found.message} {found.hint}"


def test_expect_failure(tmp_path, echo):
    text = "expect-failure: {{because: not built yet{kind}}}\nsteps:\n- get: {path}\n"

    def outcome(path, kind=""):
        made = text.format(path=path, kind=f", kind: {kind}" if kind else "")
        return run(tmp_path, made, base=echo.url)

    assert outcome("/status/404").outcome == "passed"
    assert "not built yet" in outcome("/status/404").reason
    assert outcome("/status/404", "unexpected-status").outcome == "passed"
    assert outcome("/status/404", "invalid-json").outcome == "failed"
    assert outcome("/").outcome == "failed"
    assert outcome("http://127.0.0.1:1/").outcome == "error"


def test_skip(tmp_path, echo):
    result = run(tmp_path, "skip: waits for the service\nsteps:\n- get: /\n", base=echo.url)
    assert (result.outcome, result.reason) == ("skipped", "waits for the service")
    assert echo.connections == 0


def test_expect_failure_is_met_by_steps_and_not_by_teardown(tmp_path, echo):
    def ended(path, cleaned):
        text = (
            "expect-failure: {because: not built yet}\n"
            f"steps: [get: {path}]\nteardown: [get: {cleaned}]\n"
        )
        result = run(tmp_path, text, base=echo.url)
        return result.outcome, result.kind, result.message

    assert ended("/status/404", "/")[0] == "passed"
    outcome, kind, message = ended("/", "/status/500")
    assert (outcome, kind) == ("failed", "expectation-failed")
    assert message.endswith("it passed")
    assert ended("/status/404", "/status/500")[:2] == ("failed", "unexpected-status")
    assert ended("/status/404", "http://127.0.0.1:1/")[0] == "error"
