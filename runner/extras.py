"""The optional parts of httpsteps that credentials need, and whether they are installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final, NamedTuple


class Extra(NamedTuple):
    """An extra of the package, and the module whose presence shows that it is installed."""

    name: str
    module: str


AUTH: Final = {
    "oauth2": Extra("oauth2", "oauthlib"),
    "aws-sigv4": Extra("aws", "requests_aws4auth"),
    "ntlm": Extra("ntlm", "spnego"),
}


def missing(scheme: str) -> str | None:
    """The sentence for an auth scheme whose extra is not installed; None when nothing is missing.

    Nothing is imported.
    """
    extra = AUTH.get(scheme)
    if extra is None or find_spec(extra.module) is not None:
        return None
    return (
        f"`auth.{scheme}` needs the extra {extra.name}, which is not installed: "
        f"pip install 'httpsteps[{extra.name}]'"
    )
