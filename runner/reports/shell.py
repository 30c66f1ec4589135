"""A shell command over several lines that can be copied as one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.columns import display_width

_APART: Final = ("-", "http:", "https:", "'http", "#", "|")


def wrap_command(command: str, room: int, indent: str = "  ") -> list[str]:
    """Lines of at most ``room`` columns, each but the last ending in a backslash.

    Broken only between words, an option and its value staying together; a longer word has a line
    of its own. A command with a line break in it is left as it is.
    """
    if "\n" in command:
        return command.split("\n")
    lines: list[str] = []
    line = ""
    for group in _groups(list(_words(command))):
        if line and display_width(f"{line} {group} \\") > room:
            lines.append(f"{line} \\")
            line = indent + group
        else:
            line = f"{line} {group}" if line else group
    return [*lines, line]


def _groups(words: list[str]) -> Iterator[str]:
    """Options with their values: a word that begins with ``-`` takes the next one that does not."""
    index = 0
    while index < len(words):
        group = words[index]
        index += 1
        if group in ("|", "#"):
            rest = words[index:] if group == "#" else words[index : index + 1]
            index += len(rest)
            group = " ".join([group, *rest])
        elif group.startswith("-") and not "".join(words[index : index + 1]).startswith(_APART):
            group = " ".join([group, *words[index : index + 1]])
            index += 1
        yield group


def _words(command: str) -> Iterator[str]:
    """The words of a shell command with their quotes, split at blanks outside of quotes."""
    word = ""
    quote = ""
    escaped = False
    for character in command:
        if character == " " and not quote and not escaped:
            if word:
                yield word
            word = ""
            continue
        if escaped:
            escaped = False
        elif quote:
            if character == "\\" and quote != "'":
                escaped = True
            elif character == quote[-1]:
                quote = ""
        elif character == "\\":
            escaped = True
        elif character == "'" and word.endswith("$"):
            quote = "$'"
        elif character in "'\"":
            quote = character
        word += character
    if word:
        yield word
