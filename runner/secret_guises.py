"""The texts a secret becomes on its way, without being encoded."""

from __future__ import annotations

import re
from typing import Final

from runner.controls import strip_controls

SHORTEST: Final = 6
"""Characters a secret needs to be masked within other texts; fewer would be found everywhere."""

_ENDS: Final = (re.compile(r"[?#]"), re.compile(r";"))
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+")


def guises(secret: str) -> set[str]:
    """The secret as it looks where others shorten it, but for itself.

    Where blanks around a header's value, blanks in a row or control characters are taken out; where
    a URL ends at its query or fragment, or a cookie at its semicolon; in a URL's host, which is in
    lower case; as a URL without user and password.
    """
    made = {secret.strip(), " ".join(secret.split()), strip_controls(secret)}
    parts = [part.strip() for ends in _ENDS for part in ends.split(secret)]
    parts.append(secret.rpartition("@")[2])
    made.update(part for part in parts if len(part) >= SHORTEST)
    if _HOST.fullmatch(secret):
        made.add(secret.lower())
    if not secret.isascii():
        # Header bytes read as Latin-1 have control characters where UTF-8 has none.
        read = secret.encode("utf-8", "surrogatepass").decode("latin-1")
        made.add(strip_controls(read))
    return made - {"", secret}
