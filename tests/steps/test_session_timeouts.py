"""``session``: how long its connections and answers may take."""

from __future__ import annotations

from tests.harness import fails, passes
from tests.lab import full_backlog, misbehave


def test_connect_timeout(tmp_path):
    with full_backlog() as port:
        step = fails(
            tmp_path,
            f"""
            steps:
            - session:
              timeout: {{connect: 100ms}}
            - connect: http://127.0.0.1:{port}
            """,
            "connect-timeout",
        )
    assert step.phase == "connect"
    assert step.duration < 2
    assert "100" in step.message


def test_read_timeout_is_the_longest_silence_before_the_head(tmp_path, lab):
    server = lab(misbehave("never-answers"))
    step = fails(
        tmp_path,
        """
        steps:
        - session:
          timeout: {read: 100ms}
        - get: /
        """,
        "read-timeout",
        base=server.url,
    )
    assert (step.phase, step.outcome) == ("send", "error")
    assert "tcp" in step.times
    assert "send" in step.times


def test_read_timeout_in_the_body_keeps_what_came(tmp_path, lab):
    server = lab(misbehave("silent-in-body"))
    step = fails(
        tmp_path,
        """
        steps:
        - session:
          timeout: 100ms
        - connect:
        - open: GET /
        - send:
        - read:
        """,
        "read-timeout",
        base=server.url,
    )
    assert (step.verb, step.phase) == ("read", "read")
    assert step.facts["received"] > 0
    assert step.facts["eof"] is False
    assert step.facts["body"]


def test_silence_shorter_than_the_timeout_is_none(tmp_path, echo):
    """The bound is on each silence, not on the whole."""
    passes(
        tmp_path,
        """
        steps:
        - session:
          timeout: {read: 350ms}
        - get: /stream?pieces=5&every=0.1
        """,
        base=echo.url,
    )


def test_deadline_per_request_is_one_for_send_and_read(tmp_path, echo):
    step = fails(
        tmp_path,
        """
        steps:
        - session:
          deadline-per-request: 250ms
        - connect:
        - open: GET /slow?before=0.15&body=0.2
        - send:
        - read:
        """,
        "deadline-exceeded",
        base=echo.url,
    )
    assert (step.verb, step.phase) == ("read", "read")


def test_deadline_per_request_begins_anew_with_each(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
          deadline-per-request: 400ms
        - get: /slow?before=0.25
        - get: /slow?before=0.25
        """,
        base=echo.url,
    )
