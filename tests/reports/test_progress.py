"""The live line: how far the run is, what runs now, how long it will still take."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest

from runner.reports.console import Console
from runner.reports.progress import Progress
from runner.reports.style import Style
from tests.reports.results import scenario, step


def where(index: int) -> dict[str, object]:
    return {"index": index, "name": f"s{index}", "file": "a.yaml", "case": None}


def begin(progress: Progress, *indexes: int) -> None:
    for index in indexes:
        progress.take("scenario-started", {"scenario": where(index)})


def over(progress: Progress, index: int, seconds: float) -> None:
    result = scenario(step("get"))._replace(duration=seconds)
    progress.take("scenario-finished", {"scenario": where(index), "result": result})


def made(total: int, expected: Sequence[float | None] = (), at_once: int = 1) -> Progress:
    progress = Progress(expected, at_once)
    progress.take("run-started", {"scenarios": total})
    return progress


def test_one_after_the_other() -> None:
    progress = made(3)
    begin(progress, 0)
    here = {"scenario": where(0), "name": "get /", "phase": "waiting"}
    assert progress.text("step-started", here) == "1/3  s0: get /"
    assert progress.text("phase", here) == "1/3  s0: get /  waiting"
    over(progress, 0, 8.0)
    begin(progress, 1)
    text = progress.text("step-started", {"scenario": where(1), "name": "get /"})
    assert text == "2/3  about 16 s left  s1: get /"


def test_several_at_once() -> None:
    progress = made(10, at_once=4)
    begin(progress, 0, 1, 2, 3)
    assert progress.text("scenario-started", {}) == "0/10  4 running: s0, s1, s2, …"
    over(progress, 1, 4.0)
    assert progress.text("scenario-started", {}) == "1/10  about 9 s left  3 running: s0, s2, s3"


@pytest.mark.parametrize(
    ("expected", "left"),
    [
        ([5.0, 6.0, 7.0], "about 18 s left"),
        ([5.0, None, 7.0], ""),
        ([0.1, 0.1, 0.1], ""),
        ([50.0, 60.0, 70.0], "about 3 min left"),
    ],
)
def test_by_what_the_last_run_took(expected: list[float | None], left: str) -> None:
    progress = made(3, expected)
    text = progress.text("step-started", {"scenario": where(0), "name": "get"})
    assert text == "  ".join(part for part in ("1/3", left, "s0: get") if part)


def test_what_is_not_known_counts_as_those_before() -> None:
    progress = made(3, [5.0, None, 7.0])
    over(progress, 0, 3.0)
    assert "about 10 s left" in progress.text("step-started", {"scenario": where(1)})


def test_the_line_of_several_is_drawn_by_what_comes_live() -> None:
    stream = io.StringIO()
    console = Console(stream, Style(width=60), live=True, at_once=2, clock=lambda: 1.0)
    assert not console.wants_steps
    console.live("run-started", {"scenarios": 2})
    console.live("scenario-started", {"scenario": where(1)})
    console("scenario-started", {"scenario": where(0)})
    assert stream.getvalue() == "\r\x1b[K0/2  1 running: s1"
    console("scenario-finished", {"scenario": where(0), "result": scenario(step("get"))})
    assert stream.getvalue().count("\r\x1b[K") == 2
    assert "✓ Shop" in stream.getvalue()


def test_notes_stand_before_the_scenarios_and_before_the_counts() -> None:
    from tests.reports.results import suite

    stream = io.StringIO()
    console = Console(stream, Style())
    console.note("shard 1/2: 5 of 10 scenarios")
    result = scenario(step("get"))
    console("scenario-finished", {"scenario": where(0), "result": result})
    console.finish(suite(result), ["flaky: Shop passed 1 of 2 times"])
    lines = stream.getvalue().splitlines()
    assert lines[0] == "shard 1/2: 5 of 10 scenarios"
    assert lines[-2] == "flaky: Shop passed 1 of 2 times"
    quiet = io.StringIO()
    Console(quiet, Style(), quiet=True).note("shard")
    assert quiet.getvalue() == ""
