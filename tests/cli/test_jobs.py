"""``--jobs``: several scenarios at the same time, told in their order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import perf_counter, sleep

import pytest

from tests.harness import PROJECT, called, httpsteps, write

PASSES = "steps:\n- get: /\n"
# The later in the order, the sooner it is over.
SLOWER = "steps:\n- get: /slow?before={}\n"


def result(folder: Path) -> dict[str, object]:
    return json.loads((folder / "r.json").read_bytes())


def files(folder: Path, count: int) -> None:
    for number in range(count):
        write(folder, SLOWER.format((count - number) / 20), f"s{number}.yaml")


def test_at_the_same_time_and_told_in_order(tmp_path, echo):
    files(tmp_path, 6)
    write(tmp_path, "steps:\n- get: /status/500\n", "s2.yaml")
    words = ("--base", echo.url, "--jobs", "6", "--report", "json=r.json", "--report", "tap=r.tap")
    command = httpsteps("run", ".", *words, cwd=tmp_path)
    assert command.status == 1, command.err
    names = [line.split()[1] for line in command.out.splitlines() if line.startswith(("✓", "✗"))]
    assert names == [f"s{number}" for number in range(6)]
    assert [one["name"] for one in result(tmp_path)["scenarios"]] == names
    assert [one["outcome"] for one in result(tmp_path)["scenarios"]].count("failed") == 1
    points = [
        line
        for line in (tmp_path / "r.tap").read_text().splitlines()
        if line.startswith(("ok", "not ok"))
    ]
    assert [line.partition(" - ")[2].split()[0] for line in points] == names


def test_verbose_and_jsonl_have_every_step_of_every_scenario(tmp_path, echo):
    files(tmp_path, 4)
    words = ("--base", echo.url, "--jobs", "4", "-v", "--report", "jsonl=r.jsonl")
    command = httpsteps("run", ".", *words, cwd=tmp_path)
    assert command.status == 0, command.out + command.err
    headings = [line.split()[1] for line in command.out.splitlines() if line.startswith("══")]
    assert headings == ["s0", "s1", "s2", "s3"]
    assert command.out.count("> GET /slow") == 4
    events = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    for index in range(4):
        own = [
            event["event"] for event in events if event.get("scenario", {}).get("index") == index
        ]
        assert (own[0], own[-1]) == ("scenario-started", "scenario-finished")
        assert {"step-started", "phase", "step-finished"} <= set(own)
    assert events[-1]["counts"]["passed"] == 4


def test_a_process_that_shares_nothing_does_the_same(tmp_path, echo):
    """The server's threads in this process make a fork unsafe, so workers are started anew."""
    files(tmp_path, 3)
    text = "cases: [{n: '${env.NO_SUCH_THING:-1}'}, {n: 2, case: two}]\nsteps: [get: '/${n}']\n"
    write(tmp_path, text, "s3.yaml")
    command = called("run", ".", "--base", echo.url, "--jobs", "2", cwd=tmp_path)
    assert command.status == 0, command.out + command.err
    assert [line.split()[1] for line in command.out.splitlines()[:5]] == [f"s{n}" for n in "01233"]
    assert "s3 [two]" in command.out
    assert {"/1", "/2"} <= {each.target for each in echo.requests}


def test_a_secret_that_one_scenario_captures_is_masked_in_all(tmp_path, echo):
    steps = "- get: /json?a=hunter2-secret\n  capture: {t: {from: $.a, secret: true}}\n"
    fails = "- get: /status/500?t=hunter2-secret\n"
    write(tmp_path, f"steps:\n{steps}{fails}", "a.yaml")
    reports = ("--report", "json=r.json", "--report", "jsonl=r.jsonl")
    command = httpsteps("run", ".", "--base", echo.url, "--jobs", "2", "--repeat", "2", *reports,
                        "-v", cwd=tmp_path)  # fmt: skip
    assert command.status == 1
    written = (tmp_path / "r.json").read_text() + command.out
    assert "unexpected-status" in written
    # The scenario's own source, and what was sent before the capture, are no answer of a server.
    assert "hunter2" not in json.dumps(
        [step["captured"] for one in result(tmp_path)["scenarios"] for step in one["steps"]]
    )
    assert "hunter2" not in (tmp_path / "r.json").read_text()


def test_a_failure_stops_what_has_not_begun(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /status/500\n", "a.yaml")
    write(tmp_path, "steps:\n- get: /slow?before=0.5\n", "b.yaml")
    for number in range(20):
        write(tmp_path, PASSES, f"c{number:02}.yaml")
    words = ("--base", echo.url, "--jobs", "2", "--fail-fast", "--report", "json=r.json")
    command = httpsteps("run", ".", *words, cwd=tmp_path)
    assert command.status == 1
    left = 22 - len(result(tmp_path)["scenarios"])
    assert result(tmp_path)["not-run"] == left
    assert f"stopped at a failure: {left} of 22 scenarios did not run\n" in command.out
    assert result(tmp_path)["interrupted"] is False
    outcomes = {one["name"]: one["outcome"] for one in result(tmp_path)["scenarios"]}
    assert outcomes["a"] == "failed"
    assert outcomes["b"] == "passed"
    assert len(outcomes) < 6


def test_the_deadline_of_the_run(tmp_path, echo):
    for number in range(6):
        write(tmp_path, "steps:\n- get: /slow?before=30\n", f"s{number}.yaml")
    words = ("--base", echo.url, "--jobs", "2", "--deadline", "1s", "--report", "json=r.json")
    command = httpsteps("run", ".", *words, cwd=tmp_path)
    assert command.status == 1
    kinds = [one["kind"] for one in result(tmp_path)["scenarios"]]
    assert kinds == ["deadline-exceeded"] * 6
    assert "passed before it began" in command.out


class Started:
    """``httpsteps run`` in a process group of its own, as a shell starts it."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "runner", "run", ".", *words],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def children(self) -> list[int]:
        own = self.process.pid
        return [int(each) for each in Path(f"/proc/{own}/task/{own}/children").read_text().split()]

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=40)
        return self.process.returncode, out, err

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()


@pytest.fixture
def started(tmp_path):
    made: list[Started] = []

    def start(*words: str) -> Started:
        made.append(Started(tmp_path, *words))
        return made[-1]

    yield start
    for each in made:
        each.kill()


def gone(processes: list[int]) -> bool:
    for _ in range(200):
        if not any(alive(each) for each in processes):
            return True
        sleep(0.05)
    return False


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


@linux
def test_a_worker_that_is_killed_costs_its_own_scenarios_only(tmp_path, echo, started):
    write(tmp_path, "steps:\n- get: /slow?before=20\n", "a.yaml")
    for number in range(5):
        write(tmp_path, PASSES, f"b{number}.yaml")
    reports = ("--report", "json=r.json", "--report", "jsonl=r.jsonl")
    run = started("--base", echo.url, "--jobs", "2", *reports)
    assert echo.wait_for(lambda: len(echo.requests) == 6, 20)
    lines = tmp_path / "r.jsonl"
    assert echo.wait_for(lambda: lines.read_text().count('"scenario-finished"') == 5, 20)
    for child in run.children():
        os.kill(child, signal.SIGKILL)
    status, out, err = run.end()
    assert status == 70, err
    assert "Traceback" not in out + err
    scenarios = result(tmp_path)["scenarios"]
    assert [one["outcome"] for one in scenarios] == ["error"] + ["passed"] * 5
    assert scenarios[0]["kind"] == "internal-error"
    assert "killed by SIGKILL" in scenarios[0]["message"]


@linux
def test_when_the_run_is_killed_its_workers_end(tmp_path, echo, started):
    for number in range(4):
        write(tmp_path, "steps:\n- get: /slow?before=20\n", f"s{number}.yaml")
    run = started("--base", echo.url, "--jobs", "4")
    assert echo.wait_for(lambda: len(echo.requests) == 4, 20)
    children = run.children()
    assert children
    run.process.kill()
    run.end()
    assert gone(children)


@pytest.mark.parametrize("whole_group", [False, True], ids=["the run", "the terminal's group"])
@pytest.mark.parametrize("jobs", ["2", "8"])
def test_ctrl_c_once(tmp_path, echo, started, jobs, whole_group):
    text = "steps:\n- get: /slow?before=30\n- get: /never\nteardown:\n- get: /after\n"
    for number in range(12):
        write(tmp_path, text, f"s{number:02}.yaml")
    run = started("--base", echo.url, "--jobs", jobs, "--report", "json=r.json")
    count = int(jobs)
    assert echo.wait_for(lambda: len(echo.requests) == count, 20)
    sleep(0.2)
    began = perf_counter()
    if whole_group:
        os.killpg(run.process.pid, signal.SIGINT)
    else:
        run.process.send_signal(signal.SIGINT)
    status, out, err = run.end()
    assert status == 130, out + err
    assert perf_counter() - began < 15
    assert "Traceback" not in out + err
    assert f"interrupted: {12 - count} of 12 scenarios did not run\n" in out
    assert out.count("error: ") == count
    assert result(tmp_path)["not-run"] == 12 - count
    assert result(tmp_path)["interrupted"] is True
    scenarios = result(tmp_path)["scenarios"]
    assert [one["kind"] for one in scenarios] == ["interrupted"] * count
    assert all(one["teardown"][0]["outcome"] == "passed" for one in scenarios)
    targets = [one.target for one in echo.requests]
    assert targets.count("/after") == count
    assert "/never" not in targets


@linux
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_twice(tmp_path, echo, started, jobs):
    text = "steps:\n- get: /slow?before=30\nteardown:\n- get: /slow?before=25\n"
    for number in range(3):
        write(tmp_path, text, f"s{number}.yaml")
    (tmp_path / "r.json").write_text("the one before")
    run = started("--base", echo.url, "--jobs", jobs, "--report", "json=r.json")
    count = int(jobs)
    assert echo.wait_for(lambda: len(echo.requests) == count, 20)
    sleep(0.2)
    children = run.children()
    run.process.send_signal(signal.SIGINT)
    assert echo.wait_for(lambda: len(echo.requests) == 2 * count, 20)
    began = perf_counter()
    run.process.send_signal(signal.SIGINT)
    status, out, err = run.end()
    assert (status, perf_counter() - began < 10) == (130, True)
    assert "Traceback" not in out + err
    assert gone(children)
    assert (tmp_path / "r.json").read_text() == "the one before"
    said = f"httpsteps: interrupted: ending {count} scenario{'s' * (count > 1)} (each step of a "
    assert err.startswith(said)
    more = f" and of {count - 1} more" if count > 1 else ""
    assert err.endswith(f"httpsteps: stopped: the teardown of s0{more} did not finish\n")


@pytest.mark.parametrize("word", ["0", "-1", "x", "1.5", ""])
def test_a_number_that_cannot_be_meant(tmp_path, word):
    write(tmp_path, PASSES, "a.yaml")
    command = called("run", "a.yaml", f"--jobs={word}", cwd=tmp_path)
    assert command.status == 2
    assert "auto" in command.err


def test_auto_and_the_setting(tmp_path, echo):
    files(tmp_path, 3)
    (tmp_path / "pyproject.toml").write_text('[tool.httpsteps]\njobs = "auto"\n')
    command = httpsteps("run", ".", "--base", echo.url, cwd=tmp_path)
    assert command.status == 0, command.err
    (tmp_path / "pyproject.toml").write_text("[tool.httpsteps]\njobs = 0\n")
    command = called("run", ".", "--base", echo.url, cwd=tmp_path)
    assert command.status == 2
    assert '"auto"' in command.err
