"""Loading that remembers: what a file alone tells is not looked for twice in the same file.

The memory is a folder ``.httpsteps_cache`` below the root, with its own ``.gitignore``: for each
file, what its content was when it was found right, the value read from it, and where its parts
stand. Losing it costs time and nothing else.

It is believed only of the very file it was made of: of the same content, the same inode, and
unchanged since, by a time that only the system sets. Nobody can hand in a memory that says what the
file does not.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from math import isfinite
from pathlib import Path as File
from threading import get_ident
from typing import Any, NamedTuple

import runner
from runner.scenario.model import Address, Path
from runner.scenario.problems import Problem
from runner.scenario.source import Source
from runner.scenario.source_text import SourceText
from runner.values import Written

FOLDER = ".httpsteps_cache"
USED, ALONE = 1, 2
"""As what a file was checked: as a part of those that use it, as one run by itself. These add."""

_HERE = File(__file__).parent


class Judgement(NamedTuple):
    """What the schema has against a file, in the order of its lines; nothing when it is right.

    ``places`` are the paths of what offends. With ``cut`` there is more that was not looked at.
    """

    problems: tuple[Problem, ...] = ()
    places: frozenset[Path] = frozenset()
    cut: bool = False


class Memory:
    """What is known of the file at ``path`` that has this name and content.

    ``holds``: it was found right before, by the same rules. ``source`` is what was read from it
    then, None where that is not known. ``checked``: as what all of it was found right, 0 where what
    other files say has a part in it.
    """

    __slots__ = ("_identity", "_mark", "_root", "_stated", "checked", "holds", "source")

    def __init__(self, file: str, path: File, content: bytes, root: File) -> None:
        self._stated = sha256(_rules() + content).hexdigest()
        self._identity = _identity(path)
        self._root = root
        self._mark = root / FOLDER / "read" / sha256(file.encode()).hexdigest()[:16]
        stated, identity, rest = _read(self._mark)
        self.holds = (stated, identity) == (self._stated, self._identity)
        self.source: Source | None = None
        self.checked = 0
        if self.holds and rest:
            self.source, self.checked = _restored(file, content, rest)

    def keep(self, source: Source, checked: int) -> None:
        """Remembers that it is right, what was read from it, and as what that was checked."""
        if self._identity is None:
            return
        lines = [self._stated, self._identity]
        if all(_same_in_json(each) for each in _leaves(source.value)):
            known = [[*at[1:], *key] for key, at in source.known.items()]
            lines.append(json.dumps([checked, source.value, known], separators=(",", ":")))
        try:
            (cache_of(self._root) / "read").mkdir(mode=0o700, exist_ok=True)
            whole = self._mark.with_name(f"{self._mark.name}.{os.getpid()}.{get_ident()}")
            # What a file says may be a secret that only its owner may read.
            with open(whole, "x", encoding="ascii", opener=_private) as out:
                out.write("\n".join(lines))
            whole.replace(self._mark)
        except OSError:
            return  # a root that cannot be written only costs the time to read again


def cache_of(root: File) -> File:
    """The folder of the memory below a root, made when it is not there, for its owner alone.

    Raises OSError where it cannot be made, or is a link, which may lead out of the root.
    """
    folder = root / FOLDER
    if folder.is_symlink():
        raise NotADirectoryError(f"{folder} is a link")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return folder


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@cache
def _rules() -> bytes:
    """What tells one state of the rules that files are read and checked by from any other."""
    found = [f"{runner.__version__} {sys.version_info}"]
    # What pip installed changes as a whole.
    installed = "site-packages" in _HERE.parts
    for folder in (_HERE.parent,) if installed else (_HERE, _HERE.parent / "query"):
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                if entry.name.endswith((".py", ".json")):
                    stamp = entry.stat()
                    found.append(f"{entry.name} {stamp.st_mtime_ns} {stamp.st_size}")
    return "\n".join(found).encode()


def _identity(path: File) -> str | None:
    """What tells this state of this file from any other on the machine; None where nothing does."""
    try:
        found = path.stat()
    except OSError:
        return None
    return f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_ctime_ns}"


def _read(mark: File) -> tuple[str, str | None, str]:
    try:
        stated, _, rest = mark.read_text(encoding="ascii").partition("\n")
    except (OSError, ValueError):
        return "", None, ""
    identity, _, rest = rest.partition("\n")
    return stated, identity or None, rest


def _restored(file: str, content: bytes, text: str) -> tuple[Source | None, int]:
    try:
        checked, value, known = json.loads(text)
        source = Source(SourceText(file, content.decode("utf-8-sig")), value, None)
        for line, column, width, *key in known:
            source.known[tuple(key)] = Address(file, line, column, width)
    except (ValueError, TypeError, RecursionError):
        return None, 0
    return source, int(checked)


def _leaves(tree: object) -> Iterator[object]:
    """All scalars in a tree, and its keys."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield key
            yield from _leaves(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _leaves(value)
    else:
        yield tree


def _same_in_json(value: Any) -> bool:
    """Whether JSON gives it back as it is: a number's spelling is lost there, and so is NaN."""
    return not isinstance(value, Written) and (not isinstance(value, float) or isfinite(value))
