"""Annotations as the runner of GitHub Actions reads them, and the step summary."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from runner.redact import Redactor
from runner.reports.github import add_summary, chunks, write_github
from runner.result import SuiteResult
from tests.reports import results
from tests.reports.runs import SECRET, SHOP, demo, hostile_suite, run_all

COMMAND = re.compile(r"::(\w+) ([^:]*)::(.*)")


class Command(NamedTuple):
    """A workflow command, decoded as the runner does."""

    name: str
    properties: dict[str, str]
    message: str


def decoded(text: str) -> str:
    return re.sub(r"%([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), text)


def commands(data: bytes) -> list[Command]:
    """The commands; fails on any other line."""
    text = data.decode()
    made = []
    for line in re.split(r"\r\n|\n|\r", text)[:-1]:
        found = COMMAND.fullmatch(line)
        assert found, line
        pairs = (pair.partition("=") for pair in found[2].split(","))
        properties = {name: decoded(value) for name, _, value in pairs}
        made.append(Command(found[1], properties, decoded(found[3])))
    return made


def report(suite: SuiteResult, redactor: Redactor, **environ: str) -> list[Command]:
    return commands(b"".join(chunks(suite, redactor.value, environ=environ)))


def test_failures_stand_on_their_lines(tmp_path: Path) -> None:
    with demo() as base:
        suite, redactor = run_all(tmp_path, SHOP, base)
    failed, down, late = report(suite, redactor)
    assert failed.name == down.name == "error"
    assert failed.properties["file"] == "shop/fails.yaml"
    assert failed.properties["line"] == "10"
    assert int(failed.properties["col"]) > 1
    assert failed.properties["title"] == "It fails [USD]: expectation-failed"
    assert failed.message.split("\n")[0] == '$.currency is "EUR", expected "USD"'
    assert failed.message.count("USD") == 1
    assert "to repeat it: curl" in failed.message
    assert (down.properties["file"], down.properties["line"]) == ("shop/down.yaml", "4")
    assert "hint: nothing listens" in down.message
    assert (late.name, late.properties["line"]) == ("warning", "3")
    assert "passed on attempt 3" in late.message


def test_files_are_named_as_the_repository_does(tmp_path: Path) -> None:
    suite = results.suite(results.CHECKS)
    here = Path.cwd()
    told = report(suite, Redactor(), GITHUB_WORKSPACE=str(here.parent))
    assert told[0].properties["file"] == f"{here.name}/{results.FILE}"
    told = report(suite, Redactor(), GITHUB_WORKSPACE=str(tmp_path))
    assert told[0].properties["file"] == results.FILE


def test_the_summary_is_added_to_what_stands_there(tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    suite = results.suite(results.CHECKS)
    environ = {"GITHUB_STEP_SUMMARY": str(page)}
    write_github(suite, tmp_path / "notes.txt", environ=environ)
    assert len(commands((tmp_path / "notes.txt").read_bytes())) == 1
    text = page.read_text()
    assert text.startswith("before\n### ")
    assert "<details>" in text
    page.unlink()
    add_summary(suite, environ={})
    assert not page.exists()


def test_a_summary_is_never_larger_than_github_takes(tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    suite = results.suite(*[results.CHECKS] * 1500)
    add_summary(suite, environ={"GITHUB_STEP_SUMMARY": str(page)})
    assert 500_000 < page.stat().st_size < 2**20
    assert re.search(r"\n\d+ more failures have no room here\.\n$", page.read_text())


def test_nothing_hostile_comes_through() -> None:
    redactor = Redactor()
    redactor.add(SECRET)
    (told,) = report(hostile_suite(), redactor)
    assert told.name == "error"
    assert SECRET not in str(told)
    assert "::error::x" in told.message
    assert not [c for c in str(told) if c in "\x00\x08\x1b\u202e"]


def test_a_run_that_was_stopped_is_annotated() -> None:
    for interrupted, name in ((True, "error"), (False, "warning")):
        suite = results.suite(results.RETRIED, interrupted=interrupted, not_run=2)
        told = report(suite, Redactor())[-1]
        assert told.name == name
        assert told.message.endswith(": 2 of 3 scenarios did not run")
