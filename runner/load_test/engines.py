"""Which engine makes a load: this process alone, or workers it leads."""

from __future__ import annotations

import argparse
import socket
from typing import Final

from runner.cli.output import UsageError
from runner.execution.scenario_run import Settings
from runner.load_test.course import Engine
from runner.load_test.local import Local
from runner.load_test.master import Master
from runner.load_test.processes import WorkerProcess
from runner.load_test.work import Options, Work

_OWN: Final = (
    "run", "command", "given", "workers", "master", "worker", "report", "duration", "iterations",
)  # fmt: skip


def engine_for(
    arguments: argparse.Namespace, work: Work, options: Options, settings: Settings
) -> Engine:
    """The engine the words mean; the workers that are to run here are started.

    Raises ``UsageError`` for a port that is taken.
    """
    if not arguments.master and not arguments.workers:
        return Local(work, options)
    if arguments.master:
        host, port = arguments.master_host, arguments.master_port
        if not _free(host, port):
            raise UsageError(
                f"--master-port {port}: it cannot be listened on at {host}",
                "another master may still run; choose another port",
            )
        return Master(work, options, host, port, arguments.workers or 1)
    engine = Master(work, options, "127.0.0.1", 0, arguments.workers)
    words = {key: value for key, value in vars(arguments).items() if key not in _OWN} | {
        "master_host": "127.0.0.1",
        "master_port": engine.port,
        "served": settings.serve_url,
        "seed": settings.seed,
        "output": None if arguments.output is None else str(arguments.output),
    }
    for _ in range(engine.expected):
        engine.processes.append(WorkerProcess(words))
    return engine


def _free(host: str, port: int) -> bool:
    try:
        with socket.create_server((host, port)):
            return True
    except OSError:
        return False
