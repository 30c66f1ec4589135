"""Scenarios of which only what choosing needs is kept; they are loaded again for their turn."""

from __future__ import annotations

import pickle

import pytest

from runner.execution import jobs as jobs_room
from runner.execution.finding import discover
from runner.execution.jobs import jobs_of, load_sheets
from runner.execution.processes import portable
from runner.execution.scenario_run import Settings
from runner.execution.suite import run_suite
from runner.scenario.problems import ProblemError
from tests.harness import write

TEXT = """
name: Shop {}
tags: [smoke]
vars: {{id: "${{new.uuid}}", n: 0}}
cases: [{{n: 1}}, {{n: 2, case: two}}]
steps:
- get: /{}/${{n}}
teardown:
- delete: /{}
"""


def sheets_in(folder, room):
    for name in ("a", "b", "c"):
        write(folder, TEXT.format(name, name, name), f"{name}.yaml")
    found, _ = discover([str(folder)])
    sheets, problems = load_sheets(found, room=room)
    assert not problems
    return sheets


def test_they_are_short_past_the_room_there_is_and_whole_when_asked_for(tmp_path):
    one = 5000 + 30 * len(TEXT.format("a", "a", "a"))
    sheets = sheets_in(tmp_path, 2 * one)
    assert [sheet.stamp is None for sheet in sheets] == [True, True, False]
    whole, short = sheets[0], sheets[2]
    assert (short.scenario.steps, short.scenario.text) == ((), "")
    assert (short.steps, short.random) == (whole.steps, whole.random) == (1, True)
    assert short.scenario.tags == ("smoke",)
    assert [job.label for job in jobs_of([short])] == ["1", "two"]
    assert short.whole().steps[0].verb == "get"
    assert whole.whole() is whole.scenario


def test_a_run_is_the_same_with_room_and_without(tmp_path, echo):
    told = []
    for room in (10**9, 0):
        before = len(echo.requests)
        suite = run_suite(
            jobs_of(sheets_in(tmp_path, room)), Settings(environ={}, base=echo.url, seed=1)
        )
        sent = [one.target for one in echo.requests[before:]]
        told.append((sent, [(one.name, one.case, one.outcome) for one in suite.scenarios]))
    assert told[0] == told[1]
    assert {outcome for _, _, outcome in told[0][1]} == {"passed"}


@pytest.mark.parametrize("text", ["steps: [get: /other]\n", "steps: [got: /]\n"])
def test_a_file_that_changed_since_it_was_checked_is_not_run(tmp_path, echo, text):
    sheets = sheets_in(tmp_path, 0)
    write(tmp_path, text, "b.yaml")
    suite = run_suite(jobs_of(sheets), Settings(environ={}, base=echo.url))
    kinds = [one.kind for one in suite.scenarios]
    assert kinds == [None, None, "invalid-scenario", "invalid-scenario", None, None]
    assert not any("other" in one.target or "/b" in one.target for one in echo.requests)


def test_what_another_process_is_given(tmp_path):
    jobs = portable(jobs_of(sheets_in(tmp_path, 10**9)))
    assert len({id(job.sheet) for job in jobs}) == 3
    back = pickle.loads(pickle.dumps(jobs))
    told = [(job.whole()[0].name, job.whole()[1].variables["n"], job.label) for job in back]
    assert told[:2] == [("Shop a", 1, "1"), ("Shop a", 2, "two")]
    with pytest.raises(ProblemError, match="changed"):
        back[1]._replace(number=2).whole()
    write(tmp_path, "steps: [get: /other]\n", "a.yaml")
    with pytest.raises(ProblemError, match="changed"):
        back[0].whole()


def test_loading_many_leaves_no_cycles_behind(tmp_path, monkeypatch):
    import gc

    monkeypatch.setattr(jobs_room, "_SWEEP", 10)
    for number in range(61):
        write(tmp_path, "steps: [get: /]\n", f"s{number}.yaml")
    found, _ = discover([str(tmp_path)])
    gc.collect()
    gc.disable()
    try:
        sheets, _ = load_sheets(found, room=0)
        assert gc.collect() < 500
    finally:
        gc.enable()
    assert len(sheets) == 61
