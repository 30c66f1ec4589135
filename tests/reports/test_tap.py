"""TAP 14, read back by a reader as strict as the specification."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from runner.redact import Redactor
from runner.reports.tap import chunks, write_tap
from runner.result import SuiteResult
from tests.reports import results
from tests.reports.runs import OUTCOMES, SECRET, SHOP, demo, hostile_suite, run_all

POINT = re.compile(r"(not )?ok (\d+) - (.*?)(?: # (SKIP|TODO)(?: (.*))?)?")


@dataclass
class Point:
    """A test point: what stands behind it, and the points of the subtest before it."""

    ok: bool
    name: str
    directive: str | None
    reason: str | None
    told: Any = None
    points: list[Point] = field(default_factory=list)


def read(data: bytes) -> list[Point]:
    """The points of a stream. Fails on any line that has no business there."""
    text = data.decode()
    assert text.endswith("\n")
    lines = text[:-1].split("\n")
    assert lines[0] == "TAP version 14"
    return points(lines[1:])


def points(lines: list[str]) -> list[Point]:
    plan = re.fullmatch(r"1\.\.(\d+)(?: # .*)?", lines[0])
    assert plan, lines[0]
    made: list[Point] = []
    inner: list[Point] = []
    rest = lines[1:]
    while rest:
        line = rest.pop(0)
        if line.startswith("# Subtest: "):
            inside = list(indented(rest, "    "))
            inner = points(inside)
            continue
        if line == "  ---":
            block = []
            while (line := rest.pop(0)) != "  ...":
                assert line.startswith("  "), line
                block.append(line[2:])
            assert made[-1].told is None
            made[-1].told = yaml.safe_load("\n".join(block))
            continue
        found = POINT.fullmatch(line)
        assert found, line
        assert int(found[2]) == len(made) + 1
        name = re.sub(r"\\([\\#])", r"\1", found[3])
        made.append(Point(not found[1], name, found[4], found[5], points=inner))
        inner = []
    assert len(made) == int(plan[1])
    return made


def indented(rest: list[str], by: str) -> Iterator[str]:
    while rest and rest[0].startswith(by):
        yield rest.pop(0)[len(by) :]


def report(suite: SuiteResult, redactor: Redactor | None = None) -> list[Point]:
    return read(b"".join(chunks(suite, redactor.value if redactor else None)))


def test_a_run_is_read_back(tmp_path: Path) -> None:
    with demo() as base:
        suite, redactor = run_all(tmp_path, SHOP, base)
    write_tap(suite, tmp_path / "run.tap", redactor.value)
    made = read((tmp_path / "run.tap").read_bytes())
    assert [one.ok for one in made] == [one not in ("failed", "error") for one in OUTCOMES]
    failed, down, skipped, late, expected = made[2:7]
    assert failed.name == "It fails [USD] (shop/fails.yaml)"
    assert failed.told["severity"] == "fail"
    assert failed.told["at"]["line"] == 10
    assert [one.ok for one in failed.points] == [False, True]
    assert failed.points[1].directive == "SKIP"
    why = failed.points[0].told
    assert why["failures"][0]["wanted"] == "USD"
    assert why["failures"][0]["found"] == "EUR"
    assert {"wait", "send", "read"} <= set(why["phases_ms"])
    assert why["curl"].startswith("curl ")
    assert down.told["severity"] == "error"
    assert down.told["kind"] == "connection-refused"
    assert (skipped.directive, skipped.reason, skipped.points) == ("SKIP", "not today", [])
    assert len(late.points[0].told["attempts"]) == 3
    assert expected.ok
    assert [(one.ok, one.directive) for one in expected.points] == [(False, "TODO")]
    assert made[0].points[-1].name == "teardown: post /logout"
    assert made[0].told["tags"] == ["smoke"]


def test_nothing_hostile_comes_through() -> None:
    redactor = Redactor()
    redactor.add(SECRET)
    data = b"".join(chunks(hostile_suite(), redactor.value))
    text = data.decode()
    assert SECRET not in text
    assert not [c for c in text if c in "\x00\x08\x1b\x7f\x9b\u202e"]
    made = read(data)
    assert [one.ok for one in made] == [False, True]
    assert "#1" in made[0].name
    assert made[0].name.startswith("\U0001f4a9 ]]> <b onclick")
    assert "line not ok 9 - forged # end \\" in made[0].name
    assert "not ok 9 - forged\n# end" in made[0].points[0].told["message"]
    assert made[1].directive == "SKIP"


def test_a_long_value_is_cut() -> None:
    one = results.DIFFERENT
    step = one.steps[0]
    failure = type(step.failures[0])("$", "equals", "x" * 9000, ["y"] * 9000, "differs", step.at)
    wide = results.scenario(
        results.step("get", outcome="failed", failures=(failure,), message="differs"),
        outcome="failed",
    )
    told = report(results.suite(wide))[0].points[0].told["failures"][0]
    assert len(told["wanted"]) < 2100
    assert len(told["found"]) < 2100


def test_a_run_of_nothing_is_a_plan_of_none() -> None:
    assert report(results.suite()) == []


def test_a_run_that_was_stopped_bails_out() -> None:
    suite = results.suite(results.RETRIED, interrupted=True, not_run=2)
    lines = b"".join(chunks(suite)).decode().splitlines()
    assert lines[1] == "1..3"
    assert lines[-1] == "Bail out! interrupted: 2 of 3 scenarios did not run"
