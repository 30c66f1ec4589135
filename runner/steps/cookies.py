"""Cookies: those an answer sets, as facts (RFC 6265, 5.2), and those a session begins with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from requests.cookies import create_cookie

from runner.wire.route import split_url

if TYPE_CHECKING:
    from runner.steps.handles import SessionHandle


def cookies_set(lines: Iterable[tuple[str, str]]) -> dict[str, dict[str, object]]:
    """Every cookie of the ``Set-Cookie`` lines by its name; the last line of a name counts.

    Each has ``value``, ``secure`` and ``http-only``; ``domain``, ``path``, ``expires`` (an aware
    datetime), ``max-age`` (seconds) and ``same-site`` where the line has them.
    """
    made: dict[str, dict[str, object]] = {}
    for name, value in lines:
        if name.lower() == "set-cookie":
            from runner.wire.cookies import attributes

            pair, *parts = value.split(";")
            cookie, _, text = pair.partition("=")
            made[cookie.strip()] = {
                "value": text.strip().strip('"'),
                "secure": False,
                "http-only": False,
                **attributes(parts),
            }
    return made


def give_cookies(session: SessionHandle, url: str) -> None:
    """Puts the cookies a session's step names into its jar, for the host of its first connection.

    They go to that host alone (RFC 6265, 5.3: the host-only-flag), wherever a redirect leads.
    """
    if not session.cookies:
        return
    host = split_url(url)[1]
    host = f"[{host}]" if ":" in host else host
    # http.cookiejar knows a name without a dot as NAME.local (RFC 2965, 1).
    domain = host if "." in host else f"{host}.local"
    jar = session.session().http.cookies
    for name, value in session.cookies.items():
        cookie = create_cookie(name, value, domain=domain)  # type: ignore[no-untyped-call]
        cookie.domain_specified = False
        jar.set_cookie(cookie)
    session.cookies.clear()
