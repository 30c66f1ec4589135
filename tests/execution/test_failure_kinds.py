"""Every failure kind, against something real: kind, phase, outcome, message, hint and times."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from runner.kinds import KINDS
from tests.execution import connecting_fails, requests_fail
from tests.execution.bench import Bench
from tests.execution.failing import WAYS, Owed, Trial, check
from tests.execution.interrupting import running
from tests.harness import PROJECT, problems, run, write
from tests.lab import (
    BEHAVIOURS,
    TLS_BEHAVIOURS,
    closed_port,
    in_private_network,
    no_namespaces,
    scripted,
)
from tests.lab.scripted import silence

TABLES = (connecting_fails.TABLE, requests_fail.TABLE)
ROWS = {name: made for table in TABLES for name, made in table.rows.items()}
BY_STEPS = {name for table in TABLES for name in table.only_by_steps}

pytestmark = pytest.mark.usefixtures("nothing_left_open")


@pytest.fixture
def bench(certificates, tmp_path) -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench(stack, certificates, tmp_path)


@pytest.mark.parametrize(
    ("name", "way"),
    [(name, way) for name in ROWS for way in WAYS if way == "steps" or name not in BY_STEPS],
)
def test_a_request_that_fails(bench, tmp_path, name, way):
    trial, owed = ROWS[name](bench)
    check(run(tmp_path, trial.text(way)), trial, owed, way)


TABBED = "steps:\n\t- get: /\n"
BOMB = (
    "x-a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    + "".join(f"x-{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in ("ab", "bc", "cd", "de"))
    + "steps:\n  - get: /\n"
)
MISSPELT = "base: http://127.0.0.1:1\nsteps:\n  - get: /\n    expct: {status: 200}\n"
UNSENT = "steps:\n  - session:\n  - connect: http://127.0.0.1:1\n  - open: GET /\n  - read:\n"
UNKNOWN = "base: http://127.0.0.1:1\nvars: {item: 7}\nsteps:\n  - get: /${itm}\n"
MISSING = "steps:\n  - use: nowhere.yaml\n"
OUTSIDE = "steps:\n  - use: ../scenario.yaml\n"
FILES = [
    ("invalid-yaml", TABBED, (2, 1), "a tab cannot indent a line in YAML", "use blanks"),
    ("alias-bomb", BOMB, (4, 38), "the aliases expand to more than 10,000 nodes", None),
    ("invalid-scenario", MISSPELT, (4, 5), "unknown key `expct` in a `get` step", "did you mean"),
    ("wrong-order", UNSENT, (5, 5), "'read' needs a sent request: put a 'send' step", None),
    ("undefined-variable", UNKNOWN, (4, 11), "`itm` is not defined", "`item`"),
    ("file-not-found", MISSING, (2, 10), 'there is no file "nowhere.yaml" beside', None),
    ("file-outside-root", OUTSIDE, (2, 10), '"../scenario.yaml" leaves the folder', "relative"),
]


@pytest.mark.parametrize(
    ("kind", "text", "place", "message", "hint"), FILES, ids=[file[0] for file in FILES]
)
def test_a_file_that_cannot_be_loaded(tmp_path, kind, text, place, message, hint):
    (found,) = problems(tmp_path, text)
    assert found.kind == kind
    assert KINDS[kind].phase == "load"
    assert KINDS[kind].outcome == "error"
    assert message in found.message
    assert (hint or "") in (found.hint or "")
    assert found.at is not None
    assert (found.at.line, found.at.column) == place
    assert found.line == text.splitlines()[place[0] - 1]


NAMES = [
    ("nxdomain", "nowhere.lab", "name-not-resolved",
     "the name nowhere.lab has no address", "is it spelt right", "dns"),
    ("servfail", "nowhere.lab", "name-not-resolved",
     "the name nowhere.lab could not be resolved: no name server answers", "resolv.conf", "dns"),
    ("silent", "nowhere.lab", "connect-timeout",
     "the name nowhere.lab was not resolved within 300 ms", "does the name server answer?", "dns"),
    ("nxdomain", "10.9.0.1", "host-unreachable",
     "no way leads to 10.9.0.1:80: No route to host", "is the network up, the VPN on?", "dns tcp"),
    ("nxdomain", "10.8.0.1", "host-unreachable",
     "no way leads to 10.8.0.1:80: Network is unreachable", "is the network up", "dns tcp"),
]  # fmt: skip


@pytest.mark.parametrize("dns", ["nxdomain", "servfail", "silent"])
def test_names_and_routes_of_a_network(tmp_path, dns):
    if reason := no_namespaces():
        pytest.skip(reason)
    asked = [row[1:] for row in NAMES if row[0] == dns]
    for number, (host, *_) in enumerate(asked):
        for way in WAYS:
            trial = Trial(f"http://{host}", session={"timeout": "300ms"})
            (tmp_path / f"{number}-{way}.yaml").write_text(trial.text(way))
    report = tmp_path / "result.json"
    command = [sys.executable, "-m", "runner", "run", tmp_path, "--report", f"json={report}"]
    done = in_private_network(
        command,
        dns=dns,
        routes=["unreachable 10.9.0.0/16"],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    assert done.returncode == 3, done.stderr
    found = json.loads(report.read_text())["scenarios"]
    assert len(found) == 2 * len(asked)
    for number, (_, kind, message, hint, times) in enumerate(asked):
        by_steps, by_get = (found[2 * number + step]["steps"] for step in (1, 0))
        assert by_get[1]["steps"][-1]["verb"] == "connect"
        for step in (by_steps[1], by_get[1], by_get[1]["steps"][-1]):
            assert (step["kind"], step["phase"], step["outcome"]) == (kind, "connect", "error")
            assert step["message"] == message
            assert hint in step["hint"]
            assert set(step["times"]) == set(times.split())
        assert [step["outcome"] for step in by_steps[2:]] == ["skipped"] * 3


@pytest.mark.parametrize(
    ("stop", "shown"),
    [({"status": 503}, "status"), ({"error": "unexpected-status"}, "error")],
)
def test_a_retry_that_is_stopped(echo, tmp_path, stop, shown):
    retry = {"attempts": 9, "every": "10ms", "stop-if": stop}
    trial = Trial(echo.url, "GET /status/503", read={"retry": retry})
    said = f"`stop-if` holds ({shown}): status is 503 Status, expected 2xx"
    owed = Owed("retry-stopped", "send", "checks", said, None, "send wait", whole="checks")
    check(run(tmp_path, trial.text("get")), trial, owed, "get")
    assert len(echo.requests) == 1


def test_a_block_does_not_fail_for_a_status_that_its_part_expects(echo, tmp_path):
    part = {"get": "/status/404", "expect": {"status": 404}}
    (tmp_path / "used.yaml").write_text(json.dumps({"steps": [part]}))
    steps = [{"block": [part]}, {"parallel": [[part], [part]]}, {"use": "used.yaml"}]
    result = run(tmp_path, json.dumps({"base": echo.url, "steps": steps}))
    assert result.outcome == "passed", result.message


@pytest.mark.parametrize("way", WAYS)
def test_no_descriptors_left(echo, tmp_path, way):
    # What is imported late, for a failure too, is so now.
    with closed_port() as port:
        assert run(tmp_path, Trial(f"http://127.0.0.1:{port}").text(way)).outcome == "error"
    trial = Trial(echo.url)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        text = trial.text(way)
        (tmp_path / "scenario.yaml").write_text(text)
        files = stack.enter_context(ExitStack())
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        result = _starved(files, tmp_path, text)
    said, hint = "this process has no file descriptors left", "raise the limit (ulimit -n)"
    owed = Owed("connection-aborted", "connect", "connect", said, hint, "dns tcp")
    check(result, trial, owed, way)


def _starved(files, folder, text):
    from runner.execution.scenario_run import Settings, run_scenario
    from runner.scenario.loader import load

    scenario = load(folder / "scenario.yaml", root=folder)
    try:
        while True:
            files.callback(os.close, os.dup(0))
    except OSError:
        return run_scenario(scenario, scenario.cases[0], Settings({}))


@pytest.mark.parametrize("way", WAYS)
def test_ctrl_c(lab, tmp_path, way):
    write(tmp_path, Trial(lab(scripted(silence())).url).text(way))
    with running(tmp_path) as process:
        process.wait_for(phase="waiting")
        done = process.interrupt()
    assert done.status == 130
    for told in (done.step, *done.step["steps"][-1:]):
        assert (told["kind"], told["phase"], told["outcome"]) == ("interrupted", "send", "error")
        assert told["message"].startswith("interrupted while waiting for the first byte from ")
        assert told["hint"] is None
    assert set(done.step["times"]) == {"send", "wait"} | ({"dns", "tcp"} if way == "get" else set())


def test_every_kind_is_covered(bench):
    rows = {made(bench)[1].kind for made in ROWS.values()}
    behaviours = {each.kind for each in (*BEHAVIOURS.values(), *TLS_BEHAVIOURS.values())} - {None}
    here = {"retry-stopped", "internal-error", "interrupted"}
    assert rows | behaviours | {file[0] for file in FILES} | {
        row[2] for row in NAMES
    } | here == set(KINDS)
