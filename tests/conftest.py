"""Fixtures every test may use: certificates, good servers, and a way to start any other."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
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

# A process of its own must not compile the runner anew each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What tests need beside the packages that they import themselves.
MODULES = (
    "axe_playwright_python", "backports.zstd", "brotli", "cssselect", "httpbin", "jinja2",
    "jsonpath_rfc9535", "lxml", "oauthlib", "playwright", "requests_aws4auth", "socks", "spnego",
)  # fmt: skip
COMMANDS = ("chromium", "curl", "git")

S = TypeVar("S", bound=Server)


class Start(Protocol):
    """Starts a server and gives it back."""

    def __call__(self, server: S) -> S: ...


def pytest_sessionstart(session: pytest.Session) -> None:
    """In CI a part that is missing ends the session before the first test, and skips none."""
    if not os.environ.get("CI") or hasattr(session.config, "workerinput"):
        return
    missing = [name for name in COMMANDS if shutil.which(name) is None]
    missing += [name for name in MODULES if not _importable(name)]
    if missing:
        pytest.exit(f"not installed, but needed in CI: {', '.join(missing)}", returncode=4)


def _importable(name: str) -> bool:
    if name == "backports.zstd" and sys.version_info >= (3, 14):
        name = "compression.zstd"
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """What ``-n auto`` means: two for each processor, up to four more, as many tests only wait."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    processors = os.cpu_count() or 1
    return processors + min(processors, 4)


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
