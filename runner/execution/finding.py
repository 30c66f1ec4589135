"""Which files a run is made of."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from runner.scenario.files import root_of
from runner.scenario.problems import Problem

_ENDINGS = (".yaml", ".yml")
_NOT_SCENARIOS = ("environments", "snapshots")


class Found(NamedTuple):
    """A scenario file of a run: where it is, its root, and the name messages call it by."""

    path: Path
    root: Path
    shown: str


def discover(
    paths: Sequence[str], exclude: Sequence[str] = ()
) -> tuple[list[Found], list[Problem]]:
    """The scenario files that paths mean, in order, each once; and paths that mean nothing.

    A folder is walked by name. Left out of a walk: names that begin with ``.`` or ``_``, the
    folders ``environments`` and ``snapshots``, and what matches a pattern of ``exclude`` (relative
    to the current folder), unless the path given is itself inside it.
    """
    found: dict[Path, Found] = {}
    problems = []
    for name in paths:
        path = Path(name)
        if path.is_dir():
            inside = [pattern for pattern in exclude if not _excluded(path, [pattern])]
            files = list(_walk(path, inside))
            root = root_of(path)
            for file in files:
                found.setdefault(file.resolve(), Found(file, root, os.fspath(file)))
        elif path.exists():
            found.setdefault(path.resolve(), Found(path, root_of(path), name))
        else:
            message = f"there is no file or folder {name}"
            hint = None
            if name.rstrip("/") == "scenarios":
                hint = "`httpsteps new` writes a first scenario there; or name a file"
            problems.append(Problem("file-not-found", message, hint=hint))
    return list(found.values()), problems


def _walk(folder: Path, exclude: Sequence[str]) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "_")) or _excluded(entry, exclude):
            continue
        if entry.is_dir():
            if entry.name not in _NOT_SCENARIOS:
                yield from _walk(entry, exclude)
        elif entry.suffix in _ENDINGS:
            yield entry


def _excluded(path: Path, exclude: Sequence[str]) -> bool:
    if not exclude:
        return False
    shown = Path(os.path.relpath(path)).as_posix()
    return any(
        fnmatch(shown, pattern.rstrip("/")) or shown.startswith(f"{pattern.rstrip('/')}/")
        for pattern in exclude
    )
