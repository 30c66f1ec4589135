"""The HTML report as a file: what stands in it, and that nothing in it can do harm."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from runner.redact import Redactor
from runner.reports.html import NeedsJinja, embed, html_chunks, write_html
from runner.reports.json_report import read_json, write_json
from runner.result import SuiteResult
from tests.reports.html_results import BREAKOUT, HOSTILE, hostile, long, request, showcase, suite
from tests.reports.results import scenario, step


class Page(HTMLParser):
    """What a page is made of: its elements, and what scripts and styles hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": [], "data": [], "title": []}
        self._now: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        data = given.get("type") == "application/jsonl"
        self._now = "data" if data else tag if tag in self.inside else None
        if self._now:
            self.inside[self._now].append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._now = None

    def handle_data(self, data: str) -> None:
        if self._now:
            self.inside[self._now][-1] += data

    def scenarios(self) -> list[dict[str, Any]]:
        """Head and steps of each scenario."""
        lines = [text.split("\n") for text in self.inside["data"]]
        return [{**json.loads(head), **json.loads(whole)} for head, whole in lines]


def text_of(result: SuiteResult, clean: Any = None) -> str:
    return b"".join(html_chunks(result, clean)).decode()


def test_the_file_is_written_whole_and_says_how_the_run_went(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "report.html"
    write_html(showcase(), path)
    text = path.read_text("utf-8")
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]
    assert Page(text).inside["title"] == ["7 of 10 not passed · httpsteps"]
    assert "7 of 10 scenarios did not pass" in text
    assert "2026-11-23 03:00:00 UTC" in text
    assert "<dd>1.24 s</dd>" in text
    assert "<dd>7</dd>" in text


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (suite(), "Nothing ran"),
        (suite(scenario()), "The scenario passed"),
        (suite(scenario(), scenario()), "All 2 scenarios passed"),
        (suite(scenario(), scenario(outcome="skipped")), "1 passed, 1 skipped"),
        (suite(scenario(outcome="error"), scenario()), "1 of 2 scenarios did not pass"),
    ],
)
def test_the_heading(result: SuiteResult, said: str) -> None:
    text = text_of(result)
    heading = " ".join(text[text.index("<h1>") + 4 : text.index("</h1>")].split())
    assert heading == said


def test_every_scenario_is_there_with_its_steps() -> None:
    found = Page(text_of(showcase())).scenarios()
    assert [one["name"] for one in found] == [one.name for one in showcase().scenarios]
    first = found[0]
    assert first["times"] == {"dns": 0.001, "tcp": 0.002, "tls": 0.003, "send": 0.001,
                              "wait": 0.01, "read": 0.002}  # fmt: skip
    assert [one["verb"] for one in first["steps"][0]["steps"]] == ["connect", "send", "read"]
    assert first["steps"][0]["failures"][0]["found"] == 20.0
    assert first["teardown"][0]["name"] == "tidy up"


def test_facts_are_told_once() -> None:
    lost = step("set", 5, facts={"error": "mine", "attempts": 1, "time.total": 0.1, "count": 0})
    seen = Page(text_of(suite(scenario(request("a"), lost)))).scenarios()[0]["steps"]
    assert "time.wait" not in seen[0]["facts"]
    assert seen[0]["facts"]["status"] == 200
    assert "facts" not in seen[0]["steps"][1]
    assert seen[1]["facts"] == {"error": "mine", "count": 0}


def test_inside_a_block_each_step_keeps_its_facts() -> None:
    same = request("a")
    block = step("block", 3, facts=same.facts, steps=(same,))
    seen = Page(text_of(suite(scenario(block)))).scenarios()[0]["steps"][0]
    assert seen["steps"][0]["facts"]["status"] == 200


def test_a_saved_result_makes_the_same_report(tmp_path: Path) -> None:
    write_json(showcase(), tmp_path / "r.json")
    assert text_of(read_json(tmp_path / "r.json")) == text_of(showcase())


def test_nothing_hostile_leaves_its_place() -> None:
    text = text_of(hostile())
    page = Page(text)
    plain = Page(text_of(showcase()))
    markup = [one for one in page.elements if one[1].get("type") != "application/jsonl"]
    known = [one for one in plain.elements if one[1].get("type") != "application/jsonl"]
    assert [tag for tag, _ in markup] == [tag for tag, _ in known]
    assert len(page.inside["data"]) == 2 * len(HOSTILE)
    assert not re.search("[<>&\u2028\u2029]", "".join(page.inside["data"]))
    assert BREAKOUT not in text
    found = page.scenarios()
    assert [one["name"] for one in found[::2]] == list(HOSTILE)
    assert found[0]["steps"][0]["facts"]["header"] == {BREAKOUT: BREAKOUT}


def test_what_the_run_says_of_itself_is_escaped() -> None:
    text = text_of(showcase()._replace(version=BREAKOUT, started=BREAKOUT))
    assert BREAKOUT not in text
    assert "&lt;/script&gt;" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_embedded_json_is_one_line_and_the_same_data(text: str) -> None:
    made = embed({text: [text]})
    assert json.loads(made) == {text: [text]}
    assert not re.search("[<>&\n\u2028\u2029]", made)


def test_nothing_is_fetched_from_anywhere() -> None:
    page = Page(text_of(showcase()))
    for tag, attributes in page.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "a"), tag
        assert not {"src", "href", "style", "srcset", "action"} & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")], tag
    [style], [script] = page.inside["style"], page.inside["script"]
    assert not re.search(r"url\(|@import|@font-face|https?:|//\w", style)
    assert not re.search(r"https?:|fetch\(|XMLHttpRequest|WebSocket|import\b", script)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b", script)


def test_the_policy_allows_this_script_and_style_alone() -> None:
    page = Page(text_of(showcase()))
    [policy] = [
        given["content"] or ""
        for _, given in page.elements
        if given.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(one.strip().split(" ", 1) for one in policy.split(";"))

    def hash_of(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    assert rules.pop("script-src") == hash_of(page.inside["script"][0])
    assert rules.pop("style-src") == hash_of(page.inside["style"][0])
    assert rules == {
        "default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'",
        "require-trusted-types-for": "'script'", "trusted-types": "'none'",
    }  # fmt: skip


def test_secrets_are_masked() -> None:
    redactor = Redactor()
    redactor.add("open sesame")
    told = step(
        "get", 3, "failed", message="found open sesame", curl="curl -H 'Authorization: Bearer x'",
        facts={"header": {"set-cookie": "sid=12345"}, "body": "open sesame"},
    )  # fmt: skip
    result = suite(scenario(told, outcome="failed", name="open sesame", message="open sesame"))
    text = text_of(result, redactor.value)
    assert "sesame" in text_of(result)
    for secret in ("sesame", "sid=12345", "Bearer x"):
        assert secret not in text


def test_the_page_itself_is_small_and_so_is_a_scenario() -> None:
    empty = len(text_of(suite()))
    assert empty < 50_000
    assert (len(text_of(long(500))) - empty) / 500 < 5_000


def test_the_page_comes_scenario_by_scenario() -> None:
    assert len(list(html_chunks(long(50)))) > 50


def test_without_jinja_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(NeedsJinja, match=r"pip install 'httpsteps\[html\]'"):
        write_html(suite(), tmp_path / "r.html")
    assert not list(tmp_path.iterdir())


def test_a_run_that_was_stopped_has_a_banner() -> None:
    stopped = suite(scenario(step("get")))._replace(interrupted=True, not_run=1)
    page = b"".join(html_chunks(stopped)).decode()
    assert '<p class="unfinished">Interrupted: 1 of 2 scenarios did not run</p>' in page
    assert "All 2 scenarios passed" not in page
    assert "The scenario passed" not in page
    assert '<p class="unfinished">' not in b"".join(html_chunks(suite())).decode()
