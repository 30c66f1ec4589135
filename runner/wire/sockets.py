"""Sockets whose every call is bounded by limits, and the reader over them."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any, Final

from runner.wire.limits import Limits, Silence
from runner.wire.resolve import Address, Hold

_PIECE: Final = 65536
# SSLSocket.send counts its timeout anew for each record it writes, so it gets one at a time.
_RECORD: Final = 16384

NO_ROUTE: Final = frozenset({
    errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN,
    errno.EACCES, errno.EPERM, errno.EINVAL, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT,
})  # fmt: skip


class PlainSocket(socket.socket):
    """A TCP or unix socket. With ``limits`` set, each call gets what they leave.

    Calls then raise DeadlineExceeded or Silence where a socket raises TimeoutError.
    """

    limits: Limits | None = None
    piece = _PIECE

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        # 0 is the whole buffer for a socket, but no byte at all for a TLS socket of gevent's.
        nbytes = nbytes or len(buffer)
        limits = self.limits
        if limits is None:
            return super().recv_into(buffer, nbytes, flags)
        self.settimeout(limits.left())
        try:
            return super().recv_into(buffer, nbytes, flags)
        except TimeoutError:
            raise limits.ran_out() from None

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        limits = self.limits
        if limits is None:
            return super().recv(bufsize, flags)
        self.settimeout(limits.left())
        try:
            return super().recv(bufsize, flags)
        except TimeoutError:
            raise limits.ran_out() from None

    def send(self, data: Any, flags: int = 0) -> int:
        limits = self.limits
        if limits is None:
            return super().send(data, flags)
        self.settimeout(limits.left())
        try:
            return super().send(data, flags)
        except TimeoutError:
            raise limits.ran_out() from None

    def sendall(self, data: Any, flags: int = 0) -> None:
        with memoryview(data) as whole, whole.cast("B") as view:
            sent, size, piece = 0, len(view), self.piece
            while sent < size:
                sent += self.send(view[sent : sent + piece], flags)


class TLSSocket(PlainSocket, ssl.SSLSocket):  # type: ignore[misc]
    """The same over TLS; made by a context whose ``sslsocket_class`` it is."""

    piece = _RECORD


def dial(
    addresses: Sequence[Address],
    limits: Limits,
    source: str | None,
    hold: Hold,
    peer: Callable[[str], None],
    make: Callable[[int], PlainSocket] = PlainSocket,
    join: Callable[[PlainSocket, Address], None] | None = None,
) -> PlainSocket:
    """A socket connected to the first of the addresses that answers.

    Each address gets an even share of the time left. ``make`` makes a socket of a family, ``join``
    connects it (default: ``connect``); ``hold`` is given what ends the call from another thread,
    ``peer`` each address before it is dialled. Raises OSError, Silence or DeadlineExceeded: what
    the last address said, except that "no route" gives way to what another one said.
    """
    usable = [address for address in addresses if _fits(address, source)]
    kept: OSError | Silence | None = None
    for number, address in enumerate(usable):
        peer(address.shown)
        try:
            return _dial_one(address, limits, len(usable) - number, source, hold, make, join)
        except (OSError, Silence) as error:
            if kept is None or not unreachable(error):
                kept = error
    if kept is None:
        raise OSError(errno.EADDRNOTAVAIL, f"no address of the host can be reached from {source}")
    raise kept


def _dial_one(
    address: Address,
    limits: Limits,
    ways: int,
    source: str | None,
    hold: Hold,
    make: Callable[[int], PlainSocket],
    join: Callable[[PlainSocket, Address], None] | None,
) -> PlainSocket:
    left = limits.left()
    sock = make(address.family)
    try:
        hold(lambda: socket.socket.shutdown(sock, socket.SHUT_RDWR))
        if source is not None:
            sock.bind((source, 0))
        sock.settimeout(None if left is None else left / ways)
        try:
            if join is None:
                sock.connect(address.sockaddr)
            else:
                join(sock, address)
        except TimeoutError as error:
            # ETIMEDOUT is the kernel's own timeout; without a number it is ours.
            if error.errno is not None:
                raise
            raise limits.ran_out() from None
        if address.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


def unreachable(error: BaseException) -> bool:
    """Whether the error says that no way leads to the address (or from the source address)."""
    return isinstance(error, OSError) and error.errno in NO_ROUTE


def _fits(address: Address, source: str | None) -> bool:
    if source is None:
        return True
    return address.family == (socket.AF_INET6 if ":" in source else socket.AF_INET)
