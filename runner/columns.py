"""Text in terminal columns: how wide it is, and how it is wrapped."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

_TAB: Final = 4
_JOINER: Final = "\u200d"
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")
_ATTACHED: Final = ("Mn", "Me")


def cells(text: str) -> Iterator[tuple[str, int]]:
    """Each character as a terminal shows it, and how many columns it takes there.

    Tabs become blanks up to the next stop; controls, line breaks, surrogates and marks that turn
    the direction of text around become U+FFFD, so that no text can disturb the terminal.
    """
    column = 0
    for character in text:
        shown, columns = character, 1
        if character == "\t":
            columns = _TAB - column % _TAB
            shown = " " * columns
        elif not " " <= character <= "~":
            category = unicodedata.category(character)
            if category in _ATTACHED or character == _JOINER:
                columns = 0
            elif category in _UNSEEN:
                shown = "\ufffd"
            elif unicodedata.east_asian_width(character) in "WF":
                columns = 2
        column += columns
        yield shown, columns


def display_width(text: str) -> int:
    """How many columns the text takes."""
    return sum(columns for _, columns in cells(text))


def clean(text: str) -> str:
    """The text as ``cells`` shows it: tabs as blanks, what is unseen as U+FFFD."""
    return "".join(shown for shown, _ in cells(text))


def wrap(text: str, room: int) -> Iterator[str]:
    """Lines of at most ``room`` columns; a longer word has a line of its own."""
    text = clean(text.replace("\n", " "))
    line = " " * (len(text) - len(text.lstrip(" ")))
    used = len(line)
    glue = ""
    for word in text.strip(" ").split(" "):
        columns = display_width(word)
        if glue and used + 1 + columns > room:
            yield line.rstrip()
            line, used = word, columns
        else:
            line, used = line + glue + word, used + len(glue) + columns
        glue = " "
    yield line.rstrip()
