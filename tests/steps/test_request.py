"""The request verbs: a whole request in one step, made of the primitive ones."""

from __future__ import annotations

import pytest

from tests.harness import fails, passes
from tests.lab import EchoServer, closed_port

VERBS = ("get", "post", "put", "patch", "delete", "head", "options")


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_sends_its_method(tmp_path, echo, verb):
    result = passes(tmp_path, f"steps: [{verb}: /x]", base=echo.url)
    (request,) = echo.requests
    assert request.request_line == f"{verb.upper()} /x HTTP/1.1"
    (step,) = result.steps
    assert step.name == f"{verb} /x"
    assert [each.verb for each in step.steps] == ["session", "connect", "open", "send", "read"]
    assert all(each.outcome == "passed" for each in step.steps)


def test_keys_of_open_send_and_read_beside_it(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - post: /items
          params: {page: 2}
          headers: {X-A: b}
          accept: application/json
          referer: /cart
          auth: {bearer: abc}
          json: {name: Lamp}
          as: json
          expect:
            status: 200
            method: POST
            $.target: /items?page=2
            $.body: '{"name":"Lamp"}'
            request.header.content-type: application/json
            eof: true
        """,
        base=echo.url,
    )
    (request,) = echo.requests
    assert request.header("accept") == "application/json"
    assert request.header("referer") == "/cart"
    assert request.header("authorization") == "Bearer abc"


def test_the_last_fact_of_each_name_and_its_own_time(tmp_path, echo):
    result = passes(
        tmp_path,
        """
        steps:
        - get: /
          expect:
            address: 127.0.0.1
            time.tcp: {above: 0s}
            time.wait: {above: 0s}
            connection.reused: false
            attempts: 1
            user-agent: {exists: false}
        """.replace("            user-agent: {exists: false}\n", ""),
        base=echo.url,
    )
    (step,) = result.steps
    assert step.facts["time.total"] >= sum(each.facts["time.total"] for each in step.steps) * 0.9
    assert set(step.times) >= {"dns", "tcp", "send", "wait", "read"}


def test_requests_share_the_session_and_the_connection_they_made(tmp_path, echo):
    result = passes(
        tmp_path,
        """
        steps:
        - get: /cookies/set?who=ada
        - get: /cookies
          expect: {$.who: ada, connection.reused: true}
        - post: /
        """,
        base=echo.url,
    )
    assert echo.connections == 1
    assert [[part.verb for part in step.steps] for step in result.steps[1:]] == [
        ["open", "send", "read"],
        ["open", "send", "read"],
    ]


def test_they_use_the_connection_that_stands(tmp_path, echo):
    result = passes(tmp_path, "steps:\n- session:\n- connect:\n- get: /\n", base=echo.url)
    assert echo.connections == 1
    assert [part.verb for part in result.steps[-1].steps] == ["open", "send", "read"]


def test_another_origin_gets_its_own_connection(tmp_path, lab):
    one, two = lab(EchoServer()), lab(EchoServer())
    passes(
        tmp_path,
        f"""
        steps:
        - get: {one.url}/a
        - get: {two.url}/b
        - get: {one.url}/c
        - get: {two.url}/d
        """,
    )
    assert (one.connections, two.connections) == (1, 1)
    assert [each.target for each in one.requests] == ["/a", "/c"]


def test_at(tmp_path, lab):
    server = lab(EchoServer())
    other = lab(EchoServer())
    passes(
        tmp_path,
        f"""
        base: http://shop.lab
        steps:
        - get: /a
          at: 127.0.0.1:{server.port}
        - get: /b
          at: 127.0.0.1:{other.port}
        - get: /c
          at: 127.0.0.1:{server.port}
        """,
    )
    assert [each.target for each in server.requests] == ["/a", "/c"]
    assert server.connections == 1
    assert other.requests[0].header("host") == "shop.lab"


def test_a_request_beside_one_in_flight_does_not_touch_it(tmp_path, echo):
    """Its answer is unread: the request takes a connection of its own."""
    passes(
        tmp_path,
        """
        steps:
        - session:
        - connect:
        - open: GET /bytes/200000
        - send:
        - get: /other
        - read:
          expect: {size: 200000}
        """,
        base=echo.url,
    )
    assert echo.connections == 2


def test_a_path_without_a_base(tmp_path):
    step = fails(tmp_path, "steps: [get: /x]", "invalid-url")
    assert (step.outcome, step.phase) == ("error", "open")
    assert "--base" in step.hint


def test_what_fails_inside_is_the_outcome_of_the_whole(tmp_path):
    with closed_port() as port:
        step = fails(tmp_path, f"steps: [get: 'http://127.0.0.1:{port}/x']", "connection-refused")
    assert (step.verb, step.phase) == ("get", "connect")
    assert [(part.verb, part.outcome) for part in step.steps] == [
        ("session", "passed"),
        ("connect", "error"),
    ]
    assert f"http://127.0.0.1:{port}/x" in step.curl
