"""What the system's network errors mean: by errno and by what was being done."""

from __future__ import annotations

import errno
import socket

from runner.wire.errors import MORE_DESCRIPTORS, NO_DESCRIPTORS
from runner.wire.situation import Said, Situation
from runner.wire.sockets import NO_ROUTE


def say_unresolved(exc: socket.gaierror, now: Situation) -> Said:
    """What a resolver's error means."""
    if exc.errno == socket.EAI_AGAIN:
        message = f"the name {now.name} could not be resolved: no name server answers"
        hint = "is the network up? see /etc/resolv.conf"
    else:
        message = f"the name {now.name} has no address"
        hint = "is it spelt right, and known to this machine's name server?"
    return Said("proxy-failed" if now.proxied else "name-not-resolved", message, hint)


def say(exc: OSError, now: Situation) -> Said | None:
    """What an OSError means; None if it is none of the network's."""
    if exc.errno in (errno.EMFILE, errno.ENFILE):
        return Said("connection-aborted", NO_DESCRIPTORS, MORE_DESCRIPTORS)
    said = _broken(exc, now) if now.connected else _not_connected(exc, now)
    if said is not None and now.proxied and said.kind != "connect-timeout":
        return said._replace(kind="proxy-failed")
    return said


def _not_connected(exc: OSError, now: Situation) -> Said | None:
    number = exc.errno
    if isinstance(exc, ConnectionRefusedError):
        return Said(
            "connection-refused",
            f"{now.target} refused the connection",
            f"nothing listens on {now.dialled}: is the {now.part} running?",
        )
    if now.unix and number in (errno.ENOENT, errno.ENOTSOCK, errno.ENOTDIR, errno.EPROTOTYPE):
        return Said(
            "connection-refused",
            f"there is no socket at {now.target}",
            "is the service running, and is the path right?",
        )
    if now.source and number in (errno.EADDRNOTAVAIL, errno.EINVAL):
        return Said(
            "host-unreachable",
            f"{now.target} cannot be reached from the source address {now.source}",
            "`source-address` must be an address of this machine, of the target's family",
        )
    if number in NO_ROUTE:
        hint = "may this user open the socket?" if now.unix else "is the network up, the VPN on?"
        return Said("host-unreachable", f"no way leads to {now.target}: {exc.strerror}", hint)
    if number == errno.ETIMEDOUT:
        return Said("connect-timeout", f"no answer from {now.target}: the system gave up")
    return _broken(exc, now)


def _broken(exc: OSError, now: Situation) -> Said | None:
    number = exc.errno
    # A socket that was reset as soon as it was connected has no peer to ask for any more.
    unmet = number == errno.ENOTCONN and not now.connected
    if isinstance(exc, ConnectionResetError) or unmet:
        return Said(
            "connection-reset",
            f"{now.target} reset the connection while {now.activity(bare=True)}",
            "did the service crash or restart, or did something between cut an idle connection?",
        )
    if number in (errno.EPIPE, errno.ECONNABORTED, errno.ESHUTDOWN, errno.ENOTCONN):
        return Said(
            "connection-aborted",
            f"{now.target} closed the connection while {now.activity(bare=True)}",
            "the service did not take the whole request: does it limit its size?",
        )
    if number == errno.ETIMEDOUT:
        return Said("read-timeout", f"{now.target} no longer answers: the system gave up")
    if number in NO_ROUTE:
        return Said("host-unreachable", f"the way to {now.target} is gone: {exc.strerror}")
    return None
