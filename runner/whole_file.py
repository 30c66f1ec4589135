"""Files that are there whole or not at all, however many write them at the same time."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def beside(path: Path) -> Path:
    """A name in the folder of ``path`` that nobody else has: for what is to be renamed to it.

    It does not hold the name of ``path``, which may be as long as a file system has them.
    """
    return path.with_name(f".{secrets.token_hex(8)}.part")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write in place of ``path``: it takes that name at the end, and is gone after an
    error or Ctrl-C. Raises OSError.
    """
    part = beside(path)
    try:
        yield part
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
