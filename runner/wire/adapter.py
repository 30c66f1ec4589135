"""The transport of a session's ``requests.Session``: what is written for requests works on it."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from runner.wire.connection import Connection
from runner.wire.exchange import carry
from runner.wire.limits import Limits
from runner.wire.phases import Phases
from runner.wire.request import Draft, Prepared, prepare
from runner.wire.response import dress

if TYPE_CHECKING:
    from runner.wire.session import Session

_OWN_LINES = frozenset(("user-agent", "accept", "accept-encoding"))


class Adapter(BaseAdapter):
    """Carries each request on a connection of its own, with the session's proxy, TLS and limits.

    ``timeout``, ``verify``, ``cert`` and ``proxies`` of requests are passed over: the session's
    settings stand. Raises what the wire raises, not the exceptions of requests.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: object = None,  # noqa: ARG002
        verify: object = True,  # noqa: ARG002
        cert: object = None,  # noqa: ARG002
        proxies: object = None,  # noqa: ARG002
    ) -> Response:
        """The answer to ``request``; its content was read unless ``stream``."""
        settings = self.session.settings
        bound = settings.deadline_per_request
        until = None if bound is None else perf_counter() + bound
        limits = Limits(settings.read_timeout, until, bound)
        return self.carry(request, limits, Phases(), stream=stream)

    def carry(
        self, request: PreparedRequest, limits: Limits, phases: Phases, *, stream: bool = False
    ) -> Response:
        """The same within these limits; ``phases`` are told what happens on the wire."""
        session = self.session
        route = session.route(request.url or "")
        prepared = self._prepared(request)
        connection = Connection(session, route)
        try:
            connection.connect(limits, phases)
            exchange = carry(session, connection, prepared, limits, phases)
            response = dress(exchange, self, closing=True)
            if not stream:
                _ = response.content
                connection.close()
        except BaseException:
            connection.close()
            raise
        return response

    def _prepared(self, request: PreparedRequest) -> Prepared:
        lines = tuple((name, _text(value)) for name, value in request.headers.items())
        data = _bytes(request.body)
        draft = Draft(
            request.method or "GET",
            request.url or "",
            lines,
            path_as_is=True,
            without=frozenset(name.lower() for name, _ in self.session.settings.headers)
            | _OWN_LINES,
        )
        from runner.wire.payload import Payload

        payload = None if data is None else Payload((data,), length=len(data))
        return prepare(self.session, draft, self.session.route(draft.url), payload)

    def close(self) -> None:
        """Nothing is kept open between two requests."""


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _bytes(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "read"):
        data: bytes = body.read()
        return data
    assert isinstance(body, Iterable)
    return b"".join(body)
