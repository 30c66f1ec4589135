"""An exchange in the shape that requests knows, for its hooks, cookies and redirect rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from requests import PreparedRequest, Response
from requests.cookies import extract_cookies_to_jar, get_cookie_header
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from runner.wire.head import Head

if TYPE_CHECKING:
    from http.cookiejar import CookieJar

    from runner.wire.exchange import Exchange


class _Message:
    """What a cookie jar asks of a response: its ``Set-Cookie`` lines, as it can read them."""

    def __init__(self, cookies: Sequence[str]) -> None:
        self._cookies = cookies

    def get_all(self, name: str, default: Any = None) -> Any:
        if name.lower() != "set-cookie" or not self._cookies:
            return default
        from runner.wire.cookies import line_for_jar

        return [line_for_jar(line) for line in self._cookies]


class Raw:
    """Stands where a Response has urllib3's: reads from an exchange's body, keeps what it read."""

    def __init__(self, exchange: Exchange, *, closing: bool = False) -> None:
        self.exchange = exchange
        self.taken = bytearray()
        self.status = exchange.status
        self.version = 10 if exchange.version == "HTTP/1.0" else 11
        self.reason = exchange.reason
        self._original_response = self  # requests looks for the cookies of a response here
        self.msg = _Message(exchange.head.all("Set-Cookie"))
        self._closing = closing

    def read(self, amt: int | None = None, decode_content: bool = True) -> bytes:  # noqa: ARG002
        """``amt`` decoded bytes, or all."""
        body = self.exchange.body
        data = body.rest() if amt is None else body.read(amt)
        self.taken += data
        return data

    def stream(self, amt: int = 65536, decode_content: bool = True) -> Iterator[bytes]:
        """All that is left, in pieces of ``amt`` bytes."""
        while data := self.read(amt, decode_content):
            yield data

    def isclosed(self) -> bool:
        """As an ``http.client`` response has it."""
        return self.exchange.finished

    def close(self) -> None:
        """Ends the exchange where nobody else does."""
        if self._closing:
            self.exchange.close()

    def release_conn(self) -> None:
        """There is no pool to give the connection back to."""


class _HeadOnly:
    def __init__(self, cookies: Sequence[str]) -> None:
        self._original_response = self
        self.msg = _Message(cookies)

    def read(self, *_: Any, **__: Any) -> bytes:
        return b""

    def close(self) -> None:
        return None


def dress(exchange: Exchange, connection: Any, *, closing: bool = False) -> Response:
    """The exchange as a Response; its content is read from the exchange's body when asked for.

    ``connection`` is the adapter that hooks send their next request with; ``closing``: closing the
    Response ends the exchange.
    """
    made = dress_head(exchange.head, exchange.prepared.request)
    made.raw = Raw(exchange, closing=closing)
    made.connection = connection
    return made


def dress_head(head: Head, request: PreparedRequest) -> Response:
    """A Response without a body."""
    made = Response()
    made.status_code = head.status
    made.reason = head.reason
    made.headers = CaseInsensitiveDict()
    for name, value in head.lines:
        # requests takes header values for latin-1 and turns a Location into UTF-8 itself.
        text = value if value.isascii() else value.encode().decode("latin-1")
        before = made.headers.get(name)
        made.headers[name] = text if before is None else f"{before}, {text}"
    raw: Any = _HeadOnly(head.all("Set-Cookie"))
    made.raw = raw
    made.url = request.url or ""
    made.request = request
    made.encoding = get_encoding_from_headers(made.headers)
    keep_cookies(made.cookies, request, head)
    return made


def keep_cookies(jar: CookieJar, request: PreparedRequest, head: Head) -> None:
    """Put the cookies that ``head`` sets into ``jar``, as far as its policy takes them."""
    for line in head.all("Set-Cookie"):
        # One by one: of many the jar first drops those that are past, then takes the others.
        extract_cookies_to_jar(jar, request, _HeadOnly([line]))  # type: ignore[no-untyped-call]


def cookie_header(jar: CookieJar, request: PreparedRequest) -> str | None:
    """The ``Cookie`` line's value that ``jar`` has for ``request``, None for none."""
    found: str | None = get_cookie_header(jar, request)  # type: ignore[no-untyped-call]
    return found
