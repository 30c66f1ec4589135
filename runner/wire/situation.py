"""What was being done, and with whom, when something failed: the words for it."""

from __future__ import annotations

from typing import Final, NamedTuple

from runner.wire.phases import Phases
from runner.wire.route import Route

_CONNECTED: Final = ("sending", "waiting", "reading", "draining")


class Said(NamedTuple):
    """A kind, the sentence for it, and what to look at next."""

    kind: str
    message: str
    hint: str | None = None


class Situation:
    """The phase a failure fell into, and the names of those concerned, none with credentials.

    ``proxied``: it is the proxy that was being resolved, dialled or asked.
    """

    def __init__(self, phases: Phases, route: Route | None) -> None:
        self.doing = phases.doing
        self.connected = phases.doing in _CONNECTED
        self.route = route
        proxy = None if route is None else route.proxy
        self.proxy = "" if proxy is None else proxy.shown
        self.origin = "the server" if route is None else route.shown
        self.unix = route is not None and route.unix is not None
        self.source = None if route is None else route.source
        # With socks5 it may be the target's name that is being resolved, not the proxy's.
        self.proxied = proxy is not None and (
            phases.doing in ("connecting", "tunnelling")
            or (phases.doing == "resolving" and phases.peer in (None, proxy.address))
        )
        self.dialled = phases.peer or self.origin
        self.part = "proxy" if self.proxied else "service"
        named = self.origin
        if proxy is not None and self.proxied:
            named = proxy.address
        elif proxy is not None:
            self.dialled = self.origin
        shown = named if self.dialled == named else f"{named} ({self.dialled})"
        self.target = f"the proxy {shown}" if self.proxied else shown
        self.name = named.rpartition(":")[0] or named

    def activity(self, *, bare: bool = False) -> str:
        """What was being done, to stand behind "while"; ``bare``: without naming the target."""
        match self.doing:
            case "resolving":
                return f"resolving {self.name}"
            case "connecting":
                text, link = "connecting", "to"
            case "tunnelling":
                text, link = "waiting for the tunnel", "of"
            case "securing":
                text, link = "making the TLS handshake", "with"
            case "sending":
                text, link = "sending the request", "to"
            case "waiting":
                text, link = "waiting for the first byte", "from"
            case "reading" | "draining":
                text, link = "reading the body", "from"
            case _:
                return "preparing the connection"
        return text if bare else f"{text} {link} {self.target}"


def seconds(value: float) -> str:
    """A bound as it was written, more or less: ``250 ms``, ``2 s``."""
    return f"{value * 1000:g} ms" if value < 1 else f"{value:g} s"
