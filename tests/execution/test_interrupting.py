"""Ctrl-C, wherever the run hangs: over at once, teardown run, report written, nothing left open."""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack

import pytest

from tests.execution import interrupting
from tests.execution.failing import Trial
from tests.execution.interrupting import Ended, running
from tests.harness import write
from tests.lab import (
    EchoServer,
    ProxyServer,
    Socks5Server,
    full_backlog,
    in_private_network,
    no_namespaces,
    scripted,
)
from tests.lab.scripted import forever, head, request, send, silence, stall

pytestmark = pytest.mark.usefixtures("nothing_left_open")

QUICK = 5.0  # seconds: far less than any timeout that could end it instead
PATIENT = {"timeout": {"connect": "30s", "read": "30s"}}
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
LINES = b"HTTP/1.1 200 OK\r\n"


def hangs(name, stack, certificates):
    """The request that hangs, and the server it hangs at (None where there is none)."""
    if name == "connecting":
        return Trial(
            f"http://127.0.0.1:{stack.enter_context(full_backlog())}", session=PATIENT
        ), None
    if name in ("tunnelling", "socks"):
        proxy = ProxyServer(silent=True) if name == "tunnelling" else Socks5Server(silent=True)
        server = stack.enter_context(proxy)
        scheme = "http" if name == "tunnelling" else "socks5h"
        session = {**PATIENT, "proxy": f"{scheme}://127.0.0.1:{server.port}"}
        return Trial("https://shop.lab", session=session), server
    script = {
        "securing": [silence()],
        "sending": [stall()],
        "pausing": [head(), silence()],
        "waiting": [silence()],
        "in the head": [request(), send(LINES), forever(b"X-A: b\r\n")],
        "reading": [request(), send(HALF), silence()],
        "reading over tls": [request(), send(HALF), silence()],
    }[name]
    context = certificates.context() if "over tls" in name else None
    server = stack.enter_context(scripted(*script, context=context, receive_buffer=4096))
    if name == "securing":
        server.speaks = "https"
    session = {**PATIENT, "tls": {"ca": str(certificates.ca)}}
    body = {
        "sending": {"file": "large.bin"},
        "pausing": {"chunks": {"pieces": ["a", "b"], "every": "30s"}},
    }.get(name, {})
    return Trial(server.url, "POST /" if body else "GET /", session, send=body), server


CASES = [
    ("connecting", "connect", "connecting", "dns tcp"),
    ("socks", "connect", "connecting", "dns tcp"),
    ("tunnelling", "connect", "tunnelling", "dns tcp proxy"),
    ("securing", "connect", "securing", "dns tcp tls"),
    ("sending", "send", "sending", "send"),
    ("pausing", "send", "sending", "send"),
    ("waiting", "send", "waiting", "send wait"),
    ("in the head", "send", "waiting", "send wait"),
    ("reading", "read", "reading", "read"),
    ("reading over tls", "read", "reading", "read"),
]


SAID = {
    "connecting": "connecting to",
    "tunnelling": "waiting for the tunnel of",
    "securing": "making the TLS handshake with",
    "sending": "sending the request to",
    "waiting": "waiting for the first byte from",
    "reading": "reading the body from",
}


@pytest.mark.parametrize(("name", "verb", "doing", "times"), CASES)
def test_a_request_that_hangs(lab, certificates, tmp_path, name, verb, doing, times):
    mourner = lab(EchoServer())
    (tmp_path / "large.bin").write_bytes(bytes(30_000_000))
    with ExitStack() as stack:
        trial, server = hangs(name, stack, certificates)
        text = json.loads(trial.text("steps"))
        # A session of its own, as that of the steps may lead to the proxy that hangs.
        text["teardown"] = [{"session": None}, {"delete": f"{mourner.url}/carts/mine"}]
        write(tmp_path, json.dumps(text))
        with running(tmp_path) as process:
            process.wait_for(phase=doing)
            done = process.interrupt()
        ended_well(done, mourner)
        assert server is None or name == "sending" or server.wait_closed()
    assert done.step["verb"] == verb
    assert done.step["message"].startswith(f"interrupted while {SAID[doing]} ")
    assert done.step["phase"] == ("tls" if doing == "securing" else verb)
    assert set(done.step["times"]) == set(times.split())
    later = done.scenario["steps"][done.scenario["steps"].index(done.step) + 1 :]
    assert {step["outcome"] for step in later} <= {"skipped"}


def ended_well(done: Ended, mourner):
    """130 at once, the teardown seen, a whole report of what ran, and no traceback."""
    assert done.status == 130, done.err
    assert done.seconds < QUICK
    assert "Traceback" not in done.out + done.err
    assert done.report["outcome"] == "error"
    assert (done.scenario["outcome"], done.scenario["kind"]) == ("error", "interrupted")
    step = done.step
    assert (step["kind"], step["outcome"]) == ("interrupted", "error")
    assert done.scenario["message"] == step["message"]
    assert {each["outcome"] for each in done.scenario["teardown"]} == {"passed"}
    assert [seen.request_line for seen in mourner.requests] == ["DELETE /carts/mine HTTP/1.1"]


SLOW = {"get": "/slow"}
BRACKETS = {
    "wait": ({"wait": "30s"}, {"verb": "wait"}),
    "between attempts": (
        {
            "connect": "http://127.0.0.1:1",
            "at": "unix:/nowhere/at.all",
            "retry": {"attempts": 9, "every": "30s"},
        },
        {"event": "step-finished", "path": "2"},
    ),
    "parallel": ({"parallel": [[SLOW], [SLOW]]}, {"phase": "waiting"}),
    "block": ({"block": [{"block": [SLOW]}]}, {"phase": "waiting"}),
    "for-each": ({**SLOW, "for-each": {"n": [1, 2, 3]}}, {"phase": "waiting"}),
}


WORDS = {
    "wait": "running",
    "parallel": "running",
    "between attempts": "waiting for the next attempt",
}


@pytest.mark.parametrize("name", BRACKETS)
def test_a_step_that_waits(lab, tmp_path, name):
    server, mourner = lab(scripted(silence())), lab(EchoServer())
    step, sign = BRACKETS[name]
    text = {
        "base": server.url,
        "steps": [{"session": None}, step, {"get": "/never"}],
        "teardown": [{"delete": f"{mourner.url}/carts/mine"}],
    }
    write(tmp_path, json.dumps(text))
    with running(tmp_path) as process:
        process.wait_for(**sign)
        done = process.interrupt()
    ended_well(done, mourner)
    assert [step["outcome"] for step in done.scenario["steps"]] == ["passed", "error", "skipped"]
    said = WORDS.get(name, "waiting for the first byte from ")
    assert done.step["message"].startswith(f"interrupted while {said}")
    assert server.wait_closed()
    assert not any(b"/never" in data for data in server.received.values())


def test_branches_that_still_connect(lab, tmp_path):
    server, mourner = lab(scripted(silence())), lab(EchoServer())
    branches = [[{"get": f"{scheme}://127.0.0.1:{server.port}/"}] for scheme in ("http", "https")]
    session = {"session": None, **PATIENT}
    teardown = [{"delete": f"{mourner.url}/carts/mine"}]
    text = {"steps": [session, {"parallel": branches}], "teardown": teardown}
    write(tmp_path, json.dumps(text))
    with running(tmp_path) as process:
        process.wait_for(phase="waiting")
        process.wait_for(phase="securing")
        done = process.interrupt()
    ended_well(done, mourner)
    kinds = {part["kind"] for part in done.step["steps"]}
    assert kinds == {"interrupted"}
    assert server.wait_closed()


def test_no_other_scenario_begins(lab, tmp_path):
    server = lab(scripted(request(), silence()))
    write(tmp_path, json.dumps({"base": server.url, "steps": [SLOW]}), "1.yaml")
    write(tmp_path, json.dumps({"base": server.url, "steps": [{"get": "/never"}]}), "2.yaml")
    with running(tmp_path) as process:
        process.wait_for(phase="waiting")
        done = process.interrupt()
    assert done.status == 130
    assert done.scenario["name"] == "1"
    assert [seen.path for seen in server.requests] == ["/slow"]


def test_a_name_that_is_not_resolved(tmp_path):
    if reason := no_namespaces():
        pytest.skip(reason)
    write(tmp_path, Trial("http://nowhere.lab", session=PATIENT).text("steps"))
    command = [sys.executable, interrupting.__file__, tmp_path, "resolving"]
    ran = in_private_network(command, dns="silent", env=dict(os.environ))
    done = Ended(**json.loads(ran.stdout))
    assert done.status == 130
    assert done.seconds < QUICK
    assert "Traceback" not in done.out + done.err
    assert done.step["message"] == "interrupted while resolving nowhere.lab"
    assert set(done.step["times"]) == {"dns"}
