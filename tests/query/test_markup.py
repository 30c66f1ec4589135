"""CSS and XPath: what they find, and what hostile markup cannot do."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path

import pytest

from runner.kinds import StepFault
from runner.query.errors import FilterError, QueryError
from runner.query.markup import Document, compile_markup
from runner.query.values import MISSING

HTML = """<html><head><title>T</title></head><body>
<ul><li class="a">one</li><li>two <b>bold</b></li><li></li></ul>
<a href="/x">x</a><a>no link</a><a href="/y">y</a></body></html>"""
FEED = """<?xml version="1.0" encoding="iso-8859-1"?>
<feed xmlns="urn:feed" xmlns:m="urn:m"><title>Äh</title><m:id no="1">7</m:id><!-- c --></feed>"""


@pytest.mark.parametrize(
    ("language", "expression", "every", "expected"),
    [
        ("css", "title", False, "T"),
        ("css", "li", False, "one"),
        ("css", "li:nth-child(2)", False, "two bold"),
        ("css", "li:nth-child(3)", False, ""),
        ("css", "li", True, ["one", "two bold", ""]),
        ("css", "li.nope", False, MISSING),
        ("css", "a::attr(href)", False, "/x"),
        ("css", "a::attr(href)", True, ["/x", "/y"]),
        ("css", "li::attr(href)", False, MISSING),
        ("css", "LI.a", False, "one"),
        ("xpath", "//li/text()", True, ["one", "two"]),
        ("xpath", "//a/@href", False, "/x"),
        ("xpath", "count(//li)", False, 3),
        ("xpath", "string(//title)", False, "T"),
        ("xpath", "boolean(//nope)", False, False),
        ("xpath", "//nope", False, MISSING),
        ("xpath", "1 div 2", True, [0.5]),
    ],
)
def test_html(language: str, expression: str, every: bool, expected: object) -> None:
    if expression == "//li/text()":
        expected = ["one", "two "]
    _, select = compile_markup(expression, language, every)
    assert select((HTML, "html")) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("//_:title", "Äh"),
        ("//m:id", "7"),
        ("//m:id/@no", "1"),
        ("//*[local-name()='title']", "Äh"),
        ("//title", MISSING),
        ("//comment()", "c"),
    ],
)
@pytest.mark.parametrize("source", [FEED, FEED.encode("latin-1")], ids=["text", "bytes"])
def test_xml(expression: str, expected: object, source: str | bytes) -> None:
    _, select = compile_markup(expression, "xpath", every=False)
    assert select(Document(source, "xml")) == expected


def test_css_in_xml_is_case_sensitive() -> None:
    _, select = compile_markup("Item", "css", every=False)
    assert select(("<r><item>a</item><Item>b</Item></r>", "xml")) == "b"


def test_a_prefix_the_document_does_not_know_is_a_sentence() -> None:
    _, select = compile_markup("//x:a", "xpath", every=False)
    with pytest.raises(FilterError, match="known prefixes: _, m"):
        select((FEED, "xml"))


def test_a_document_is_parsed_once() -> None:
    document = Document(HTML, "html")
    assert document.root() is document.root()


@pytest.mark.parametrize("source", ["", "  \n", b""])
def test_empty_html_has_nothing(source: str | bytes) -> None:
    assert compile_markup("a", "css", every=False)[1]((source, "html")) is MISSING
    assert compile_markup("a", "css", every=True)[1]((source, "html")) == []


@pytest.mark.parametrize("source", ["", "<a>", "<a></b>", "plain", b"\xff\xfe<"])
def test_broken_xml_is_invalid_xml(source: str | bytes) -> None:
    with pytest.raises(StepFault) as caught:
        compile_markup("//a", "xpath", every=False)[1]((source, "xml"))
    assert caught.value.fault.kind == "invalid-xml"


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("swordfish")
    source = f'<!DOCTYPE r [<!ENTITY e SYSTEM "{secret.as_uri()}">]><r>[&e;]</r>'
    found = compile_markup("string(/r)", "xpath", every=False)[1]((source, "xml"))
    assert "swordfish" not in str(found)


def test_a_bomb_of_entities_is_refused() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    source = f'<!DOCTYPE r [<!ENTITY l0 "lol">{laughs}]><r>&l11;</r>'
    with pytest.raises(StepFault, match="amplification"):
        compile_markup("string(/r)", "xpath", every=False)[1]((source, "xml"))


def test_depth_is_limited() -> None:
    source = "<a>" * 100_000 + "</a>" * 100_000
    with pytest.raises(StepFault):
        compile_markup("//a", "xpath", every=False)[1]((source, "xml"))


@pytest.mark.parametrize("missing", ["lxml", "cssselect"])
def test_a_missing_library_names_the_extra(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith(missing):
            raise ImportError(name)
        return real(name, *rest, **more)

    for name in [name for name in sys.modules if name.startswith(missing)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(QueryError) as caught:
        compile_markup("a", "css", every=False, offset=4)
    assert missing in str(caught.value)
    assert "pip install 'httpsteps[markup]'" in str(caught.value.hint)
