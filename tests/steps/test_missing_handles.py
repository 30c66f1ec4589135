"""What a failed or skipped step should have made is missed: nothing is sent elsewhere instead."""

from __future__ import annotations

from tests.harness import passes, problems, run


def outcomes(result):
    return [each.outcome for each in result.steps]


def test_after_a_failed_connect_nothing_is_sent_elsewhere(tmp_path, echo):
    """The steps need the connection that was not made, not the older one that stands."""
    result = run(
        tmp_path,
        """
        steps:
        - session:
        - connect:
        - connect: http://127.0.0.1:1
          on-failure: continue
        - open: GET /
          on-failure: continue
        - add-headers: {X: y}
          on-failure: continue
        - send:
          on-failure: continue
        - read:
        """,
        base=echo.url,
    )
    assert outcomes(result) == ["passed", "passed", "error", *["skipped"] * 4]
    assert result.steps[3].message == "the connection it needs was not made"
    assert echo.requests == []


def test_after_a_failed_open_nothing_is_sent(tmp_path, echo):
    result = run(
        tmp_path,
        """
        vars: {bad: "a\\r\\nb"}
        steps:
        - session:
        - connect:
        - open: GET /first
        - open: GET /second
          headers: {X: "${bad}"}
          on-failure: continue
        - send:
          on-failure: continue
        - read:
        """,
        base=echo.url,
    )
    assert outcomes(result)[3:] == ["error", "skipped", "skipped"]
    assert echo.requests == []


def test_after_a_failed_send_there_is_nothing_to_read(tmp_path, echo):
    result = run(
        tmp_path,
        """
        steps:
        - session:
        - connect:
        - open: GET /
          headers: {X-Lab-Drop: "1"}
        - send:
          on-failure: continue
        - read:
          on-failure: continue
        - get: /alive
        """,
        base=echo.url,
    )
    assert outcomes(result)[3:] == ["error", "skipped", "passed"]
    assert result.steps[3].kind == "empty-response"


def test_after_a_skipped_session_its_steps_are_skipped_too(tmp_path, echo):
    result = run(
        tmp_path,
        """
        vars: {wanted: false}
        steps:
        - session:
          id: outer
        - connect:
        - session:
          id: inner
          if: {wanted: true}
        - connect:
          in: inner
          on-failure: continue
        - get: /
          in: inner
        """,
        base=echo.url,
    )
    assert outcomes(result)[2:] == ["skipped", "skipped", "skipped"]
    assert echo.requests == []


def test_after_a_skipped_connect_its_steps_are_skipped_too(tmp_path, echo):
    """Without a name too: the older connection is not what they were written for."""
    result = run(
        tmp_path,
        """
        vars: {wanted: false}
        steps:
        - session:
        - connect:
        - connect:
          if: {wanted: true}
        - open: GET /
        - send:
        """,
        base=echo.url,
    )
    assert outcomes(result)[2:] == ["skipped", "skipped", "skipped"]
    assert echo.requests == []


def test_a_failed_step_stops_what_follows_unless_it_says_otherwise(tmp_path, echo):
    result = run(
        tmp_path,
        "steps:\n- get: /status/500\n- get: /second\nteardown:\n- get: /after\n",
        base=echo.url,
    )
    assert outcomes(result) == ["failed", "skipped"]
    assert [each.target for each in echo.requests] == ["/status/500", "/after"]


def test_a_step_that_failed_before_it_began_stands_for_what_it_should_have_made(tmp_path, echo):
    result = run(
        tmp_path,
        """
        steps:
        - session:
        - connect:
        - connect: ${env.NOWHERE}
          on-failure: continue
        - open: GET /
          on-failure: continue
        - send:
        """,
        base=echo.url,
    )
    assert outcomes(result)[2:] == ["error", "skipped", "skipped"]
    assert result.steps[2].kind == "undefined-variable"
    assert echo.requests == []


def test_what_a_stopped_block_left_out_is_missed_too(tmp_path, echo):
    result = run(
        tmp_path,
        """
        steps:
        - session:
        - connect:
        - block:
          - get: /status/500
          - connect:
          on-failure: continue
        - open: GET /elsewhere
          on-failure: continue
        - block:
          - connect:
          if: {env.CI: "true"}
        - open: GET /elsewhere
        """,
        base=echo.url,
        environ={"CI": "no"},
    )
    assert outcomes(result)[2:] == ["failed", "skipped", "skipped", "skipped"]
    assert [each.target for each in echo.requests] == ["/status/500"]


def test_a_request_verb_does_without_a_session_that_was_skipped(tmp_path, echo):
    """It needs none of its own making; but one that failed was meant for it."""
    result = run(
        tmp_path,
        """
        vars: {wanted: false}
        steps:
        - session:
          if: {wanted: true}
        - get: /alone
        - session:
          proxy: ${env.NOWHERE}
          on-failure: continue
        - get: /not-sent
        """,
        base=echo.url,
    )
    assert outcomes(result) == ["skipped", "passed", "error", "skipped"]
    assert [each.target for each in echo.requests] == ["/alone"]


def test_an_expected_error_makes_no_handle(tmp_path, echo):
    """The steps behind it work on what stood before."""
    passes(
        tmp_path,
        """
        steps:
        - session:
        - connect:
        - connect: http://127.0.0.1:1
          expect: {error: connection-refused}
        - open: GET /one
        - open: GET http://other.example/
          expect: {error: invalid-url}
        - send:
        - read:
        """,
        base=echo.url,
    )
    assert [each.target for each in echo.requests] == ["/one"]


def test_the_file_shows_what_an_expected_error_does_not_make(tmp_path):
    found = problems(
        tmp_path,
        """
        steps:
        - session:
        - connect: http://127.0.0.1:1
          expect: {error: connection-refused}
        - open: GET /
        """,
    )
    assert [(each.kind, each.at.line) for each in found] == [("wrong-order", 6)]
