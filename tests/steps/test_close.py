"""``close``: connections, requests and whole sessions, before the scenario ends."""

from __future__ import annotations

import pytest

from tests.harness import passes, run
from tests.lab import descriptors, settled_descriptors


def test_close_ends_the_newest_connection(tmp_path, echo):
    result = passes(
        tmp_path,
        """
        steps:
        - session:
        - connect:
        - connect:
          id: second
        - close:
        - open: GET /
        - send:
          expect: {connection.reused: false}
        """,
        base=echo.url,
    )
    assert echo.connections == 3
    assert [each.verb for each in result.steps[-1].steps] == ["connect"]


def test_close_by_id(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
        - connect:
          id: first
        - connect:
        - close: first
        - open: GET /
        - send:
        """,
        base=echo.url,
    )
    assert echo.connections == 2
    assert echo.requests[0].connection == 2


def test_the_socket_is_closed_then_and_there(tmp_path, echo):
    seen = []

    def listen(event, detail):
        if event == "step-finished" and detail["name"] == "close":
            seen.append(echo.wait_closed())

    from runner.execution.scenario_run import Settings, run_scenario
    from runner.scenario.loader import load
    from tests.harness import write

    path = write(tmp_path, "steps:\n- session:\n- connect:\n- close:\n- wait: 1ms\n")
    scenario = load(path, root=tmp_path)
    result = run_scenario(scenario, scenario.cases[0], Settings(environ={}, base=echo.url), listen)
    assert result.outcome == "passed"
    assert seen == [True]


def test_closing_a_session_closes_all_its_connections(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
          id: user
        - connect:
        - connect:
        - session:
          id: other
        - connect:
        - close: user
        - open: GET /
        - send:
          expect: {connection.reused: false, status: 200}
        """,
        base=echo.url,
    )
    assert echo.connections == 3
    assert echo.requests[0].connection == 3


def test_closing_an_answer_closes_its_connection_when_it_is_unread(tmp_path, echo):
    result = run(
        tmp_path,
        """
        steps:
        - session:
        - connect:
        - open: GET /bytes/2000000
          id: big
        - send:
        - close: big
        - open: GET /
        - send:
        """,
        base=echo.url,
    )
    assert result.outcome == "passed"
    assert echo.connections == 2


def test_closing_twice_is_harmless(tmp_path, echo):
    passes(tmp_path, "steps:\n- session:\n- connect:\n- close:\n- close:\n", base=echo.url)


@pytest.mark.parametrize("last", ["/", "/status/500", "/bytes/3000000"])
def test_no_socket_is_left(tmp_path, echo, last):
    before = descriptors()
    run(
        tmp_path,
        f"""
        steps:
        - session:
        - connect:
        - connect:
        - get: /
        - session:
        - connect:
        - open: GET {last}
        - send:
        - open: GET /
        """,
        base=echo.url,
    )
    assert echo.wait_closed()
    assert settled_descriptors(before) <= before
