"""The jar of a session: cookies set by hand and by answers, sent and read."""

from __future__ import annotations

from tests.harness import passes
from tests.lab import EchoServer


def test_cookies_of_the_session_are_sent_and_read(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
          cookies: {theme: dark, size: 1.10}
          expect: {jar.theme: dark, jar.size: "1.10"}
        - get: /cookies
          expect: {$: {equals: {theme: dark, size: "1.10"}}}
        """,
        base=echo.url,
    )
    assert sorted(echo.requests[0].header("cookie").split("; ")) == ["size=1.10", "theme=dark"]


def test_cookies_an_answer_sets_are_facts_and_go_with_the_next_request(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
        - connect:
        - open: GET /cookies/set?who=ada&a.b=c
        - send:
          expect:
            cookie.who: ada
            cookie.who.value: ada
            cookie.who.path: /
            cookie.who.http-only: true
            cookie.who.secure: false
            cookie.who.same-site: Lax
            cookie['a.b']: c
            cookie.nobody: {exists: false}
            jar.who: ada
            jar['a.b']: c
          capture: {who: cookie.who}
        - read:
          expect: {jar.who: ada}
        - open: GET /cookies
        - send:
        - read: json
          expect: {$.who: "${who}"}
        - open: GET /cookies/delete?who
        - send:
          expect:
            jar.who: {exists: false}
            jar['a.b']: c
        - open: GET /cookies
        - send:
        - read: json
          expect: {$: {equals: {a.b: c}}}
        """,
        base=echo.url,
    )
    assert echo.requests[0].header("cookie") is None


def test_a_cookie_line_set_by_hand_wins_over_the_jar(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
          cookies: {theme: dark}
        - get: /
          headers: {Cookie: by=hand}
        """,
        base=echo.url,
    )
    assert echo.requests[0].headers("cookie") == ["by=hand"]


def test_a_cookie_between_open_and_send_still_goes_along(tmp_path, echo):
    """What the jar holds when the request leaves counts, not when it was opened."""
    passes(
        tmp_path,
        """
        steps:
        - session:
          id: user
        - connect:
        - open: GET /cookies
        - get: /cookies/set?late=yes
          in: user
        - send:
        - read: json
          expect: {$.late: "yes"}
        """,
        base=echo.url,
    )


def test_cookies_set_by_a_redirect_are_kept_and_cookies_stay_with_their_host(tmp_path, lab):
    here, there = lab(EchoServer()), lab(EchoServer())
    passes(
        tmp_path,
        f"""
        steps:
        - session:
        - get: {here.url}/cookies/set?who=ada
        - get: {there.url_for("localhost")}/
        - get: {here.url}/redirect/1
          redirects: 1
        """,
    )
    assert there.requests[0].header("cookie") is None
    assert [each.header("cookie") for each in here.requests] == [None, "who=ada", "who=ada"]
