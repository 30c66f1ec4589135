"""The shipped scenarios end alike, whichever way they are run."""

from __future__ import annotations

import json
from collections import defaultdict

from tests.harness import PROJECT, httpsteps

WORST = ["passed", "failed", "error"]


def test_load_with_workers_and_run_agree(tmp_path):
    paths = ["scenarios", "scenarios/failing/price-changed.yaml",
             "scenarios/failing/service-down.yaml"]  # fmt: skip
    report = tmp_path / "run.json"
    done = httpsteps("run", *paths, "--report", f"json={report}", cwd=PROJECT)
    assert done.status == 1, done.out + done.err
    cases = [each for each in json.loads(report.read_text("utf-8"))["scenarios"]
             if each["outcome"] != "skipped"]  # fmt: skip
    by_run: dict[str, set[tuple[str, str | None]]] = defaultdict(set)
    for each in cases:
        bad = each["outcome"] != "passed"
        by_run[each["name"]].add((each["outcome"], _kind(each) if bad else None))
    assert {outcome for found in by_run.values() for outcome, _ in found} == set(WORST)

    loaded = tmp_path / "load.json"
    words = ["--users", "4", "--workers", "2", "--iterations", str(len(cases))]
    done = httpsteps("load", *paths, *words, "--report", f"json={loaded}", cwd=PROJECT)
    assert done.status == 1, done.out + done.err
    made = json.loads(loaded.read_text("utf-8"))
    by_load: dict[str, set[tuple[str, str | None]]] = defaultdict(set)
    outcome_of = {"expectation-failed": "failed", "connection-refused": "error"}
    for entry in made["entries"]:
        if entry["type"] == "scenario" and entry["count"] > entry["failures"]:
            by_load[entry["name"]].add(("passed", None))
    for each in made["failures"]:
        if each["type"] == "scenario":
            by_load[each["name"]].add((outcome_of[each["kind"]], each["kind"]))
    assert by_load == by_run
    assert sum(made["iterations"].values()) == len(cases)
    for outcome in WORST:
        assert made["iterations"][outcome] == sum(each["outcome"] == outcome for each in cases)


def _kind(scenario: dict) -> str:
    return next(step["kind"] for step in scenario["steps"] if step["outcome"] not in
                ("passed", "skipped"))  # fmt: skip
