"""The way through a proxy: CONNECT (RFC 9110, 9.3.6) and SOCKS 5 (RFC 1928)."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any, Final

from runner.kinds import Fault, StepFault
from runner.wire.errors import BadProxyReply, ProxyRefused
from runner.wire.head import shown
from runner.wire.limits import Limits
from runner.wire.proxy import Proxy
from runner.wire.resolve import Address
from runner.wire.settings import USER_AGENT
from runner.wire.sockets import PlainSocket

_MOST: Final = 65536
_MOST_INTERIM: Final = 10
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: ([^\r\n]*))?")
_LINE: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*")


def open_tunnel(sock: PlainSocket, proxy: Proxy, target: str) -> None:
    """Ask an HTTP proxy for a tunnel to ``target`` (``host:port``) and read its answer.

    The socket's limits bound it. Raises ProxyRefused for any answer but 2xx, BadProxyReply for
    none, and what the socket raises.
    """
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", f"User-Agent: {USER_AGENT}"]
    if proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("ascii"))
    data = b""
    for _ in range(_MOST_INTERIM):
        status, reason, data = _read_head(sock, data)
        if status >= 200:
            break
    if 200 <= status < 300:
        if data:
            raise BadProxyReply("the proxy sent bytes of its own behind its answer to CONNECT")
        return
    answer = f"{status} {reason}".rstrip()
    if status == 407:
        given = "refused the" if proxy.user else "asks for a"
        raise ProxyRefused(f"it {given} user and password ({answer})", status, auth=True)
    raise ProxyRefused(f"it answered CONNECT with {answer}", status)


def _read_head(sock: PlainSocket, data: bytes) -> tuple[int, str, bytes]:
    """One head of an answer: status, reason, and the bytes that came behind it."""
    while b"\r\n\r\n" not in data:
        if len(data) > _MOST:
            raise BadProxyReply("the head of its answer to CONNECT is longer than 64 KiB")
        got = sock.recv(_MOST)
        if not got:
            raise BadProxyReply(
                "it closed within the head of its answer to CONNECT"
                if data
                else "it closed without an answer to CONNECT"
            )
        data += got
        if not data[:8].startswith(b"HTTP/1."[: len(data)]):
            raise BadProxyReply(f"its answer to CONNECT is not HTTP: {shown(data)}")
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    found = _STATUS.fullmatch(first)
    if found is None:
        raise BadProxyReply(f"its answer to CONNECT has no status line: {shown(first)}")
    for line in lines:
        if not _LINE.fullmatch(line):
            raise BadProxyReply(f"its answer to CONNECT has a bad header line: {shown(line)}")
    return int(found[1]), (found[2] or b"").decode("latin-1"), rest


def socks_maker(
    proxy: Proxy, target: tuple[str, int], limits: Limits
) -> tuple[Callable[[int], PlainSocket], Callable[[PlainSocket, Address], None]]:
    """How to make and join a socket through a SOCKS proxy: ``make`` and ``join`` for ``dial``.

    ``target`` is a host (a name for the proxy to resolve, or an address) and a port. Raises
    StepFault ``proxy-failed`` when PySocks is not installed or a name is too long for it.
    """
    try:
        socks: Any = importlib.import_module("socks")
    except ImportError:
        raise StepFault(
            Fault(
                "proxy-failed",
                "connect",
                f"the proxy {proxy.shown} speaks SOCKS, and PySocks is not installed",
                "install httpsteps[socks]",
            )
        ) from None

    class SocksSocket(PlainSocket, socks.socksocket):  # type: ignore[misc]
        """PySocks, each of whose calls is bounded by limits."""

    # PySocks writes these lengths as UTF-8, which is one byte only below 128.
    for what, text in (("user", proxy.user), ("password", proxy.password), ("host", target[0])):
        if text and len(text.encode()) > 127:
            raise StepFault(
                Fault(
                    "proxy-failed", "connect", f"the {what} is too long for the proxy {proxy.shown}"
                )
            )

    def make(family: int) -> PlainSocket:
        sock: PlainSocket = SocksSocket(family)
        sock.limits = limits
        return sock

    def join(sock: Any, address: Address) -> None:
        host, port = address.sockaddr[:2]
        sock.set_proxy(socks.SOCKS5, host, port, True, proxy.user, proxy.password)
        try:
            sock.connect(target)
        except socks.ProxyError as wrapped:
            # A ProxyError is an OSError, so PySocks wraps its own once more.
            error: Any = wrapped
            while isinstance(error, socks.ProxyError) and isinstance(error.socket_err, OSError):
                error = error.socket_err
            if isinstance(error, socks.SOCKS5AuthError):
                given = "refused the" if proxy.user else "asks for a"
                raise ProxyRefused(f"it {given} user and password", auth=True) from error
            if isinstance(error, socks.ProxyError):
                raise ProxyRefused(f"it said: {error.msg}") from error
            raise error from None

    return make, join
