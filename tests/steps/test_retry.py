"""``retry``: again while it fails, every attempt in the result."""

from __future__ import annotations

import pytest

from tests.harness import fails, passes, problems, run
from tests.lab import closed_port, scripted
from tests.lab.scripted import again, respond, response


def counting(lab, *bodies, status=200):
    """A server that answers with these bodies in turn, the last one again and again."""
    left = list(bodies)

    def answer(_request):
        body = left.pop(0) if len(left) > 1 else left[0]
        return response(status, body, [("Content-Type", "application/json")])

    return lab(scripted(again(respond(answer))))


POLL = """
steps:
- get: /job
  retry: {{{retry}}}
  expect: {{$.state: done}}
"""


def test_every_attempt_and_its_reason_is_in_the_result(tmp_path, lab):
    server = counting(lab, b'{"state": "queued"}', b"{", b'{"state": "done"}')
    text = POLL.format(retry="attempts: 5, every: 10ms")
    (step,) = passes(tmp_path, text, base=server.url).steps
    assert [(each.outcome, each.kind) for each in step.attempts] == [
        ("failed", "expectation-failed"),
        ("failed", "invalid-json"),
        ("passed", None),
    ]
    assert "queued" in step.attempts[0].message
    assert step.attempts[0].started < step.attempts[1].started
    assert step.facts["attempts"] == 3
    assert len(server.requests) == 3


def test_attempts_are_at_most(tmp_path, lab):
    server = counting(lab, b'{"state": "queued"}')
    text = POLL.format(retry="attempts: 3, every: 1ms")
    step = fails(tmp_path, text, "expectation-failed", base=server.url)
    assert len(step.attempts) == len(server.requests) == 3
    assert step.failures[0].query == "$.state"


def test_a_first_attempt_that_passes_is_the_only_one(tmp_path, lab):
    server = counting(lab, b'{"state": "done"}')
    (step,) = passes(tmp_path, POLL.format(retry="attempts: 3"), base=server.url).steps
    assert step.attempts == ()
    assert len(server.requests) == 1


def test_the_fact_attempts_can_be_checked(tmp_path, lab):
    server = counting(lab, b"1", b"2")
    passes(
        tmp_path,
        """
        steps:
        - get: /
          retry: {attempts: 2, every: 1ms}
          expect: {$: 2, attempts: 2}
        """,
        base=server.url,
    )


def test_the_pauses_grow_by_backoff(tmp_path, lab):
    server = counting(lab, b'{"state": "queued"}')
    text = POLL.format(retry="attempts: 4, every: 20ms, backoff: 3")
    step = fails(tmp_path, text, "expectation-failed", base=server.url)
    ends = [each.started + each.duration for each in step.attempts]
    pauses = [b.started - a for a, b in zip(ends, step.attempts[1:], strict=False)]
    assert pauses[0] >= 0.02
    assert pauses[1] >= 0.06
    assert pauses[2] >= 0.18
    assert step.duration >= 0.26


def test_within_bounds_the_whole(tmp_path, lab):
    server = counting(lab, b'{"state": "queued"}')
    text = POLL.format(retry="every: 40ms, within: 200ms")
    step = fails(tmp_path, text, "expectation-failed", base=server.url)
    assert 2 <= len(step.attempts) <= 5
    assert step.duration < 2


def test_a_deadline_bounds_all_attempts(tmp_path, lab):
    server = counting(lab, b'{"state": "queued"}')
    text = POLL.format(retry="attempts: 100, every: 20ms") + "  deadline: 150ms\n"
    step = fails(tmp_path, text, "expectation-failed", base=server.url)
    assert step.duration < 2
    assert len(step.attempts) < 10


def test_stop_if_ends_it_at_once(tmp_path, lab):
    server = counting(lab, b'{"state": "queued"}', b'{"state": "failed"}', b'{"state": "done"}')
    text = POLL.format(retry="attempts: 5, every: 1ms, stop-if: {$.state: failed}")
    step = fails(tmp_path, text, "retry-stopped", base=server.url)
    assert (step.outcome, step.phase) == ("failed", "checks")
    assert len(step.attempts) == 2
    assert "$.state" in step.message


def test_stop_if_can_ask_for_the_error(tmp_path, lab):
    with closed_port() as port:
        step = fails(
            tmp_path,
            f"""
            steps:
            - get: http://127.0.0.1:{port}/
              retry: {{attempts: 5, every: 1ms, stop-if: {{error: connection-refused}}}}
            """,
            "retry-stopped",
        )
    assert step.attempts == ()


def test_connect_is_tried_again_too(tmp_path):
    with closed_port() as port:
        step = fails(
            tmp_path,
            f"""
            steps:
            - session:
            - connect: http://127.0.0.1:{port}
              retry: {{attempts: 3, every: 1ms}}
            """,
            "connection-refused",
        )
    assert [each.kind for each in step.attempts] == ["connection-refused"] * 3


def test_a_block_is_tried_again_as_a_whole(tmp_path, lab):
    server = counting(lab, b"1", b"2", b"3", b"4")
    passes(
        tmp_path,
        """
        steps:
        - block:
          - get: /a
            expect: {$: {at-least: 1}}
            capture: {seen: $}
          - get: /b
            expect: {$: 4}
          retry: {attempts: 3, every: 1ms}
        - set: {last: "${seen}"}
          expect: {last: 3}
        """,
        base=server.url,
    )
    assert [each.target for each in server.requests] == ["/a", "/b", "/a", "/b"]


def test_what_is_no_failure_of_the_wire_or_a_check_is_not_tried_again(tmp_path, echo):
    """A header that cannot be sent will not become one."""
    result = run(
        tmp_path,
        """
        vars: {bad: "a\\r\\nb"}
        steps:
        - get: /
          headers: {X: "${bad}"}
          retry: {attempts: 3, every: 1ms}
        """,
        base=echo.url,
    )
    assert result.kind == "invalid-header"
    assert result.steps[0].attempts == ()


def test_an_expected_error_is_judged_over_all_attempts(tmp_path):
    with closed_port() as port:
        (step,) = passes(
            tmp_path,
            f"""
            steps:
            - get: http://127.0.0.1:{port}/
              retry: {{attempts: 2, every: 1ms}}
              expect: {{error: connection-refused}}
            """,
        ).steps
    assert step.outcome == "passed"


@pytest.mark.parametrize("verb", ["read: text", "send:", "open: GET /", "session:", "wait: 1ms"])
def test_retry_belongs_to_steps_that_can_be_done_again(tmp_path, verb):
    text = f"steps:\n- session:\n- connect:\n- open: GET /\n- send:\n- {verb}\n  retry: {{}}\n"
    assert any("retry" in each.message for each in problems(tmp_path, text))


def test_an_expected_error_is_judged_at_each_attempt(tmp_path, lab):
    """Wait until it is down: the answers before are what is tried again."""
    server = lab(
        scripted(again(respond(lambda _: response(200 if len(server.requests) < 3 else 503))))
    )
    step = passes(
        tmp_path,
        "steps:\n- get: /\n  retry: {attempts: 9, every: 1ms}\n"
        "  expect: {error: unexpected-status}\n",
        base=server.url,
    ).steps[0]
    assert [attempt.outcome for attempt in step.attempts] == ["failed", "failed", "passed"]
