"""Credentials as requests knows them: basic, digest, bearer, and the schemes that are extras."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from runner import extras
from runner.kinds import Fault, StepFault
from runner.query.values import as_text

PROOF: Final = "the user or the password"
SCHEMES: Final = ("basic", "digest", "bearer", "oauth2", "aws-sigv4", "ntlm")

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
    if len(spec) != 1:
        raise _fault("`auth` names one scheme, like `basic: [user, password]`")
    scheme, value = next(iter(spec.items()))
    if scheme not in SCHEMES:
        raise _fault(f"`auth` can be {', '.join(SCHEMES)}; found `{scheme}`")
    lacks = extras.missing(scheme)
    if lacks is not None:
        raise _fault(lacks)
    if scheme == "bearer":
        return BearerAuth(_text(value, "bearer"))
    if scheme == "oauth2":
        from runner.wire.auth.oauth2 import OAuth2Auth

        given = _texts(value, scheme, ("token-url", "client-id", "client-secret"), ("scope",))
        return OAuth2Auth(
            given["token-url"], given["client-id"], given["client-secret"], given["scope"], secret
        )
    if scheme == "aws-sigv4":
        from runner.wire.auth.sigv4 import SigV4Auth

        names = ("region", "service", "access-key", "secret-key")
        given = _texts(value, scheme, names, ("session-token",))
        region, service, access_key, secret_key = (given[name] for name in names)
        return SigV4Auth(region, service, access_key, secret_key, given["session-token"], secret)
    user, password = _pair(value, scheme)
    if scheme == "ntlm":
        from runner.wire.auth.ntlm import NtlmAuth

        return NtlmAuth(user, password, secret)
    if scheme == "digest":
        return HTTPDigestAuth(user, password)
    if ":" in user:
        raise _fault("`auth.basic`: the user's name holds a colon, which would end it")
    return HTTPBasicAuth(user.encode(), password.encode())


def _pair(value: object, scheme: str) -> tuple[str, str]:
    if isinstance(value, str | Mapping) or not isinstance(value, Sequence) or len(value) != 2:
        raise _fault(f"`auth.{scheme}` is a list of user and password")
    user, password = (_text(item, scheme) for item in value)
    return user, password


def _texts(
    value: object, scheme: str, required: tuple[str, ...], optional: tuple[str, ...]
) -> dict[str, str]:
    """The texts of a mapping; an optional one that is missing or null is empty."""
    wanted = f"`auth.{scheme}` is a mapping of {', '.join((*required, *optional))}"
    if not isinstance(value, Mapping) or not value.keys() <= {*required, *optional}:
        raise _fault(wanted)
    made = dict.fromkeys(optional, "")
    for name, item in value.items():
        if item is None and name in optional:
            continue
        items = item if isinstance(item, list) and name == "scope" else [item]
        made[name] = " ".join(_text(each, f"{scheme}.{name}") for each in items)
    for name in required:
        if not made.get(name):
            raise _fault(f"`auth.{scheme}.{name}` is missing or empty: {wanted}")
    return made


def _text(value: object, scheme: str) -> str:
    try:
        return as_text(value)
    except ValueError as error:
        raise _fault(f"`auth.{scheme}`: {error}") from error


def _fault(message: str) -> StepFault:
    return StepFault(Fault("invalid-scenario", "open", message))
