"""What `if`, `while` and `stop-if` cannot judge is an error, and what can never hold is refused."""

from __future__ import annotations

import pytest

from tests.harness import fails, passes, problems, run, why


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("n: {above: 'x'}", "`above` needs a number"),
        ("one.status: {above: 'x'}", "`above` needs a number"),
        ("one.status: '200'", "write 200 without quotes"),
        ("one.time.total: {below: 2}", "write a duration with its unit"),
        ("one.header.etag: 1", "quote it"),
        ("n | count: many", "write a number"),
        ("env.CI: true", "quote it"),
        ("'${env.CI | upper}': 1", "quote it"),
    ],
)
def test_a_condition_that_never_holds_is_refused(tmp_path, condition, message):
    text = """
        vars: {{n: [1]}}
        steps:
        - get: /
          id: one
        - if: {{{condition}}}
          get: /
        - get: /
          repeat: {{while: {{{condition}}}, at-most: 2}}
        """
    found = problems(tmp_path, text.format(condition=condition))
    assert [each.at.line for each in found] == [6, 9]
    for each in found:
        assert message in each.message, each.message


@pytest.mark.parametrize(
    "condition",
    [
        "one.status: {above: 199}",
        "one.time.total: {below: 20s}",
        "one.header.nothing: {exists: false}",
        "env.CI: {exists: false}",
        "n | count: 1",
    ],
)
def test_conditions_that_hold(tmp_path, echo, condition):
    result = passes(
        tmp_path,
        f"""
        vars: {{n: [1]}}
        steps:
        - get: /
          id: one
        - if: {{{condition}}}
          get: /
        """,
        base=echo.url,
    )
    assert result.steps[1].outcome == "passed", why(result)


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("n | int: 1", "invalid-scenario"),
        ("'nowhere.txt' | file: x", "file-not-found"),
        ("n: {above: 1}", "expectation-failed"),
    ],
)
def test_a_filter_or_file_that_fails_is_an_error_of_the_step(tmp_path, echo, condition, kind):
    result = run(
        tmp_path,
        f"""
        vars: {{n: lamp}}
        steps:
        - if: {{"{condition.rpartition(": ")[0]}": {condition.rpartition(": ")[2]}}}
          get: /
        """
        if "above" not in condition
        else f"""
        vars: {{n: lamp}}
        steps:
        - if: {{{condition}}}
          get: /
        """,
        base=echo.url,
    )
    assert result.kind == kind, why(result)
    assert echo.requests == []


def test_a_while_that_cannot_be_judged_keeps_its_rounds(tmp_path, echo):
    result = run(
        tmp_path,
        """
        vars: {next: 1}
        steps:
        - get: /
          repeat: {while: {next: {above: 0}}, at-most: 3}
          capture: {next: "text"}
        """,
        base=echo.url,
    )
    assert result.kind == "expectation-failed", why(result)
    assert "`above` needs" in (result.message or "")
    assert len(result.steps[0].steps) == 1


@pytest.mark.parametrize(
    ("condition", "kind", "message"),
    [
        ("'reason | int': 1", "expectation-failed", "`stop-if` cannot be judged: reason | int"),
        ("reason: {above: 1.0.0}", "expectation-failed", None),
        ("\"reason | default 'x' | file\": x", "file-not-found", None),
    ],
)
def test_a_stop_if_that_cannot_be_judged_ends_the_retry(tmp_path, echo, condition, kind, message):
    step = fails(
        tmp_path,
        f"""
        steps:
        - get: /status/503
          retry: {{attempts: 3, every: 1ms, stop-if: {{{condition}}}}}
        """,
        kind,
        base=echo.url,
    )
    assert len(echo.requests) == 1
    assert message is None or message in (step.message or "")
    assert any("the attempt: status is 503" in cause for cause in step.causes)


def test_a_stop_if_asks_nothing_of_an_answer_that_is_no_json(tmp_path, echo):
    """An error page in front of the service is what the retry is there for."""
    fails(
        tmp_path,
        """
        steps:
        - get: /status/503
          retry: {attempts: 2, every: 1ms, stop-if: {$.fatal: true}}
        """,
        "unexpected-status",
        base=echo.url,
    )
    assert len(echo.requests) == 2
