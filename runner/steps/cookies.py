"""Cookies: those an answer sets, as facts (RFC 6265, 5.2), and those a session begins with."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from runner.steps.handles import SessionHandle

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


def give_cookies(session: SessionHandle, url: str) -> None:
    """Puts the cookies a session's step names into its jar, for the host of its first connection.

    A cookie without a domain would go to every host a redirect leads to.
    """
    if not session.cookies:
        return
    host = urlsplit(url).hostname or ""
    host = f"[{host}]" if ":" in host else host
    # http.cookiejar knows a name without a dot as NAME.local (RFC 2965, 1).
    domain = host if "." in host else f"{host}.local"
    for name, value in session.cookies.items():
        session.session().http.cookies.set(name, value, domain=domain)
    session.cookies.clear()


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
