"""NTLM over HTTP (MS-NTHT): three messages on one connection, made by pyspnego."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any, Final

import spnego
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from requests import PreparedRequest, Response
from requests.auth import AuthBase
from spnego.channel_bindings import GssChannelBindings

from runner.kinds import Fault, StepFault

_SCHEMES: Final = ("NTLM", "Negotiate")
_WEAK: Final = ("md5", "sha1")


class NtlmAuth(AuthBase):
    """User (``DOMAIN\\user``) and password, proved when the server asks.

    A connection stays authenticated, so one handshake serves all requests on it. Over TLS the
    server's certificate is bound in (RFC 5929, tls-server-end-point). The message names this
    machine, as NTLM has it; the variable NETBIOS_COMPUTER_NAME names another.
    """

    def __init__(self, user: str, password: str, secret: Callable[[str], None]) -> None:
        secret(password)
        self._user = user
        self._password = password

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        r.register_hook("response", self._answer)  # type: ignore[no-untyped-call]
        return r

    def _answer(self, response: Response, **_: object) -> Response:
        scheme = _offered(response)
        if response.status_code != 401 or scheme is None:
            return response
        raw: Any = response.raw
        connection = raw.exchange.connection
        client = spnego.client(
            self._user,
            self._password,
            protocol="ntlm",
            service="http",
            hostname=connection.route.host,
            channel_bindings=_binding(connection.sock),
            options=spnego.NegotiateOptions.use_ntlm,
        )
        asked = _next_round(response, scheme, client.step())
        challenge = _token(asked, scheme)
        if asked.status_code != 401 or challenge is None:
            return asked
        return _next_round(asked, scheme, _proof(client, challenge))


def _offered(response: Response) -> str | None:
    """The scheme of the two under which the server takes NTLM, the plain one first."""
    schemes = {name.lower() for name, _ in _challenges(response)}
    return next((name for name in _SCHEMES if name.lower() in schemes), None)


def _proof(client: spnego.ContextProxy, challenge: str) -> bytes | None:
    try:
        return client.step(base64.b64decode(challenge, validate=True))
    except Exception as error:
        # The library lets through whatever its parsing stumbles over: struct, index, Unicode.
        raise StepFault(
            Fault(
                "authentication-failed",
                "send",
                "the server's NTLM challenge cannot be read",
                causes=(f"{type(error).__name__}: {error}",),
            )
        ) from error


def _token(response: Response, scheme: str) -> str | None:
    tokens = (token for name, token in _challenges(response) if name.lower() == scheme.lower())
    return next(filter(None, tokens), None)


def _challenges(response: Response) -> list[tuple[str, str]]:
    """Scheme and what follows it, for each part of the WWW-Authenticate lines."""
    parts = response.headers.get("WWW-Authenticate", "").split(",")
    found = [part.strip().partition(" ") for part in parts]
    return [(name, rest.strip()) for name, _, rest in found]


def _next_round(response: Response, scheme: str, message: bytes | None) -> Response:
    request = response.request.copy()
    token = base64.b64encode(message or b"").decode()
    request.headers["Authorization"] = f"{scheme} {token}"
    rounds: Any = response
    made: Response = rounds.connection.send(request)
    return made


def _binding(sock: object) -> GssChannelBindings | None:
    """The channel binding of a TLS connection (RFC 5929, section 4.1), None without TLS."""
    peer: Any = getattr(sock, "getpeercert", None)
    certificate: bytes | None = peer(True) if peer is not None else None
    if certificate is None:
        return None
    try:
        algorithm = x509.load_der_x509_certificate(certificate).signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return None
    name = "sha256" if algorithm is None or algorithm.name in _WEAK else algorithm.name
    digest = hashlib.new(name, certificate).digest()
    return GssChannelBindings(application_data=b"tls-server-end-point:" + digest)
