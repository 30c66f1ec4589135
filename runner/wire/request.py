"""A request before it is sent: the draft that steps build, and the exact lines made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth
from requests.structures import CaseInsensitiveDict
from requests.utils import get_auth_from_url

from runner.kinds import Fault, StepFault
from runner.wire.coding import available
from runner.wire.lines import Line, check_lines, check_method, merge_lines
from runner.wire.response import cookie_header
from runner.wire.target import Place, place_of

if TYPE_CHECKING:
    from runner.wire.payload import Payload
    from runner.wire.route import Route
    from runner.wire.session import Session

_HERE: Final = "the URL's own host"
_NO_LENGTH: Final = frozenset(("GET", "HEAD", "DELETE", "TRACE", "OPTIONS", "CONNECT"))


class Draft(NamedTuple):
    """What a request is to be.

    ``url`` is absolute, with its query. ``headers`` are the lines set by hand, in order; they stand
    in place of defaults, session headers and body headers of the same name. ``auth`` is final: None
    means none, but for a user and password in the URL. ``path_as_is``: the target goes out as it is
    written. ``http`` is ``1.1`` or ``1.0``. ``without``: lower-case names of lines that would be
    added by themselves and are not to be.
    """

    method: str
    url: str
    headers: tuple[Line, ...] = ()
    auth: AuthBase | None = None
    path_as_is: bool = False
    http: str = "1.1"
    without: frozenset[str] = frozenset()


class Prepared:
    """A request as it goes out.

    ``lines`` are its header lines in order, duplicates kept; ``target`` is what the request line
    says; ``head`` is request line, lines and blank line in one. ``chunked``: the payload is sent in
    chunks. ``closing``: the connection ends after the answer. ``url`` has no fragment cut off.
    """

    __slots__ = (
        "_request", "_session", "chunked", "closing", "draft", "forward", "head", "lines",
        "method", "payload", "target", "url",
    )  # fmt: skip

    def __init__(
        self,
        session: Session,
        draft: Draft,
        place: Place,
        forward: bool,
        lines: list[Line],
        payload: Payload | None,
    ) -> None:
        self._session = session
        self._request: PreparedRequest | None = None
        self.draft = draft
        self.method = draft.method
        self.url = place.url
        self.target = place.absolute if forward else place.target
        self.forward = forward
        self.lines = lines
        self.payload = payload
        self.chunked = False
        self.closing = False
        self.head = b""

    @property
    def request(self) -> PreparedRequest:
        """The same as requests knows it, made when first asked for; equal names are joined."""
        if self._request is None:
            made = PreparedRequest()
            made.method = self.method
            made.url = self.url
            made.headers = CaseInsensitiveDict()
            for name, value in self.lines:
                before = made.headers.get(name)
                made.headers[name] = value if before is None else f"{before}, {value}"
            made.body = _body(self.payload)
            made.prepare_cookies({})  # hooks and redirects copy the jar, so there has to be one
            self._request = made
        return self._request

    @property
    def hooks(self) -> dict[str, Any]:
        """The response hooks an auth class has set; empty where there is none."""
        return {} if self._request is None else self._request.hooks

    def again(self, request: PreparedRequest) -> Prepared:
        """The request that a hook made of ``self.request``: with its changes and nothing else."""
        place = place_of(self._session, request.url or self.url, as_is=True)
        lines = merge_lines(self.lines, self.request.headers, request.headers)
        made = Prepared(self._session, self.draft, place, self.forward, lines, self.payload)
        made.method = request.method or self.method
        made.chunked = self.chunked
        _take_body(made, request, self.request.body)
        made._request = request
        return _finish(made)


def prepare(
    session: Session, draft: Draft, route: Route, payload: Payload | None = None
) -> Prepared:
    """The request that ``draft`` describes, along ``route``, with ``payload`` as its body.

    Adds what the draft does not set by hand: Host, User-Agent, Accept, Accept-Encoding, the
    session's headers, the body's headers, cookies, credentials (a Cookie or Authorization line set
    by hand wins over the jar and over ``auth``). Raises StepFault ``invalid-url``,
    ``unsupported-scheme``, ``invalid-method``, ``invalid-header``, and ``wrong-state`` for a body
    of unknown length in HTTP/1.0.
    """
    place = place_of(session, draft.url, as_is=draft.path_as_is)
    check_method(draft.method)
    by_hand = check_lines(draft.headers)
    without = draft.without | by_hand if draft.without else by_hand
    lines: list[Line] = []
    for low, line in _defaults(session):
        if low not in without:
            lines.append(line if line[1] is not _HERE else ("Host", place.host))
    lines += draft.headers
    forward = route.forward
    if forward and route.proxy is not None and "proxy-authorization" not in without:
        secret = route.proxy.authorization
        if secret is not None:
            lines.append(("Proxy-Authorization", secret))
    made = Prepared(session, draft, place, forward, lines, payload)
    _add_body_lines(made, without | {name.lower() for name, _ in session.settings.headers})
    if "cookie" not in by_hand and len(session.http.cookies):
        cookie = cookie_header(session.http.cookies, made.request)
        if cookie is not None:
            check_lines((("Cookie", cookie),))
            lines.append(("Cookie", cookie))
            made.request.headers["Cookie"] = cookie
    if "authorization" not in by_hand:
        auth = draft.auth
        if auth is None and "@" in place.url:
            user, password = get_auth_from_url(place.url)
            auth = HTTPBasicAuth(user.encode(), password.encode()) if user or password else None
        if auth is not None:
            _sign(made, auth)
    return _finish(made)


def default_lines(session: Session) -> tuple[Line, ...]:
    """The lines every request of the session gets by itself, but for Host; sendable ones only."""
    return tuple(line for _, line in _defaults(session) if line[1] is not _HERE)


def _defaults(session: Session) -> tuple[tuple[str, Line], ...]:
    known: tuple[tuple[str, Line], ...] | None = session.memo.get("default-lines")
    if known is None:
        settings = session.settings
        by_hand = check_lines(settings.headers)
        own = (
            ("Host", _HERE),
            ("User-Agent", settings.user_agent),
            ("Accept", "*/*"),
            ("Accept-Encoding", ", ".join(available())),
        )
        check_lines(own)
        lines = [line for line in own if line[0].lower() not in by_hand]
        known = tuple((line[0].lower(), line) for line in (*lines, *settings.headers))
        session.memo["default-lines"] = known
    return known


def _add_body_lines(made: Prepared, without: frozenset[str]) -> None:
    payload, lines = made.payload, made.lines
    if payload is None:
        if made.method not in _NO_LENGTH and not without & {"content-length", "transfer-encoding"}:
            lines.append(("Content-Length", "0"))
        return
    if payload.content_type is not None and "content-type" not in without:
        check_lines((("Content-Type", payload.content_type),))
        lines.append(("Content-Type", payload.content_type))
    if payload.encoding is not None and "content-encoding" not in without:
        lines.append(("Content-Encoding", payload.encoding))
    if payload.expect and "expect" not in without:
        lines.append(("Expect", "100-continue"))
    codings = [value.lower() for name, value in lines if name.lower() == "transfer-encoding"]
    if codings:
        made.chunked = codings[-1].endswith("chunked")
    elif "content-length" in without:
        return
    elif payload.length is not None:
        lines.append(("Content-Length", str(payload.length)))
    elif made.draft.http == "1.0":
        raise _fault(
            "wrong-state",
            "HTTP/1.0 has no chunked bodies: use `http: 1.1`, or a body whose length is known",
        )
    else:
        made.chunked = True
        lines.append(("Transfer-Encoding", "chunked"))


def _sign(made: Prepared, auth: AuthBase) -> None:
    request = made.request
    before, url, body = request.headers.copy(), request.url, request.body
    signed = auth(request)
    made.lines = merge_lines(made.lines, before, signed.headers)
    made._request = signed
    if signed.url != url and signed.url is not None:
        place = place_of(made._session, signed.url, as_is=True)
        made.url = place.url
        made.target = place.absolute if made.forward else place.target
    _take_body(made, signed, body)


def _take_body(made: Prepared, request: PreparedRequest, before: object) -> None:
    body = request.body
    if body is before or not isinstance(body, bytes | str):
        return
    data = body.encode() if isinstance(body, str) else body
    from runner.wire.payload import Payload

    made.payload = Payload((data,), length=len(data))
    made.chunked = False
    kept = [
        line
        for line in made.lines
        if line[0].lower() not in ("content-length", "transfer-encoding")
    ]
    made.lines = [*kept, ("Content-Length", str(len(data)))]


def _body(payload: Payload | None) -> Any:
    if payload is None:
        return None
    data = payload.data
    return payload if data is None else data


def _finish(made: Prepared) -> Prepared:
    closing = made.draft.http == "1.0"
    rows = [f"{made.method} {made.target} HTTP/{made.draft.http}\r\n"]
    for name, value in made.lines:
        rows.append(f"{name}: {value}\r\n")
        if len(name) == 10 and name.lower() == "connection":
            options = [option.strip() for option in value.lower().split(",")]
            closing = "close" in options or (closing and "keep-alive" not in options)
    rows.append("\r\n")
    made.closing = closing
    try:
        made.head = "".join(rows).encode()
    except UnicodeEncodeError:
        raise _fault(
            "invalid-header", "the request's head holds half of a surrogate pair, which UTF-8 lacks"
        ) from None
    return made


def _fault(kind: str, message: str) -> StepFault:
    return StepFault(Fault(kind, "open", message))
