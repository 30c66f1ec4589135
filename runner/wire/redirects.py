"""Where a redirect leads and what goes along, by the rules of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urljoin, urlsplit

from requests import PreparedRequest

from runner.kinds import Fault, StepFault
from runner.wire.payload import Payload
from runner.wire.request import Draft
from runner.wire.response import dress_head
from runner.wire.target import hide_secrets

if TYPE_CHECKING:
    from runner.wire.exchange import Exchange
    from runner.wire.session import Session

_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_PORTS: Final = {"http": 80, "https": 443}
_CREDENTIALS: Final = frozenset(("authorization", "proxy-authorization", "cookie"))
_BODY_LINES: Final = frozenset(("content-encoding", "expect"))


def location(exchange: Exchange) -> str | None:
    """The absolute URL that the answer's Location names, whatever its status; None without one.

    One that cannot be read as a URL comes as it was sent.
    """
    given = exchange.header("Location")
    if given is None:
        return None
    try:
        return urljoin(exchange.url, given)
    except ValueError:
        return given


def next_draft(session: Session, exchange: Exchange) -> tuple[Draft, Payload | None] | None:
    """The request a redirect asks for, and its body; None when the answer is no redirect.

    Method, body and headers change as requests changes them: 303, and 302, become GET except for
    HEAD, so does a POST at 301, and all but 307 and 308 drop the body. Cookies are chosen anew. To
    another origin (scheme, host or port) no credentials go along: no ``auth``, no Authorization,
    Cookie or Api-Key line set by hand, and no Host set by hand. The body need not have been read.

    Raises StepFault in the phase ``send``: ``insecure-redirect`` from https to http,
    ``unsupported-scheme``, ``invalid-url``.
    """
    if exchange.status not in _REDIRECTS or exchange.header("Location") is None:
        return None
    following = _follow(session, exchange)
    if following is None or following.url is None:
        return None
    prepared = exchange.prepared
    draft = prepared.draft
    old, new = urlsplit(prepared.url), _check(following.url)
    if old.scheme == "https" and new.scheme == "http":
        message = f"the redirect leads from https to http: {hide_secrets(following.url)}"
        raise _fault("insecure-redirect", message)
    same = _origin(old) == _origin(new)
    keeps_body = exchange.status in (307, 308)
    kept = {name.lower() for name in following.headers}
    before = {name.lower() for name in prepared.request.headers}
    dropped = (before - kept) | {"cookie"}
    if not keeps_body and prepared.payload is not None:
        dropped |= _BODY_LINES
    if not same:
        dropped |= {name for name in before if _is_credential(name)} | {"host"}
    own = {name.lower() for name, _ in session.settings.headers}
    url = following.url if same else hide_secrets(following.url)
    if new.username is not None and new.username != old.username:
        url = hide_secrets(url)  # only the caller gives credentials, never a Location
    following_draft = Draft(
        following.method or draft.method,
        url,
        tuple(line for line in draft.headers if line[0].lower() not in dropped),
        draft.auth if same else None,
        path_as_is=True,
        http=draft.http,
        without=draft.without | (dropped & own) - {"host"},
    )
    return following_draft, prepared.payload if keeps_body else None


def _follow(session: Session, exchange: Exchange) -> PreparedRequest | None:
    request = exchange.prepared.request
    response = dress_head(exchange.head, request)
    given = exchange.header("Location") or ""
    if _is_without_host(given):
        raise _fault("invalid-url", f"the redirect's Location has no host: {given!r}")
    try:
        found = next(
            iter(session.http.resolve_redirects(response, request, yield_requests=True)), None
        )
    except (ValueError, OSError) as error:
        message = f"the redirect's Location cannot be read as a URL: {given!r}"
        raise _fault("invalid-url", message, (str(error),)) from error
    following: PreparedRequest | None = found
    return following


def _is_without_host(given: str) -> bool:
    try:
        parts = urlsplit(given)
    except ValueError:
        return False
    marked = given.startswith("//") or parts.scheme in _PORTS
    return marked and not parts.netloc


def _check(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        message = f"the redirect's Location cannot be read as a URL: {url!r}"
        raise _fault("invalid-url", message, (str(error),)) from error
    if parts.scheme not in _PORTS:
        message = f"the redirect leads to the scheme {parts.scheme!r}: only http and https work"
        raise _fault("unsupported-scheme", message)
    if not parts.hostname or port == 0:
        raise _fault("invalid-url", f"the redirect's Location has no host: {hide_secrets(url)!r}")
    return parts


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def _is_credential(name: str) -> bool:
    return name in _CREDENTIALS or name.endswith("api-key")


def _fault(kind: str, message: str, causes: tuple[str, ...] = ()) -> StepFault:
    return StepFault(Fault(kind, "send", message, causes=causes))
