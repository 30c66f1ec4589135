"""``python -m tests.bench.suites``: many files, one job and several, beside a requests loop.

- 200 files of 5 requests, with one job and with two, beside a loop of the same 1000 requests;
- 40 files that compare and hash and ask no server, with one job and with two;
- the 200 against a server that answers after 50 ms, with 64 jobs, beside the ideal: 1000 times
  50 ms, shared by 64. The requests of a file come one after the other, so whole files take four
  rounds of five answers at least;
- with ``--many``: 10,000 scenarios in one run, as files and as cases of one file: seconds to check
  them, seconds to run them, and memory of the parent and of the workers.
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from time import perf_counter, sleep

HERE = Path(__file__).parent
FILES, EACH, DELAY, MANY = 200, 5, 0.05, 10_000
STEP = "  - get: /items/1\n    expect:\n      status: 200\n      $.name: Lamp\n"
CHECKS = """\
steps:
  - repeat: {times: 300}
    block:
      - set: {list: "${'1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16' | split ' '}"}
        expect:
          list: {any-order: ['16', '15', '14', '13', '12', '11', '10', '9', '8', '7', '6', '5',
            '4', '3', '2', '1']}
          list | last | sha256: {matches: '^[0-9a-f]{64}$'}
"""
ENVIRON = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
RUN = (sys.executable, "-m", "runner", "run", "-q")


def suite(folder: Path, base: str, files: int, each: int) -> Path:
    """A folder of so many files, each of so many requests."""
    folder.mkdir()
    for number in range(files):
        text = f"base: {base}\nsteps:\n{STEP * each}"
        (folder / f"s{number:05}.yaml").write_text(text, encoding="utf-8")
    return folder


@contextmanager
def served(delay: float = 0.0) -> Iterator[str]:
    """A server in a process of its own; its URL."""
    command = [sys.executable, HERE / "server.py", str(delay)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert server.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def seconds(*command: object) -> tuple[float, float]:
    """Wall seconds of a command that must succeed, and processor seconds of all its processes."""
    before, used = perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    # Elsewhere than in this project, whose settings would start a service for each run.
    done = subprocess.run(
        list(map(str, command)), cwd=gettempdir(), env=ENVIRON, capture_output=True, check=False
    )
    taken = perf_counter() - before
    if done.returncode != 0:
        raise SystemExit(f"{command} failed:\n{(done.stdout + done.stderr).decode()[-2000:]}")
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return taken, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each workload (5)")
    parser.add_argument("--many", action="store_true", help="10,000 scenarios too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
        print("medians of seconds: wall, processor\n")
        cores_bound(folder, arguments.rounds)
        checks_only(folder, arguments.rounds)
        latency_bound(folder, arguments.rounds)
        if arguments.many:
            many(folder)


def cores_bound(folder: Path, rounds: int) -> None:
    """Files that cost this machine's time, beside a loop."""
    with served() as base:
        files = suite(folder / "fast", base, FILES, EACH)
        loop = (sys.executable, HERE / "loop.py", f"{base}/items/1", FILES * EACH)
        commands = {
            "requests loop, 1000 requests": loop,
            "200 files of 5, --jobs 1": (*RUN, files, "--jobs", 1),
            "200 files of 5, --jobs 2": (*RUN, files, "--jobs", 2),
        }
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, command in commands.items():
                spent = seconds(*command)
                if number:  # the first round fills caches
                    taken[name].append(spent)
    first = medians(next(iter(taken.values())))[0]
    for name, values in taken.items():
        row(name, *medians(values), first, "of the loop")


def checks_only(folder: Path, rounds: int) -> None:
    """Files that keep a core busy, with one job and with two."""
    files = folder / "checks"
    files.mkdir()
    for number in range(40):
        (files / f"s{number:02}.yaml").write_text(CHECKS, encoding="utf-8")
    one = medians([seconds(*RUN, files, "--jobs", 1) for _ in range(rounds + 1)][1:])
    two = medians([seconds(*RUN, files, "--jobs", 2) for _ in range(rounds + 1)][1:])
    row("40 files of comparisons, --jobs 1", *one, one[0], "of one job")
    row("40 files of comparisons, --jobs 2", *two, one[0], "of one job")


def latency_bound(folder: Path, rounds: int) -> None:
    """Files that wait for a slow server, beside the ideal."""
    ideal = FILES * EACH * DELAY / 64
    with served(DELAY) as base:
        files = suite(folder / "slow", base, FILES, EACH)
        command = (*RUN, files, "--jobs", 64)
        taken = [seconds(*command) for _ in range(rounds + 1)][1:]
    row("answers after 50 ms: ideal of 64", ideal, 0, ideal, "")
    row("ideal of whole files", math.ceil(FILES / 64) * EACH * DELAY, 0, ideal, "of the ideal")
    row("200 files of 5, --jobs 64", *medians(taken), ideal, "of the ideal")


def many(folder: Path) -> None:
    """Ten thousand scenarios: time and memory."""
    with served() as base:
        files = suite(folder / "many", base, MANY, 1)
        cases = folder / "cases.yaml"
        rows = "".join(f"  - n: {number}\n" for number in range(MANY))
        cases.write_text(f"base: {base}\ncases:\n{rows}steps:\n{STEP}", encoding="utf-8")
        check = (sys.executable, "-m", "runner", "check", files)
        new, again = seconds(*check)[0], seconds(*check)[0]
        print(f"\ncheck of {MANY:,} files: {new:.1f} s new, {again:.1f} s again")
        for what, path in (("files", files), ("cases", cases)):
            for jobs in (1, 4):
                report = f"json={folder / 'result.json'}"
                spent, parent, workers = watched(*RUN, path, "--jobs", jobs, "--report", report)
                print(
                    f"{MANY:,} {what}, --jobs {jobs}: {spent:6.1f} s, "
                    f"parent {parent:4.0f} MB, workers {workers:4.0f} MB (PSS, at most)"
                )


def watched(*command: object) -> tuple[float, float, float]:
    """Seconds of a command, and the most memory in MB of it and of its children together."""
    before = perf_counter()
    process = subprocess.Popen(
        list(map(str, command)), cwd=gettempdir(), env=ENVIRON, stdout=subprocess.DEVNULL
    )
    most = [0.0, 0.0]

    def watch() -> None:
        while process.poll() is None:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            with_children = children.read_text().split() if children.exists() else []
            most[0] = max(most[0], _pss(process.pid))
            most[1] = max(most[1], sum(map(_pss, map(int, with_children))))
            sleep(0.1)

    watching = threading.Thread(target=watch)
    watching.start()
    process.wait()
    taken = perf_counter() - before
    watching.join()
    if process.returncode != 0:
        raise SystemExit(f"{command} ended with status {process.returncode}")
    return taken, most[0], most[1]


def _pss(process: int) -> float:
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return (
        next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024
    )


def medians(values: list[tuple[float, float]]) -> tuple[float, float]:
    """The medians of wall seconds and of processor seconds."""
    wall, processor = zip(*values, strict=True)
    return statistics.median(wall), statistics.median(processor)


def row(name: str, taken: float, used: float, whole: float, of: str) -> None:
    """Prints one line of the table."""
    busy = f"{used:9.3f}" if used else " " * 9
    print(f"{name:36}{taken:9.3f}{busy}{taken / whole:8.2f}x {of}")


if __name__ == "__main__":
    main()
