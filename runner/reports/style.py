"""What a line looks like: colours as data, glyphs with an ASCII form, the width there is.

Texts are made ready for a terminal in ``Style.line`` only: there every control character becomes
U+FFFD, so that nothing a server sends can move the cursor or change a colour.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TextIO

from runner.columns import clean, display_width, wrap
from runner.kinds import Outcome

_CODES: Final = {
    "bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36",
}  # fmt: skip
_ASCII: Final = {" · ": ", ", "…": "...", "→": "->", "─": "-", "═": "=", "✗": "(failed)"}
_MARKS: Final = {
    "passed": ("✓", "PASS", "green"), "failed": ("✗", "FAIL", "bold red"),
    "error": ("✗", "ERR ", "bold red"), "skipped": ("-", "SKIP", "yellow"),
}  # fmt: skip
_PROSE: Final = 80


class Ink(NamedTuple):
    """A text and its look: words such as ``bold red``."""

    text: str
    look: str


Part = str | Ink


class Style(NamedTuple):
    """How to write for one stream.

    ``width``: the columns of the terminal, or those that ``COLUMNS`` asks for; None for a pipe or a
    file, where a scenario keeps its one line however long that is, and only prose is wrapped, at 80
    columns. ``redraws``: whether a line can be cleared and written anew.
    """

    colour: bool = False
    unicode: bool = True
    width: int | None = None
    redraws: bool = True

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str], *, colour: bool = True) -> Style:
        """The style for a stream: colours on a terminal only, and not under ``NO_COLOR``."""
        terminal = stream.isatty()
        asked = environ.get("COLUMNS", "")
        width = int(asked) if asked.isascii() and asked.isdigit() else None
        if terminal and not width:
            try:
                width = os.get_terminal_size(stream.fileno()).columns or None
            except (OSError, ValueError):
                width = None
        return cls(
            colour=colour
            and terminal
            and not environ.get("NO_COLOR")
            and environ.get("TERM") != "dumb",
            unicode=_can_write(stream, "✓" + "".join(_ASCII)),
            width=max(40, width) if width else None,
            redraws=environ.get("TERM") != "dumb",
        )

    @property
    def prose(self) -> int:
        """The columns sentences are wrapped to."""
        return min(self.width or _PROSE, _PROSE)

    def glyph(self, glyph: str) -> str:
        """The glyph, or its ASCII form where the stream cannot write it."""
        return glyph if self.unicode else _ASCII[glyph]

    def mark(self, outcome: Outcome) -> Ink:
        """The mark of an outcome, as wide for each."""
        glyph, word, look = _MARKS[outcome]
        return Ink(glyph if self.unicode else word, look)

    def line(self, *parts: Part) -> str:
        """One line of these parts, with no newline at its end."""
        return "".join(map(self._part, parts)).rstrip(" ")

    def _part(self, part: Part) -> str:
        if isinstance(part, str):
            return clean(part)
        text = clean(part.text)
        if not self.colour or not text or not part.look:
            return text
        codes = ";".join(_CODES[word] for word in part.look.split())
        return f"\x1b[{codes}m{text}\x1b[0m"

    def cut(self, text: str, room: int) -> str:
        """The text in at most ``room`` columns, its end left off where it is longer."""
        if display_width(text) <= room:
            return text
        dots = self.glyph("…")
        while text and display_width(text) + len(dots) > room:
            text = text[: max(room, 1)] if len(text) > room else text[:-1]
        return text + dots

    def hang(self, head: Sequence[Part], text: str, look: str = "") -> Iterator[str]:
        """Lines of ``head`` and the text, wrapped; later ones stand below where the text began."""
        indent = sum(display_width(part if isinstance(part, str) else part.text) for part in head)
        for number, line in enumerate(wrap(text, max(20, self.prose - indent))):
            yield self.line(*(head if number == 0 else [" " * indent]), Ink(line, look))


def fill(items: Sequence[str], glue: str, room: int) -> Iterator[str]:
    """Lines of as many items as have room, with ``glue`` between them; an item is not broken."""
    line = ""
    for item in items:
        if line and display_width(line + glue + item) > room:
            yield line
            line = item
        else:
            line += (glue if line else "") + item
    if line:
        yield line


def _can_write(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
