"""The texts a secret becomes on its way, without being encoded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runner.controls import strip_controls

SHORTEST: Final = 6
"""Characters a secret needs to be masked within other texts; fewer would be found everywhere."""

MASK: Final = "***"
"""What stands in a secret's place."""

_ENDS: Final = ("[?#]", ";")
_URL: Final = r"(?P<scheme>[A-Za-z][\w+.-]*://)?(?P<authority>[^/?#]*)(?P<rest>.*)"


def guises(secret: str) -> set[str]:
    """The secret as it looks where others shorten it, but for itself.

    Where blanks around a header's value, blanks in a row or control characters are taken out; where
    a URL ends at its query or fragment, or a cookie at its semicolon; in a URL's host, which is in
    lower case; as a URL without user and password; and the parts a URL comes apart into where the
    secret is one, or stands from its host on. The host of a secret that is a whole URL is none.
    """
    made = {secret.strip(), " ".join(secret.split()), strip_controls(secret)}
    parts = [part.strip() for ends in _ENDS for part in re.split(ends, secret)]
    parts += [part.partition("@")[0] for part in parts] + [secret.rpartition("@")[2]]
    parts += _url_parts(secret)
    made.update(part for part in parts if len(part) >= SHORTEST)
    made |= {part.lower() for part in (secret, *made)}
    if not secret.isascii():
        # Header bytes read as Latin-1 have control characters where UTF-8 has none.
        read = secret.encode("utf-8", "surrogatepass").decode("latin-1")
        made.add(strip_controls(read))
    return made - {"", secret}


def _url_parts(secret: str) -> Iterator[str]:
    """What is shown of a URL by itself: host, user, password, and what comes behind them."""
    found = re.fullmatch(_URL, secret, re.DOTALL)
    if found is None or not (found["rest"] or "@" in found["authority"] or found["scheme"]):
        return
    user, _, host = found["authority"].rpartition("@")
    yield found["rest"]
    yield found["rest"].lstrip("/")
    yield from (user, *user.split(":", 1))
    if not found["scheme"]:
        yield from (host, host.partition(":")[0])
