"""A folder with scenarios for pytest to run, and a shop for them to talk to."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

# What a run inside this process imports would be forgotten with it, and imported by each anew.
import runner.pytest_plugin.collecting
import runner.scenario.yaml_tree  # noqa: F401 - the C part of yaml cannot be imported anew


class Project:
    """The folder of somebody who has httpsteps installed, as pytest's ``pytester`` makes it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        self.path = pytester.path

    def write(self, name: str, text: str) -> Path:
        """A file of the project, and the folders it needs."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def pytest(self, *words: str) -> pytest.RunResult:
        """A run of pytest with these words, in this process."""
        return self._pytester.runpytest_inprocess("-p", "no:cacheprovider", *words)

    def process(self, *words: str) -> pytest.RunResult:
        """The same in a process of its own."""
        return self._pytester.runpytest_subprocess(*words, timeout=50)


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    """An empty folder."""
    return Project(pytester)


@pytest.fixture(scope="session")
def shop(demo: str) -> str:
    """The base URL of a demo service."""
    return demo
