"""Making a connection: resolve, dial, pass the proxy, secure; each phase timed."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from runner.wire.errors import HandshakeFailed
from runner.wire.limits import ConnectLimits, Limits, Silence
from runner.wire.phases import Phases
from runner.wire.proxy import Proxy
from runner.wire.resolve import Address, Hold, lookup, unix_address
from runner.wire.route import Route, show_address
from runner.wire.session import Session
from runner.wire.sockets import PlainSocket, dial, unreachable

if TYPE_CHECKING:
    from runner.wire.tls import InnerTLS

S = TypeVar("S", bound="PlainSocket | InnerTLS")

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 1.0
_SLICE: Final = 0.02


class Opening:
    """One making of a connection. ``hold`` is given what ends the call that blocks at the time.

    ``facts`` grow as they become known: address, port, tls.*.
    """

    def __init__(self, session: Session, route: Route, phases: Phases, hold: Hold) -> None:
        self.session = session
        self.route = route
        self.phases = phases
        self.hold = hold
        self.facts: dict[str, object] = {}
        self._made: list[PlainSocket | InnerTLS] = []

    def run(self, limits: Limits) -> tuple[PlainSocket | InnerTLS, PlainSocket]:
        """The stream to speak HTTP on, and the socket below it that limits bound.

        They are the same except for TLS within TLS. On failure everything is closed.
        """
        route, phases = self.route, self.phases
        phases.where, phases.doing = "connect", ""
        try:
            context = None if route.tls is None else self.session.context(route.tls)
            limited, bounds = self._dial(limits)
            limited.limits = bounds
            limited = self._pass_proxy(limited, bounds)
            if context is None or route.tls is None:
                return limited, limited
            from runner.wire.certificate import certificate_facts
            from runner.wire.tls import secure, tls_facts, trust

            trusted, by = trust(route.tls, self.session.settings.environ)
            name = route.server_name
            with phases.phase(
                "securing", "secured", "tls", "tls", name=name, trust=trusted, by=by
            ) as span:
                try:
                    stream = self._keep(secure(limited, context, name, bounds, self.hold))
                except HandshakeFailed as failed:
                    self.facts.update(certificate_facts(failed.certificate, None))
                    raise
                span.detail = tls_facts(stream)
                self.facts.update(span.detail)
            return stream, stream if isinstance(stream, PlainSocket) else limited
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close every socket that was made."""
        for sock in self._made:
            sock.close()

    def _dial(self, limits: Limits) -> tuple[PlainSocket, ConnectLimits]:
        retries = self.session.settings.connect_retries
        pause = _FIRST_PAUSE
        while True:
            bounds = ConnectLimits(self.session.settings.connect_timeout, limits)
            try:
                return self._dial_once(bounds), bounds
            except (OSError, Silence) as error:
                if retries == 0 or self.phases.doing != "connecting" or not _passing(error):
                    raise
            retries -= 1
            self._rest(pause, limits)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _dial_once(self, bounds: Limits) -> PlainSocket:
        route, proxy, phases = self.route, self.route.proxy, self.phases
        maker: Callable[[int], PlainSocket] = PlainSocket
        join = None
        if route.unix is not None:
            addresses = [unix_address(route.unix)]
        else:
            target = route.dialled
            asked = target if proxy is None else (proxy.host, proxy.port)
            addresses = self._lookup(asked, bounds)
            if proxy is not None and proxy.socks:
                if proxy.scheme == "socks5":
                    target = self._lookup(target, bounds)[0].sockaddr[:2]
                from runner.wire.tunnel import socks_maker

                maker, join = socks_maker(proxy, target, bounds)

        def peer(shown: str) -> None:
            phases.peer = shown
            span.detail["address"] = shown

        def make(family: int) -> PlainSocket:
            return self._keep(maker(family))

        first = addresses[0].shown
        with phases.phase("connecting", "connected", "tcp", "connect", address=first) as span:
            sock = dial(addresses, bounds, route.source, self.hold, peer, make, join)
            if join is not None:
                # Past its negotiation a SOCKS socket is a plain one.
                sock = self._keep(PlainSocket(fileno=sock.detach()))
                plain = sock
                self.hold(lambda: socket.socket.shutdown(plain, socket.SHUT_RDWR))
        return sock

    def _lookup(self, asked: tuple[str, int], bounds: Limits) -> list[Address]:
        phases = self.phases
        phases.peer = show_address(*asked)
        with phases.phase("resolving", "resolved", "dns", "connect", host=asked[0]) as span:
            found = lookup(*asked, bounds, self.hold)
            span.detail["addresses"] = [address.shown for address in found]
        return found

    def _pass_proxy(self, sock: PlainSocket, bounds: Limits) -> PlainSocket:
        route, proxy = self.route, self.route.proxy
        if route.unix is not None:
            self.facts["address"] = f"unix:{route.unix}"
        else:
            self.facts["address"], self.facts["port"] = sock.getpeername()[:2]
        if proxy is None or proxy.socks or not (route.tunnel or proxy.scheme == "https"):
            return sock
        with self.phases.phase("tunnelling", "tunnelled", "proxy", "connect", proxy=proxy.shown):
            return self._tunnel(sock, proxy, bounds)

    def _tunnel(self, sock: PlainSocket, proxy: Proxy, bounds: Limits) -> PlainSocket:
        if proxy.scheme == "https":
            from runner.wire.tls import secure

            settings = self.route.tls or self.session.settings.tls
            context = self.session.context(settings, for_proxy=True)
            outer = self._keep(secure(sock, context, proxy.host, bounds, self.hold))
            assert isinstance(outer, PlainSocket)
            sock = outer
            sock.limits = bounds
        if self.route.tunnel:
            from runner.wire.tunnel import open_tunnel

            open_tunnel(sock, proxy, show_address(*self.route.dialled))
        return sock

    def _keep(self, sock: S) -> S:
        self._made.append(sock)
        return sock

    def _rest(self, seconds: float, limits: Limits) -> None:
        """Wait between two tries, no longer than the limits allow."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.hold(_nothing)
            allowed = limits.left()
            time.sleep(min(left, _SLICE, _SLICE if allowed is None else allowed))
        limits.left()


def _nothing() -> None:
    """What ends a short sleep: nothing need."""


def _passing(error: BaseException) -> bool:
    """Whether another try may fare better: refused, unreachable or silent."""
    return isinstance(error, ConnectionRefusedError | Silence | TimeoutError) or unreachable(error)
