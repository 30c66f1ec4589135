"""The curl command that repeats a request of a step."""

from __future__ import annotations

from urllib.parse import quote

from runner.convert.curl_out import curl_command
from runner.convert.curl_way import Way
from runner.wire.payload import FilePart, Payload
from runner.wire.request import Prepared
from runner.wire.route import Route, show_address
from runner.wire.settings import SessionSettings

SHOWN = 64 * 1024


def curl_of(prepared: Prepared, route: Route) -> str:
    """The command for this request along this route."""
    payload = prepared.payload
    body, body_file = _body(payload)
    return curl_command(
        prepared.method,
        prepared.url,
        _asked(prepared.lines, payload),
        body,
        way=way_of(route, prepared),
        body_file=body_file,
    )


def curl_to(url: str, route: Route) -> str:
    """The command for a first look at what a connection leads to."""
    _, host, port = route.origin
    usual = {"http": 80, "https": 443}[route.scheme] == port
    lines = [
        ("Host", show_address(host, None if usual else port)),
        ("User-Agent", route.settings.user_agent),
        ("Accept", "*/*"),
    ]
    return curl_command("GET", url, lines, way=way_of(route))


def way_of(route: Route, prepared: Prepared | None = None) -> Way:
    """How the route reaches its server, in curl's terms."""
    tls, settings = route.tls, route.settings
    at = None
    if route.unix is not None:
        at = f"unix:{route.unix}"
    elif route.at is not None:
        at = show_address(*route.dialled)
    draft = prepared.draft if prepared is not None else None
    return Way(
        at=at,
        source=route.source,
        proxy=_proxy(route),
        verify=tls.verify if tls is not None else True,
        ca=tls.ca if tls is not None else None,
        cert=tls.client_cert if tls is not None else None,
        key=tls.client_key if tls is not None else None,
        min_tls=tls.min_version if tls is not None else None,
        max_tls=tls.max_version if tls is not None else None,
        http=draft.http if draft is not None else "1.1",
        path_as_is=draft.path_as_is if draft is not None else False,
        connect_timeout=None
        if settings.connect_timeout == SessionSettings().connect_timeout
        else settings.connect_timeout,
    )


def _proxy(route: Route) -> str | None:
    if route.proxy is None:
        return "direct" if route.settings.proxy == "direct" else None
    user = (
        f"{quote(route.proxy.user)}:{quote(route.proxy.password or '')}@"
        if route.proxy.user
        else ""
    )
    return f"{route.proxy.scheme}://{user}{route.proxy.address}"


def _asked(lines: list[tuple[str, str]], payload: Payload | None) -> list[tuple[str, str]]:
    """The lines without the one curl makes itself from a body it is given."""
    if payload is None:
        return lines
    return [line for line in lines if line[0].lower() != "content-length" or payload.length is None]


def _body(payload: Payload | None) -> tuple[bytes | None, str | None]:
    if payload is None:
        return None, None
    if len(payload.parts) == 1 and isinstance(payload.parts[0], FilePart):
        return None, str(payload.parts[0].path)
    if payload.data is not None:
        return payload.data, None
    if all(isinstance(part, bytes) for part in payload.parts):
        return b"".join(payload.pieces()), None
    if payload.length is not None and payload.length <= SHOWN:
        return b"".join(payload.pieces()), None
    return None, "BODY"
