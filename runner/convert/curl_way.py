"""curl's options for how a server is reached: address, proxy, TLS, times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from runner.convert.shell_words import quote

_DOTS: Final = re.compile(r"/\.{1,2}(/|$)")


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach the server, where it is not just the URL.

    ``at``: ``ADDRESS[:PORT]`` to dial instead, or ``unix:/path``. ``proxy``: its URL, ``direct``
    for none at all, None to leave it to curl's environment. ``min_tls`` and ``max_tls`` are written
    ``TLSv1.2``; times are seconds. ``digest`` is a user and a password.
    """

    at: str | None = None
    source: str | None = None
    proxy: str | None = None
    verify: bool = True
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    min_tls: str | None = None
    max_tls: str | None = None
    http: str = "1.1"
    path_as_is: bool = False
    redirects: int = 0
    digest: tuple[str, str] | None = None
    connect_timeout: float | None = None
    max_time: float | None = None


def way_options(way: Way, url: str) -> list[str]:
    """curl's options for this way to the server of ``url``."""
    words: list[str] = []
    secure = urlsplit(url).scheme.lower() == "https"
    if way.http == "1.0":
        words.append("--http1.0")
    elif secure:
        words.append("--http1.1")
    if way.path_as_is or _DOTS.search(urlsplit(url).path):
        words.append("--path-as-is")
    if way.at is not None:
        words += _at(way.at)
    if way.source is not None:
        words += ["--interface", quote(way.source)]
    if way.proxy == "direct":
        words += ["--noproxy", "'*'"]
    elif way.proxy is not None:
        words += ["--proxy", quote(way.proxy)]
    if secure or way.redirects:
        words += _tls(way)
    if way.digest is not None:
        words += ["--digest", "--user", quote(":".join(way.digest))]
    if way.redirects:
        words += ["--location", "--max-redirs", str(way.redirects)]
    if way.connect_timeout is not None:
        words += ["--connect-timeout", f"{way.connect_timeout:g}"]
    if way.max_time is not None:
        words += ["--max-time", f"{way.max_time:g}"]
    return words


def _at(at: str) -> list[str]:
    if at.startswith("unix:"):
        return ["--unix-socket", quote(at.removeprefix("unix:"))]
    if at.startswith("[") or at.count(":") < 2:
        address, _, port = at.rpartition(":") if re.search(r":\d+$", at) else (at, "", "")
    else:
        address, port = at, ""
    if ":" in address and not address.startswith("["):
        address = f"[{address}]"
    return ["--connect-to", quote(f"::{address}:{port}")]


def _tls(way: Way) -> list[str]:
    words = [] if way.verify else ["-k"]
    for option, path in (("--cacert", way.ca), ("--cert", way.cert), ("--key", way.key)):
        if path is not None:
            words += [option, quote(path)]
    if way.min_tls is not None:
        words.append("--tlsv" + way.min_tls.removeprefix("TLSv"))
    if way.max_tls is not None:
        words += ["--tls-max", way.max_tls.removeprefix("TLSv")]
    return words
