"""Which YAML files of a repository are scenarios. Most are not."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from runner.cli.settings import FileSettings, read_settings
from runner.pytest_plugin import PLACES
from runner.scenario.problems import ProblemError

if TYPE_CHECKING:
    from runner.execution.finding import Found

_STEPS: Final = re.compile(rb"^(?:\xef\xbb\xbf)?(?:\{|[\"']?steps[\"']?[ \t]*:)", re.MULTILINE)


def places_of(session: pytest.Session) -> Places:
    """The places of this run of pytest."""
    stash = session.config.stash
    if PLACES not in stash:
        stash[PLACES] = Places(session)
    return stash[PLACES]


class Places:
    """Where scenarios are: below the folders that ``httpsteps_paths`` names, or ``paths`` in
    ``[tool.httpsteps]``, or below ``scenarios``. There every file counts that ``httpsteps run``
    would take; elsewhere one that is named on the command line and has ``steps``.

    ``problem``: what is wrong with the settings; each file then says so.
    """

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self._walked: dict[Path, dict[Path, Found]] = {}
        config = session.config
        self.settings = FileSettings(config.rootpath)
        self.problem: ProblemError | None = None
        try:
            self.settings = read_settings(config.rootpath)
        except ProblemError as error:
            self.problem = error
        named = config.getini("httpsteps_paths") or map(Path, self.settings.paths)
        usual = (folder / "scenarios" for folder in (config.rootpath, self.settings.folder))
        # With links as they are: so pytest names the files it finds.
        self._roots = [Path(os.path.abspath(path)) for path in named] or list(usual)  # noqa: PTH100

    def find(self, path: Path) -> Found | None:
        """The file as one of a run; None if it is no scenario."""
        root = next((root for root in self._roots if path.is_relative_to(root)), None)
        if self._session.isinitpath(path):
            if root is None and _STEPS.search(path.read_bytes()) is None:
                return None
            return self._below(path).get(path.resolve())
        if root is None:
            return None
        folders = [path, *path.parents]
        inside = folders[: folders.index(root) + 1]
        start = next((folder for folder in inside if self._session.isinitpath(folder)), root)
        return self._below(start).get(path.resolve())

    def _below(self, start: Path) -> dict[Path, Found]:
        if start not in self._walked:
            from runner.execution.finding import discover

            found, _missing = discover([os.path.relpath(start)], self.settings.exclude)
            self._walked[start] = {file.path.resolve(): file for file in found}
        return self._walked[start]
