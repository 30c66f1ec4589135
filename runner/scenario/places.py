"""Where a character of a scalar stands in the file, whatever quotes, escapes and folds it has."""

from __future__ import annotations

import re
from typing import Final

from runner.scenario.model import Address, Path
from runner.scenario.source import Source

_ESCAPE: Final = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[dD][89abAB]..\\u[dD][c-fC-F]..|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)",
    re.DOTALL,
)
_PLAIN: Final = re.compile(r"[^\s\\'\"]+")
"""Characters that every style of scalar spells as themselves."""

_BLANKS: Final = frozenset("ntr \n\tN_LPvf")
_HEADER: Final = re.compile(r"[|>][-+0-9]*[^\n]*\n")


class Place:
    """One scalar of a source, the value at ``path`` or its key.

    Offsets count in its text; ``skip`` is the number of characters in front of the text meant,
    where that is the end of the scalar's.
    """

    __slots__ = (
        "_at",
        "_doubled",
        "_escapes",
        "_raw",
        "_shift",
        "_skip",
        "_source",
        "_start",
        "_text",
    )

    def __init__(
        self, source: Source, path: Path, text: str, *, key: bool = False, skip: int = 0
    ) -> None:
        self._source = source
        self._text = text
        self._skip = skip
        self._start, end = source.stretch(path, key=key)
        self._raw = raw = source.text[self._start : end]
        self._at: tuple[int, int] | None = (0, 0)
        self._escapes = False
        self._doubled = ""
        self._shift = 0 if raw == text else -1
        if raw == text:
            return
        first = raw[:1]
        if first in ("'", '"') and len(raw) > 1:
            self._at = (0, 1)
            self._escapes = first == '"' and source.quoting != "csv"
            self._doubled = "" if self._escapes else first
            if raw[1:-1] == text:
                self._shift = 1
        elif (header := _HEADER.match(raw)) is not None:
            self._at = (0, header.end())

    @property
    def whole(self) -> Address:
        """The address of all of it."""
        return self._source.address(self._start, self._start + len(self._raw))

    def at(self, start: int, end: int | None = None) -> Address:
        """The address of a stretch of the text, up to ``end`` or the scalar's. When an alias
        stands there it is the alias's.
        """
        first = self._offset(start + self._skip)
        if first is None:
            return self.whole
        last = self._offset(end + self._skip) if end is not None else None
        if last is None:
            last = len(self._raw) - (self._raw[:1] in ("'", '"') and self._raw != self._text)
        return self._source.address(self._start + first, self._start + max(last, first + 1))

    def _offset(self, wanted: int) -> int | None:
        """The offset in the source, from the scalar's start, of a character of the text.

        None where the source does not spell the text out. Each call goes on from where the last one
        ended.
        """
        raw, text = self._raw, self._text
        if self._shift >= 0:
            return max(0, min(wanted + self._shift, len(raw)))
        if self._at is None:
            return None
        j, i = self._at
        if wanted < j:
            j, i = 0, self._first()
        while j < wanted and j < len(text):
            if text[j].isspace():
                j, i = self._over_blanks(j, i, wanted)
                continue
            plain = _PLAIN.match(raw, i)
            if plain is not None:
                size = min(len(plain[0]), wanted - j)
                if text.startswith(plain[0][:size], j):
                    j, i = j + size, i + size
                    continue
            i = self._over_blanks(j, i, j)[1]
            width = self._width(text[j], i)
            if width is None:
                self._at = None
                return None
            j, i = j + 1, i + width
        self._at = (j, i)
        if j < len(text) and not text[j].isspace():
            i = self._over_blanks(j, i, j)[1]
        return min(i, len(raw))

    def _first(self) -> int:
        header = _HEADER.match(self._raw)
        return 1 if self._escapes or self._doubled else header.end() if header else 0

    def _width(self, character: str, i: int) -> int | None:
        """How many characters of the source spell this one; None when they do not."""
        if self._escapes and self._raw.startswith("\\", i):
            found = _ESCAPE.match(self._raw, i)
            return len(found[0]) if found else None
        if self._doubled == character and self._raw.startswith(character * 2, i):
            return 2
        return 1 if self._raw.startswith(character, i) else None

    def _over_blanks(self, j: int, i: int, wanted: int) -> tuple[int, int]:
        """Behind a run of blanks, or as far into it as is wanted. Folds and indents change how many
        there are.
        """
        raw, text = self._raw, self._text
        start = j
        while j < len(text) and text[j].isspace():
            j += 1
        first = i
        while i < len(raw):
            if raw[i].isspace():
                i += 1
            elif self._escapes and (width := _blank_escape(raw, i)):
                i += width
            else:
                break
        if start < wanted < j:
            return wanted, min(i, first + wanted - start)
        return j, i


def _blank_escape(raw: str, i: int) -> int:
    """The width of an escape that stands for a blank, or for nothing at the end of a line; 0 for
    anything else.
    """
    found = _ESCAPE.match(raw, i)
    if found is None:
        return 0
    kind, digits = found[0][1], found[0][2:]
    blank = kind in _BLANKS or (
        kind in "xuU" and len(digits) in (2, 4) and chr(int(digits, 16)).isspace()
    )
    return len(found[0]) if blank else 0
