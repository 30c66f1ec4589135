"""``--serve`` and ``--ready``: the service under test, started for the run and gone after it."""

from __future__ import annotations

import os
import time

import pytest

from tests.harness import called, write

SERVICE = """
import http.server, os, subprocess, sys, time
port, mode = int(sys.argv[1]), sys.argv[2]
open("pids", "w").write(f"{os.getpid()}\\n")
if mode == "dies":
    print("cannot find the lamp"); print("to standard error", file=sys.stderr); sys.exit(3)
if mode == "worker":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    open("pids", "a").write(f"{child.pid}\\n")
if mode == "late":
    time.sleep(0.4)
started = time.monotonic()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        warming = mode == "warming" and time.monotonic() < started + 0.3
        self.send_response(503 if warming else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *args): open("log", "a").write(self.path + "\\n")
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a small service and a scenario for it."""
    (tmp_path / "service.py").write_text(SERVICE)
    write(tmp_path, "steps:\n- get: /x\n- get: ${serve.url}/y\n", "a.yaml")
    return tmp_path


def serve(folder, mode, *words):
    command = f"{{python}} service.py {{port}} {mode}"
    return called("run", "a.yaml", "--serve", command, *words, cwd=folder)


def gone(folder):
    """Whether every process of the service has ended."""
    pids = [int(line) for line in (folder / "pids").read_text().split()]
    end = time.monotonic() + 3
    while time.monotonic() < end:
        if not any(_runs(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def _runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("mode", ["good", "late", "worker"])
def test_the_service_is_started_and_gone_afterwards(folder, mode):
    command = serve(folder, mode)
    assert command.status == 0, command.out + command.err
    assert (folder / "log").read_text().split()[-2:] == ["/x", "/y"]
    assert gone(folder)


def test_ready_waits_until_it_answers(folder):
    command = serve(folder, "warming", "--ready", "/health")
    assert command.status == 0
    asked = (folder / "log").read_text().split()
    assert asked.count("/health") > 1
    assert asked[-2:] == ["/x", "/y"]


def test_a_service_that_dies_shows_its_output(folder):
    command = serve(folder, "dies")
    assert command.status == 3
    assert "cannot find the lamp" in command.err
    assert "to standard error" in command.err
    assert "status 3" in command.err
    assert "Traceback" not in command.err


def test_a_command_that_is_not_there(folder):
    command = called("run", "a.yaml", "--serve", "no-such-command {port}", cwd=folder)
    assert command.status == 3
    assert "no-such-command" in command.err


def test_it_is_gone_after_a_failure_too(folder):
    write(folder, "steps:\n- get: /x\n  expect: {status: 404}\n", "a.yaml")
    assert serve(folder, "worker").status == 1
    assert gone(folder)


def test_nothing_is_started_for_an_invalid_scenario(folder):
    write(folder, "steps:\n- got: /x\n", "a.yaml")
    assert serve(folder, "good").status == 2
    assert not (folder / "pids").exists()


def test_the_settings_file_names_it_and_base_replaces_it(folder, echo):
    (folder / "pyproject.toml").write_text(
        '[tool.httpsteps]\nserve = "{python} service.py {port} good"\nready = "/health"\n'
    )
    write(folder, "steps:\n- get: /x\n", "a.yaml")
    assert called("run", "a.yaml", cwd=folder).status == 0
    assert gone(folder)
    (folder / "pids").unlink()
    assert called("run", "a.yaml", "--base", echo.url, cwd=folder).status == 0
    assert not (folder / "pids").exists()


def test_after_a_failure_it_is_told_that_the_service_is_gone(folder):
    said = "the service was started for this run and is stopped now"
    assert said not in serve(folder, "works").out
    write(folder, "steps:\n- get: /x\n  expect: {status: 404}\n", "a.yaml")
    assert said in serve(folder, "works").out
