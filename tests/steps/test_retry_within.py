"""A retry that `within` ends tells what failed last, how often, and how long it was allowed."""

from __future__ import annotations

from tests.harness import fails, run, why
from tests.lab import scripted
from tests.lab.scripted import request, send, silence


def test_no_time_for_another_attempt(tmp_path, echo):
    step = fails(
        tmp_path,
        """
        steps:
        - get: /status/503
          retry: {every: 20ms, within: 100ms, backoff: 2}
        """,
        "unexpected-status",
        base=echo.url,
    )
    count = len(echo.requests)
    assert count > 1
    assert step.message == (
        f"gave up after {count} attempts, `within: 100 ms`: status is 503 Status, expected 2xx"
    )
    assert len(step.attempts) == count
    assert step.facts["status"] == 503


def test_an_attempt_that_is_cut_off_does_not_hide_what_failed_before(tmp_path, lab):
    busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    server = lab(scripted(request(), send(busy), request(), silence()))
    step = fails(
        tmp_path,
        """
        steps:
        - get: /
          retry: {every: 1ms, within: 400ms}
        """,
        "unexpected-status",
        base=server.url,
    )
    assert step.facts["status"] == 503
    assert step.message.startswith("gave up after 2 attempts, `within: 400 ms`: status is 503")
    assert step.causes[-1].startswith("the last attempt: deadline of ")
    assert [each.kind for each in step.attempts] == ["unexpected-status", "deadline-exceeded"]


def test_the_first_attempt_cut_off_says_so(tmp_path, lab):
    step = fails(
        tmp_path,
        """
        steps:
        - get: /
          retry: {every: 1ms, within: 200ms}
        """,
        "deadline-exceeded",
        base=lab(scripted(silence())).url,
    )
    assert step.message.startswith("gave up after 1 attempt, `within: 200 ms`: deadline of ")


def test_the_last_of_all_attempts_is_told_as_it_is(tmp_path, echo):
    result = run(
        tmp_path,
        """
        steps:
        - get: /status/503
          retry: {attempts: 2, every: 1ms, within: 20s}
        """,
        base=echo.url,
    )
    assert result.message == "status is 503 Status, expected 2xx", why(result)
