"""A process that may open no more files says so, wherever the limit is met, and reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import PROJECT, write

pytest.importorskip("resource")

LIMITED = """
import os, resource, socket, sys
from runner.cli.main import main

spare = int(sys.argv[1])
taken = len(os.listdir("/proc/self/fd")) - 1
resource.setrlimit(resource.RLIMIT_NOFILE, (taken + spare, taken + spare))
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
@pytest.mark.parametrize("spare", range(4, 12))
def test_no_descriptor_left(tmp_path, echo, spare):
    connects = "\n".join("- connect:" for _ in range(12))
    path = write(tmp_path, f"steps:\n- session:\n{connects}\n- get: /\n")
    report = tmp_path / "result.json"
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(spare), "run", path, "--base", echo.url,
         f"--report=json={report}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )  # fmt: skip
    assert done.returncode == 3, (done.stdout, done.stderr)
    assert "no file descriptors left" in done.stdout
    assert "ulimit -n" in done.stdout
    steps = json.loads(report.read_text())["scenarios"][0]["steps"]
    failed = next(step for step in steps if step["outcome"] != "passed")
    assert (failed["kind"], failed["phase"]) == ("connection-aborted", "connect")
