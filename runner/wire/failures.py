"""Any exception from below as a Fault. The only place that looks into exceptions.

It decides by type, errno, verify code, OpenSSL's reason symbol and the phase; never by a message.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import zlib
from collections.abc import Iterator
from typing import Final

import requests
import urllib3.exceptions

from runner.kinds import Fault, StepFault
from runner.units import show_bytes
from runner.wire import errors, os_failures, tls_failures
from runner.wire.limits import DeadlineExceeded, Silence
from runner.wire.phases import Phases
from runner.wire.route import Route
from runner.wire.situation import Said, Situation, seconds

_OWN: Final[dict[type[BaseException], str]] = {
    errors.BadHead: "invalid-response",
    errors.BadFraming: "invalid-response",
    errors.BadEncoding: "bad-encoding",
    errors.TooLarge: "body-too-large",
    errors.ConnectionGone: "connection-closed",
    errors.Interrupted: "interrupted",
}
_REQUESTS: Final[dict[type[BaseException], str]] = {
    requests.exceptions.InvalidHeader: "invalid-header",
    requests.exceptions.MissingSchema: "invalid-url",
    requests.exceptions.InvalidSchema: "unsupported-scheme",
    requests.exceptions.InvalidURL: "invalid-url",
    requests.exceptions.TooManyRedirects: "too-many-redirects",
    requests.exceptions.ContentDecodingError: "bad-encoding",
    urllib3.exceptions.LocationValueError: "invalid-url",
}
_USERINFO: Final = re.compile(r"//[^/\s@]+@")
_MOST_CAUSES: Final = 8


def explain(exc: BaseException, phases: Phases, route: Route | None) -> Fault:
    """The fault an exception amounts to; ``phases`` say what was being done, ``route`` where.

    A StepFault brings its own. What is not known is ``internal-error``.
    """
    if isinstance(exc, StepFault):
        return exc.fault
    kind, message, hint = _say(exc, Situation(phases, route))
    return Fault(kind, phases.where, _clean(message), hint, _causes(exc))


def _say(exc: BaseException, now: Situation) -> Said:
    if isinstance(exc, KeyboardInterrupt | errors.Interrupted):
        doing = now.activity() if now.doing else "running"
        return Said("interrupted", f"interrupted while {doing}")
    if isinstance(exc, DeadlineExceeded):
        bound = "the deadline" if exc.seconds is None else f"deadline of {seconds(exc.seconds)}"
        return Said("deadline-exceeded", f"{bound} passed while {_progress(exc, now)}")
    if isinstance(exc, Silence):
        return _silence(exc, now)
    if isinstance(exc, errors.WireError):
        return _own(exc, now)
    for known, kind in _REQUESTS.items():
        if isinstance(exc, known):
            return Said(kind, _sentence(exc))
    if isinstance(exc, requests.RequestException | urllib3.exceptions.HTTPError):
        inner = next((error for error in _below(exc) if not _is_library(error)), None)
        return _internal(exc) if inner is None else _say(inner, now)
    if isinstance(exc, ssl.SSLError):
        if now.proxied:
            return Said("proxy-failed", f"the TLS handshake with {now.target} failed")
        return tls_failures.say(exc, now)
    if isinstance(exc, socket.gaierror):
        return os_failures.say_unresolved(exc, now)
    if isinstance(exc, http.client.RemoteDisconnected):
        return _own(errors.EmptyResponse(), now)
    if isinstance(exc, http.client.HTTPException):
        return Said("invalid-response", f"{now.target} sent no HTTP response")
    if isinstance(exc, zlib.error):
        return Said("bad-encoding", "the body's content coding is broken")
    if isinstance(exc, OSError):
        return os_failures.say(exc, now) or _internal(exc)
    return _internal(exc)


def _own(exc: errors.WireError, now: Situation) -> Said:
    sentence = str(exc)
    if isinstance(exc, errors.HandshakeFailed):
        if now.proxied:
            inner = tls_failures.say_handshake(exc, now)
            return Said("proxy-failed", f"TLS to the proxy failed: {inner.message}", inner.hint)
        return tls_failures.say_handshake(exc, now)
    if isinstance(exc, errors.ProxyRefused):
        if exc.auth or exc.status == 407:
            return Said(
                "proxy-auth-required",
                f"the proxy {now.proxy} would not open the way: {sentence}",
                "write user and password into the proxy's URL: http://user:password@host:port",
            )
        return Said(
            "proxy-failed",
            f"the proxy {now.proxy} would not open the way to {now.origin}: {sentence}",
            "can the proxy reach that host, and may it?",
        )
    if isinstance(exc, errors.BadProxyReply):
        return Said(
            "proxy-failed", f"the proxy {now.proxy} failed: {sentence}", "is it a proxy at all?"
        )
    if isinstance(exc, errors.UncleanEnd) and now.doing in ("sending", "waiting"):
        if exc.first:
            return Said("invalid-response", f"{now.target} closed within the head of its response")
        return _own(errors.EmptyResponse(), now)
    if isinstance(exc, errors.Truncated):
        return Said("truncated-body", sentence)
    if isinstance(exc, errors.EmptyResponse):
        hint = (
            "the server closed the idle connection: connect anew, or ask sooner"
            if exc.reused
            else "did the service crash or restart? its log should say"
        )
        return Said("empty-response", f"{now.target} closed without sending a byte", hint)
    kind = _OWN.get(type(exc))
    return _internal(exc) if kind is None else Said(kind, sentence)


def _silence(exc: Silence, now: Situation) -> Said:
    span = "too long" if exc.seconds is None else seconds(exc.seconds)
    within = "in time" if exc.seconds is None else f"within {span}"
    match now.doing:
        case "resolving":
            return Said(
                "connect-timeout",
                f"the name {now.name} was not resolved {within}",
                "does the name server answer?",
            )
        case "connecting":
            return Said(
                "connect-timeout",
                f"no answer from {now.target} {within}",
                "is the address right, and does a firewall drop the packets?",
            )
        case "tunnelling":
            return Said("connect-timeout", f"{now.target} did not open the tunnel {within}")
        case "securing":
            return Said(
                "connect-timeout",
                f"{now.target} did not finish the TLS handshake {within}",
                "does the port speak TLS, and is the service not hanging?",
            )
        case "sending":
            return Said("read-timeout", f"{now.target} took no bytes for {span}")
        case "reading" | "draining":
            got = f", after {show_bytes(exc.received)}" if exc.received else ""
            return Said(
                "read-timeout",
                f"{now.target} was silent for {span} while reading the body{got}",
                "the answer began and did not go on: the service's log should say why",
            )
        case _:
            got = f" after {show_bytes(exc.received)}" if exc.received else ""
            hint = None if got else "the service has the request: its log should say what it does"
            return Said("read-timeout", f"{now.target} was silent for {span}{got}", hint)


def _progress(exc: DeadlineExceeded, now: Situation) -> str:
    if now.doing == "waiting" and exc.first:
        return f"reading the head of the response from {now.target}"
    if now.doing == "reading" and exc.received:
        return f"{now.activity()}, after {show_bytes(exc.received)}"
    return now.activity()


def _internal(exc: BaseException) -> Said:
    text = f"{type(exc).__name__}: {_sentence(exc)}".removesuffix(": ")
    return Said("internal-error", text, "this is a bug of httpsteps: please report it")


def _sentence(exc: BaseException) -> str:
    return " ".join(str(exc).split())


def _is_library(exc: BaseException) -> bool:
    return isinstance(exc, requests.RequestException | urllib3.exceptions.HTTPError)


def _below(exc: BaseException) -> Iterator[BaseException]:
    """The exceptions below one, outermost first: causes, contexts, and those kept as arguments."""
    seen = {id(exc)}
    waiting = [exc]
    while waiting:
        current = waiting.pop(0)
        nearer = [current.__cause__]
        if not current.__suppress_context__:
            nearer.append(current.__context__)
        nearer += [getattr(current, "reason", None), getattr(current, "error", None), *current.args]
        for error in nearer:
            if isinstance(error, BaseException) and id(error) not in seen:
                seen.add(id(error))
                waiting.append(error)
                yield error


def _causes(exc: BaseException) -> tuple[str, ...]:
    chain = [exc, *_below(exc)]
    told = [
        f"{type(error).__name__}: {_clean(_sentence(error))}"
        for error in chain
        if not isinstance(error, errors.WireError | DeadlineExceeded | Silence)
    ]
    return tuple(dict.fromkeys(told))[:_MOST_CAUSES]


def _clean(text: str) -> str:
    """The text without user and password of any URL in it."""
    return _USERINFO.sub("//", text)
