"""The jar of a session: cookies set by hand and by answers, sent and read."""

from __future__ import annotations

import warnings
from urllib.parse import urlsplit

import pytest

from tests.harness import passes
from tests.lab import EchoServer, scripted
from tests.lab.scripted import again, answer, request, respond, response


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


def shop(seen, cookie=""):
    """A forward proxy that is shop.test, which redirects to its subdomain."""

    def answered(sent):
        seen.append((urlsplit(sent.target).hostname, sent.header("cookie")))
        lines = [("Set-Cookie", cookie)] if cookie else []
        if seen[-1][0] == "shop.test":
            return response(302, b"", [("Location", "http://evil.shop.test/"), *lines])
        return response()

    return scripted(again(respond(answered)))


@pytest.mark.parametrize(
    ("cookie", "follows"),
    [("sid=1", None), ("sid=1; Domain=shop.test", "sid=1"), ("sid=1; Domain=", None)],
)
def test_a_cookie_goes_to_subdomains_only_with_a_domain(tmp_path, lab, cookie, follows):
    seen = []
    server = lab(shop(seen, cookie))
    passes(
        tmp_path,
        f"""
        steps:
        - session:
          proxy: {server.url}
        - get: http://shop.test/
          redirects: 1
        - get: http://shop.test/
          redirects: 1
        """,
    )
    assert seen == [
        ("shop.test", None),
        ("evil.shop.test", follows),
        ("shop.test", "sid=1"),
        ("evil.shop.test", follows),
    ]


@pytest.mark.parametrize("name", ["shop.test", "SHOP.test"])
def test_the_cookies_of_a_session_stay_away_from_subdomains(tmp_path, lab, name):
    seen = []
    server = lab(shop(seen))
    passes(
        tmp_path,
        f"""
        steps:
        - session:
          proxy: {server.url}
          cookies: {{sid: secret}}
        - get: http://{name}/
          redirects: 1
        """,
    )
    assert seen == [("shop.test", "sid=secret"), ("evil.shop.test", None)]


def test_the_cookies_of_a_session_go_to_a_name_that_is_not_ascii(tmp_path, lab):
    server = lab(scripted(again(request(), answer())))
    passes(
        tmp_path,
        f"""
        steps:
        - session:
          proxy: {server.url}
          cookies: {{sid: secret}}
        - get: http://bücher.test/
        """,
    )
    assert server.requests[0].header("cookie") == "sid=secret"


def test_a_bad_date_costs_no_cookie_and_no_word(tmp_path, lab):
    lines = [
        ("Set-Cookie", "sid=1; expires=Mon, 99 Foo 2020 99:99:99 GMT"),
        ("Set-Cookie", "ok=1; Max-Age=²".encode().decode("latin-1")),
        ("Set-Cookie", "old=1; expires=Sun, 06 Nov 99999999994 08:49:37 GMT"),
    ]
    server = lab(scripted(again(request(), answer(headers=lines))))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        passes(
            tmp_path,
            """
            steps:
            - get: /
              expect: {cookie.sid: "1", cookie.ok: "1", cookie.old.expires: {exists: false}}
            - get: /
            """,
            base=server.url,
        )
    sent = server.requests[1].header("cookie") or ""
    assert sorted(sent.split("; ")) == ["ok=1", "old=1", "sid=1"]
