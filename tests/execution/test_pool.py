"""Workers that do not come to be, threads that cannot be had, reports that cannot be written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import runner
from tests.harness import PROJECT, write

PASSES = "steps:\n- get: /\n"
UNGUARDED = """
import sys, threading, time
import runner

threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
result = runner.run(sys.argv[1], jobs=2, base="http://127.0.0.1:1")
for scenario in result.scenarios:
    print(scenario.message)
"""
FEW_THREADS = """
import sys, threading
from runner.cli.main import main

start = threading.Thread.start

def limited(thread):
    if threading.active_count() > {limit}:
        raise RuntimeError("can't start new thread")
    start(thread)

threading.Thread.start = limited
sys.exit(main())
"""


def python(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=cwd, env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True,
        timeout=50, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_script_without_a_guard_ends_and_is_told_of_it(tmp_path):
    for name in "abc":
        write(tmp_path, PASSES, f"{name}.yaml")
    (tmp_path / "script.py").write_text(UNGUARDED)
    done = python("script.py", ".", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("no worker process came to run it: the last one ended") == 3
    assert done.stdout.count('under `if __name__ == "__main__":`') == 3


forks = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="workers are not forked")


@forks
def test_fewer_threads_than_jobs_only_take_longer(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /slow?before=0.05\n")
    words = ("run", ".", "--jobs", "30", "--repeat", "30", "--base", echo.url)
    done = python(
        "-c", FEW_THREADS.format(limit=2), *words, "--report", "json=r.json", cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads((tmp_path / "r.json").read_bytes())["counts"]["passed"] == 30
    assert len(echo.requests) == 30


@forks
def test_no_thread_at_all(tmp_path, echo):
    write(tmp_path, PASSES)
    words = ("run", ".", "--jobs", "4", "--repeat", "4", "--base", echo.url)
    done = python("-c", FEW_THREADS.format(limit=0), *words, cwd=tmp_path)
    assert done.returncode == 70, done.stdout + done.stderr
    assert "no worker process came to run it" in done.stdout
    assert "Traceback" not in done.stderr
    assert echo.requests == []


def test_a_report_that_cannot_be_written_costs_no_teardown(tmp_path, echo):
    write(tmp_path, PASSES, "a.yaml")
    hangs = "steps:\n- get: /slow?before=30\n- get: /never\nteardown:\n- delete: /cart\n"
    write(tmp_path, hangs, "b.yaml")

    def full(event, _detail):
        if event == "scenario-finished":
            assert echo.wait_for(lambda: len(echo.requests) == 2, 20)
            raise OSError("no space left on device")

    began = time.monotonic()
    with pytest.raises(OSError, match="no space left"):
        runner.run(tmp_path, base=echo.url, jobs=2, listener=full)
    assert time.monotonic() - began < 25
    targets = {each.target for each in echo.requests}
    assert targets == {"/", "/slow?before=30", "/cart"}
