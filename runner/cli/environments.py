"""Which ``environments/NAME.yaml`` is meant."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from runner.cli.output import UsageError
from runner.execution.suite import Found
from runner.scenario.environment import FOLDER, Environment, read_environment
from runner.scenario.files import root_of
from runner.scenario.problems import did_you_mean


def find_environment(name: str, found: Sequence[Found], *, by_word: bool) -> Environment:
    """The environment of this name for these scenarios; ``by_word``: the command line names it.

    Raises ``UsageError``, and ``ProblemError`` for what is wrong in its file.
    """
    told = f"--environment {name}" if by_word else f'environment = "{name}"'
    if not re.fullmatch(r"[\w][\w.-]*", name):
        raise UsageError(f"{told}: an environment is named by the file {FOLDER}/NAME.yaml")
    folders = dict.fromkeys(folder for each in found for folder in environment_folders(each))
    files = {
        hit.resolve(): hit
        for each in found
        if (hit := _nearest(name, environment_folders(each))) is not None
    }
    if len(files) > 1:
        shown = " and ".join(_shown(file) for file in files.values())
        raise UsageError(
            f"{told}: the scenarios have different ones: {shown}", "run them one folder at a time"
        )
    if not files:
        there = sorted({file.stem for folder in folders for file in folder.glob("*.yaml")})
        guess = did_you_mean(name, there)
        hint = (
            f"there are: {', '.join(there)}"
            if there
            else f"make {_shown(list(folders)[-1])}/{name}.yaml"
        )
        raise UsageError(
            f"{told}: there is no file {FOLDER}/{name}.yaml",
            f"did you mean `{guess}`?" if guess else hint,
        )
    path = next(iter(files.values()))
    return read_environment(path, path.parent, _shown(path))


def environment_folders(found: Found) -> list[Path]:
    """Where the environments of a scenario may stand: ``environments`` beside it or in a folder
    above it, as far as the root and the folder of ``pyproject.toml``.
    """
    folder = found.path.resolve().parent
    root, project = found.root.resolve(), root_of(found.path)
    top = project if root.is_relative_to(project) else root
    between = [each for each in (folder, *folder.parents) if each.is_relative_to(top)]
    return [each / FOLDER for each in between or [root]]


def _nearest(name: str, folders: Sequence[Path]) -> Path | None:
    paths = (folder / f"{name}.yaml" for folder in folders)
    return next((path for path in paths if path.is_file()), None)


def _shown(path: Path) -> str:
    return Path(os.path.relpath(path)).as_posix()
