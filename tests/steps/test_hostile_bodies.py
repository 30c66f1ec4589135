"""Bodies that claim what they are not: charsets, markup in any encoding, nesting without end."""

from __future__ import annotations

import json

import pytest

from tests.harness import fails, httpsteps, passes, run, why, write
from tests.lab import scripted
from tests.lab.scripted import again, answer, request

NO_CHARSETS = (
    "undefined", "base64", "zlib", "hex", "rot13", "idna", "punycode", "unicode_escape", "nonsense",
)  # fmt: skip


@pytest.fixture
def served(lab):
    """A function that starts a server with this one answer."""

    def start(body, media):
        return lab(scripted(again(request(), answer(200, body, [("Content-Type", media)])))).url

    return start


@pytest.mark.parametrize("charset", NO_CHARSETS)
def test_a_codec_of_another_kind_is_no_charset(tmp_path, served, charset):
    url = served(b"a..b\xff\xff", f"text/plain; charset={charset}")
    step = fails(tmp_path, "steps: [{get: /, as: text}]", "bad-encoding", base=url)
    assert charset in step.message
    passes(tmp_path, "steps: [{get: /, expect: {size: 6}}]", base=url)


@pytest.mark.parametrize("charset", [*NO_CHARSETS, "utf-16", "utf-32"])
def test_the_report_of_a_failure_shows_the_body_all_the_same(tmp_path, served, charset):
    url = served(b"a..b\xff\xff", f"text/plain; charset={charset}")
    text = "steps: [{get: /, expect: {status: 201}}]"
    step = fails(tmp_path, text, "expectation-failed", base=url)
    assert step.facts["body"] in ("a..b\xff\xff", "a..b\ufffd\ufffd")


def test_declared_charsets_still_count(tmp_path, served):
    text = "steps: [{get: /, expect: {text: 日本}}]"
    passes(tmp_path, text, base=served("日本".encode("shift_jis"), "text/plain; charset=Shift_JIS"))


def xml(charset, inside="日本"):
    return f'<?xml version="1.0" encoding="{charset}"?><a>{inside}</a>'


@pytest.mark.parametrize("charset", ["shift_jis", "gb2312", "euc-jp", "utf-7", "utf-16", "utf-8"])
def test_xml_in_any_charset(tmp_path, served, charset):
    url = served(xml(charset).encode(charset), "application/xml")
    passes(tmp_path, "steps: [{get: /, as: xml}]", base=url)


@pytest.mark.parametrize("charset", NO_CHARSETS)
def test_xml_in_a_charset_that_is_none(tmp_path, served, charset):
    url = served(xml(charset, "a").encode(), "application/xml")
    fails(tmp_path, "steps: [{get: /, as: xml}]", "bad-encoding", base=url)


def test_xml_in_a_charset_that_is_not_well_formed(tmp_path, served):
    body = xml("shift_jis").replace("</a>", "").encode("shift_jis")
    url = served(body, "application/xml")
    step = fails(tmp_path, "steps: [{get: /, as: xml}]", "invalid-xml", base=url)
    assert "line 1" in step.message


def nested(depth):
    return b"[" * depth + b"]" * depth


def objects(depth):
    return b'{"a": ' * depth + b"1" + b"}" * depth


@pytest.mark.parametrize("body", [nested(201), objects(201), nested(600), nested(100_000)])
def test_json_that_nests_too_deeply(tmp_path, served, body):
    text = "steps: [{get: /, expect: {$: [1]}}]"
    result = run(tmp_path, text, base=served(body, "application/json"))
    assert result.kind == "invalid-json", why(result)
    assert "more than 200 levels" in (result.message or "")


def test_many_lists_are_not_deep(tmp_path, served):
    body = json.dumps([[1]] * 5000).encode()
    text = 'steps: [{get: /, expect: {"$ | count": 5000}}]'
    passes(tmp_path, text, base=served(body, "application/json"))


@pytest.mark.parametrize("body", [nested(200), objects(200)])
def test_what_nests_as_deeply_as_allowed_can_be_checked_and_reported(tmp_path, served, body):
    inner = """
    - get: /
      capture: {whole: $, list: {from: $, append: true}}
    - set: {again: "${whole}"}
    - post: /
      json: {sent: "${whole}"}
    - get: /
      expect:
        $: {equals: "${whole}"}
        "$ | count": 1
    - get: /
      expect: {$: {not: "${whole}"}, "$..x": []}
    """
    indented = inner.replace("\n", "\n            ")
    write(tmp_path, f"steps:\n- parallel:\n  - - block:{indented}")
    kinds = ("json", "jsonl", "junit", "html", "tap", "har", "github", "markdown", "prometheus")
    reports = [word for kind in kinds for word in ("--report", f"{kind}={kind}.out")]
    base = served(body, "application/json")
    done = httpsteps("run", "scenario.yaml", "--base", base, "-v", *reports, cwd=tmp_path)
    assert done.status == 1, done.err
    assert "0 errors" in done.out.splitlines()[-1]
    assert "internal-error" not in done.out + done.err
