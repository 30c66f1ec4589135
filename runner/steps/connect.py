"""``connect``: really resolves, connects, does TLS, so that each can be timed and checked."""

from __future__ import annotations

from typing import cast
from urllib.parse import unquote, urlsplit, urlunsplit

from runner.kinds import Fault, StepFault
from runner.steps.base import Run, auth_of, fail
from runner.steps.cookies import give_cookies
from runner.steps.handles import ConnectionHandle, SessionHandle
from runner.steps.session import tls_of
from runner.wire.connection import Connection
from runner.wire.route import Route


def run(run: Run) -> None:
    """Opens a connection in the session. Leaves the facts of the connection and its TLS."""
    session = run.handles.session(run.step.on)
    open_in(run, session, cast("str | None", run.subject) or run.surroundings.base)


def open_in(
    run: Run, session: SessionHandle, url: str | None, *, implicit: bool = False
) -> ConnectionHandle:
    """Opens a connection to ``url`` in this session. Raises what the wire raises."""
    handle, connection = draw_up(run, session, url, implicit=implicit)
    establish(run, connection)
    give_cookies(session, handle.url)
    handle.wire = connection
    return handle


def draw_up(
    run: Run, session: SessionHandle, url: str | None, *, implicit: bool = False
) -> tuple[ConnectionHandle, Connection]:
    """The handle of a connection to ``url``, registered, and the connection, not yet opened.

    Raises ``StepFault`` for what leads nowhere.
    """
    wire = session.session()
    if not url:
        fail(
            "invalid-url",
            "there is no URL to connect to",
            "give the scenario a `base`, the step a URL, or the command --base URL",
            phase="connect",
        )
    url, userinfo = split_credentials(url)
    auth = run.options.get("auth") or ({"basic": userinfo} if userinfo else None)
    handle = ConnectionHandle(
        session,
        url,
        auth=auth_of(auth, run.surroundings.secret),
        reconnect=bool(run.options.get("reconnect", True)),
        implicit=implicit,
        at=cast("str | None", run.options.get("at")),
    )
    run.handles.add(run.step.id, handle)
    tls = run.options.get("tls")
    route = wire.route(
        url,
        at=handle.at,
        source=cast("str | None", run.options.get("source-address")),
        tls=tls_of(run, tls, wire.settings.tls) if tls else None,
    )
    run.curl = lambda: _curl(url, route)
    connection = Connection(wire, route)
    run.handles.kept.keep(connection)
    return handle, connection


def establish(run: Run, connection: Connection) -> None:
    """Connects and leaves the facts, those of a failed handshake too."""
    run.route = connection.route
    try:
        connection.connect(run.limits(), run.phases)
        run.facts["connection.opened"] = connection.opened
    finally:
        run.facts.update(connection.facts())
        run.remember_jar(connection.session)


def _curl(url: str, route: Route) -> str:
    from runner.steps.curl import curl_to

    return curl_to(url, route)


def split_credentials(url: str) -> tuple[str, list[str] | None]:
    """A URL without its ``user:password@``, and the two, decoded, if they were there."""
    if "@" not in url:
        return url, None
    try:
        parts = urlsplit(url)
        userinfo, _, host = parts.netloc.rpartition("@")
    except ValueError as error:
        raise StepFault(Fault("invalid-url", "connect", f'"{url}" is no URL: {error}')) from None
    if not userinfo:
        return url, None
    user, _, password = userinfo.partition(":")
    return urlunsplit(parts._replace(netloc=host)), [unquote(user), unquote(password)]
