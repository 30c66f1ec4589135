"""``python -m tests.bench``: httpsteps beside a bare ``requests.Session`` loop, in the same run.

Each workload is run for both, interleaved; the table shows medians of wall time in seconds, the
ratio, and peak memory. "One more request" is the slope between the two larger workloads.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

HERE = Path(__file__).parent
SIZES = (1, 300, 1000)


def scenario(folder: Path, base: str, count: int) -> Path:
    """A file of ``count`` requests, each with a status and a JSON check."""
    step = "  - get: /items/1\n    expect:\n      status: 200\n      $.name: Lamp\n"
    path = folder / f"requests-{count}.yaml"
    path.write_text(f"base: {base}\nsteps:\n" + step * count, encoding="utf-8")
    return path


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Wall seconds and peak memory in MB of a command that must succeed."""
    before = perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output, _ = process.communicate()
    seconds = perf_counter() - before
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{output.decode()}")
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Runs all workloads and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="runs of each workload (7)")
    rounds = parser.parse_args().rounds
    server = subprocess.Popen([sys.executable, HERE / "server.py"], stdout=subprocess.PIPE)
    assert server.stdout is not None
    base = f"http://127.0.0.1:{int(server.stdout.readline())}"
    try:
        with tempfile.TemporaryDirectory() as name:
            report(measure(Path(name), base, rounds))
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def measure(folder: Path, base: str, rounds: int) -> dict[tuple[str, int], list[float]]:
    """Seconds of every run, by tool and size."""
    python = [sys.executable]
    files = {count: scenario(folder, base, count) for count in SIZES}
    seconds: dict[tuple[str, int], list[float]] = {}
    for number in range(rounds + 1):
        for count in SIZES:
            commands = {
                "loop": [*python, str(HERE / "loop.py"), f"{base}/items/1", str(count)],
                "httpsteps": [*python, "-m", "runner", "run", str(files[count])],
            }
            for tool, command in commands.items():
                taken, _ = timed(command, folder)
                if number:  # the first round fills caches
                    seconds.setdefault((tool, count), []).append(taken)
    fresh = []
    for _ in range(rounds):
        for cache in folder.glob(".httpsteps_cache/read/*"):
            cache.unlink()
        fresh.append(timed([*python, "-m", "runner", "run", str(files[1])], folder)[0])
    seconds["httpsteps, file not seen before", 1] = fresh
    return seconds


def report(seconds: dict[tuple[str, int], list[float]]) -> None:
    """Prints the table."""
    median = {key: statistics.median(values) for key, values in seconds.items()}
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, medians of wall seconds\n")
    print(f"{'requests in one file':34}{'requests loop':>14}{'httpsteps':>12}{'ratio':>8}")
    for count in SIZES:
        row(f"{count}", median["loop", count], median["httpsteps", count])
    row("1, file not seen before", median["loop", 1], median["httpsteps, file not seen before", 1])
    few, many = SIZES[1:]
    slopes = [
        (median[tool, many] - median[tool, few]) / (many - few) * 1000
        for tool in ("loop", "httpsteps")
    ]
    row("one more request, in ms", *slopes)


def row(name: str, loop: float, ours: float) -> None:
    """Prints one line of the table."""
    print(f"{name:34}{loop:14.3f}{ours:12.3f}{ours / loop:7.2f}x")


if __name__ == "__main__":
    main()
