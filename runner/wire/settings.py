"""What a session step settles for every connection and request of the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from requests.auth import AuthBase

from runner import __version__

USER_AGENT: Final = f"httpsteps/{__version__}"
TLS_VERSIONS: Final = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """How to secure a connection.

    ``ca``, ``client_cert`` and ``client_key`` are absolute paths of PEM files (``ca`` may be a
    folder); a client key may stand in the certificate's file. Versions are of ``TLS_VERSIONS``.
    """

    verify: bool = True
    ca: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    min_version: str | None = None
    max_version: str | None = None


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """The options of a session. Times are seconds, ``max_body`` is decoded bytes.

    ``proxy`` is ``env``, ``direct`` or a URL. ``environ`` is where proxy and CA variables are
    looked up: nothing else of the environment is used. What may hold secrets is not in the repr.
    """

    user_agent: str = USER_AGENT
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    connect_timeout: float | None = 10.0
    read_timeout: float | None = 30.0
    deadline_per_request: float | None = None
    connect_retries: int = 0
    proxy: str = field(default="env", repr=False)
    no_proxy: tuple[str, ...] = ()
    auth: AuthBase | None = field(default=None, repr=False)
    tls: TlsSettings = field(default_factory=TlsSettings)
    redirects: int = 0
    max_body: int = 64 * 1024 * 1024
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
