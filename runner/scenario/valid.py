"""Validation that remembers: an unchanged file is not validated twice by the same schema.

The memory is a folder ``.httpsteps_cache`` below the root, with its own ``.gitignore``: for each
file, what its content was when it was found right. Losing it costs time and nothing else.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import runner
from runner.scenario.problems import Problem
from runner.scenario.source import Source

FOLDER = ".httpsteps_cache"
_SCHEMA = Path(__file__).with_name("scenario.schema.json")


def remembered_valid(source: Source, content: bytes, root: Path) -> tuple[Problem, ...]:
    """What is wrong with a source by the schema, from memory when the file is known to be right."""
    stamp = _SCHEMA.stat()
    key = sha256(f"{runner.__version__} {stamp.st_mtime_ns} {stamp.st_size}\n".encode() + content)
    stated = key.hexdigest()
    mark = root / FOLDER / "valid" / sha256(source.file.encode()).hexdigest()[:16]
    if _known(mark) == stated:
        return ()
    from runner.scenario.validate import validate

    problems = validate(source)
    if not problems:
        _remember(root / FOLDER, mark, stated)
    return problems


def _known(mark: Path) -> str:
    try:
        return mark.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""


def _remember(folder: Path, mark: Path, stated: str) -> None:
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        mark.write_text(stated, encoding="ascii")
    except OSError:
        return  # a read-only root only costs the time to validate again
