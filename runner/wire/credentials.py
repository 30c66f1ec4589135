"""An ``auth`` mapping as the texts it is made of: which scheme, and what it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from runner.kinds import Fault, StepFault
from runner.query.values import as_text

SCHEMES: Final = ("basic", "digest", "bearer", "oauth2", "aws-sigv4", "ntlm")
_NEEDS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "oauth2": (("token-url", "client-id", "client-secret"), ("scope",)),
    "aws-sigv4": (("region", "service", "access-key", "secret-key"), ("session-token",)),
}


def read_credentials(spec: Mapping[str, object]) -> tuple[str, dict[str, str]]:
    """The scheme of an ``auth`` mapping, and its texts by their names.

    Those of basic, digest and ntlm are ``user`` and ``password``, that of bearer is ``token``; an
    optional one that is missing or null is empty. Raises StepFault ``invalid-scenario``.
    """
    if len(spec) != 1:
        raise _fault("`auth` names one scheme, like `basic: [user, password]`")
    scheme, value = next(iter(spec.items()))
    if scheme not in SCHEMES:
        raise _fault(f"`auth` can be {', '.join(SCHEMES)}; found `{scheme}`")
    if scheme == "bearer":
        return scheme, {"token": _text(value, scheme)}
    if scheme in _NEEDS:
        return scheme, _texts(value, scheme, *_NEEDS[scheme])
    if isinstance(value, str | Mapping) or not isinstance(value, Sequence) or len(value) != 2:
        raise _fault(f"`auth.{scheme}` is a list of user and password")
    user, password = (_text(item, scheme) for item in value)
    if scheme == "basic" and ":" in user:
        raise _fault("`auth.basic`: the user's name holds a colon, which would end it")
    return scheme, {"user": user, "password": password}


def _texts(
    value: object, scheme: str, required: tuple[str, ...], optional: tuple[str, ...]
) -> dict[str, str]:
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
