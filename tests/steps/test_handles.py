"""Two sessions and two requests in flight: what ``in`` reaches and what is newest."""

from __future__ import annotations

from tests.harness import passes
from tests.lab import EchoServer


def outcomes(result):
    return [each.outcome for each in result.steps]


def test_two_requests_in_flight_interleaved(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
        - connect:
          id: left
        - connect:
          id: right
        - open: GET /lines/4
          id: a
          in: left
        - open: GET /text?say=0123456789
          id: b
          in: right
        - {send: null, in: b}
        - {send: null, in: a}
        - {read: null, lines: 1, in: a, expect: {text: "line 1\\n"}}
        - {read: 3, in: b, expect: {text: "012"}}
        - {read: null, lines: 1, in: a, expect: {text: "line 2\\n"}}
        - {read: null, in: b, expect: {text: "3456789", eof: true}}
        - {read: null, in: a, expect: {text: "line 3\\nline 4\\n", eof: true}}
        """,
        base=echo.url,
    )
    assert echo.connections == 2
    assert [each.target for each in echo.requests] == ["/text?say=0123456789", "/lines/4"]


def test_two_users_with_their_own_cookies(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
          id: ada
        - connect:
        - session:
          id: grace
        - connect:
        - open: GET /cookies/set?who=grace
        - send:
        - read:
        - open: GET /cookies/set?who=ada
          in: ada
        - send:
          in: ada
        - read:
          in: ada
        - open: GET /cookies
        - send:
        - read: json
          expect: {$.who: grace, jar.who: grace}
        - open: GET /cookies
          in: ada
        - send:
          in: ada
        - read: json
          in: ada
          expect: {$.who: ada}
        - get: /cookies
          in: ada
          expect: {$.who: ada}
        - get: /cookies
          expect: {$.who: grace}
        """,
        base=echo.url,
    )
    assert echo.connections == 2


def test_in_does_not_make_newest(tmp_path, echo):
    """After work on the first connection the newest is still the second."""
    passes(
        tmp_path,
        """
        steps:
        - session:
        - connect:
          id: first
        - connect:
          id: second
        - open: GET /on-first
          in: first
          id: r
        - open: GET /on-second
        - send:
        - read:
        - {send: null, in: r}
        """,
        base=echo.url,
    )
    assert [(each.target, each.connection) for each in echo.requests] == [
        ("/on-second", 2),
        ("/on-first", 1),
    ]


def test_in_a_session_means_its_newest_connection_and_request(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
          id: a
          user-agent: a
        - connect:
        - connect:
        - session:
          user-agent: b
        - connect:
        - {open: GET /one, in: a}
        - {send: null, in: a}
        - {read: null, in: a}
        """,
        base=echo.url,
    )
    (request,) = echo.requests
    assert request.header("user-agent") == "a"
    assert request.connection == 2


def test_a_connection_opened_in_an_older_session_is_newest_there_only(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
          id: old
        - session:
          id: newer
        - connect:
        - {connect: null, in: old}
        - open: GET /
        - send:
        """,
        base=echo.url,
    )
    assert echo.requests[0].connection == 1


def test_what_composites_make_never_becomes_newest(tmp_path, lab):
    main, side = lab(EchoServer()), lab(EchoServer())
    passes(
        tmp_path,
        f"""
        steps:
        - session:
        - connect:
        - open: GET /mine
        - get: {side.url}/theirs
          id: theirs
        - send:
        - read:
        - open: GET /second
        - send:
        """,
        base=main.url,
    )
    assert [each.target for each in main.requests] == ["/mine", "/second"]
    assert [each.target for each in side.requests] == ["/theirs"]


def test_the_id_of_a_request_verb_reaches_its_answer(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - get: /lines/3
          as: 6
          id: lines
          expect: {text: line 1}
        - read:
          in: lines
          expect: {text: "\\nline 2\\nline 3\\n", eof: true}
        - set: {status: "${lines.status}", type: "${lines.header.content-type}"}
          expect: {status: 200, type: {starts-with: text/plain}}
        """,
        base=echo.url,
    )
