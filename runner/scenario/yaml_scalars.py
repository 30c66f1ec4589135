"""What a plain scalar means: the core schema of YAML 1.2, without octal numbers.

``yes``, ``on``, ``12:30`` and dates are text, as are ``0o17`` and ``1_000``.
"""

from __future__ import annotations

import re
from typing import Final

from runner.query.values import WrittenFloat, WrittenInt

_WORDS: Final = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_STARTS: Final = frozenset("0123456789+-.")
_NUMBER: Final = re.compile(
    r"(?P<int>[-+]?[0-9]+)|(?P<hex>0x[0-9a-fA-F]+)"
    r"|(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<special>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
# Python reads and writes longer whole numbers only in quadratic time, and refuses to by default.
_MOST_DIGITS: Final = 4000


def resolve(text: str) -> object:
    """The value of a plain scalar: None, a bool, an int, a float or the text itself.

    A number not spelt as Python would spell it is a ``WrittenInt`` or ``WrittenFloat``; one too
    large for a float is an infinite ``WrittenFloat``, which keeps its text.

    Raises ValueError with a sentence for the user for ``.inf``, ``.nan`` and for whole numbers of
    more than 4,000 digits.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _STARTS:
        return text
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    form = found.lastgroup
    if form == "special":
        raise ValueError(f"`{text}` is infinity or not-a-number in YAML, and JSON has neither")
    if form == "float":
        real = float(text)
        return real if repr(real) == text else WrittenFloat(real, text)
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a whole number may have 4,000 digits; this one has {len(text):,}")
    whole = int(text, 16 if form == "hex" else 10)
    return whole if repr(whole) == text else WrittenInt(whole, text)
