"""A run of many scenarios keeps their results in a file, not in memory."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.harness import PROJECT, write

STEPS = 20


def peak(folder: Path, cases: int) -> float:
    """The most memory, in MB, of a run of so many cases, with reports of all of them."""
    rows = "".join(f"- n: {number}\n" for number in range(cases))
    steps = "- set: {a: '${n}', b: [1, 2, 3]}\n" * STEPS
    write(folder, f"cases:\n{rows}steps:\n{steps}", "many.yaml")
    words = ["run", "many.yaml", "-q", "--report", "json=r.json", "--report", "junit=r.xml"]
    process = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "runner", *words],
        {**os.environ, "PYTHONPATH": str(PROJECT)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, str(folder / "out"), os.O_WRONLY | os.O_CREAT, 0o600)
        ],
    )
    _, status, used = os.wait4(process, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    document = json.loads((folder / "r.json").read_bytes())
    assert document["counts"]["passed"] == cases
    assert [one["case"] for one in document["scenarios"]][-1] == str(cases)
    return used.ru_maxrss / 1024


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is counted in another way")
def test_more_results_take_no_more_memory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    few, many = peak(tmp_path, 200), peak(tmp_path, 1200)
    # Held in memory, the results of a thousand more would take 20 MB.
    assert many - few < 12, (few, many)
