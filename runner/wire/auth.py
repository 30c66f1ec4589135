"""Credentials as requests knows them: basic, digest, bearer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from runner.kinds import Fault, StepFault
from runner.query.values import as_text

SCHEMES: Final = ("basic", "digest", "bearer")


class BearerAuth(AuthBase):
    """A bearer token (RFC 6750)."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self.token}"
        return r

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BearerAuth) and other.token == self.token

    def __hash__(self) -> int:
        return hash(self.token)


def make_auth(spec: Mapping[str, object]) -> AuthBase:
    """The credentials of one ``auth`` mapping: ``{basic: [user, password]}`` and the like.

    Keep the result: a digest counts how often it used the server's nonce. User and password are
    sent in UTF-8 (RFC 7617, section 2.1). Raises StepFault ``invalid-scenario``.
    """
    if len(spec) != 1:
        raise _fault("`auth` names one scheme, like `basic: [user, password]`")
    scheme, value = next(iter(spec.items()))
    if scheme == "bearer":
        return BearerAuth(_text(value, "bearer"))
    if scheme not in SCHEMES:
        raise _fault(f"`auth` can be {', '.join(SCHEMES)}; found `{scheme}`")
    if isinstance(value, str | Mapping) or not isinstance(value, Sequence) or len(value) != 2:
        raise _fault(f"`auth.{scheme}` is a list of user and password")
    user, password = (_text(item, scheme) for item in value)
    if scheme == "digest":
        return HTTPDigestAuth(user, password)
    if ":" in user:
        raise _fault("`auth.basic`: the user's name holds a colon, which would end it")
    return HTTPBasicAuth(user.encode(), password.encode())


def _text(value: object, scheme: str) -> str:
    try:
        return as_text(value)
    except ValueError as error:
        raise _fault(f"`auth.{scheme}`: {error}") from error


def _fault(message: str) -> StepFault:
    return StepFault(Fault("invalid-scenario", "open", message))
