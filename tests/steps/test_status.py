"""The status rules: 2xx unless `expect` names the status; all else is judged too."""

from __future__ import annotations

import pytest

from tests.harness import run


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("status: 404", "passed"),
        ("status: any", "passed"),
        ("status: 4xx", "passed"),
        ("status: {one-of: [200, 404]}", "passed"),
        ("status: {above: 399}", "passed"),
        ("status: {not: 200}", "passed"),
        ("status: 2xx", "failed"),
        ("status: 5xx", "failed"),
        ("status: {one-of: [200, 204]}", "failed"),
        ("reason: Not Found", "failed"),
        ("text: status 404", "failed"),
    ],
)
def test_the_status_rules(tmp_path, echo, line, outcome):
    result = run(tmp_path, f"steps:\n- get: /status/404\n  expect: {{{line}}}\n", base=echo.url)
    assert result.outcome == outcome
    named = line.startswith("status")
    assert result.kind in ((None, "expectation-failed") if named else ("unexpected-status",))


def test_all_of_expect_is_judged_and_captures_are_taken_though_the_status_is_bad(tmp_path, echo):
    result = run(
        tmp_path,
        """
        steps:
        - get: /status/500
          expect: {text: other, reason: Fine, media-type: text/plain}
          capture: {body: text}
          on-failure: continue
        - get: /${body}
        """,
        base=echo.url,
    )
    first, second = result.steps
    assert first.kind == "unexpected-status"
    assert [failure.query for failure in first.failures] == ["status", "text", "reason"]
    assert second.name == "get /status 500"
    assert echo.requests[1].target == "/status%20500"
