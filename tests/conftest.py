"""Fixtures every test may use: certificates, good servers, and a way to start any other."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Protocol, TypeVar

import pytest
from hypothesis import HealthCheck, settings

from runner.demo.service import DemoServer
from tests.lab import Certificates, EchoServer, Server

# In CI the same examples each time: a verdict on a change must not depend on luck.
settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
if os.environ.get("CI"):
    settings.load_profile("ci")

S = TypeVar("S", bound=Server)


class Start(Protocol):
    """Starts a server and gives it back."""

    def __call__(self, server: S) -> S: ...


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Every certificate of the lab, made once."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def echo() -> Iterator[EchoServer]:
    """A good http server."""
    with EchoServer() as server:
        yield server


@pytest.fixture
def secure_echo(certificates: Certificates) -> Iterator[EchoServer]:
    """A good https server; trust ``certificates.ca``."""
    with EchoServer(context=certificates.context()) as server:
        yield server


@pytest.fixture
def lab() -> Iterator[Start]:
    """Starts a server and stops it at the end of the test: ``lab(misbehave("ssh-banner"))``."""
    with contextlib.ExitStack() as stack:

        def start(server: S) -> S:
            stack.enter_context(server)
            return server

        yield start


@pytest.fixture(scope="session")
def demo() -> Iterator[str]:
    """The URL of the demo service, one for all tests of a process; they share its shop."""
    with DemoServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()
