"""``get``, ``post`` …: a request in one step, made of the primitive steps it is short for.

It works in the session and on the connection that fit, and makes them where none does; what it
makes never becomes the newest of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import cast

from runner.kinds import StepFault
from runner.scenario.model import Step
from runner.steps import connect, read
from runner.steps import open as opening
from runner.steps import send as sending
from runner.steps import session as sessions
from runner.steps.base import Run, auth_of, fail
from runner.steps.handles import ConnectionHandle, RequestHandle, SessionHandle
from runner.wire.request import prepare


def run(run: Run) -> None:
    """Carries the request out: session and connect where needed, open, send, read."""
    parts = {step.verb: step for step in run.step.steps}
    session = _session(run, parts["session"])
    base, userinfo = _base(run, session)
    auth = auth_of(userinfo and {"basic": userinfo})
    connection = _connection(run, session, parts["connect"], base)
    handle: list[RequestHandle] = []

    def draft(inner: Run) -> None:
        handle.append(opening.open_on(inner, connection, implicit=True, base=base, auth=auth))

    run.inner(parts["open"], draft)
    if run.step.id is not None:
        run.handles.named[run.step.id] = handle[0]
    run.inner(parts["send"], lambda inner: sending.send(inner, handle[0]))
    run.inner(parts["read"], lambda inner: read.read(inner, handle[0], inner.subject))
    if handle[0].graphql:
        from runner.steps.graphql import check_errors

        check_errors(run, run.step.expect)


def _base(run: Run, session: SessionHandle) -> tuple[str, list[str] | None]:
    """The URL to connect to, which a path is appended to, and the user and password in it."""
    target = cast(Mapping[str, str], run.subject)["target"]
    named = _named(run)
    if named is not None and not opening.is_url(target):
        return named.url, None
    return connect.split_credentials(place(run, session, target))


def _named(run: Run) -> ConnectionHandle | None:
    """The connection that ``in`` names, or on which the request stands that it names."""
    named = run.handles.get(run.step.on) if run.step.on is not None else None
    if isinstance(named, RequestHandle):
        named = named.connection
    return named if isinstance(named, ConnectionHandle) else None


def _session(run: Run, step: Step) -> SessionHandle:
    handles = run.handles
    if run.step.on is not None:
        return handles.session(run.step.on)
    for session in reversed(handles.sessions):
        if not session.implicit and not session.absent:
            return session
    for session in handles.sessions:
        if session.implicit and session.wire is not None:
            return session
    made: list[SessionHandle] = []
    run.inner(step, lambda inner: made.append(sessions.make(inner, implicit=True)))
    return made[0]


def _connection(run: Run, session: SessionHandle, step: Step, url: str) -> ConnectionHandle:
    named = _named(run)
    if named is not None:
        return named
    origin = _origin(run, session, url)
    for connection in reversed(session.connections):
        if (
            connection.wire is not None
            and connection.wire.route.origin == origin
            and connection.at == run.options.get("at")
            and not _in_use(connection)
        ):
            return connection
    if origin is not None:
        run.curl = _repeating(run, session, url)
    made: list[ConnectionHandle] = []
    run.inner(step, lambda inner: made.append(connect.open_in(inner, session, url, implicit=True)))
    return made[0]


def _origin(run: Run, session: SessionHandle, url: str) -> tuple[str, str, int] | None:
    """The origin of a URL; None for one that leads nowhere, as the connect part will then say."""
    try:
        return session.session().route(url, at=cast("str | None", run.options.get("at"))).origin
    except StepFault:
        return None


def _repeating(run: Run, session: SessionHandle, url: str) -> Callable[[], str]:
    """The curl command of the whole request, for when it fails before there is one."""

    def command() -> str:
        from runner.steps.curl import curl_of
        from runner.wire.payload import make_payload

        wire = session.session()

        target = cast(Mapping[str, str], run.subject)
        draft = opening.draft_of(target, run.options, url, wire.settings.auth)
        route = wire.route(draft.url, at=cast("str | None", run.options.get("at")))
        payload = make_payload(run.options, run.surroundings.files.path)
        return curl_of(prepare(wire, draft, route, payload), route)

    return command


def place(run: Run, session: SessionHandle, target: str) -> str:
    """The URL to connect to: of an absolute target its origin, else the base, else the newest's."""
    if opening.is_url(target):
        scheme, _, rest = target.partition("://")
        return f"{scheme}://{re.split('[/?#]', rest, maxsplit=1)[0]}"
    if run.surroundings.base:
        return run.surroundings.base
    explicit = [each for each in session.connections if each.url and not each.implicit]
    if not explicit:
        fail(
            "invalid-url",
            f'"{target}" is a path, and there is no base URL to append it to',
            "give the scenario a `base`, the step a whole URL, or the command --base URL",
            phase="open",
        )
    return explicit[-1].url


def _in_use(connection: ConnectionHandle) -> bool:
    """A connection on which the answer to an explicit request waits to be read is left alone."""
    busy = None if connection.wire is None else connection.wire.busy
    return busy is not None and any(
        request.exchange is busy and not request.implicit for request in connection.requests
    )
