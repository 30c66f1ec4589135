"""What is remembered of earlier runs: read to the last full line, whatever became of the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner.execution import history
from runner.execution.finding import Found
from runner.execution.history import History, Journal, Past, failed_before, read_history
from runner.execution.jobs import Job, Sheet, repeated
from runner.result import ScenarioResult
from runner.scenario.model import Case, Scenario
from tests.harness import called

FOLDER = ".httpsteps_cache"


def jobs_in(folder: Path, *names: str) -> list[Job]:
    made = []
    for name in names:
        scenario = Scenario(name, name, str(folder), ())
        made.append(Job(Sheet(scenario, Found(folder / name, folder, name)), Case(None, {})))
    return made


def write(jobs: list[Job], *outcomes: str) -> None:
    journal = Journal(jobs)
    for index, outcome in enumerate(outcomes):
        result = ScenarioResult("a", "a", None, (), outcome, index + 0.5)
        journal("scenario-finished", {"scenario": {"index": index}, "result": result})
        journal("step-finished", {})
    journal.close()


def test_the_last_run_of_each_counts(tmp_path):
    jobs = jobs_in(tmp_path, "a", "b", "c", "d")
    write(jobs, "failed", "error", "passed", "skipped")
    assert failed_before(jobs, History(jobs)) == jobs[:2]
    write(jobs[:1], "passed")
    assert failed_before(jobs, History(jobs)) == jobs[1:2]
    assert History(jobs).of(jobs[2]) == Past("passed", 2.5)
    assert (tmp_path / FOLDER / ".gitignore").read_text() == "*\n"
    assert not failed_before(jobs_in(tmp_path, "e"), History(jobs))


def test_a_line_cut_short_costs_only_itself(tmp_path):
    jobs = jobs_in(tmp_path, "a", "b", "c")
    write(jobs, "failed", "failed", "failed")
    file = tmp_path / FOLDER / history.NAME
    whole = file.read_bytes()
    lines = whole.count(b"\n")
    for cut in range(len(whole)):
        file.write_bytes(whole[:cut])
        known = read_history(file)
        ends = whole[:cut].count(b"\n") + (whole[cut : cut + 1] == b"\n")
        assert len(known) == ends
        write(jobs[2:], "passed")
        assert read_history(file)["c", None].outcome == "passed"
        assert len(read_history(file)) == min(lines, ends) + (ends < lines)
    file.write_bytes(b'\xff\n[]\n7\nnull\n{"file": "a"}\n{"file": [], "case": null}\n' + whole)
    assert len(read_history(file)) == 3


def test_a_round_that_fails_is_not_forgotten(tmp_path):
    jobs = repeated(jobs_in(tmp_path, "a"), 3)
    write(jobs, "passed", "error", "passed")
    assert failed_before(jobs[:1], History(jobs)) == jobs[:1]


def test_it_does_not_grow_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "_LONG", 2000)
    jobs = jobs_in(tmp_path, *(f"n{number}" for number in range(10)))
    for _ in range(20):
        write(jobs, *["failed"] * 10)
    file = tmp_path / FOLDER / history.NAME
    assert file.stat().st_size < 4000
    assert len(failed_before(jobs, History(jobs))) == 10
    assert all(json.loads(line) for line in file.read_text().splitlines())


def test_a_run_loses_nothing_when_another_makes_the_file_short(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "_LONG", 500)
    jobs = jobs_in(tmp_path, "a", "b", "c")
    for _ in range(10):
        write(jobs[2:], "passed")
    longer = Journal(jobs)
    tell = {"scenario": {"index": 0}, "result": ScenarioResult("a", "a", None, (), "failed", 1.0)}
    longer("scenario-finished", tell)
    for _ in range(10):
        write(jobs[2:], "passed")
    longer("scenario-finished", {**tell, "scenario": {"index": 1}})
    longer.close()
    assert failed_before(jobs, History(jobs)) == jobs[:2]
    file = tmp_path / FOLDER / history.NAME
    long = file.stat().st_size
    write(jobs[2:], "passed")
    assert file.stat().st_size < long / 2


def test_a_file_that_was_replaced_meanwhile_is_opened_anew(tmp_path, monkeypatch):
    """Another run made it short between our opening it and our locking it."""
    jobs = jobs_in(tmp_path, "a", "b")
    write(jobs[:1], "failed")
    path = tmp_path / FOLDER / history.NAME
    lock, times = history._locked, []

    def late(file, *, alone):
        if not times:
            (tmp_path / "new").write_bytes(path.read_bytes())
            (tmp_path / "new").replace(path)
        times.append(file)
        return lock(file, alone=alone)

    monkeypatch.setattr(history, "_locked", late)
    write(jobs, "skipped", "error")
    assert len(times) == 2
    assert failed_before(jobs, History(jobs)) == jobs[1:]


@pytest.mark.parametrize(
    "seconds", ["null", "NaN", "Infinity", "-1", '"1"', "true", "1" + "0" * 400]
)
def test_what_is_no_duration_is_passed_over(tmp_path, seconds):
    file = tmp_path / history.NAME
    line = '{"file": "a", "case": null, "outcome": "failed", "duration": %s}\n'
    file.write_text(line % seconds + line.replace('"a"', '"b"') % "1.5")
    assert read_history(file) == {("b", None): Past("failed", 1.5)}


def test_a_root_that_cannot_be_written_has_none(tmp_path):
    (tmp_path / FOLDER).write_text("in the way")
    jobs = jobs_in(tmp_path, "a")
    write(jobs, "failed")
    assert not History(jobs)


def test_a_folder_that_is_a_link_gets_no_history(tmp_path, echo):
    victim = tmp_path / "victim"
    victim.mkdir()
    root = tmp_path / "root"
    root.mkdir()
    (root / ".httpsteps_cache").symlink_to(victim)
    (root / "a.yaml").write_text("steps: [{get: /}]\n")
    assert called("run", "a.yaml", "--base", echo.url, cwd=root).status == 0
    assert list(victim.iterdir()) == []
