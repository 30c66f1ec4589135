"""``--report``: what is written validates against the published schemas."""

from __future__ import annotations

import json

import jsonschema
import pytest

from tests.harness import PROJECT, called, write
from tests.lab import closed_port

SCHEMAS = PROJECT / "runner" / "reports"
STEPS = """
tags: [smoke]
steps:
- session:
- connect:
- open: POST /items
- send:
  json: {a: 1}
- read: json
- get: /status/500
  on-failure: continue
- get: /
  retry: {attempts: 2, every: 1ms}
  expect: {$.method: PUT, time.total: {above: 10s}}
  on-failure: continue
- parallel:
  - - get: /a
  - - get: /b
- block:
  - set: {x: [1, {y: null}]}
- wait: 1ms
  if: {x: 7}
- get: NOWHERE
- get: /never
teardown:
- delete: /
"""


@pytest.fixture
def folder(tmp_path):
    """A scenario in which all sorts of things happen, and a good one."""
    with closed_port() as port:
        write(tmp_path, STEPS.replace("NOWHERE", f"http://127.0.0.1:{port}/"), "a.yaml")
        write(tmp_path, "cases: [{case: one, b: 1}, {b: 2}]\nsteps: [get: /]\n", "b.yaml")
        write(tmp_path, "skip: later\nsteps: [get: /]\n", "c.yaml")
        yield tmp_path


def schema(name):
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))


def test_the_json_report_fits_its_schema(folder, echo):
    words = ("--report", "json=deep/r.json", "--seed", "7")
    command = called("run", ".", "--base", echo.url, *words, cwd=folder)
    assert command.status == 3
    document = json.loads((folder / "deep" / "r.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema("result")).validate(document)
    assert document["seed"] == 7
    assert document["counts"] == {"passed": 2, "failed": 0, "error": 1, "skipped": 1}
    (first, *_) = document["scenarios"]
    steps = first["steps"]
    assert [step["outcome"] for step in steps] == [
        *["passed"] * 5, "failed", "failed", "passed", "passed", "skipped", "error", "skipped",
    ]  # fmt: skip
    send, bad, retried = steps[3], steps[5], steps[6]
    assert send["facts"]["status"] == 200
    assert send["times"].keys() >= {"send", "wait"}
    assert (bad["kind"], bad["phase"]) == ("unexpected-status", "send")
    assert bad["curl"].startswith("curl ")
    assert len(retried["attempts"]) == 2
    assert {failure["query"] for failure in retried["failures"]} == {"$.method", "time.total"}
    assert [part["verb"] for part in bad["steps"]] == ["open", "send", "read"]
    assert first["teardown"][0]["verb"] == "delete"


def test_every_event_fits_its_schema_and_has_its_place(folder, echo):
    called("run", ".", "--base", echo.url, "--report", "jsonl=r.jsonl", cwd=folder)
    validator = jsonschema.Draft202012Validator(schema("event"))
    lines = (folder / "r.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    for event in events:
        validator.validate(event)
    names = [event["event"] for event in events]
    assert names[0] == "run-started"
    assert names[-1] == "run-finished"
    assert names.count("scenario-started") == names.count("scenario-finished") == 4
    begun, ended = (
        [(event["scenario"]["index"], event["path"]) for event in events if event["event"] == name]
        for name in ("step-started", "step-finished")
    )
    assert sorted(begun) == sorted(ended)
    assert (0, "teardown.1") in begun
    phases = [event["phase"] for event in events if event["event"] == "phase"]
    order = [
        "resolving", "resolved", "connecting", "connected", "sending", "sent", "waiting",
        "first-byte", "reading",
    ]  # fmt: skip
    assert [phase for phase in phases if phase in order][: len(order)] == order
    times = [event["time"] for event in events if event.get("scenario", {}).get("index") in (1, 2)]
    assert times == sorted(times)


def test_events_are_written_while_the_run_goes_on(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /one\n- get: /two\n", "a.yaml")
    seen = []

    def watch(peer_count):
        path = tmp_path / "r.jsonl"
        seen.append(path.read_text(encoding="utf-8").count("\n") if path.exists() else 0)

    original = echo.answer

    def answer(peer, request):
        watch(peer)
        original(peer, request)

    echo.answer = answer
    called("run", "a.yaml", "--base", echo.url, "--report", "jsonl=r.jsonl", cwd=tmp_path)
    assert 0 < seen[0] < seen[1]


def test_several_reports_at_once(folder, echo):
    words = ("--report", "json=r.json", "--report", "jsonl=r.jsonl", "--report", "json=again.json")
    called("run", "b.yaml", "--base", echo.url, *words, cwd=folder)
    assert (folder / "r.json").read_bytes() == (folder / "again.json").read_bytes()
    assert (folder / "r.jsonl").stat().st_size > 0


def test_a_report_that_cannot_be_written(folder, echo):
    (folder / "file").write_text("")
    command = called(
        "run", "b.yaml", "--base", echo.url, "--report", "json=file/r.json", cwd=folder
    )
    assert command.status == 2
    assert "file" in command.err
    assert "Traceback" not in command.err


def test_a_run_that_was_stopped_stays_so_in_later_reports(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /status/500\n", "a.yaml")
    write(tmp_path, "steps:\n- get: /x\n", "b.yaml")
    words = ("--base", echo.url, "--fail-fast", "--report", "json=r.json")
    done = called("run", ".", *words, cwd=tmp_path)
    assert done.status == 1
    said = "stopped at a failure: 1 of 2 scenarios did not run\n"
    assert said in done.out
    assert said in called("report", "r.json", cwd=tmp_path).out
    assert (
        said.replace("1 of 2", "2 of 4") in called("report", "r.json", "r.json", cwd=tmp_path).out
    )
    told = called("report", "jsonl=-", "r.json", cwd=tmp_path).out.splitlines()
    assert json.loads(told[0])["scenarios"] == 2
    assert (json.loads(told[-1])["not-run"], json.loads(told[-1])["interrupted"]) == (1, False)
