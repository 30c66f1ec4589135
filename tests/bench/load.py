"""``python -m tests.bench.load``: requests a second of ``httpsteps load``, and of an HttpUser
written by hand with the same checks: the same users, one process, the same server, in turns.

An iteration of the scenario has a session and a connection of its own. The HttpUser keeps its one
for ever, or, in the rows that say so, closes it after each task.

``cpu``: the same ratio for requests a second of processor time, which a busy machine changes less.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.__main__ import scenario

HERE = Path(__file__).parent
Rate = tuple[float, float]
"""Requests a second, and in a second of processor time."""

ROWS = ((1, False), (1, True), (10, False), (10, True), (100, False))


def by_hand(folder: Path, base: str, count: int, users: int, seconds: int, *, close: bool) -> Rate:
    """The HttpUser."""
    words = [
        "--headless", "--only-summary", "--users", users, "--spawn-rate", users,
        "--run-time", f"{seconds}s", "--host", base, "--csv", folder / "hand",
    ]  # fmt: skip
    spent = _run(
        "locust",
        "-f",
        HERE / "load_by_hand.py",
        *words,
        REQUESTS=count,
        CLOSE="yes" if close else "no",
    )
    with (folder / "hand_stats.csv").open() as file:
        row = next(each for each in csv.DictReader(file) if each["Name"] == "/items/1")
    assert row["Failure Count"] == "0", row
    return float(row["Requests/s"]), int(row["Request Count"]) / spent


def ours(folder: Path, base: str, count: int, users: int, seconds: int) -> Rate:
    """The scenario."""
    report = folder / "load.json"
    words = ["--users", users, "--duration", f"{seconds}s", "--report", f"json={report}"]
    spent = _run("runner", "load", scenario(folder, base, count), *words)
    entries = json.loads(report.read_text())["entries"]
    found = next(each for each in entries if each["name"] == "/items/1")
    return float(found["rate"]), found["count"] / spent


def _run(*words: object, **environ: object) -> float:
    """The processor seconds a command took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", *map(str, words)],
        env={**os.environ, **{name: str(value) for name, value in environ.items()}},
        cwd=HERE.parent.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"{words} failed:\n{done.stdout}{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _medians(
    folder: Path, base: str, count: int, given: argparse.Namespace, *, close: bool
) -> tuple[Rate, Rate]:
    hand, load = [], []
    for _ in range(given.rounds):
        hand.append(by_hand(folder, base, count, given.users, given.seconds, close=close))
        load.append(ours(folder, base, count, given.users, given.seconds))
    return _median(hand), _median(load)


def _median(rates: list[Rate]) -> Rate:
    return statistics.median(each[0] for each in rates), statistics.median(
        each[1] for each in rates
    )


def main() -> None:
    """Runs all and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (3)")
    parser.add_argument("--users", type=int, default=10, help="users at the same time (10)")
    parser.add_argument("--seconds", type=int, default=8, help="seconds of each run (8)")
    given = parser.parse_args()
    server = subprocess.Popen([sys.executable, HERE / "server.py"], stdout=subprocess.PIPE)
    assert server.stdout is not None
    base = f"http://127.0.0.1:{int(server.stdout.readline())}"
    print(
        f"{'requests in an iteration':26}{'HttpUser /s':>13}{'load /s':>10}{'ratio':>8}{'cpu':>8}"
    )
    try:
        with tempfile.TemporaryDirectory() as name:
            for count, close in ROWS:
                hand, load = _medians(Path(name), base, count, given, close=close)
                what = f"{count}, HttpUser closes too" if close else str(count)
                print(
                    f"{what:<26}{hand[0]:13.0f}{load[0]:10.0f}{load[0] / hand[0]:7.2f}x"
                    f"{load[1] / hand[1]:7.2f}x",
                    flush=True,
                )
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


if __name__ == "__main__":
    main()
