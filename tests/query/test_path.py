"""Queries: what they find, their static types, and what is said about wrong ones."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from runner.kinds import Fault, StepFault
from runner.query.errors import FilterError
from runner.query.path import QueryError, parse_query
from runner.query.values import MISSING, Facts, Lazy

EXPIRES = datetime(2030, 1, 1, tzinfo=UTC)
FACTS = MappingProxyType(
    {
        "status": 200,
        "time.total": 0.25,
        "connection.reused": True,
        "tls.version": "TLSv1.3",
        "tls.subject": {"CN": "example.org"},
        "media-type": "application/json",
        "header": {"content-type": 'text/html; charset="utf-8"', "ETag": "x"},
        "headers": {"set-cookie": ["a=1", "b=2"]},
        "request.header": {"Accept": "*/*"},
        "cookie": {
            "sid": {"value": "abc", "secure": True, "expires": EXPIRES},
            "a.b": {"value": "dotted"},
            "it's": {"value": "quoted"},
        },
        "jar": {"plain": "text"},
        "redirects": [{"status": 301, "url": "/old", "header": {"Location": "/new"}}],
        "events": [{"event": "tick", "data": "1", "retry": 5}],
        "json": {"items": [{"id": 7, "a b": 1}, {"id": 8}], "none": None, "a|b": "bar"},
        "markup": ("<h1> Hi </h1><a href='/x'>x | y</a>", "html"),
        "text": "v42",
        "outputs": {"item": {"id": 3}},
        "body": {"deep": [1]},
    }
)


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("status", "status", 200),
        ("  status  ", "status", 200),
        ("time.total", "duration", 0.25),
        ("connection.reused", "boolean", True),
        ("tls.version", "version", "TLSv1.3"),
        ("tls.subject.CN", "text", "example.org"),
        ("tls.subject", "mapping", {"CN": "example.org"}),
        ("tls.subject.O", "text", MISSING),
        ("time.dns", "duration", MISSING),
        ("header.Content-Type", "text", 'text/html; charset="utf-8"'),
        ("header.etag", "text", "x"),
        ("header.'etag'", "text", "x"),
        ("header.nope", "text", MISSING),
        ("request.header.ACCEPT", "text", "*/*"),
        ("headers.set-cookie", "list", ["a=1", "b=2"]),
        ("headers.set-cookie[-1]", "any", "b=2"),
        ("headers.set-cookie[5]", "any", MISSING),
        ("cookie.sid", "text", "abc"),
        ("cookie.sid.value", "text", "abc"),
        ("cookie.sid.secure", "boolean", True),
        ("cookie.sid.expires", "date", EXPIRES),
        ("cookie.sid.path", "text", MISSING),
        ("cookie.SID", "text", MISSING),
        ("cookie['a.b']", "text", "dotted"),
        ("cookie['it''s']", "text", "quoted"),
        ('cookie["a.b"].value', "text", "dotted"),
        ("cookie.'a.b'", "text", "dotted"),
        ("jar.plain", "text", "text"),
        ("redirects[0].url", "text", "/old"),
        ("redirects[0].status", "status", 301),
        ("redirects[0].header.location", "text", "/new"),
        ("redirects[1].url", "text", MISSING),
        ("redirects[-1]", "any", FACTS["redirects"][0]),
        ("events[0].data", "text", "1"),
        ("events[0].retry", "integer", 5),
        ("outputs.item.id", "any", 3),
        ("body.deep[0]", "any", 1),
        ("body.nope.x", "any", MISSING),
        ("$", "any", FACTS["json"]),
        ("$.items[0].id", "any", 7),
        ("$.items[0]['a b']", "any", 1),
        ("$['a|b']", "any", "bar"),
        ("$.none", "any", None),
        ("$.nope", "any", MISSING),
        ("$.items[*].id", "list", [7, 8]),
        ("$..nope", "list", MISSING),
        ("$..nope | sort", "list", MISSING),
        ("$..nope | count", "integer", 0),
        ("$..nope | default [] ", "any", []),
        ("$.items[?@.id == 7 || @.id == 9].id", "list", [7]),
        ("css:h1", "text", "Hi"),
        ("css:a::attr(href)", "text", "/x"),
        ("css:a", "text", "x | y"),
        ("css-all:a", "list", ["x | y"]),
        ("css-all:p", "list", MISSING),
        ("css:p", "text", MISSING),
        ("xpath://a/@href", "any", "/x"),
        ("xpath:count(//a)", "number", 1),
        ("xpath-all://a|//h1", "list", ["Hi", "x | y"]),
        ("header.content-type | param charset | upper", "text", "UTF-8"),
        ("$.items[*].id | count", "integer", 2),
        ("text | regex 'v(\\d+)' | int", "integer", 42),
        ("$.nope | upper", "text", MISSING),
        ("$.nope | default 'x' | upper", "text", "X"),
        ("css:a | replace ' | ' ''", "text", "xy"),
        ("text | default 'it''s | x'", "any", "v42"),
        ("text |  upper  ", "text", "V42"),
    ],
)
def test_finds(text: str, type_: str, value: object) -> None:
    query = parse_query(text, "get" if not text.startswith(("tls", "outputs")) else "use")
    assert query.find(FACTS) == value
    assert query.type == type_
    assert query.text == text


@pytest.mark.parametrize(
    ("text", "verb", "offset", "message", "hint"),
    [
        ("", "get", 0, "the query is empty", "`$`"),
        ("  ", "get", 0, "the query is empty", "`$`"),
        ("| upper", "get", 0, "begins with what it reads", None),
        ("statsu", "get", 0, "no fact `statsu`", "did you mean `status`?"),
        ("name", "get", 0, "no fact `name`", "`$.name`"),
        ("nonsense", "connect", 0, "no fact `nonsense`", "time.dns"),
        ("time.dns", "send", 0, "a `send` step has no fact `time.dns`", "`connect` and `get` have"),
        ("user-agent", "send", 0, "a `send` step has no fact", "`session` has it"),
        ("$.a", "send", 0, "reads a body", "`read`"),
        ("css:a", "connect", 0, "reads a body", "`read`"),
        ("$.a", None, 0, "only variables", "| jsonpath"),
        ("css:a", None, 0, "only variables", "| css"),
        ("xpath://a", "set", 0, "only variables", "| xpath"),
        ("status.code", "get", 7, "is an integer and has no parts", None),
        ("cookie.a.b", "get", 9, "no part `b`", "['…']"),
        ("cookie.a.value.x", "get", 15, "has no parts", None),
        ("header.a.b", "get", 9, "has no parts", "header['…']"),
        ("header[0]", "get", 7, "by name", "header['0']"),
        ("events.data", "read", 7, "is a list", "events[0]"),
        ("events[0].dat", "read", 10, "no part `dat`", "did you mean `data`?"),
        ("redirects[x]", "get", 10, "an index or a quoted name", "[0]"),
        ("redirects[0", "get", 9, "is not closed", None),
        ("header..x", "get", 7, "a name is missing", None),
        ("header.", "get", 7, "a name is missing", None),
        ("header.x y", "get", 8, "a blank inside", "` | `"),
        ("header.x|upper", "get", 8, "a blank on both sides", "` | `"),
        ("header.x | uper", "get", 11, "no filter `uper`", "did you mean `upper`?"),
        ("header.x |", "get", 9, "a filter's name is missing", None),
        ("header.x | | upper", "get", 9, "a filter's name is missing", None),
        ("header.x | split ', ", "get", 17, "is not closed", "doubled"),
        ("header.x | split ','x", "get", 20, "a blank is missing", None),
        ("header.x | split it's", "get", 19, "inside a word", "in quotes"),
        ("header.x | split (", "get", 17, "is not closed", "in quotes"),
        ("header.x | split )", "get", 17, "not open", "in quotes"),
        ("header.x | upper x", "get", 17, "too many", "`upper`"),
        ("$.a | nth", "get", 6, "lacks its argument INDEX", "`nth INDEX`"),
        ("$.a | nth one", "get", 10, '"one" is no whole number', None),
        ("$.a | regex '('", "get", 12, "no regular expression", None),
        ("$.a | jsonpath x", "get", 15, "no JSONPath", None),
        ("status | upper", "get", 9, "`upper` needs text, but is given an integer", None),
        ("$.a | count | upper", "get", 14, "needs text, but is given an integer", None),
        ("$.a-b", "get", 3, "no JSONPath", "['a-b']"),
        ("$.a[", "get", 3, "is not closed", None),
        ("$.a]", "get", 3, "not open", None),
        ("$[01]", "get", 2, "no JSONPath", "RFC 9535"),
        ("css:a[", "get", 5, "is not closed", None),
        ("css:a::attr", "get", None, "no CSS selector", "::attr(name)"),
        ("css:", "get", 4, "needs an expression", None),
        ("xpath://a[", "get", 9, "is not closed", None),
        ("xpath://", "get", 6, "no XPath", None),
        ("xpath://a | //b", "get", 12, "no filter `//b`", "//a|//b"),
        ("1x", None, 0, "no name of a variable", "begins with a letter"),
        ("'a' b", None, 3, "only ` | `", None),
    ],
)
def test_refuses(
    text: str, verb: str | None, offset: int | None, message: str, hint: str | None
) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(text, verb)
    assert message in str(caught.value)
    if offset is not None:
        assert caught.value.offset == offset
    if hint is None:
        return
    assert hint in str(caught.value.hint)


VARIABLES = {
    "user": {"roles": ["admin"], "name": "Jo"},
    "shop": Facts({"status": 200, "time.total": 0.5, "header": {"ETag": "e"}, "time": 1}),
    "got": Facts({"cookie": {"a": {"value": "v", "path": "/"}}, "json": Lazy(lambda: {"x": 1})}),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("user.roles[0]", "admin"),
        ("user.roles[1]", MISSING),
        ("user['name']", "Jo"),
        ("user.name.x", MISSING),
        ("user[0]", MISSING),
        ("nobody", MISSING),
        ("shop.status", 200),
        ("shop.time.total", 0.5),
        ("shop.header.etag", "e"),
        ("shop.header", {"ETag": "e"}),
        ("shop.nope", MISSING),
        ("got.cookie.a", "v"),
        ("got.cookie.a.path", "/"),
        ("got.json.x", 1),
        ("user | jsonpath $.roles[*] | count", 1),
        ("'a.png' | upper", "A.PNG"),
    ],
)
def test_finds_variables(text: str, value: object) -> None:
    query = parse_query(text, None)
    assert query.find(VARIABLES) == value


def test_names_are_the_facts_used() -> None:
    assert parse_query("header.x | upper", "get").names == ("header",)
    assert parse_query("$.a", "get").names == ("json",)
    assert parse_query("css:a", "get").names == ("markup",)
    assert parse_query("shop.status", None).names == ("shop",)
    assert parse_query("'x'", None).names == ()


def test_set_speaks_of_its_variables_and_of_common_facts() -> None:
    assert parse_query("price", "set").find({"price": 3}) == 3
    assert parse_query("time.total", "set").type == "duration"
    assert parse_query("price", "set").type == "any"


def test_a_block_has_any_fact() -> None:
    assert parse_query("status", "block").type == "status"
    assert parse_query("time.dns", "parallel").type == "duration"
    with pytest.raises(QueryError):
        parse_query("nope", "block")


def test_lazy_facts_are_made_once_and_only_when_asked_for() -> None:
    made: list[int] = []

    def make() -> object:
        made.append(1)
        return {"a": [1]}

    facts = {"json": Lazy(make), "status": 200}
    assert parse_query("status", "get").find(facts) == 200
    assert made == []
    assert parse_query("$.a[0]", "get").find(facts) == 1
    assert parse_query("$..a", "get").find(facts) == [[1]]
    assert made == [1]


def test_a_fault_of_a_lazy_fact_passes_through() -> None:
    def make() -> object:
        raise StepFault(Fault("invalid-json", "read", "no JSON"))

    facts = {"json": Lazy(make)}
    for _ in range(2):
        with pytest.raises(StepFault):
            parse_query("$.a", "get").find(facts)


def test_a_filter_that_cannot_take_the_value_raises_a_sentence() -> None:
    with pytest.raises(FilterError, match=r"`upper` needs text; found the integer 5"):
        parse_query("$.n | upper", "get").find({"json": {"n": 5}})


@pytest.mark.parametrize(
    ("text", "value", "nothing"),
    [
        ("$.a", MISSING, True),
        ("$.a", None, False),
        ("$.a", "", False),
        ("$..a", [], True),
        ("$.a", [], True),
        ("css:a", "", True),
        ("css:a | trim", "", True),
        ("$.a | css b", "", True),
        ("text", "", False),
        ("$..a | default []", [], False),
        ("css:a | default ''", "", False),
    ],
)
def test_capturing_nothing(text: str, value: object, nothing: bool) -> None:
    assert parse_query(text, "get").finds_nothing(value) is nothing
