"""A server that keeps every byte of the requests it gets, and the real curl to send them."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO, Self

import pytest


@dataclass(frozen=True)
class Request:
    """One request as it came: its first line, its header lines in order, its body."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes

    def named(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Recorder:
    """Listens on 127.0.0.1 or a unix socket; gives each answer in turn, the last for ever."""

    def __init__(
        self,
        answers: Sequence[bytes] = (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",),
        *,
        path: Path | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.requests: list[Request] = []
        self._answers = list(answers)
        self._tls = tls
        family = socket.AF_INET if path is None else socket.AF_UNIX
        self._socket = socket.socket(family)
        self._socket.bind(("127.0.0.1", 0) if path is None else str(path))
        self._socket.listen()
        self.port: int = 0 if path else self._socket.getsockname()[1]
        self._thread = Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            with ExitStack() as stack, suppress(OSError):
                stack.enter_context(peer)
                peer.settimeout(10)
                if self._tls is not None:
                    peer = stack.enter_context(self._tls.wrap_socket(peer, server_side=True))
                with peer.makefile("rb") as stream:
                    while (request := _read(stream)) is not None:
                        self.requests.append(request)
                        answer = (
                            self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                        )
                        peer.sendall(answer)


def _read(lines: IO[bytes]) -> Request | None:
    first = lines.readline()
    if not first:
        return None
    headers: list[tuple[str, str]] = []
    while (line := lines.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("utf-8", "surrogateescape").partition(":")
        headers.append((name, value.strip()))
    known = {name.lower(): value for name, value in headers}
    body = b""
    if "chunked" in known.get("transfer-encoding", ""):
        while size := int(lines.readline(), 16):
            body += lines.read(size)
            lines.readline()
        lines.readline()
    else:
        body = lines.read(int(known.get("content-length", 0)))
    return Request(first.decode().strip(), headers, body)


def run(command: str, folder: Path) -> str:
    """The output of a shell command that calls curl, with no settings of the user's."""
    if shutil.which("curl") is None:
        pytest.fail("curl is not installed: these tests run the real one (apt-get install curl)")
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout.decode()
