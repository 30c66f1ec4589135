"""Filters: a table of what each gives, and of what each says to a value it cannot take."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from runner.kinds import Fault, StepFault
from runner.query.errors import FilterError, QueryError
from runner.query.filters import FILTERS, parse_filters, usage
from runner.query.types import TYPES
from runner.query.values import MISSING, Lazy, WrittenFloat, same

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
TOKEN = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0."
    "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
)
URL = "https://jo%40x:pw@example.org:8443/a/b?page=2&q=a%20b&q=c#top"

TABLE = [
    ("count", [1, 2, 3], 3),
    ("count", {"a": 1}, 1),
    ("count", "äöü", 3),
    ("count", b"\xff\xfe", 2),
    ("count", [], 0),
    ("first", [1, 2], 1),
    ("first", [], MISSING),
    ("last", [1, 2], 2),
    ("last", [], MISSING),
    ("nth 1", [1, 2], 2),
    ("nth -1", [1, 2], 2),
    ("nth 2", [1, 2], MISSING),
    ("nth '0'", [1, 2], 1),
    ("keys", {"b": 1, "a": 2}, ["b", "a"]),
    ("values", {"b": 1, "a": 2}, [1, 2]),
    ("sort", [3, 1.5, 2], [1.5, 2, 3]),
    ("sort", ["b", "a"], ["a", "b"]),
    ("sort", [NEW_YEAR, NEW_YEAR - timedelta(1)], [NEW_YEAR - timedelta(1), NEW_YEAR]),
    ("sort", [], []),
    ("unique", [1, 1.0, True, "1", [1], [1], {"a": 1}, {"a": 1}], [1, True, "1", [1], {"a": 1}]),
    ("reverse", [1, 2], [2, 1]),
    ("reverse", "ab", "ba"),
    ("sum", [1, 2], 3),
    ("sum", [0.5, 1], 1.5),
    ("sum", [], 0),
    ("min", [3, 1], 1),
    ("min", [], MISSING),
    ("max", ["a", "b"], "b"),
    ("max", [], MISSING),
    ("lower", "ÄB", "äb"),
    ("upper", "äb", "ÄB"),
    ("trim", " \t a b \n", "a b"),
    ("split ,", "a,b,,c", ["a", "b", "", "c"]),
    ("split ', '", "GET, HEAD", ["GET", "HEAD"]),
    ("split", " a  b ", ["a", "b"]),
    ("replace a b", "aXa", "bXb"),
    ("replace '.' ''", "a.b.c", "abc"),
    ("replace ' | ' /", "a | b", "a/b"),
    ("regex 'v(\\d+)'", "x v42 y", "42"),
    ("regex \\d+", "x v42 y", "42"),
    ("regex '(a)(b)' 2", "ab", "b"),
    ("regex '(a)(b)' 0", "ab", "ab"),
    ("regex '(?P<n>b)' n", "ab", "b"),
    ("regex '(x)?a'", "a", MISSING),
    ("regex z", "ab", MISSING),
    ("text", 5, "5"),
    ("text", 1.5, "1.5"),
    ("text", WrittenFloat(1.1, "1.10"), "1.10"),
    ("text", True, "true"),
    ("text", None, "null"),
    ("text", {"a": [1, "ä"]}, '{"a": [1, "ä"]}'),
    ("text", b"abc", "abc"),
    ("text", NEW_YEAR, "2026-01-01T00:00:00+00:00"),
    ("json", '{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
    ("json", b"[1]", [1]),
    ("int", "42", 42),
    ("int", " -7 ", -7),
    ("int", 3.9, 3),
    ("int", 3, 3),
    ("float", "1.5", 1.5),
    ("float", "1e3", 1000.0),
    ("float", "-.5", -0.5),
    ("float", 2, 2.0),
    ("base64-encode", "user:pass", "dXNlcjpwYXNz"),
    ("base64-encode", b"\xff", "/w=="),
    ("base64-decode", "dXNlcjpwYXNz", "user:pass"),
    ("base64-decode", "/w==", b"\xff"),
    ("base64-decode", "dXNl\r\ncjpwYXNz\n", "user:pass"),
    ("base64url-encode", b"\xff\xfe\xfd", "__79"),
    ("base64url-encode", "a", "YQ"),
    ("base64url-decode", "__79", b"\xff\xfe\xfd"),
    ("base64url-decode", "YQ", "a"),
    ("base64url-decode", "YQ==", "a"),
    ("hex-encode", "äb", "c3a462"),
    ("hex-decode", "C3A462", "äb"),
    ("hex-decode", "ff", b"\xff"),
    ("url-encode", "a b/c~ä", "a%20b%2Fc~%C3%A4"),
    ("url-decode", "a%20b%2Fc+%C3%A4", "a b/c+ä"),
    ("html-encode", '<a b="\'&">', "&lt;a b=&quot;&#x27;&amp;&quot;&gt;"),
    ("html-decode", "&lt;&eacute;&#x27;&amp;", "<é'&"),
    ("sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("sha256", b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("md5", "abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("gunzip", gzip.compress(b"hello", mtime=0), "hello"),
    ("gunzip", gzip.compress(b"a", mtime=0) + gzip.compress(b"\xff", mtime=0), b"a\xff"),
    ("parse-date", "2026-01-01T00:00:00Z", NEW_YEAR),
    ("parse-date", "2026-01-01", NEW_YEAR),
    ("parse-date", "2026-01-01 01:00:00.123456789+01:00", NEW_YEAR.replace(microsecond=123456)),
    ("parse-date", "2026-01-01t00:00:00z", NEW_YEAR),
    ("parse-date", "Thu, 01 Jan 2026 00:00:00 GMT", NEW_YEAR),
    ("parse-date", "Thursday, 01-Jan-26 00:00:00 GMT", NEW_YEAR),
    ("parse-date", "Thu Jan  1 00:00:00 2026", NEW_YEAR),
    ("parse-date", "Thu, 1 Jan 2026 01:00:00 +0100", NEW_YEAR),
    ("parse-date", "Sunday, 06-Nov-94 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
    ("parse-date '%d.%m.%Y'", "01.01.2026", NEW_YEAR),
    ("parse-date '%d.%m.%Y %z'", "01.01.2026 +0100", NEW_YEAR - timedelta(hours=1)),
    ("parse-date", 1767225600, NEW_YEAR),
    ("parse-date", NEW_YEAR, NEW_YEAR),
    ("format-date '%Y-%m'", NEW_YEAR, "2026-01"),
    ("format-date %Y", "Thu, 01 Jan 2026 00:00:00 GMT", "2026"),
    ("jsonpath $.a[0]", {"a": [5]}, 5),
    ("jsonpath $.b", {"a": [5]}, MISSING),
    ("jsonpath $.a[*]", {"a": [5]}, [5]),
    ("jsonpath '$[?@.n > 1].n'", [{"n": 1}, {"n": 2}], [2]),
    ("jsonpath $[?@.n>1].n", [{"n": 1}, {"n": 2}], [2]),
    ("jsonpath $.a", '{"a": 1}', 1),
    ("css h1", "<h1>Hi</h1>", "Hi"),
    ("css a::attr(href)", "<a href=x>", "x"),
    ("css 'li:nth-child(2)'", "<li>a<li>b", "b"),
    ("css p", "<h1>Hi</h1>", MISSING),
    ("xpath //b", "<a><b>1</b></a>", "1"),
    ("xpath //b", "<p>html <b>1</b><br>", "1"),
    ("xpath 'count(//b)'", "<a><b/><b/></a>", 2),
    ("param charset", "text/html; charset=utf-8", "utf-8"),
    ("param CHARSET", 'text/html;charset="a \\"b\\";c"', 'a "b";c'),
    ("param boundary", "multipart/form-data; x=1; boundary=--q", "--q"),
    ("param max-age", "max-age=60; x=1", "60"),
    ("param nope", "text/html; charset=utf-8", MISSING),
    ("url-part scheme", URL, "https"),
    ("url-part user", URL, "jo@x"),
    ("url-part host", URL, "example.org"),
    ("url-part port", URL, 8443),
    ("url-part port", "http://x/", 80),
    ("url-part port", "/only/path", MISSING),
    ("url-part origin", URL, "https://example.org:8443"),
    ("url-part path", URL, "/a/b"),
    ("url-part query", URL, "page=2&q=a%20b&q=c"),
    ("url-part query page", URL, "2"),
    ("url-part query q", URL, "a b"),
    ("url-part query nope", URL, MISSING),
    ("url-part fragment", URL, "top"),
    ("url-part fragment", "http://x/", MISSING),
    ("jwt | jsonpath $.payload.name", TOKEN, "John Doe"),
    ("jwt | jsonpath $.header.alg", f"Bearer {TOKEN}", "HS256"),
    ("jwt | jsonpath $.signature | count", TOKEN, 43),
    ("default 5", MISSING, 5),
    ("default '5'", MISSING, "5"),
    ("default x", MISSING, "x"),
    ("default null", MISSING, None),
    ("default [1,2]", [], [1, 2]),
    ("default x", "", "x"),
    ("default x", "y", "y"),
    ("default x", None, None),
    ("default x", 0, 0),
    ("default x", False, False),
    ("upper", MISSING, MISSING),
    ("upper | default x", MISSING, "x"),
    ("default x | upper", MISSING, "X"),
]


@pytest.mark.parametrize(("text", "value", "expected"), TABLE)
def test_gives(text: str, value: object, expected: object) -> None:
    found = parse_filters(f" | {text}")(value)
    assert found is expected or same(found, expected)


REFUSED = [
    ("count", 5, "`count` needs a list, a mapping, text or bytes; found the integer 5"),
    ("first", "ab", '`first` needs a list; found the text "ab"'),
    ("last", {}, "`last` needs a list; found the mapping {}"),
    ("nth 0", None, "`nth` needs a list; found null"),
    ("keys", [1], "`keys` needs a mapping; found the list [1]"),
    ("values", [], "`values` needs a mapping"),
    ("sort", [1, "a"], '`sort` needs elements of one kind; found the integer 1 and the text "a"'),
    ("sort", [True, False], "`sort` needs a list of numbers, texts or dates; found the boolean"),
    ("unique", "ab", "`unique` needs a list"),
    ("reverse", 5, "`reverse` needs a list or text; found the integer 5"),
    ("sum", [1, "2"], '`sum` needs a list of numbers; found the text "2" in it'),
    ("sum", [10**400, 0.5], "too large"),
    ("min", [1, None], "`min` needs elements of one kind"),
    ("max", [[1]], "found the list [1] in it"),
    ("lower", 5, "`lower` needs text; found the integer 5"),
    ("upper", True, "`upper` needs text; found the boolean true"),
    ("trim", [], "`trim` needs text; found the list []"),
    ("split ''", "a", "separator"),
    ("replace '' x", "a", "a text to replace"),
    ("regex '(a)' 2", "a", "has no group 2"),
    ("regex '(a)' n", "a", "has no group n"),
    ("text", b"\xff", "`text` needs UTF-8; found 1 bytes"),
    ("text", {"a": b"x"}, "cannot be written as JSON"),
    ("json", "{a}", '`json` needs JSON; found the text "{a}"'),
    ("json", "NaN", "NaN is no JSON"),
    ("json", "[" * 100_000, "nested more than 200 levels deep"),
    ("int", "4.2", '`int` needs digits; found the text "4.2"'),
    ("int", "", "`int` needs digits"),
    ("int", "٣", "`int` needs digits"),
    ("int", True, "`int` needs text or a number; found the boolean true"),
    ("int", float("inf"), "finite"),
    ("float", "x", '`float` needs a number; found the text "x"'),
    ("float", "inf", "`float` needs a number"),
    ("float", "1e999", "too large"),
    ("float", 10**400, "too large"),
    ("base64-encode", 5, "`base64-encode` needs text or bytes; found the integer 5"),
    ("base64-decode", "a", "`base64-decode` needs Base64"),
    ("base64-decode", "__79", "`base64-decode` needs Base64"),
    ("base64url-encode", None, "`base64url-encode` needs text or bytes; found null"),
    ("base64url-decode", "a", "`base64url-decode` needs URL-safe Base64"),
    ("hex-encode", 5, "needs text or bytes"),
    ("hex-decode", "abc", "`hex-decode` needs pairs of hex digits"),
    ("hex-decode", "zz", "`hex-decode` needs pairs of hex digits"),
    ("url-encode", 5, "needs text or bytes"),
    ("url-decode", 5, "needs text"),
    ("html-encode", 5, "needs text"),
    ("html-decode", 5, "needs text"),
    ("sha256", [], "needs text or bytes"),
    ("sha1", [], "needs text or bytes"),
    ("md5", [], "needs text or bytes"),
    ("gunzip", "plain", "`gunzip` needs gzip"),
    ("gunzip", gzip.compress(b"hello" * 100, mtime=0)[:-9], "cut short"),
    ("parse-date", "tomorrow", '"tomorrow" is no date of ISO 8601'),
    ("parse-date", "2026-13-01", "a day or a time there is not"),
    ("parse-date", "Thu, 31 Feb 2026 00:00:00 GMT", "a day or a time there is not"),
    ("parse-date", "Thu, 01 Foo 2026 00:00:00 GMT", "a day or a time there is not"),
    ("parse-date %Y", "x", '"x" is no date of the form "%Y"'),
    ("parse-date", 1e300, "no time of the calendar"),
    ("parse-date", [], "needs text, a number or a date"),
    ("format-date %Y", "x", "is no date"),
    ("days-until", "x", "is no date"),
    ("seconds-since", "x", "is no date"),
    ("jsonpath $.a", "{", "`jsonpath` needs JSON"),
    ("css h1", 5, "`css` needs text or bytes"),
    ("xpath //a", 5, "`xpath` needs text or bytes"),
    ("param x", 5, "`param` needs text"),
    ("url-part prot", URL, "did you mean `port`?"),
    ("url-part host", "http://[::1", "needs a URL"),
    ("url-part port", "http://x:99999/", "needs a URL"),
    ("jwt", "a.b", "three parts"),
    ("jwt", "a.b.c", "`jwt` needs JSON in Base64"),
    ("jwt", "YQ.YQ.c", "`jwt` needs JSON in Base64"),
    ("file", "x", "no folder to read from"),
]


@pytest.mark.parametrize(("text", "value", "message"), REFUSED)
def test_refuses(text: str, value: object, message: str) -> None:
    pipeline = parse_filters(f"| {text}")
    with pytest.raises(FilterError) as caught:
        pipeline(value)
    assert message in str(caught.value)


def test_gunzip_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.query.filters.encodings.LARGEST", 1000)
    assert parse_filters("| gunzip | count")(gzip.compress(b"a" * 1000)) == 1000
    for packed in (gzip.compress(b"a" * 1001), gzip.compress(b"a" * 600) * 2):
        with pytest.raises(FilterError, match="more than 64 MiB"):
            parse_filters("| gunzip")(packed)


def test_dates_count_from_now() -> None:
    soon = datetime.now(UTC) + timedelta(days=2)
    days = parse_filters("| days-until")(soon)
    assert isinstance(days, float)
    assert 1.99 < days <= 2
    seconds = parse_filters("| seconds-since")(soon.isoformat())
    assert isinstance(seconds, float)
    assert -2 * 86400 <= seconds < -2 * 86400 + 60


class Folder:
    def read_bytes(self, name: str) -> bytes:
        if name == "outside":
            raise StepFault(Fault("file-outside-root", "load", "no"))
        if name == "nope":
            raise FileNotFoundError(2, "No such file")
        return {"a.txt": b"abc", "b.png": b"\xff\xd8"}[name]

    def exists(self, name: str) -> bool:
        return name != "nope"


def test_file_reads_from_the_folder_it_is_given() -> None:
    folder = Folder()
    assert parse_filters("| file | upper")("a.txt", folder) == "ABC"
    assert parse_filters("| file", files=folder)("b.png") == b"\xff\xd8"
    with pytest.raises(FilterError, match="cannot read nope: No such file"):
        parse_filters("| file")("nope", folder)
    with pytest.raises(StepFault):
        parse_filters("| file")("outside", folder)


def test_every_filter_is_in_the_table() -> None:
    named = {text.split()[0] for text, _, _ in (*TABLE, *REFUSED)}
    assert named == set(FILTERS)


def test_the_language_has_these_filters() -> None:
    assert set(FILTERS) == {
        "count",
        "first",
        "last",
        "nth",
        "keys",
        "values",
        "sort",
        "unique",
        "reverse",
        "sum",
        "min",
        "max",
        "lower",
        "upper",
        "trim",
        "split",
        "replace",
        "regex",
        "text",
        "json",
        "int",
        "float",
        "base64-encode",
        "base64-decode",
        "base64url-encode",
        "base64url-decode",
        "hex-encode",
        "hex-decode",
        "url-encode",
        "url-decode",
        "html-encode",
        "html-decode",
        "sha256",
        "sha1",
        "md5",
        "gunzip",
        "parse-date",
        "format-date",
        "days-until",
        "seconds-since",
        "jsonpath",
        "xpath",
        "css",
        "param",
        "url-part",
        "jwt",
        "file",
        "default",
    }


@pytest.mark.parametrize("chosen", FILTERS.values(), ids=lambda chosen: chosen.name)
def test_a_filter_explains_itself(chosen) -> None:
    assert len(chosen.doc) > 20
    assert set(chosen.takes) <= set(TYPES)
    assert chosen.gives in (*TYPES, "same")
    assert usage(chosen).startswith(chosen.name)


@pytest.mark.parametrize(
    ("text", "type_", "gives"),
    [
        ("", "text", "text"),
        ("| upper", "any", "text"),
        ("| reverse", "list", "list"),
        ("| reverse", "text", "text"),
        ("| split , | count", "text", "integer"),
        ("| parse-date | days-until", "text", "number"),
    ],
)
def test_static_types(text: str, type_: str, gives: str) -> None:
    assert parse_filters(text, type_).type == gives


@pytest.mark.parametrize(
    ("text", "type_", "offset", "message"),
    [
        ("upper", "any", 0, "a filter is expected"),
        ("| upper", "integer", 2, "needs text, but is given an integer"),
        ("| upper |", "any", 8, "name is missing"),
        ("|upper", "any", 0, "a filter is expected"),
        ("| 'upper'", "any", 2, "no filter `upper`"),
        ("| sum", "text", 2, "needs a list, but is given text"),
    ],
)
def test_wrong_chains(text: str, type_: str, offset: int, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_filters(text, type_)
    assert caught.value.offset == offset
    assert message in str(caught.value)


def test_a_lazy_value_is_made() -> None:
    assert parse_filters("| upper")(Lazy(lambda: "a")) == "A"


def test_deep_values_are_a_sentence() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(FilterError, match="nested too deeply"):
        parse_filters("| unique")(deep)
    while deep:
        deep = deep.pop()  # type: ignore[assignment]
