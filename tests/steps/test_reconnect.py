"""What becomes of a connection between two requests: reused, drained, opened again, or not."""

from __future__ import annotations

import pytest

from tests.harness import fails, passes, run
from tests.lab import EchoServer, misbehave, scripted, scripted_each
from tests.lab.scripted import again, answer, close, pause, request, send

TWO = """
steps:
- session:
- connect:{more}
- open: GET {path}
- send:{expect}
- {between}
- open: {method} /second
- send:
"""
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"


def two(path="/", between="wait: 100ms", more="", method="GET", expect=""):
    """Two requests on one connection with something between."""
    made = TWO.replace("{more}", f"\n  {more}" if more else "")
    made = made.replace("{expect}", f"\n  {expect}" if expect else "")
    return made.format(path=path, between=between, method=method)


def closing():
    """Answers one request on the first connection and closes it; goes on well on the next."""
    return scripted_each(
        [request(), answer(200, b"ok"), close()], [again(request(), answer(200, b"ok"))]
    )


def test_a_socket_gone_before_the_first_byte_is_opened_again_visibly(tmp_path, lab):
    server = lab(closing())
    result = passes(tmp_path, two(), base=server.url)
    send = result.steps[-1]
    assert server.connections == 2
    assert send.facts["connection.reused"] is False
    assert [each.verb for each in send.steps] == ["connect"]
    assert send.steps[0].outcome == "passed"
    assert "tcp" in send.steps[0].times
    assert [each.connection for each in server.requests] == [1, 2]


def test_a_post_is_sent_again_only_because_nothing_of_it_was_sent(tmp_path, lab):
    server = lab(closing())
    passes(tmp_path, two(method="POST"), base=server.url)
    assert [each.method for each in server.requests] == ["GET", "POST"]


def test_reconnect_false_is_connection_closed(tmp_path, lab):
    server = lab(closing())
    step = fails(tmp_path, two(more="reconnect: false"), "connection-closed", base=server.url)
    assert (step.verb, step.phase, step.outcome) == ("send", "send", "error")
    assert "`reconnect` is false" in step.message
    assert server.connections == 1
    assert len(server.requests) == 1


def test_an_answer_that_says_close_is_followed_by_a_new_connection(tmp_path, echo):
    result = passes(tmp_path, two("/close", "read:"), base=echo.url)
    assert echo.connections == 2
    assert [each.verb for each in result.steps[-1].steps] == ["connect"]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_request_is_never_sent_twice(tmp_path, lab, method):
    """The server takes the second request and closes: that is reported, and not tried again."""
    server = lab(scripted(request(), answer(200, b"ok"), request(), close()))
    step = fails(tmp_path, two(between="read:", method=method), "empty-response", base=server.url)
    assert step.facts.get("status") is None
    assert len(server.requests) == 2
    assert server.connections == 1


def test_a_small_unread_answer_is_drained_and_the_connection_goes_on(tmp_path, echo):
    result = passes(tmp_path, two("/bytes/100000"), base=echo.url)
    assert echo.connections == 1
    assert result.steps[-1].facts["connection.reused"] is True
    assert result.steps[-1].steps == ()


def test_a_partly_read_answer_is_drained_too(tmp_path, echo):
    passes(tmp_path, two("/stream?pieces=20", "read: 5"), base=echo.url)
    assert echo.connections == 1


def test_a_large_unread_answer_closes_the_socket(tmp_path, echo):
    result = passes(tmp_path, two("/bytes/1200000"), base=echo.url)
    assert echo.connections == 2
    send = result.steps[-1]
    assert send.facts["connection.reused"] is False
    assert [each.verb for each in send.steps] == ["connect"]


def test_a_large_unread_answer_without_reconnect(tmp_path, echo):
    text = two("/bytes/1200000", more="reconnect: false")
    fails(tmp_path, text, "connection-closed", base=echo.url)
    assert len(echo.requests) == 1


def test_an_answer_that_does_not_come_is_not_waited_for_long(tmp_path, lab):
    """Draining takes a second at most; then the socket is closed and opened again."""
    server = lab(
        scripted_each(
            [request(), send(HALF), pause(5)],
            [again(request(), answer(200, b"ok"))],
        )
    )
    result = passes(tmp_path, two(), base=server.url)
    assert server.connections == 2
    assert 0.9 < result.steps[-1].duration < 2.5


def test_what_was_drained_can_no_longer_be_read(tmp_path, echo):
    result = run(
        tmp_path,
        """
        steps:
        - session:
        - connect:
        - open: GET /bytes/10
          id: first
        - send:
        - open: GET /
        - send:
        - read:
          in: first
        """,
        base=echo.url,
    )
    assert result.kind == "wrong-state"
    assert result.steps[-1].phase == "read"
    assert "thrown away" in result.message


def test_unsolicited_bytes_are_no_answer(tmp_path, lab):
    """A 408 nobody asked for, then a close: the socket is as good as gone."""
    server = lab(misbehave("unsolicited-408"))
    result = run(tmp_path, two("/", "wait: 100ms"), base=server.url)
    first, second = (each.facts.get("status") for each in result.steps if each.verb == "send")
    assert first == 200
    assert second != 408


@pytest.mark.parametrize(
    ("method", "path"), [("HEAD", "/bytes/10"), ("GET", "/nothing"), ("GET", "/etag")]
)
def test_answers_without_a_body_leave_the_connection_usable(tmp_path, lab, method, path):
    server = lab(EchoServer())
    passes(
        tmp_path,
        f"""
        steps:
        - session:
        - connect:
        - open: {method} {path}
          headers: {{If-None-Match: '"lamp-1"'}}
        - send:
          expect: {{status: {{one-of: [200, 204, 304]}}}}
        - read:
          expect: {{size: 0, eof: true, text: ""}}
        - open: GET /
        - send:
          expect: {{connection.reused: true}}
        """,
        base=server.url,
    )
    assert server.connections == 1


def digest():
    """A server that closes the connection after its challenge."""
    ask = [("WWW-Authenticate", 'Digest realm="x", nonce="a", qop="auth"'), ("Connection", "close")]
    return scripted_each([request(), answer(401, headers=ask)], [request(), answer(200, b"in")])


DIGEST = """
steps:
- session:
- connect:
  reconnect: {}
- open: GET /
  auth: {{digest: [user, secret]}}
- send:
"""


def test_a_round_of_an_auth_scheme_connects_again_visibly(tmp_path, lab):
    server = lab(digest())
    send = passes(tmp_path, DIGEST.format("true"), base=server.url).steps[-1]
    (connect,) = send.steps
    assert (connect.verb, server.connections) == ("connect", 2)
    assert send.facts["connection.reused"] is False
    assert send.facts["connection.opened"] == connect.facts["connection.opened"]
    challenge, final = send.facts["exchanges"]
    assert challenge["connection.opened"] < final["connection.opened"]


def test_a_round_of_an_auth_scheme_does_not_connect_again_without_reconnect(tmp_path, lab):
    server = lab(digest())
    fails(tmp_path, DIGEST.format("false"), "connection-closed", base=server.url)
    assert server.connections == 1
