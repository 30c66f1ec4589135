"""What would control a terminal, taken out of texts."""

from __future__ import annotations

import re
from typing import Final

_CONTROLS: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def strip_controls(text: str) -> str:
    """The text without what would control a terminal: escape sequences, control characters other
    than newline and tab, and the marks that turn the direction of text around.
    """
    return _CONTROLS.sub("", text)
