"""Texts as words of a shell."""

from __future__ import annotations

import shlex
from typing import Final

from runner.columns import clean

_NAMED: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", "'": "\\'"}


def quote(text: str) -> str:
    """The text as one word on one line.

    With what is no visible character in it (control characters, marks that turn the direction of
    text around, bytes that are no UTF-8) it is written as ``$'…'``, which bash and zsh know, but
    not every POSIX shell.
    """
    if clean(text) == text:
        return shlex.quote(text)
    return f"$'{''.join(map(_escaped, text))}'"


def _escaped(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if clean(character) == character:
        return character
    raw = character.encode("utf-8", "surrogateescape" if character >= "\udc80" else "strict")
    return "".join(f"\\x{byte:02x}" for byte in raw)
