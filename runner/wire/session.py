"""What is settled once for all connections of a session: routes, TLS contexts, the cookie jar."""

from __future__ import annotations

import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
from requests.cookies import RequestsCookieJar

from runner.wire.proxy import choose_proxy, parse_proxy
from runner.wire.route import Route, check_source, parse_at, split_url
from runner.wire.settings import SessionSettings, TlsSettings

_MOST_ROUTES: Final = 1000


class Session:
    """A session. It holds no connection; several threads may use it.

    ``http`` is the requests.Session with the cookie jar; it looks at nothing in the environment.
    ``memo`` is for what those who send want to settle once.
    """

    def __init__(self, settings: SessionSettings) -> None:
        self.settings = settings
        self.memo: dict[object, Any] = {}
        self.http = self._make_http()
        self._routes: dict[tuple[object, ...], Route] = {}
        self._contexts: dict[tuple[TlsSettings, bool], ssl.SSLContext] = {}

    def _make_http(self) -> requests.Session:
        # The adapter stands on this room, so it can only be met late.
        from runner.wire.adapter import Adapter

        made = requests.Session()
        made.trust_env = False
        # A cookie without a Domain goes back to its own host alone (RFC 6265, 5.3 and 5.4).
        policy = DefaultCookiePolicy(strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain)
        made.cookies = RequestsCookieJar(policy)
        adapter = Adapter(self)
        made.mount("http://", adapter)
        made.mount("https://", adapter)
        return made

    def route(
        self,
        url: str,
        *,
        at: str | None = None,
        source: str | None = None,
        tls: TlsSettings | None = None,
    ) -> Route:
        """The way to an absolute URL's origin.

        ``at`` dials ``ADDRESS``, ``ADDRESS:PORT``, ``[IPv6]:PORT`` or ``unix:/path`` instead of the
        host; ``source`` is the IP address to dial from; ``tls`` stands for the session's own.
        User and password in the URL are passed over. Raises StepFault ``invalid-url``,
        ``unsupported-scheme``, or ``proxy-failed`` for a proxy that is no URL.
        """
        end = url.find("/", 8)
        key = (url if end < 0 else url[:end], at, source, tls)
        known = self._routes.get(key)
        if known is None:
            if len(self._routes) >= _MOST_ROUTES:
                self._routes.clear()
            known = self._routes[key] = self._find_route(url, at, source, tls)
        return known

    def _find_route(
        self, url: str, at: str | None, source: str | None, tls: TlsSettings | None
    ) -> Route:
        settings = self.settings
        origin = split_url(url)
        dial = None if at is None else parse_at(at)
        proxy = None
        # `at` says where to dial: only a proxy that was asked for stands before it.
        if dial is None or (dial.path is None and settings.proxy != "env"):
            proxy = choose_proxy(settings.proxy, settings.no_proxy, settings.environ, origin)
        return Route(
            *origin,
            settings,
            dial,
            proxy,
            None if source is None else check_source(source),
            (tls or settings.tls) if origin[0] == "https" else None,
        )

    def context(self, tls: TlsSettings, *, for_proxy: bool = False) -> ssl.SSLContext:
        """The TLS context for these settings, made once. Raises StepFault as ``make_context``."""
        key = (tls, for_proxy)
        known = self._contexts.get(key)
        if known is None:
            from runner.wire.tls import make_context

            known = self._contexts[key] = make_context(
                tls, self.settings.environ, for_proxy=for_proxy
            )
        return known

    def proxy_shown(self) -> str:
        """The fact ``proxy``: ``direct``, ``env``, or the proxy's URL without user and password."""
        setting = self.settings.proxy
        return setting if setting in ("direct", "env") else parse_proxy(setting).shown

    def close(self) -> None:
        """Close what the requests.Session holds; connections are closed by whoever opened them."""
        self.http.close()
