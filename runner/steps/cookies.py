"""The cookies an answer sets, as facts (RFC 6265, 5.2)."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import parsedate_to_datetime

_FLAGS = {"secure": "secure", "httponly": "http-only"}


def cookies_set(lines: Iterable[tuple[str, str]]) -> dict[str, dict[str, object]]:
    """Every cookie of the ``Set-Cookie`` lines by its name; the last line of a name counts.

    Each has ``value``, ``secure`` and ``http-only``; ``domain``, ``path``, ``expires`` (an aware
    datetime), ``max-age`` (seconds) and ``same-site`` where the line has them.
    """
    made: dict[str, dict[str, object]] = {}
    for name, value in lines:
        if name.lower() == "set-cookie":
            pair, *attributes = value.split(";")
            cookie, _, text = pair.partition("=")
            made[cookie.strip()] = {
                "value": text.strip().strip('"'),
                "secure": False,
                "http-only": False,
                **_attributes(attributes),
            }
    return made


def _attributes(parts: list[str]) -> dict[str, object]:
    made: dict[str, object] = {}
    for part in parts:
        name, _, value = part.strip().partition("=")
        key, value = name.lower(), value.strip()
        if key in _FLAGS:
            made[_FLAGS[key]] = True
        elif key == "expires":
            try:
                made["expires"] = parsedate_to_datetime(value.replace("-", " "))
            except ValueError:
                continue
        elif key == "max-age" and value.lstrip("-").isdigit():
            made["max-age"] = int(value)
        elif key == "samesite":
            made["same-site"] = value
        elif key in ("domain", "path"):
            made[key] = value
    return made
