"""What Ctrl-C leaves of a run: nothing takes it for another end, nothing is sent after it."""

from __future__ import annotations

import json

import pytest

from tests.execution.interrupting import running
from tests.harness import write
from tests.lab import EchoServer, scripted, scripted_each
from tests.lab.scripted import answer, request, silence

QUICK = 5.0  # seconds: far less than the 30 s that everything here waits for
PATIENT = {"session": None, "timeout": {"read": "30s"}}
SLOW = {"get": "/slow"}
UNREACHABLE = {"connect": "http://127.0.0.1:1", "at": "unix:/nowhere/at.all"}


def interrupted(folder, **sign):
    """Ctrl-C to the scenarios of the folder once this event was told; and how they ended."""
    with running(folder) as process:
        process.wait_for(**sign)
        done = process.interrupt()
    assert done.status == 130, done.err
    assert done.seconds < QUICK
    return done


def paths(server):
    return [seen.path for seen in server.requests]


def two_scenarios(folder, url, **first):
    write(folder, json.dumps({"base": url, **first}), "1.yaml")
    write(folder, json.dumps({"base": url, "steps": [{"get": "/never"}]}), "2.yaml")


def test_an_earlier_error_does_not_hide_it(lab, tmp_path):
    server = lab(scripted(request(), silence()))
    earlier = {**UNREACHABLE, "on-failure": "continue"}
    two_scenarios(tmp_path, server.url, steps=[PATIENT, earlier, SLOW])
    done = interrupted(tmp_path, phase="waiting")
    assert (done.scenario["outcome"], done.scenario["kind"]) == ("error", "interrupted")
    assert paths(server) == ["/slow"]


def test_in_the_teardown_it_keeps_the_earlier_kind_and_ends_the_run(lab, tmp_path):
    server, mourner = lab(EchoServer()), lab(EchoServer())
    mourn = {"block": [{"delete": f"{mourner.url}/carts/mine"}]}
    steps = [PATIENT, {"get": "/status/404"}]
    slow = {"get": "/slow?before=1"}
    two_scenarios(tmp_path, server.url, steps=steps, teardown=[slow, mourn])
    done = interrupted(tmp_path, phase="waiting", path="teardown.1.2")
    assert (done.scenario["outcome"], done.scenario["kind"]) == ("failed", "unexpected-status")
    assert [step["outcome"] for step in done.scenario["teardown"]] == ["passed", "passed"]
    assert paths(server) == ["/status/404", "/slow"]
    assert paths(mourner) == ["/carts/mine"]


@pytest.mark.parametrize(
    "step",
    [
        {**SLOW, "expect": {"error": {"not": "connection-refused"}}},
        {
            "block": [{**UNREACHABLE, "on-failure": "continue"}, SLOW],
            "expect": {"error": "connection-refused"},
        },
        {"parallel": [[SLOW]], "expect": {"error": {"exists": True}}},
    ],
    ids=["request", "block", "parallel"],
)
def test_no_expected_error_is_met_by_it(lab, tmp_path, step):
    server = lab(scripted(request(), silence()))
    two_scenarios(tmp_path, server.url, steps=[PATIENT, step, {"get": "/never"}])
    done = interrupted(tmp_path, phase="waiting")
    assert done.step["kind"] == "interrupted"
    assert [step["outcome"] for step in done.scenario["steps"]] == ["passed", "error", "skipped"]
    assert paths(server) == ["/slow"]


def test_branches_tell_how_they_ended(lab, tmp_path):
    server = lab(scripted(request(), silence()))
    write(tmp_path, json.dumps({"base": server.url, "steps": [PATIENT, {"parallel": [[SLOW]]}]}))
    done = interrupted(tmp_path, phase="waiting")
    assert [(part["name"], part["kind"]) for part in done.step["steps"]] == [
        ("get /slow", "interrupted")
    ]


@pytest.mark.parametrize("depth", ["use", "use in use", "parallel in use"])
@pytest.mark.parametrize("hang", ["a silent server", "a wait", "a retry"])
def test_a_used_scenario_in_a_branch(lab, tmp_path, depth, hang):
    server, other = lab(scripted(request(), silence())), lab(EchoServer())
    step, sign = {
        "a silent server": (SLOW, {"phase": "waiting"}),
        "a wait": ({"wait": "30s"}, {"event": "step-started", "verb": "wait"}),
        "a retry": (
            {**UNREACHABLE, "retry": {"attempts": 9, "every": "30s"}},
            {"event": "step-finished", "name": "connect http://127.0.0.1:1"},
        ),
    }[hang]
    steps = [PATIENT, {**step, "on-failure": "continue"}, {"post": f"{other.url}/charge"}]
    used = {"base": server.url, "steps": steps, "teardown": [{"delete": f"{other.url}/carts/mine"}]}
    write(tmp_path, json.dumps(used), "_used.yaml")
    inner = {"use": "_used.yaml"}
    if depth == "use in use":
        write(tmp_path, json.dumps({"steps": [inner]}), "_between.yaml")
        inner = {"use": "_between.yaml"}
    elif depth == "parallel in use":
        write(tmp_path, json.dumps({"steps": [{"parallel": [[inner]]}]}), "_between.yaml")
        inner = {"use": "_between.yaml"}
    write(tmp_path, json.dumps({"steps": [{"parallel": [[inner], [{"wait": "1ms"}]]}]}))
    done = interrupted(tmp_path, **sign)
    assert done.scenario["kind"] == "interrupted"
    assert [seen.request_line for seen in other.requests] == ["DELETE /carts/mine HTTP/1.1"]
    assert [step["outcome"] for step in done.scenario["teardown"]] == ["passed"]


def test_the_teardown_uses_the_connection_that_was_interrupted(lab, tmp_path):
    server = lab(scripted_each([request(), silence()], [request(), answer(200)]))
    steps = [
        PATIENT,
        {"connect": None, "id": "line"},
        {"open": "GET /slow"},
        {"send": None},
    ]
    teardown = [
        {"open": "DELETE /carts/mine", "in": "line", "id": "end"},
        {"send": None, "in": "end"},
    ]
    used = {"base": server.url, "steps": steps, "teardown": teardown}
    write(tmp_path, json.dumps(used), "_used.yaml")
    write(tmp_path, json.dumps({"steps": [{"parallel": [[{"use": "_used.yaml"}]]}]}))
    done = interrupted(tmp_path, phase="waiting")
    assert [step["outcome"] for step in done.scenario["teardown"]] == ["passed", "passed"]
    assert paths(server) == ["/slow", "/carts/mine"]
