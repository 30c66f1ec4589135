"""``--serve``: starts the service under test on a free port, waits until it answers, stops it."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep

START_SECONDS = 30.0
STOP_SECONDS = 5.0
_OUTPUT_SHOWN = 4000


class ServiceError(Exception):
    """The service did not come up; the message says why and shows the end of its output."""


@contextmanager
def serving(
    command: str, ready: str | None, *, folder: Path, within: float | None = None
) -> Iterator[str]:
    """Runs ``command`` in ``folder`` while the block runs, and gives the service's base URL.

    ``{port}`` in the command becomes a free port, ``{python}`` this Python. ``ready`` is a path or
    URL that must answer below 500 first; without it, the port must accept a connection.
    Raises ``ServiceError`` when the service ends or does not answer within 30 s, or ``within`` so
    many seconds if that is less.
    """
    port = _free_port()
    words = [
        word.replace("{port}", str(port)).replace("{python}", sys.executable)
        for word in shlex.split(command)
    ]
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                words, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise ServiceError(f"cannot start `{command}`: {error.strerror or error}") from None
        try:
            seconds = START_SECONDS if within is None else min(START_SECONDS, within)
            _wait_until_ready(process, port, ready, output, command, seconds)
            yield f"http://127.0.0.1:{port}"
        finally:
            _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(
    process: subprocess.Popen[bytes],
    port: int,
    ready: str | None,
    output: object,
    command: str,
    seconds: float,
) -> None:
    path = (
        None
        if ready is None
        else "/" + ready.split("://", 1)[-1].partition("/")[2]
        if "://" in ready
        else ready
    )
    give_up = monotonic() + seconds
    while (left := give_up - monotonic()) > 0:
        status = process.poll()
        if status is not None:
            raise ServiceError(
                f"`{command}` ended with status {status} before it answered{_tail(output)}"
            )
        if _answers(port, path, min(1.0, left)):
            return
        sleep(0.01)
    raise ServiceError(
        f"`{command}` did not answer on 127.0.0.1:{port}{path or ''} within {seconds:g} s"
        f"{_tail(output)}"
    )


def _answers(port: int, path: str | None, patience: float) -> bool:
    try:
        if path is None:
            socket.create_connection(("127.0.0.1", port), timeout=patience).close()
            return True
        connection = HTTPConnection("127.0.0.1", port, timeout=patience)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            return connection.getresponse().status < 500
        finally:
            connection.close()
    except (OSError, HTTPException):
        return False


def _tail(output: object) -> str:
    output.seek(0)  # type: ignore[attr-defined]
    text = output.read().decode("utf-8", "replace").rstrip()[-_OUTPUT_SHOWN:]  # type: ignore[attr-defined]
    return f"; its output:\n{text}" if text else "; it printed nothing"


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the whole process group: a server's workers too. Ctrl-C meanwhile ends it at once."""
    try:
        _ask_and_insist(process)
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def _ask_and_insist(process: subprocess.Popen[bytes]) -> None:
    for sign, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        if process.poll() is not None and sign is signal.SIGKILL:
            return
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
