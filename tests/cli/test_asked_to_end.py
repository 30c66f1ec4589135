"""SIGTERM, SIGHUP and Ctrl-C at any moment: the teardown runs, the service goes, all is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness import PROJECT, write

SERVICE = """
import http.server, os, pathlib, signal, sys, threading, time
port, mode = int(sys.argv[1]), sys.argv[2]
def asked(*_):
    pathlib.Path("asked").touch()
    if mode != "stubborn":
        os._exit(0)
signal.signal(signal.SIGTERM, asked)
pathlib.Path("new").write_text(str(os.getpid()))
pathlib.Path("new").rename("pid")
if mode == "never":
    time.sleep(60)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open("log", "a") as log:
            log.write(self.path + "\\n")
        time.sleep(30 if self.path == "/slow" else 1 if self.path == "/late" else 0)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""
SLOW = "steps:\n- get: /slow\n- get: /never\nteardown:\n- get: /late\n- get: /after\n"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals")


class Running:
    """``httpsteps run`` with a service of its own."""

    def __init__(self, folder: Path, text: str, mode: str, *words: str) -> None:
        self.folder = folder
        (folder / "service.py").write_text(SERVICE)
        write(folder, text, "a.yaml")
        serve = f"{{python}} service.py {{port}} {mode}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "runner", "run", "a.yaml", "--serve", serve, *words,
             "--report", "json=r.json"],
            cwd=folder, env={**os.environ, "PYTHONPATH": str(PROJECT)}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def log(self) -> list[str]:
        log = self.folder / "log"
        return log.read_text().split() if log.exists() else []

    def wait_until(self, there) -> None:
        end = time.monotonic() + 20
        while not there():
            assert time.monotonic() < end
            assert self.process.poll() is None
            time.sleep(0.01)

    def end(self) -> tuple[int, str]:
        out, err = self.process.communicate(timeout=20)
        assert "Traceback" not in out + err
        return self.process.returncode, out + err

    def service_gone(self) -> bool:
        pid = int((self.folder / "pid").read_text())
        for _ in range(60):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return True
            time.sleep(0.05)
        return False


@pytest.fixture
def running(tmp_path):
    made: list[Running] = []

    def start(*words: str) -> Running:
        made.append(Running(tmp_path, *words))
        return made[-1]

    yield start
    for each in made:
        if each.process.poll() is None:
            each.process.kill()
            each.process.communicate()
        if (tmp_path / "pid").exists() and not each.service_gone():
            os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("signs", [["SIGTERM"], ["SIGHUP"], ["SIGTERM", "SIGTERM"]])
def test_asked_to_end_while_steps_run(running, tmp_path, jobs, signs):
    run = running(SLOW, "good", "--jobs", jobs, "--repeat", "2")
    run.wait_until(lambda: run.log().count("/slow") == int(jobs))
    # `timeout` signals a command, and at once its group, of which the command is one.
    for sign in signs:
        os.kill(run.process.pid, getattr(signal, sign))
        time.sleep(0.1)
    status, told = run.end()
    assert status == 130, told
    report = json.loads((tmp_path / "r.json").read_bytes())
    assert report["interrupted"] is True
    assert [one["kind"] for one in report["scenarios"]] == ["interrupted"] * int(jobs)
    assert run.log().count("/after") == int(jobs)
    assert "/never" not in run.log()
    assert run.service_gone()


def test_asked_to_end_while_the_service_starts(running, tmp_path):
    run = running(SLOW, "never")
    run.wait_until((tmp_path / "pid").exists)
    run.process.terminate()
    assert run.end()[0] == 130
    assert run.service_gone()


@pytest.mark.parametrize("sign", ["SIGINT", "SIGTERM"])
def test_asked_to_end_while_the_service_is_stopped(running, tmp_path, sign):
    run = running("steps:\n- get: /\n", "stubborn")
    run.wait_until((tmp_path / "asked").exists)
    time.sleep(0.1)
    began = time.monotonic()
    run.process.send_signal(getattr(signal, sign))
    assert run.end()[0] == 130
    assert time.monotonic() - began < 4
    assert run.service_gone()


def test_what_is_ignored_stays_ignored(running):
    """As below `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        run = running("steps:\n- get: /late\n- get: /after\n", "good")
    finally:
        signal.signal(signal.SIGHUP, before)
    run.wait_until(lambda: "/late" in run.log())
    run.process.send_signal(signal.SIGHUP)
    assert run.end()[0] == 0
    assert run.log()[-1] == "/after"
