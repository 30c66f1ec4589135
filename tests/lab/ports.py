"""Ports where nobody answers, and a count of the sockets this process holds."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def closed_port(host: str = "127.0.0.1") -> Iterator[int]:
    """A port that refuses: bound, so that nobody else gets it, but not listening."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as sock:
        sock.bind((host, 0))
        yield int(sock.getsockname()[1])


@contextlib.contextmanager
def full_backlog() -> Iterator[int]:
    """A port of 127.0.0.1 where a SYN gets no answer: its queue is full and nobody accepts."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(64):
            filler = stack.enter_context(socket.socket())
            filler.settimeout(0.1)
            try:
                filler.connect(listener.getsockname())
            except TimeoutError:
                break
        else:
            raise RuntimeError("the queue of a listening socket never filled up")
        yield int(listener.getsockname()[1])


def descriptors() -> int:
    """How many sockets this process has open."""
    count = 0
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            count += str(entry.readlink()).startswith("socket:")
    return count


def settled_descriptors(expected: int, seconds: float = 2.0) -> int:
    """``descriptors()`` once it is ``expected``, or whatever it is after ``seconds``."""
    end = time.monotonic() + seconds
    while descriptors() != expected and time.monotonic() < end:
        time.sleep(0.005)
    return descriptors()
