"""Where a URL leads: its origin, the address to dial, the proxy on the way, how to secure it.

Files are checked by these rules too before anything runs, so urllib3 is imported only where it is
needed.
"""

from __future__ import annotations

import ipaddress
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote

from runner.kinds import Fault, StepFault
from runner.spelling import did_you_mean
from runner.wire.proxy import Proxy

if TYPE_CHECKING:
    from runner.wire.settings import SessionSettings, TlsSettings

PORTS: Final = {"http": 80, "https": 443}
_SCHEME: Final = r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d+(?:[/?#]|$))"
_AUTHORITY: Final = r"[A-Za-z]+://([^/?#]*)"
_NEVER: Final = r"[\x00-\x20\x7f\\]"
_HOST: Final = r"[A-Za-z0-9.-]+(?::\d+)?(?:[/?#]|\Z)"
_BREAKS: Final = r"[\r\n\0]"
_PLAIN: Final = re.compile(
    r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([1-9][0-9]{0,3}))?(?=[/?#]|\Z)", re.ASCII
)
"""Most URLs: what urllib3 would say of them is known without it."""
_PORT: Final = re.compile(r"[^\[\]]*(?:\[[^\]]*\])?:([0-9]{1,30})")
_LAST_PORT: Final = 65535
_AT: Final = r"(\[[^\]]*\]|[^:\[\]]*)(?::(\d{1,5}))?"


class At(NamedTuple):
    """What to dial in place of the URL's host: a unix socket, or a host and perhaps a port."""

    host: str = ""
    port: int | None = None
    path: str | None = None


class Route:
    """The way to one origin.

    ``host`` is in lower case and IDNA, IPv6 without brackets. ``tls`` is None for http, ``proxy``
    is None for the direct way.
    """

    def __init__(
        self,
        scheme: str,
        host: str,
        port: int,
        settings: SessionSettings,
        at: At | None = None,
        proxy: Proxy | None = None,
        source: str | None = None,
        tls: TlsSettings | None = None,
    ) -> None:
        self.scheme = scheme
        self.host = host
        self.port = port
        self.settings = settings
        self.at = at
        self.proxy = proxy
        self.source = source
        self.tls = tls

    @cached_property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what a connection belongs to."""
        return self.scheme, self.host, self.port

    @property
    def server_name(self) -> str:
        """The host for SNI and the certificate: without a root dot or an IPv6 zone."""
        return self.host.partition("%")[0].rstrip(".")

    @cached_property
    def dialled(self) -> tuple[str, int]:
        """Host and port of the target itself, ``at`` taken into account; not the proxy's."""
        if self.at is None or self.at.path is not None:
            return self.host, self.port
        return self.at.host, self.port if self.at.port is None else self.at.port

    @property
    def unix(self) -> str | None:
        """The path of the unix socket to dial, if that is the way."""
        return None if self.at is None else self.at.path

    @cached_property
    def forward(self) -> bool:
        """Whether requests go to the proxy in absolute form (RFC 9112, 3.2.2)."""
        return self.proxy is not None and not self.proxy.socks and not self.tunnel

    @cached_property
    def forward_headers(self) -> tuple[tuple[str, str], ...]:
        """The header lines a forward proxy wants with each request: its credentials, if any."""
        if not self.forward or self.proxy is None or self.proxy.authorization is None:
            return ()
        return (("Proxy-Authorization", self.proxy.authorization),)

    @cached_property
    def tunnel(self) -> bool:
        """Whether a CONNECT tunnel leads through the proxy (RFC 9110, 9.3.6)."""
        if self.proxy is None or self.proxy.socks:
            return False
        return self.scheme == "https" or self.at is not None

    @cached_property
    def shown(self) -> str:
        """The target for messages: ``127.0.0.1:9``, ``[::1]:9`` or ``unix:/path``."""
        return f"unix:{self.unix}" if self.unix is not None else show_address(*self.dialled)


def show_address(host: str, port: int | None) -> str:
    """``host:port`` with IPv6 in brackets."""
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None else f"{shown}:{port}"


def split_url(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an absolute http or https URL.

    The host comes in lower case and IDNA, IPv6 without brackets. Raises StepFault
    ``unsupported-scheme`` or ``invalid-url``.
    """
    plain = _PLAIN.match(url)
    if plain is not None:
        return plain[1], plain[2], int(plain[3]) if plain[3] else PORTS[plain[1]]
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    shown = hide_userinfo(url)
    found = re.match(_AUTHORITY, url)
    scheme = url.partition(":")[0].lower()
    if scheme not in PORTS and (other := re.match(_SCHEME, url)) is not None:
        raise _fault(
            "unsupported-scheme",
            f"the scheme of {shown} is `{other[1]}`: only http and https work",
            f"did you mean `{near}://`?" if (near := did_you_mean(other[1], PORTS)) else None,
        )
    if found is None or scheme not in PORTS:
        bare = shown.lstrip("/")
        hint = (
            f"write http://{bare}"
            if "://" not in shown and re.match(_HOST, bare, re.ASCII)
            else None
        )
        raise _fault("invalid-url", f"{shown} is no absolute URL like http://host/path", hint)
    if re.search(_NEVER, found[1]):
        raise _fault(
            "invalid-url", f"the host of {shown!r} holds a blank or a character no host has"
        )
    try:
        parts = parse_url(url)
    except LocationParseError:
        named = _PORT.fullmatch(found[1].rpartition("@")[2])
        if named is not None and int(named[1]) > _LAST_PORT:
            message = f"{shown} is no URL: port {int(named[1])} is above {_LAST_PORT}"
            raise _fault("invalid-url", message) from None
        raise _fault("invalid-url", f"{shown} is no URL: its host or port cannot be read") from None
    host = parts.host or ""
    if not host or host.startswith(("*", ".")):
        raise _fault(
            "invalid-url", f"{shown} has no host" if not host else f"{shown} has a bad host"
        )
    if parts.port == 0:
        raise _fault("invalid-url", f"{shown} names port 0, where nothing can listen")
    return scheme, host.strip("[]"), PORTS[scheme] if parts.port is None else parts.port


def split_userinfo(url: str) -> tuple[str, tuple[str, str] | None]:
    """The URL without its ``user:password@``, and these two, percent-decoded, if it had them."""
    found = re.match(_AUTHORITY, url)
    if found is None or "@" not in found[1]:
        return url, None
    info, _, rest = found[1].rpartition("@")
    user, _, password = info.partition(":")
    bare = url[: found.start(1)] + rest + url[found.end(1) :]
    return bare, (unquote(user), unquote(password))


def hide_userinfo(url: str) -> str:
    """The URL as it may stand in a message: without user and password."""
    return split_userinfo(url)[0]


def parse_at(text: str, unix: bool = True) -> At:
    """What ``at`` says: ``ADDRESS``, ``ADDRESS:PORT``, ``[IPv6]:PORT`` or ``unix:/path``.

    The host comes in IDNA. Raises StepFault ``invalid-url``.
    """
    if unix and text.startswith("unix:"):
        path = text.removeprefix("unix:")
        if not path.startswith("/") or "\0" in path:
            raise _fault(
                "invalid-url", f"`at: {text}` names no absolute path, like unix:/run/app.sock"
            )
        return At(path=path)
    if _is_ipv6(text):
        return At(text)
    found = re.fullmatch(_AT, text)
    host = found[1].strip("[]") if found else ""
    bracketed = found is not None and found[1].startswith("[")
    port = int(found[2]) if found and found[2] else None
    if (
        not host
        or re.search(_NEVER, host)
        or bracketed != _is_ipv6(host)
        or port == 0
        or (port or 1) > _LAST_PORT
    ):
        raise _fault(
            "invalid-url", f"`at: {text}` is none of ADDRESS, ADDRESS:PORT, [IPv6]:PORT, unix:/path"
        )
    return At(host if host.isascii() else _idna(host, text), port)


def check_source(text: str) -> str:
    """The source address, if it is an IP address. Raises StepFault ``invalid-url`` if not."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise _fault("invalid-url", f"`source-address: {text}` is no IP address") from None


def check_breaks(url: str) -> None:
    """Raises StepFault ``invalid-url`` for a URL that no request line can carry."""
    if re.search(_BREAKS, url):
        message = "the URL holds a line break or a NUL, which no request line can carry"
        raise StepFault(Fault("invalid-url", "open", message))


def _idna(host: str, shown: str) -> str:
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    try:
        return parse_url(f"http://{host}/").host or host
    except LocationParseError:
        raise _fault("invalid-url", f"`at: {shown}` has a host that no name can have") from None


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _fault(kind: str, message: str, hint: str | None = None) -> StepFault:
    return StepFault(Fault(kind, "connect", message, hint))
