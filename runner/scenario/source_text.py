"""The text of a file, and addresses in it. Offsets count characters from 0."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from runner.scenario.model import Address
from runner.scenario.problems import Problem, ProblemError

MOST_BYTES: Final = 4 * 2**20
# libyaml counts lines by these breaks; they are more than YAML 1.2 has.
_BREAK: Final = r"\r\n|[\n\r\x85\u2028\u2029]"
_FORBIDDEN: Final = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


class SourceText:
    """A file's text, and what an offset into it means to a reader."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        # Many problems of one long line share its text.
        self._last = (0, "")

    @cached_property
    def _lines(self) -> list[tuple[int, int]]:
        """Where each line begins and ends, without its break."""
        lines, start = [], 0
        for found in re.finditer(_BREAK, self.text):
            lines.append((start, found.start()))
            start = found.end()
        return [*lines, (start, len(self.text))]

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self._lines]

    def line_of(self, offset: int) -> int:
        """The number of the line an offset is in, from 1."""
        return bisect_right(self._starts, offset)

    def start_of(self, line: int) -> int:
        """The offset of a line's first character."""
        return self._lines[line - 1][0]

    def line_end(self, offset: int) -> int:
        """The offset behind the last character of the line an offset is in."""
        return self._lines[self.line_of(offset) - 1][1]

    def line(self, number: int) -> str:
        """The text of a line, without its break; empty for a line the file does not have."""
        if not 1 <= number <= len(self._lines):
            return ""
        if self._last[0] != number:
            start, end = self._lines[number - 1]
            self._last = (number, self.text[start:end])
        return self._last[1]

    def address(self, start: int, end: int) -> Address:
        """The address of a stretch of text; its width is that of its first line, at least 1."""
        line = self.line_of(start)
        first, last = self._lines[line - 1]
        return Address(self.file, line, start - first + 1, max(1, min(end, last) - start))

    def problem(
        self,
        kind: str,
        message: str,
        start: int,
        end: int,
        *,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
        also: Sequence[tuple[int, int, str]] = (),
    ) -> Problem:
        """A problem at a stretch of text; ``also`` are further stretches, each with a note."""
        at = self.address(start, end)
        places = [(self.address(first, last), note) for first, last, note in also]
        return Problem(
            kind,
            message,
            at,
            expected,
            found,
            hint,
            self.line(at.line),
            tuple(places),
            tuple(self.line(place.line) for place, _ in places),
        )


def decode(data: bytes, file: str) -> SourceText:
    """The text of a YAML file: UTF-8, with or without a byte order mark, at most 4 MiB.

    Raises ProblemError (``invalid-yaml``) for anything else, also for characters YAML forbids.
    """
    if len(data) > MOST_BYTES:
        raise ProblemError(
            Problem(
                "invalid-yaml",
                f"the file has {len(data):,} bytes; a YAML file may have at most 4 MiB",
                Address(file, 1, 1),
                hint="keep large bodies in files of their own (`file: body.json`)",
            )
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProblemError(_not_utf8(file, error)) from None
    source = SourceText(file, text)
    if bad := re.search(_FORBIDDEN, text):
        code = ord(bad[0])
        name = "a NUL" if code == 0 else f"the control character U+{code:04X}"
        raise ProblemError(
            source.problem(
                "invalid-yaml",
                f"{name} cannot stand in a YAML file",
                bad.start(),
                bad.end(),
                hint=f'in double quotes, write it as "\\x{code:02x}"' if code < 256 else None,
            )
        )
    return source


def _not_utf8(file: str, error: UnicodeDecodeError) -> Problem:
    data = error.object
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        message = "the file is UTF-16; a scenario is UTF-8 text"
        return Problem("invalid-yaml", message, Address(file, 1, 1), hint="save it as UTF-8")
    before = data[: error.start].decode("utf-8", "replace")
    rest = data[error.start : error.start + 200].decode("utf-8", "replace")
    return SourceText(file, before + rest).problem(
        "invalid-yaml",
        f"byte 0x{data[error.start]:02X} is not UTF-8; a scenario is UTF-8 text",
        len(before),
        len(before) + 1,
        hint="save the file as UTF-8",
    )
