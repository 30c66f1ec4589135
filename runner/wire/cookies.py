"""``Set-Cookie`` lines as RFC 6265 reads them, and such that Python's cookie jar can."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

_FLAGS: Final = {"secure": "secure", "httponly": "http-only"}
_SECONDS: Final = r"-?[0-9]{1,18}"
_TOKENS: Final = r"[^\t\x20-/;-@\[-`{-~]+"
_TIME: Final = r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])"
_DAY: Final = r"([0-9]{1,2})(?![0-9])"
_YEAR: Final = r"([0-9]{2,4})(?![0-9])"
_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def attributes(parts: Iterable[str]) -> dict[str, object]:
    """The attributes of a cookie, from what stands between semicolons (RFC 6265, 5.2).

    ``secure`` and ``http-only`` are true; ``expires`` is an aware datetime, ``max-age`` seconds,
    ``domain``, ``path`` and ``same-site`` are text. The last of a name counts; what cannot be read
    is passed over.
    """
    made: dict[str, object] = {}
    for part in parts:
        name, _, value = part.partition("=")
        key, value = name.strip().lower(), value.strip()
        if key in _FLAGS:
            made[_FLAGS[key]] = True
        elif key == "expires":
            moment = cookie_date(value)
            if moment is not None:
                made["expires"] = moment
        elif key == "max-age" and re.fullmatch(_SECONDS, value):
            made["max-age"] = int(value)
        elif key == "samesite":
            made["same-site"] = value
        elif (key == "domain" and value) or (key == "path" and value.startswith("/")):
            made[key] = value
    return made


def cookie_date(text: str) -> datetime | None:
    """The moment that ``Expires`` names, in UTC; None when it names none (RFC 6265, 5.1.1)."""
    time: tuple[int, int, int] | None = None
    day = month = year = None
    for token in re.findall(_TOKENS, text):
        if time is None and (found := re.match(_TIME, token)):
            time = int(found[1]), int(found[2]), int(found[3])
        elif day is None and (found := re.match(_DAY, token)):
            day = int(found[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (found := re.match(_YEAR, token)):
            year = int(found[1])
    if time is None or day is None or month is None or year is None:
        return None
    if year < 100:
        year += 1900 if year >= 70 else 2000
    try:
        return datetime(year, month, day, *time, tzinfo=UTC) if year > 1600 else None
    except ValueError:
        return None


def line_for_jar(line: str) -> str:
    """A ``Set-Cookie`` line with only those attributes that RFC 6265 knows, each well formed.

    At others ``http.cookiejar`` stumbles: it then drops the cookie, or all cookies of the answer.
    """
    pair, *parts = line.split(";")
    found = attributes(parts)
    made = [pair]
    moment = found.get("expires")
    if isinstance(moment, datetime):
        # The jar takes a date before 1970 for none at all.
        made.append(f"Expires={format_datetime(max(moment, _EPOCH), usegmt=True)}")
    for key, name in (("max-age", "Max-Age"), ("domain", "Domain"), ("path", "Path")):
        if key in found:
            made.append(f"{name}={found[key]}")
    if "secure" in found:
        made.append("Secure")
    if "http-only" in found:
        made.append("HttpOnly")
    return "; ".join(made)
