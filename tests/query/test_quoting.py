"""A value put into a query is found as it is, whatever it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.query.path import QueryError, parse_query
from runner.query.quoting import literal_for

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(
    "'\"\\ |[]$.\n{}", max_size=8
)


@given(TEXTS)
def test_in_a_fact_path(text: str) -> None:
    facts = {"cookie": {text: {"value": "found"}}, "header": {}}
    for before, after in (
        ("cookie[", "]"),
        ("cookie.", ""),
        ("cookie['", "']"),
        ('cookie["', '"]'),
    ):
        query = parse_query(f"{before}{literal_for(before, text)}{after}", "get")
        assert query.find(facts) == "found"


@given(TEXTS)
def test_in_a_jsonpath(text: str) -> None:
    facts = {"json": {text: "found", "list": [{"name": text}, {"name": text + "x"}]}}
    for before, after in (("$[", "]"), ("$['", "']"), ('$["', '"]')):
        query = parse_query(f"{before}{literal_for(before, text)}{after}", "get")
        assert query.find(facts) == "found"
    before = "$.list[?@.name == "
    query = parse_query(f"{before}{literal_for(before, text)}].name", "get")
    assert query.find(facts) == [text]


@given(TEXTS)
def test_in_a_filter(text: str) -> None:
    for before, after in (
        ("text | default ", ""),
        ("text | default '", "'"),
        ('text | default "', '"'),
    ):
        query = parse_query(f"{before}{literal_for(before, text)}{after} | count", "get")
        assert query.find({}) == len(text)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), max_size=12))
def test_in_xpath(text: str) -> None:
    before = "xpath:string("
    query = parse_query(f"{before}{literal_for(before, text)})", "get")
    assert query.find({"markup": ("<a/>", "xml")}) == text


@given(st.text("ab'\"\\ |]\n", max_size=8))
def test_in_css(text: str) -> None:
    from lxml import etree

    element = etree.Element("a", title=text, href="found")
    markup = etree.tostring(element).decode()
    for before, after in (("css:a[title=", "]"), ("css:a[title='", "']")):
        query = parse_query(f"{before}{literal_for(before, text)}{after}::attr(href)", "get")
        assert query.find({"markup": (markup, "xml")}) == "found"


def test_what_is_no_text() -> None:
    assert literal_for("$.a[", 3) == "3"
    assert literal_for("text | default ", True) == "true"
    assert literal_for("text | default ", None) == "null"
    assert literal_for("text | default '", 3) == "3"
    with pytest.raises(ValueError, match="list cannot stand"):
        literal_for("$.a[", [1])
    with pytest.raises(ValueError, match="cannot stand inside"):
        literal_for("xpath://a['", "it's")


def test_a_value_is_never_a_query() -> None:
    text = f"cookie.{literal_for('cookie.', 'a | upper')}"
    assert parse_query(text, "get").find({"cookie": {"a | upper": "x", "a": "y"}}) == "x"
    with pytest.raises(QueryError):
        parse_query(f"header.x {literal_for('header.x ', '| upper')}", "get")
