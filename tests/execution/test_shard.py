"""``--shard``: all parts together are the whole, none twice, on machines that share nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.execution.finding import Found
from runner.execution.jobs import Job, Sheet
from runner.execution.shard import DurationsError, read_durations, shard_of
from runner.scenario.model import Case, Scenario

ROOT = Path("/nowhere")


def jobs_named(*names: str) -> list[Job]:
    made = []
    for name in names:
        file, _, label = name.partition("#")
        scenario = Scenario(file, f"shown/{file}", str(ROOT), ())
        sheet = Sheet(scenario, Found(ROOT / file, ROOT, f"shown/{file}"))
        made.append(Job(sheet, Case(label or None, {})))
    return made


def names(jobs: list[Job]) -> list[str]:
    return [f"{job.place}#{job.case.label}" if job.case.label else job.place for job in jobs]


NAMES = st.lists(st.text("abc/#", min_size=1, max_size=6).map(lambda name: f"f{name}"), max_size=30)
SECONDS = st.none() | st.dictionaries(
    st.tuples(st.text("fabc/", max_size=4), st.none() | st.text("abc", max_size=2)),
    st.floats(0, 1000),
)


@given(NAMES, st.integers(1, 8), SECONDS, st.randoms(use_true_random=False))
def test_all_shards_are_the_whole_and_none_is_in_two(found, count, durations, luck):
    jobs = jobs_named(*found)
    parts = []
    for number in range(1, count + 1):
        # Each machine may be given the paths in another order.
        unlike = len(set(names(jobs))) == len(jobs)
        mine = luck.sample(jobs, len(jobs)) if unlike else jobs
        part = shard_of(mine, number, count, durations)
        assert [id(job) for job in part] == [id(job) for job in mine if any(job is p for p in part)]
        parts += part
    assert sorted(map(id, parts)) == sorted(map(id, jobs))


def test_without_durations_they_are_dealt_out_in_turn():
    jobs = jobs_named("d", "b", "a", "c#2", "c#1")
    assert names(shard_of(jobs, 1, 2)) == ["d", "a", "c#1"]
    assert names(shard_of(jobs, 2, 2)) == ["b", "c#2"]


def test_the_longest_goes_where_least_is_to_do():
    jobs = jobs_named("a", "b", "c", "d", "e")
    durations = {("a", None): 1.0, ("b", None): 9.0, ("c", None): 4.0, ("d", None): 4.0}
    # Of `e` nothing is known: it counts as the median, 4 s.
    assert names(shard_of(jobs, 1, 2, durations)) == ["a", "b"]
    assert names(shard_of(jobs, 2, 2, durations)) == ["c", "d", "e"]


def test_durations_are_found_by_the_name_a_report_shows_too():
    jobs = jobs_named("a", "b", "c")
    durations = {("shown/b", None): 9.0, ("shown/a", None): 1.0, ("shown/c", None): 1.0}
    assert names(shard_of(jobs, 1, 2, durations)) == ["b"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"scenarios": [{"file": "a", "case": "x", "duration": 2}]}),
        '{"event": "scenario-finished", "scenario": {"file": "a", "case": "x"}, "duration": 2}\n'
        '{"event": "run-finished", "duration": 7}\n{"cut sho',
        '{"file": "a", "case": "x", "outcome": "passed", "duration": 2}\n',
        '{"file": "a", "case": "x", "outcome": "passed", "duration": 1}\n'
        '{"file": "a", "case": "x", "outcome": "passed", "duration": 2}\n',
    ],
    ids=["json", "jsonl", "history of one", "history"],
)
def test_what_tells_durations(tmp_path, text):
    file = tmp_path / "d"
    file.write_text(text)
    assert read_durations(file) == {("a", "x"): 2.0}


@pytest.mark.parametrize("text", ["", "[]", "{}", "7", "nonsense", '{"scenarios": []}', '{"a": 1}'])
def test_what_tells_none(tmp_path, text):
    (tmp_path / "d").write_text(text)
    with pytest.raises(DurationsError, match="--report json"):
        read_durations(tmp_path / "d")


@pytest.mark.parametrize("seconds", ["null", "NaN", "Infinity", "-1", '"1"', "[]", "1" + "0" * 400])
def test_what_is_no_duration_counts_as_unknown(tmp_path, seconds):
    file = tmp_path / "d.json"
    bad = f'{{"file": "a", "case": null, "duration": {seconds}}}'
    file.write_text(f'{{"scenarios": [{bad}]}}')
    with pytest.raises(DurationsError, match="tells no durations"):
        read_durations(file)
    good = '{"file": ["c"], "duration": 1}, {"file": "b", "case": null, "duration": 2}'
    file.write_text(f'{{"scenarios": [{bad}, {good}]}}')
    assert read_durations(file) == {("b", None): 2.0}
