"""``session``: what all its requests share."""

from __future__ import annotations

import base64
import socket
import threading

import pytest

from runner import __version__
from tests.harness import fails, passes, run
from tests.lab import SECRET, TOKEN, USER, closed_port


def defaults(record):
    """The lines nobody set by hand, but for what depends on the libraries installed."""
    return [line for line in record.lines if line[0] != "Accept-Encoding"]


def test_what_is_sent_by_default(tmp_path, echo):
    passes(tmp_path, "steps: [get: /]", base=echo.url)
    (request,) = echo.requests
    assert request.request_line == "GET / HTTP/1.1"
    assert defaults(request) == [
        ("Host", f"127.0.0.1:{echo.port}"),
        ("User-Agent", f"httpsteps/{__version__}"),
        ("Accept", "*/*"),
    ]
    codings = request.header("accept-encoding").split(", ")
    assert codings[:2] == ["gzip", "deflate"]
    assert set(codings) <= {"gzip", "deflate", "br", "zstd"}


def test_a_session_sends_nothing_and_tells_its_facts(tmp_path, echo):
    result = passes(
        tmp_path,
        """
        steps:
        - session:
          user-agent: smoke/1.0
          expect: {user-agent: smoke/1.0, proxy: env}
        - session:
          proxy: direct
          expect:
            user-agent: {starts-with: httpsteps/}
            proxy: direct
        """,
        base=echo.url,
    )
    assert echo.connections == 0
    assert result.steps[0].facts["user-agent"] == "smoke/1.0"


def test_user_agent_and_headers_go_with_every_request(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
          user-agent: smoke/1.0
          headers: {X-Run: 1.10, X-List: [a, b], Accept: text/plain}
        - get: /one
        - get: /two
          headers: {X-Run: own, Accept: text/html}
        """,
        base=echo.url,
    )
    one, two = echo.requests
    assert one.headers("user-agent") == two.headers("user-agent") == ["smoke/1.0"]
    assert one.headers("x-run") == ["1.10"]
    assert one.headers("x-list") == ["a", "b"]
    assert one.headers("accept") == ["text/plain"]
    assert two.headers("x-run") == ["own"]
    assert two.headers("accept") == ["text/html"]
    assert two.headers("x-list") == ["a", "b"]


def test_a_user_agent_among_the_headers_stands_in_place_of_the_default(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
          headers: {user-agent: by hand}
        - get: /
        """,
        base=echo.url,
    )
    assert echo.requests[0].headers("user-agent") == ["by hand"]


@pytest.mark.parametrize(
    ("spec", "path", "sent"),
    [
        (f"{{basic: [{USER}, {SECRET}]}}", "/basic", "Basic "),
        (f"{{bearer: {TOKEN}}}", "/bearer", "Bearer lamp-token"),
        (f"{{digest: [{USER}, {SECRET}]}}", "/digest", "Digest "),
    ],
)
def test_the_sessions_credentials_are_for_all_its_requests(tmp_path, echo, spec, path, sent):
    passes(
        tmp_path,
        f"""
        steps:
        - session:
          auth: {spec}
        - get: {path}
        - connect:
        - open: GET {path}
        - send:
        """,
        base=echo.url,
    )
    assert echo.requests[-1].header("authorization").startswith(sent)


def test_a_wrong_password_is_authentication_failed(tmp_path, echo):
    step = fails(
        tmp_path,
        """
        steps:
        - session:
          auth: {basic: [user, wrong]}
        - get: /basic
        """,
        "authentication-failed",
        base=echo.url,
    )
    assert step.outcome == "failed"
    assert step.facts["status"] == 401
    assert "user or the password" in step.hint


def test_basic_credentials_are_utf_8(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
          auth: {basic: [jürgen, "pä:ss"]}
        - get: /
        """,
        base=echo.url,
    )
    _, _, sent = echo.requests[0].header("authorization").partition(" ")
    assert base64.b64decode(sent).decode() == "jürgen:pä:ss"


def test_redirects_of_a_session_and_of_a_request(tmp_path, echo):
    result = passes(
        tmp_path,
        """
        steps:
        - session:
          redirects: 2
        - get: /redirect/2
          expect: {status: 200}
        - get: /redirect/1
          redirects: 0
          expect: {status: 302}
        """,
        base=echo.url,
    )
    assert len(result.steps[1].facts["redirects"]) == 2


def test_max_body_is_counted_decoded(tmp_path, echo):
    step = fails(
        tmp_path,
        """
        steps:
        - session:
          max-body: 1kB
        - get: /bytes/1000
        - get: /bytes/1001
        """,
        "body-too-large",
        base=echo.url,
    )
    assert step.name == "get /bytes/1001"
    assert step.phase == "read"


def test_connect_retries_wait_for_a_service_that_comes_up(tmp_path):
    """The port is bound but not listening at first: it refuses, then accepts."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        timer = threading.Timer(0.15, listener.listen)
        timer.start()
        result = passes(
            tmp_path,
            f"""
            steps:
            - session:
              connect-retries: 5
            - connect: http://127.0.0.1:{listener.getsockname()[1]}
            """,
        )
        timer.join()
    assert result.steps[1].duration >= 0.1


def test_connect_retries_come_to_an_end(tmp_path):
    with closed_port() as port:
        step = fails(
            tmp_path,
            f"""
            steps:
            - session:
              connect-retries: 2
            - connect: http://127.0.0.1:{port}
            """,
            "connection-refused",
        )
    assert step.duration >= 0.25  # two pauses, the second twice as long


def test_two_sessions_share_nothing(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
          id: a
          user-agent: a
        - session:
          id: b
          user-agent: b
        - {get: /cookies/set?who=a, in: a}
        - {get: /, in: a}
        - {get: /, in: b}
        """,
        base=echo.url,
    )
    _, of_a, of_b = echo.requests
    assert of_a.header("cookie") == "who=a"
    assert of_b.header("cookie") is None
    assert (of_a.header("user-agent"), of_b.header("user-agent")) == ("a", "b")
    assert of_a.connection != of_b.connection


@pytest.mark.parametrize(
    "line",
    ["headers: {X: '${evil}'}", "headers: {'${evil}': a}", "user-agent: ${evil}"],
)
def test_header_injection_is_refused_before_anything_is_sent(tmp_path, echo, line):
    head = 'vars: {evil: "a\\r\\nEvil: 1"}\n'
    result = run(tmp_path, f"{head}steps:\n- session:\n  {line}\n- get: /\n", base=echo.url)
    assert result.kind == "invalid-header"
    assert result.steps[0].outcome == "error"
    assert echo.connections == 0
