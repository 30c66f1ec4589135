"""What the wire rooms raise when the other side breaks a rule. Each carries one sentence.

None of them is an OSError: nothing that treats those may take one for its own.
"""

# Each is named for what happened.
# ruff: noqa: N818

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

NO_DESCRIPTORS: Final = "this process has no file descriptors left"
MORE_DESCRIPTORS: Final = "raise the limit (ulimit -n), close connections, or run fewer jobs"


class WireError(Exception):
    """The base of all below; its text is the sentence a user sees."""


class Truncated(WireError):
    """The body ended before its end."""


class UncleanEnd(Truncated):
    """A TLS connection ended without close_notify (RFC 8446, 6.1).

    ``first``: whether a byte of the answer had come.
    """

    def __init__(self, *, first: bool) -> None:
        super().__init__("the connection ended without the TLS close_notify that marks a whole end")
        self.first = first


class BadHead(WireError):
    """The status line or a header line is not HTTP/1.1."""


class BadFraming(WireError):
    """A Content-Length, a Transfer-Encoding or a chunk is wrong."""


class BadEncoding(WireError):
    """The content coding is unknown, broken, cut short, or followed by more bytes."""


class TooLarge(WireError):
    """The decoded body is larger than the limit of ``limit`` bytes."""

    def __init__(self, sentence: str, limit: int) -> None:
        super().__init__(sentence)
        self.limit = limit


class EmptyResponse(WireError):
    """The server closed without sending a byte.

    ``reused``: the socket had carried a request before, so the server closed an idle connection.
    """

    def __init__(
        self, sentence: str = "the server closed without sending a byte", *, reused: bool = False
    ) -> None:
        super().__init__(sentence)
        self.reused = reused


class ConnectionGone(WireError):
    """The connection was closed before the request was sent, and may not be made again."""


class Interrupted(WireError):
    """Another thread ended the call with ``Connection.abort``."""

    def __init__(self, sentence: str = "the run was interrupted") -> None:
        super().__init__(sentence)


class ProxyRefused(WireError):
    """The proxy would not open the way.

    ``status`` is that of its answer to CONNECT, if it had one; ``auth`` says that it asks for a
    user and a password, or for others.
    """

    def __init__(self, sentence: str, status: int | None = None, *, auth: bool = False) -> None:
        super().__init__(sentence)
        self.status = status
        self.auth = auth


class BadProxyReply(WireError):
    """The proxy's answer is no answer: empty, cut short or not HTTP."""


class HandshakeFailed(WireError):
    """The TLS handshake broke off with ``error``.

    ``past_hello``: the peer had agreed on a cipher by then; ``certificate`` is the peer's, decoded
    as by ``ssl.SSLSocket.getpeercert``, empty if it is not known.
    """

    def __init__(self, error: OSError, *, past_hello: bool, certificate: Mapping[str, Any]) -> None:
        super().__init__("the TLS handshake broke off")
        self.error = error
        self.past_hello = past_hello
        self.certificate = certificate
