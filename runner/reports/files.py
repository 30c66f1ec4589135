"""Report files: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Writes the file so that a reader sees the old content or the new, never a part of it.

    The chunks go to a new file in the same folder, which then takes the name. Folders that are
    missing are made. What is no regular file, as ``/dev/stdout``, is written to directly. Raises
    OSError; nothing is left behind then.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as out:
            out.writelines(chunks)
        return
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name[:200]}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with beside.open("xb") as out:
            out.writelines(chunks)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
