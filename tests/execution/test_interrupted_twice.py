"""Ctrl-C in a run and again in its teardown: it ends at once, and nothing more is sent."""

from __future__ import annotations

import json

import pytest

from tests.execution.interrupting import running
from tests.harness import write
from tests.lab import EchoServer, scripted
from tests.lab.scripted import request, silence

pytestmark = pytest.mark.usefixtures("nothing_left_open")

PATIENT = {"session": None, "timeout": "30s"}
SLOW = {"get": "/slow"}
STEPS = {
    "request": SLOW,
    "parallel": {"parallel": [[SLOW], [{"wait": "30s"}]]},
    "wait": {"wait": "30s"},
    "retry": {"get": "http://127.0.0.1:1/", "retry": {"attempts": 5, "every": "30s"}},
}


@pytest.mark.parametrize("name", STEPS)
def test_the_second_time_ends_the_teardown(lab, tmp_path, name):
    scripts = [request(), silence()]
    server, mourning, never = lab(scripted(*scripts)), lab(scripted(*scripts)), lab(EchoServer())
    teardown = [{"get": f"{mourning.url}/slow"}, {"delete": f"{never.url}/carts/mine"}]
    text = {"base": server.url, "steps": [PATIENT, STEPS[name]], "teardown": teardown}
    write(tmp_path, json.dumps(text), "1.yaml")
    write(tmp_path, json.dumps({"base": never.url, "steps": [{"get": "/never"}]}), "2.yaml")
    with running(tmp_path) as process:
        process.wait_for(event="step-started", path="2")
        if name in ("request", "parallel"):
            process.wait_for(phase="waiting")
        process.first()
        process.wait_for(phase="waiting", path="teardown.1.3")
        done = process.interrupt()
    assert done.status == 130, done.err
    assert done.seconds < 5
    assert never.requests == []
