"""The page in Markdown: what it says, and that nothing in it can be more than text."""

from __future__ import annotations

import re
from pathlib import Path

from runner.redact import Redactor
from runner.reports.markdown import chunks, escaped, fenced, write_markdown
from runner.result import SuiteResult
from tests.reports import results
from tests.reports.runs import SECRET, SHOP, demo, hostile_suite, run_all


def page(suite: SuiteResult, redactor: Redactor | None = None, **options: int) -> str:
    return b"".join(chunks(suite, redactor.value if redactor else None, **options)).decode()


def test_a_run_is_a_table_and_its_failures(tmp_path: Path) -> None:
    with demo() as base:
        suite, redactor = run_all(tmp_path, SHOP, base)
    write_markdown(suite, tmp_path / "run.md", redactor.value)
    text = (tmp_path / "run.md").read_text()
    assert text.startswith("### 💥 5 passed, 1 failed, 1 error, 1 skipped in ")
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 8
    assert all(len(re.split(r"(?<!\\)\|", row)) == 6 for row in rows)
    assert rows[0].startswith("| ✅ | **It passes**<br><code>shop/passes.yaml</code> |")
    assert "`expectation-failed` at <code>shop/fails.yaml:<!-- -->10:" in rows[2]
    assert "skipped: not today" in rows[4]
    assert "passed on attempt 3" in rows[5]
    assert "failed as expected: a known bug" in rows[6]
    assert text.count("<details>") == text.count("</details>") == 2
    assert 'expected "USD", found "EUR"' in text
    assert "--> shop/fails.yaml:10:" in text
    assert "to repeat it" in text


def test_of_a_long_run_the_table_shows_what_did_not_pass() -> None:
    text = page(results.suite(*[results.RETRIED] * 300, results.CHECKS))
    assert text.count("\n| ") == 2


def test_what_has_no_room_is_counted() -> None:
    whole = page(results.suite(*[results.CHECKS] * 20))
    text = page(results.suite(*[results.CHECKS] * 20), limit=len(whole.encode()) // 2)
    assert len(text.encode()) <= len(whole.encode()) // 2
    left = re.search(r"\n(\d+) more failures have no room here\.\n$", text)
    assert left
    assert int(left[1]) + text.count("<details>") == 20


def test_texts_stay_texts() -> None:
    assert escaped("a | b") == r"a \| b"
    assert escaped("<b>&amp;") == "&lt;b&gt;&amp;amp;"
    assert escaped("[x](y) ![z](w)") == r"\[x\]\(y\) \!\[z\]\(w\)"
    assert escaped("@octocat #12 http://e.vil WWW.e.vil a:100:5") == (
        r"@<!-- -->octocat \#<!-- -->12 http:<!-- -->//e.vil WWW<!-- -->.e.vil a:<!-- -->100:5"
    )
    assert escaped("a\n\n# b") == r"a \# b"
    assert escaped("$x$") == "<span>$</span>x<span>$</span>"
    assert escaped("*a* _b_ `c` ~d~ \\") == r"\*a\* \_b\_ \`c\` \~d\~ " + "\\\\"


def test_nothing_ends_a_fence() -> None:
    for text in ("a", "```", "````\n</details>", "~~~\n``"):
        lines = fenced(text).split("\n")
        ticks = lines[0].removesuffix("text")
        assert lines[-1] == ticks
        assert not [line for line in lines[1:-1] if line.strip().startswith(ticks)]


def test_nothing_hostile_comes_through() -> None:
    redactor = Redactor()
    redactor.add(SECRET)
    text = page(hostile_suite(), redactor)
    assert SECRET not in text
    assert not [c for c in text if c in "\x00\x08\x1b\u202e"]
    outside = re.sub(r"(?ms)^(`{3,})text$.*?^\1$", "", text)
    assert not re.search(r"<(b|script)\b", outside)
    assert "](" not in outside.replace(r"\]\(", "")
    assert "http://" not in outside
    assert not re.search(r"@\w", outside)
    tags = set(re.findall(r"<(/?\w+)", outside))
    assert tags <= {"br", "code", "/code", "span", "/span", "details", "/details", "summary",
                    "/summary"}  # fmt: skip


def test_a_run_that_was_stopped_says_so_at_the_top() -> None:
    suite = results.suite(results.RETRIED, interrupted=True, not_run=2)
    assert (
        "**⚠️ interrupted: 2 of 3 scenarios did not run**"
        in (b"".join(chunks(suite)).decode().split("\n\n")[1])
    )
