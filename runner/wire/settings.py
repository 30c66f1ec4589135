"""What a session step settles for every connection and request of the session."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from requests.auth import AuthBase

from runner import __version__

USER_AGENT: Final = f"httpsteps/{__version__}"


class TlsSettings(NamedTuple):
    """How to secure a connection.

    ``ca``, ``client_cert`` and ``client_key`` are absolute paths of PEM files (``ca`` may be a
    folder); a client key may stand in the certificate's file. Versions are of
    ``tls_versions.TLS_VERSIONS``.
    """

    verify: bool = True
    ca: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    min_version: str | None = None
    max_version: str | None = None


class SessionSettings(NamedTuple):
    """The options of a session. Times are seconds, ``max_body`` is decoded bytes.

    ``proxy`` is ``env``, ``direct`` or a URL. ``environ`` is where proxy and CA variables are
    looked up: nothing else of the environment is used. What may hold secrets is not in the repr.
    """

    user_agent: str = USER_AGENT
    headers: tuple[tuple[str, str], ...] = ()
    connect_timeout: float | None = 10.0
    read_timeout: float | None = 30.0
    deadline_per_request: float | None = None
    connect_retries: int = 0
    proxy: str = "env"
    no_proxy: tuple[str, ...] = ()
    auth: AuthBase | None = None
    tls: TlsSettings = TlsSettings()
    redirects: int = 0
    max_body: int = 64 * 1024 * 1024
    environ: Mapping[str, str] = MappingProxyType({})

    def __repr__(self) -> str:
        return f"SessionSettings(user_agent={self.user_agent!r}, tls={self.tls!r})"
