"""Names to addresses, bounded in time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from runner.wire.limits import Limits

Hold = Callable[[Callable[[], None]], None]
Resolver = Callable[..., list[tuple[Any, ...]]]

_NUMERIC: Final = ((".", socket.AF_INET), (":", socket.AF_INET6))


class Address(NamedTuple):
    """One address to dial: a socket family, its form of the address, and how messages show it."""

    family: int
    sockaddr: Any
    shown: str


def unix_address(path: str) -> Address:
    """The address of a unix socket."""
    return Address(socket.AF_UNIX, path, f"unix:{path}")


def lookup(
    host: str,
    port: int,
    limits: Limits,
    hold: Hold,
    resolver: Resolver = socket.getaddrinfo,
) -> list[Address]:
    """The addresses of a host, in the resolver's order. A numeric host is its own address.

    The resolver cannot be interrupted, so it works in a thread that is left behind when the time is
    up; ``hold`` is given what ends the waiting from another thread. Raises gaierror, Silence or
    DeadlineExceeded.
    """
    for mark, family in _NUMERIC:
        if mark in host and "%" not in host:
            try:
                socket.inet_pton(family, host)
            except OSError:
                continue
            return [_address(family, (host, port))]
    done = threading.Event()
    answers: list[list[tuple[Any, ...]]] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            # Bytes, as text would pass the codec `idna`, which knows only the IDNA of 2003.
            answers.append(resolver(host.encode("ascii"), port, 0, socket.SOCK_STREAM))
        except BaseException as error:
            errors.append(error)
        finally:
            done.set()

    hold(done.set)
    threading.Thread(target=work, name="httpsteps-lookup", daemon=True).start()
    done.wait(limits.left())
    # Once more, for an abort that set `done`.
    hold(done.set)
    if errors:
        raise errors[0]
    if not answers:
        raise limits.ran_out()
    found = dict.fromkeys((answer[0], answer[4]) for answer in answers[0])
    return [_address(family, sockaddr) for family, sockaddr in found]


def _address(family: int, sockaddr: tuple[Any, ...]) -> Address:
    host, port = sockaddr[:2]
    return Address(family, sockaddr, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
