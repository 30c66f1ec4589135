"""A request leaves for the place it names, with the credentials that are its own, and only once."""

from __future__ import annotations

import base64

import pytest

from tests.harness import fails, passes, problems


def user(request) -> str | None:
    value = request.header("authorization")
    return None if value is None else base64.b64decode(value.partition(" ")[2]).decode()


def test_credentials_in_a_url_are_that_requests_alone(tmp_path, echo):
    host = echo.url.removeprefix("http://")
    passes(
        tmp_path,
        f"""
        steps:
        - get: http://admin:sesame@{host}/a
        - get: http://{host}/b
        - get: http://bob:hop%2Fper@{host}/c
        """,
    )
    assert [user(request) for request in echo.requests] == ["admin:sesame", None, "bob:hop/per"]
    assert echo.connections == 1


def test_credentials_in_a_url_win_over_those_of_the_session(tmp_path, echo):
    host = echo.url.removeprefix("http://")
    passes(
        tmp_path,
        f"""
        steps:
        - session:
          auth: {{basic: [ada, lovelace]}}
        - get: http://bob:hopper@{host}/c
        - get: http://{host}/d
        """,
    )
    assert [user(request) for request in echo.requests] == ["bob:hopper", "ada:lovelace"]


def test_a_path_is_appended_to_the_base_whatever_connection_carries_it(tmp_path, echo):
    passes(
        tmp_path,
        f"""
        steps:
        - session:
        - connect: {echo.url}/other
        - get: {echo.url}/health
        - get: /items
        - open: GET /mine
        - send:
        - read:
        """,
        base=f"{echo.url}/v1",
    )
    assert [request.target for request in echo.requests] == ["/health", "/v1/items", "/other/mine"]


@pytest.mark.parametrize("more", ["@127.0.0.2/x", "1/x"])
def test_a_url_that_only_begins_alike_is_another_origin(tmp_path, echo, more):
    fails(
        tmp_path,
        f"vars: {{url: '{echo.url}{more}'}}\n"
        f"steps:\n- session:\n- connect: {echo.url}\n- open: GET ${{url}}\n",
        "invalid-url",
    )
    assert echo.requests == []


def test_a_request_in_a_loop_is_not_taken_for_sent(tmp_path):
    found = problems(
        tmp_path,
        """
        base: http://127.0.0.1:1
        steps:
        - session:
        - connect:
        - open: GET /
        - block:
          - send:
            expect: {status: 200}
          retry: {attempts: 3}
        """,
    )
    assert [(one.kind, one.at.line) for one in found] == [("wrong-order", 8)]
    assert "no request is sent twice" in found[0].message
