"""Which proxy leads to an origin: the session's setting, the environment's variables."""

from __future__ import annotations

import ipaddress
import socket
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote

from runner.kinds import Fault, StepFault

_PORTS: Final = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


class Proxy(NamedTuple):
    """A proxy: ``scheme`` is http, https, socks5 or socks5h; user and password are decoded."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"Proxy({self.shown})"

    @property
    def socks(self) -> bool:
        """Whether it speaks SOCKS 5 (RFC 1928); else it speaks HTTP."""
        return self.scheme.startswith("socks")

    @property
    def address(self) -> str:
        """``host:port``, IPv6 in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def shown(self) -> str:
        """The URL without user and password."""
        return f"{self.scheme}://{self.address}"

    @property
    def authorization(self) -> str | None:
        """The value of Proxy-Authorization (RFC 7617), if the URL had a user."""
        if self.user is None:
            return None
        return "Basic " + b64encode(f"{self.user}:{self.password or ''}".encode()).decode()


def parse_proxy(text: str) -> Proxy:
    """The proxy a URL names; without a scheme it is http. Raises StepFault ``proxy-failed``."""
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    url = text if "://" in text else f"http://{text}"
    scheme, _, rest = url.partition("://")
    info, _, _ = rest.rpartition("@")
    shown = f"{scheme}://{rest.rpartition('@')[2]}"
    if scheme.lower() not in _PORTS:
        raise _fault(f"the proxy {shown} has an unknown scheme: use {', '.join(_PORTS)}")
    try:
        # socks5 is not among the schemes urllib3 lower-cases the host for.
        parts = parse_url("http://" + rest.rpartition("@")[2])
    except LocationParseError:
        raise _fault(f"the proxy {shown} is no URL like http://host:3128") from None
    if not parts.host or any(mark in parts.host for mark in " \\\t\r\n\0"):
        raise _fault(f"the proxy {shown} has no host")
    scheme = scheme.lower()
    user, _, password = info.partition(":")
    return Proxy(
        scheme,
        parts.host.strip("[]"),
        parts.port or _PORTS[scheme],
        unquote(user) if info else None,
        unquote(password) if info else None,
    )


def choose_proxy(
    setting: str, no_proxy: Iterable[str], environ: Mapping[str, str], origin: tuple[str, str, int]
) -> Proxy | None:
    """The proxy for an origin (scheme, host, port), None for the direct way.

    ``env`` looks at ``<scheme>_proxy``, then ``all_proxy``, and at ``no_proxy``, in lower case
    first, and never sends loopback through a proxy. A URL is for every origin ``no_proxy`` does
    not name, loopback too. Raises StepFault ``proxy-failed`` for what is no proxy URL.
    """
    scheme, host, port = origin
    if setting == "direct" or _excluded(no_proxy, host, port):
        return None
    if setting != "env":
        return parse_proxy(setting)
    if is_loopback(host) or _excluded(_variable(environ, "no_proxy").split(","), host, port):
        return None
    url = _variable(environ, f"{scheme}_proxy") or _variable(environ, "all_proxy")
    return parse_proxy(url) if url else None


def is_loopback(host: str) -> bool:
    """Whether a host, by its spelling alone, is this machine."""
    if host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost"):
        return True
    address = _address(host)
    if address is None:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool(address.is_loopback or (mapped is not None and mapped.is_loopback))


def _variable(environ: Mapping[str, str], name: str) -> str:
    # Under CGI, HTTP_PROXY is what a client sent as the header Proxy.
    if name == "http_proxy" and "REQUEST_METHOD" in environ:
        return environ.get(name, "").strip()
    return environ.get(name, environ.get(name.upper(), "")).strip()


def _excluded(entries: Iterable[str], host: str, port: int) -> bool:
    return any(_matches(entry.strip().lower(), host, port) for entry in entries)


def _matches(entry: str, host: str, port: int) -> bool:
    """Whether one entry (``*``, name, ``.suffix``, address, CIDR; perhaps ``:port``) fits."""
    if entry in ("", "*"):
        return entry == "*"
    address = _address(host)
    if "/" in entry:
        return address is not None and _in_network(address, entry)
    name, wanted = _split_port(entry)
    if wanted is not None and wanted != port:
        return False
    if address is not None:
        return _address(name) == address
    name = name.removeprefix("*").strip(".")
    bare = host.rstrip(".")
    return bool(name) and (bare == name or bare.endswith("." + name))


def _split_port(entry: str) -> tuple[str, int | None]:
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        return name, int(rest[1:]) if rest[1:].isdecimal() else None
    if entry.count(":") == 1:
        name, _, port = entry.partition(":")
        return name, int(port) if port.isdecimal() else -1
    return entry, None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    # Short and hexadecimal spellings, as the resolver takes them: 127.1, 0x7f000001.
    if host[:1].isdecimal():
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, ValueError):
            pass
    return None


def _in_network(address: ipaddress.IPv4Address | ipaddress.IPv6Address, entry: str) -> bool:
    try:
        network = ipaddress.ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False
    return address.version == network.version and address in network


def _fault(message: str) -> StepFault:
    return StepFault(Fault("proxy-failed", "connect", message))
