"""``Set-Cookie`` lines: their dates and attributes, and what the jar makes of them."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Request
from requests.cookies import RequestsCookieJar

from runner.wire.cookies import attributes, cookie_date, line_for_jar
from runner.wire.head import Head
from runner.wire.response import keep_cookies

BIRTHDAY = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
PIECES = [
    "=", ";", "; ", " ", ",", '"', "\\", "\t", "a", "é", "²", "1", "-", "9" * 20, "9" * 5000,
    "expires=", "Expires", "max-age=", "domain=", "path=", "/", ".", "..", "shop.test", "Secure",
    "version=", "port=", "discard", "Mon, 99 Foo 2020 99:99:99 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT",
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        '"Sun, 6 November 1994 08:49:37 GMT"',
    ],
)
def test_dates(text):
    assert cookie_date(text) == BIRTHDAY


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "tomorrow", "Mon, 99 Foo 2020 99:99:99 GMT", "Thu, 31 Feb 2030 00:00:00 GMT",
        "Sun, 06 Nov 99999999994 08:49:37 GMT", "Sun, 06 Nov 1600 08:49:37 GMT",
        "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 24:00:00 GMT",
    ],
)  # fmt: skip
def test_what_is_no_date(text):
    assert cookie_date(text) is None


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("Max-Age=60", {"max-age": 60}),
        ("max-age=-1", {"max-age": -1}),
        ("Max-Age=²", {}),
        ("Max-Age=1e5", {}),
        ("Max-Age=" + "9" * 5000, {}),
        ("Max-Age=1; Max-Age=2", {"max-age": 2}),
        ("Domain=; Path=here", {}),
        ("Domain=shop.test; Path=/a", {"domain": "shop.test", "path": "/a"}),
        ("SECURE; HttpOnly; SameSite=Lax", {"secure": True, "http-only": True, "same-site": "Lax"}),
        ("Expires=Sun, 06 Nov 99999999994 08:49:37 GMT", {}),
    ],
)
def test_attributes(given, found):
    assert attributes(given.split(";")) == found


def kept(*lines, url="http://shop.test/x/y"):
    """The jar after an answer with these ``Set-Cookie`` lines; a warning is an error."""
    jar = RequestsCookieJar()
    head = Head("HTTP/1.1", 200, "OK", tuple(("Set-Cookie", line) for line in lines))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        keep_cookies(jar, Request("GET", url).prepare(), head)
    return jar


@pytest.mark.parametrize(
    "line",
    [
        "sid=1; Expires=Mon, 99 Foo 2020 99:99:99 GMT",
        "sid=1; Expires=Sun, 06 Nov 99999999994 08:49:37 GMT",
        "sid=1; Max-Age=²",
        "sid=1; Version=x; Port=y; Domain=",
    ],
)
def test_a_bad_attribute_costs_no_cookie(line):
    assert dict(kept(line, "ok=1")) == {"sid": "1", "ok": "1"}


@pytest.mark.parametrize(
    "line", ["sid=; Max-Age=0", "sid=; Expires=Sun, 06 Nov 1911 08:49:37 GMT", "sid=; max-age=-5"]
)
def test_a_cookie_of_the_past_is_none(line):
    assert dict(kept("sid=1", line)) == {}


def test_good_attributes_reach_the_jar():
    (cookie,) = kept(
        "sid=1; Domain=shop.test; Path=/x; Secure; HttpOnly; Expires=6-Nov-2094 8:49:37"
    )
    assert (cookie.domain, cookie.path, cookie.secure) == (".shop.test", "/x", True)
    assert cookie.expires == BIRTHDAY.replace(year=2094).timestamp()
    assert cookie.has_nonstandard_attr("HttpOnly")


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_line_costs_the_cookies_of_another(line):
    assert kept(f"sid=1; {line}", "ok=1")["ok"] == "1"
    line_for_jar(line)
