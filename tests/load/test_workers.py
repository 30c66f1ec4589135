"""Loads of several processes: workers started here, and workers that come by themselves."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from tests.harness import PROJECT, write
from tests.lab import EchoServer
from tests.load.loading import Running, children, loaded, runs, until

SLOW = "steps:\n- get: /begin\n- wait: 300ms\nteardown:\n- get: /down\n"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def targets(server: EchoServer) -> list[str]:
    return [request.target for request in server.requests]


def most_at_once(ended: list[str]) -> int:
    """How many iterations ran at the same time at most, of requests after which none did."""
    now = most = 0
    for target in reversed(ended):
        now += 1 if target == "/down" else -1
        most = max(most, now)
    return most


def test_workers_share_the_iterations_and_the_cases(tmp_path, echo):
    write(tmp_path, "cases: [{n: 1}, {n: 2}, {n: 3}, {n: 4}]\nsteps:\n- get: /case/${n}\n")
    report = loaded(tmp_path, "scenario.yaml", "--base", echo.url, "--users", "4",
                    "--iterations", "8", "--workers", "2")  # fmt: skip
    assert sorted(targets(echo)) == [f"/case/{n}" for n in (1, 1, 2, 2, 3, 3, 4, 4)]
    assert report["iterations"] == {"passed": 8, "failed": 0, "error": 0, "cut": 0}
    assert report["workers"] == {"expected": 2, "lost": 0}


def test_a_worker_that_is_killed_is_told_and_the_run_goes_on(tmp_path, echo):
    write(tmp_path, SLOW)
    words = ["scenario.yaml", "--base", echo.url, "--users", "4", "--duration", "14s",
             "--workers", "2", "--report", "json=load.json"]  # fmt: skip
    with Running(tmp_path, "load", *words) as load:
        first, second = load.workers(2)
        assert until(lambda: targets(echo).count("/down") > 8)
        os.kill(first, signal.SIGKILL)
        before = len(echo.requests)
        # Only one worker is left, and in time it has all the users.
        assert until(lambda: targets(echo)[before:].count("/begin") > 8)
        done = load.end()
    assert done.status == 0, done.out + done.err
    assert re.search(
        r"worker [12] on \S+ is lost \(killed by signal 9\):\s+the load goes on with 1 of 2",
        done.out,
    )
    assert "2 workers, 1 lost" in done.out
    report = json.loads((tmp_path / "load.json").read_text())
    assert report["workers"] == {"expected": 2, "lost": 1}
    assert report["ended-by"] == "time"
    assert report["iterations"]["passed"] > 8
    assert not runs(second)
    assert most_at_once(targets(echo)[-20:]) == 4


def test_iterations_that_are_lost_with_a_worker_are_no_pass(tmp_path, echo):
    write(tmp_path, SLOW)
    words = ["scenario.yaml", "--base", echo.url, "--users", "2", "--iterations", "16",
             "--workers", "2", "--report", "json=load.json"]  # fmt: skip
    with Running(tmp_path, "load", *words) as load:
        first, _ = load.workers(2)
        assert until(lambda: targets(echo).count("/begin") >= 4)
        os.kill(first, signal.SIGKILL)
        done = load.end()
    assert done.status == 3, done.out + done.err
    report = json.loads((tmp_path / "load.json").read_text())
    assert report["outcome"] == "error"
    assert report["ended-by"] == "iterations"
    count = report["iterations"]["passed"]
    assert 8 <= count < 16
    assert re.search(
        rf"--iterations: {count} of 16 were counted; a worker was lost with the rest", done.out
    )


def test_when_no_worker_is_left_it_ends(tmp_path, echo):
    write(tmp_path, SLOW)
    words = ["scenario.yaml", "--base", echo.url, "--users", "2", "--duration", "1m",
             "--workers", "2"]  # fmt: skip
    with Running(tmp_path, "load", *words) as load:
        pids = load.workers(2)
        assert until(lambda: targets(echo).count("/begin") > 2)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        done = load.end()
    assert done.status == 3, done.out + done.err
    assert "no worker is left: the load ended early" in done.out


def test_a_worker_that_never_comes_is_not_waited_for(tmp_path, echo):
    write(tmp_path, SLOW)
    words = ["scenario.yaml", "--base", echo.url, "--users", "2", "--duration", "1m",
             "--workers", "2"]  # fmt: skip
    with Running(tmp_path, "load", *words) as load:
        assert until(lambda: bool(children(load.process.pid)))
        os.kill(children(load.process.pid)[0], signal.SIGKILL)
        done = load.end()
    assert done.status == 3, done.out + done.err
    assert "a worker ended before it began: killed by signal 9" in done.out
    assert "the load did not begin" in done.out
    assert echo.requests == []


def test_ctrl_c_ends_the_workers_after_their_teardowns(tmp_path, echo):
    write(tmp_path, SLOW)
    words = ["scenario.yaml", "--base", echo.url, "--users", "4", "--duration", "1m",
             "--workers", "2"]  # fmt: skip
    with Running(tmp_path, "load", *words) as load:
        pids = load.workers(2)
        assert until(lambda: targets(echo).count("/begin") >= 4)
        load.interrupt()
        done = load.end()
    assert done.status == 130, done.out + done.err
    assert targets(echo).count("/begin") == targets(echo).count("/down")
    whole = re.search(r"(\d+) iterations: (\d+) passed, 0 failed, 0 errors", done.out)
    assert whole is not None
    assert whole[1] == whole[2] == str(targets(echo).count("/down"))
    assert not any(map(runs, pids))
    assert "Traceback" not in done.err


def test_workers_do_not_outlive_a_master_that_is_killed(tmp_path, echo):
    write(tmp_path, SLOW)
    words = ["scenario.yaml", "--base", echo.url, "--users", "2", "--duration", "1m",
             "--workers", "2"]  # fmt: skip
    with Running(tmp_path, "load", *words) as load:
        pids = load.workers(2)
        assert until(lambda: targets(echo).count("/begin") >= 2)
        load.process.kill()
        assert until(lambda: not any(map(runs, pids)), 10)


def test_no_other_process_sees_the_secrets_of_a_worker(tmp_path, echo):
    write(tmp_path, f"secrets: {{token: x-not-so-secret}}\n{SLOW}")
    words = ["scenario.yaml", "--base", echo.url, "--duration", "1m", "--workers", "1",
             "--secret", "token=sesame-open-up"]  # fmt: skip
    with Running(tmp_path, "load", *words) as load:
        (pid,) = load.workers(1)
        worker = psutil.Process(pid)
        # A process has its parent's words until it has its own.
        assert until(lambda: worker.cmdline()[-2:] == ["load", "--given"])
        words = worker.cmdline()
        assert not any("sesame" in word for word in words)


def test_a_master_and_two_workers_that_come_by_themselves(tmp_path, echo):
    write(tmp_path, SLOW)
    port = str(free_port())
    scenario = ["load", "scenario.yaml", "--base", echo.url, "--master-port", port]
    with (
        Running(tmp_path, *scenario, "--worker") as one,
        Running(tmp_path, *scenario, "--worker") as two,
        Running(tmp_path, *scenario, "--master", "--workers", "2", "--users", "4",
                "--iterations", "12", "--report", "json=load.json") as master,
    ):  # fmt: skip
        done = master.end()
        assert done.status == 0, done.out + done.err
        assert [each.end(10).status for each in (one, two)] == [0, 0]
    assert targets(echo).count("/begin") == 12
    report = json.loads((tmp_path / "load.json").read_text())
    assert report["iterations"]["passed"] == 12
    assert report["workers"] == {"expected": 2, "lost": 0}


def test_a_worker_that_leaves_finishes_what_it_does(tmp_path, echo):
    write(tmp_path, SLOW)
    port = str(free_port())
    scenario = ["load", "scenario.yaml", "--base", echo.url, "--master-port", port]
    with (
        Running(tmp_path, *scenario, "--worker") as one,
        Running(tmp_path, *scenario, "--worker") as two,
        Running(tmp_path, *scenario, "--master", "--workers", "2", "--users", "4",
                "--duration", "10s", "--report", "json=load.json") as master,
    ):  # fmt: skip
        assert until(lambda: targets(echo).count("/down") > 4)
        one.interrupt()
        left = one.end(20)
        assert (left.status, left.err) == (0, "")
        done = master.end()
        assert done.status == 0, done.out + done.err
        assert two.end(10).status == 0
    assert re.search(r"worker [12] on \S+ is lost \(it left\)", done.out)
    report = json.loads((tmp_path / "load.json").read_text())
    assert report["iterations"]["passed"] == targets(echo).count("/down")
    assert targets(echo).count("/begin") == targets(echo).count("/down")


def test_a_worker_with_other_scenarios_is_refused(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /x\n")
    write(tmp_path, "steps:\n- get: /y\n", "other.yaml")
    port = str(free_port())
    rest = ["--base", echo.url, "--master-port", port]
    with (
        Running(tmp_path, "load", "other.yaml", *rest, "--worker") as worker,
        Running(tmp_path, "load", "scenario.yaml", *rest, "--master", "--iterations", "1") as load,
    ):
        done = load.end()
        worker.end(10)
    assert done.status == 2
    assert "has other scenarios than the master" in done.err
    assert echo.requests == []


def test_a_port_that_is_taken(tmp_path):
    write(tmp_path, "steps:\n- get: http://127.0.0.1:9/x\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with Running(tmp_path, "load", "scenario.yaml", "--master", "--master-port", port,
                     "--iterations", "1") as load:  # fmt: skip
            done = load.end()
    assert done.status == 2
    assert f"--master-port {port}: it cannot be listened on" in done.err


def no_networks() -> str | None:
    """Why networks cannot be made here, for ``pytest.skip``; None when they can. Where CI runs as
    root, a missing ``ip`` is an error: it can be installed.
    """
    if os.geteuid() != 0:
        return "network namespaces are root's to make"
    if shutil.which("ip") is None:
        assert not os.environ.get("CI"), "install iproute2"
        return "needs `ip` of iproute2"
    name = f"hs{os.getpid()}try"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    if made.returncode != 0:
        return "this machine does not permit network namespaces"
    subprocess.run(["ip", "netns", "delete", name], check=True)
    return None


@contextlib.contextmanager
def machines(count: int) -> Iterator[list[tuple[str, str]]]:
    """Networks of their own, joined by a bridge in the first: their names and addresses."""
    names = [f"hs{os.getpid()}m{number}" for number in range(count)]
    subnet = f"10.{os.getpid() % 250}.77"
    made: list[tuple[str, str]] = []

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)

    try:
        for number, name in enumerate(names):
            address = f"{subnet}.{number + 1}"
            ip("netns", "add", name)
            made.append((name, address))
            ip("-n", name, "link", "set", "lo", "up")
            if number == 0:
                ip("-n", name, "link", "add", "bridge0", "type", "bridge")
                ip("-n", name, "addr", "add", f"{address}/24", "dev", "bridge0")
                ip("-n", name, "link", "set", "bridge0", "up")
                continue
            far = f"to{number}"
            ip("-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", far,
               "netns", names[0])  # fmt: skip
            ip("-n", name, "addr", "add", f"{address}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", names[0], "link", "set", far, "master", "bridge0")
            ip("-n", names[0], "link", "set", far, "up")
        yield made
    finally:
        for name, _ in made:
            subprocess.run(["ip", "netns", "delete", name], check=False)


def test_machines_with_networks_of_their_own_and_one_that_dies(tmp_path):
    """One master and two workers, each in its own network; the first worker is killed half way."""
    reason = no_networks()
    if reason is not None:
        pytest.skip(reason)
    write(tmp_path, SLOW)
    with machines(3) as (lead, *others):
        name, address = lead
        service = ["ip", "netns", "exec", name, sys.executable, "-m", "http.server", "8000",
                   "--bind", address]  # fmt: skip
        for file in ("begin", "down"):
            (tmp_path / file).write_text("here")
        rest = ["scenario.yaml", "--base", f"http://{address}:8000", "--master-host", address]
        with (
            subprocess.Popen(service, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(PROJECT)},
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server,
            contextlib.ExitStack() as stack,
        ):  # fmt: skip
            try:
                workers = [
                    stack.enter_context(Running(tmp_path, "load", *rest, "--worker", machine=other))
                    for other, _ in others
                ]
                words = ["--master", "--workers", "2", "--users", "4", "--duration", "12s",
                         "--report", "json=load.json"]  # fmt: skip
                master = stack.enter_context(Running(tmp_path, "load", *rest, *words, machine=name))
                assert master.process.stdout is not None
                assert "waiting for 2 workers" in master.process.stdout.readline()
                with pytest.raises(subprocess.TimeoutExpired):
                    master.process.wait(5)
                workers[0].process.kill()
                done = master.end()
                assert done.status == 0, done.out + done.err
                assert workers[1].end(10).status == 0
            finally:
                server.kill()
    assert re.search(r"is lost \(it is silent\):\s+the load goes on with 1 of 2", done.out)
    report = json.loads((tmp_path / "load.json").read_text())
    assert report["workers"] == {"expected": 2, "lost": 1}
    assert report["iterations"]["passed"] > 4
    assert report["iterations"]["error"] == 0
