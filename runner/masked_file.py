"""Files behind which nothing secret is seen, however they are cut into writes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from runner.redact import MASK, Redactor
from runner.whole_file import beside, replacing

_PIECE: Final = 64 * 1024
_FIRST: Final = 64
"""Bytes that may be a short secret from end to end; more are not."""


class MaskedFile:
    """A file of bytes in which secrets are masked on their way; all other bytes stay as they are.

    It keeps back what may be the beginning of a secret, and so needs little memory at any length.
    Bytes are read as Latin-1: secrets are found in ASCII, Latin-1 and UTF-8, not in UTF-16.
    ``masked``: whether anything was. To be used as a context manager.
    """

    def __init__(self, path: Path, redactor: Redactor) -> None:
        self._path = path
        self._redactor = redactor
        self._kept = ""
        self._begun = False
        self.masked = False

    def __enter__(self) -> MaskedFile:
        self._file: IO[bytes] = self._path.open("wb")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._file:
            kept, self._kept = self._kept, ""
            if not self._begun and self._redactor.hides(kept.strip()):
                self._file.write(MASK.encode())
                self.masked = True
            else:
                self._let_go(kept)

    def write(self, data: bytes | memoryview) -> None:
        """Writes bytes, masked."""
        if not self._redactor.active and not self._kept:
            self._begun = True
            self._file.write(data)
            return
        waiting = self._kept + str(data, "latin-1")
        if not self._begun and len(waiting) <= _FIRST:
            self._kept = waiting
            return
        self._begun = True
        safe = self._redactor.safe_length(waiting)
        self._kept = waiting[safe:]
        self._let_go(waiting[:safe])

    def _let_go(self, text: str) -> None:
        shown = self._redactor.exact(text)
        self.masked = self.masked or shown != text
        self._file.write(shown.encode("latin-1"))


def mask_again(path: Path, redactor: Redactor) -> bool:
    """Masks a file that was written before a secret was known; gives whether anything was."""
    with replacing(path) as part, path.open("rb") as source, MaskedFile(part, redactor) as masked:
        while data := source.read(_PIECE):
            masked.write(data)
    return masked.masked


class Save:
    """A file that has its name only when all secrets are known: before, it is one beside it.

    So whoever sees it sees it whole, and nothing in it that is to be masked. Each of ``writing``,
    ``finish`` and ``discard`` is called once at most, ``writing`` first. They raise OSError.
    """

    def __init__(self, path: Path, redactor: Redactor) -> None:
        self.path = path
        self._redactor = redactor
        self._known = redactor.secrets
        self._part = beside(path)

    def writing(self) -> MaskedFile:
        """The file to write into, which masks what is a secret by now."""
        return MaskedFile(self._part, self._redactor)

    def finish(self) -> None:
        """Masks what has become a secret since, and gives the file its name."""
        if self._redactor.secrets != self._known:
            mask_again(self._part, self._redactor)
        self._part.replace(self.path)

    def discard(self) -> None:
        """Removes what was written."""
        with suppress(OSError):
            self._part.unlink()
