"""Credentials as requests knows them: basic, digest, bearer, and the schemes that are extras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from runner import extras
from runner.kinds import Fault, StepFault
from runner.wire.credentials import read_credentials

PROOF: Final = "the user or the password"

Secret = Callable[[str], None]
"""Is told every text that must not be shown."""


class BearerAuth(AuthBase):
    """A bearer token (RFC 6750)."""

    proof = "the token"

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self.token}"
        return r

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BearerAuth) and other.token == self.token

    def __hash__(self) -> int:
        return hash(self.token)


def proof_of(auth: AuthBase) -> str:
    """What a server refuses that refuses these credentials: ``the token``."""
    return str(getattr(auth, "proof", PROOF))


def make_auth(spec: Mapping[str, object], secret: Secret = lambda _text: None) -> AuthBase:
    """The credentials of one ``auth`` mapping: ``{basic: [user, password]}`` and the like.

    Keep the result: a digest counts how often it used the server's nonce, oauth2 keeps its token.
    User and password are sent in UTF-8 (RFC 7617, section 2.1). ``secret`` is told the secrets of
    oauth2, aws-sigv4 and ntlm, and the tokens they get. Raises StepFault ``invalid-scenario``, also
    for a scheme whose extra is not installed.
    """
    for scheme in spec:
        lacks = extras.missing(scheme)
        if lacks is not None:
            raise StepFault(Fault("invalid-scenario", "open", lacks))
    scheme, given = read_credentials(spec)
    if scheme == "bearer":
        return BearerAuth(given["token"])
    if scheme == "oauth2":
        from runner.wire.auth.oauth2 import OAuth2Auth

        return OAuth2Auth(
            given["token-url"], given["client-id"], given["client-secret"], given["scope"], secret
        )
    if scheme == "aws-sigv4":
        from runner.wire.auth.sigv4 import SigV4Auth

        return SigV4Auth(
            given["region"],
            given["service"],
            given["access-key"],
            given["secret-key"],
            given["session-token"],
            secret,
        )
    user, password = given["user"], given["password"]
    if scheme == "ntlm":
        from runner.wire.auth.ntlm import NtlmAuth

        return NtlmAuth(user, password, secret)
    if scheme == "digest":
        return HTTPDigestAuth(user, password)
    return HTTPBasicAuth(user.encode(), password.encode())
