"""``send``: the request goes out on its connection, the head of the answer comes back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from runner.query.values import Lazy
from runner.steps.base import Deadline, Run, fail, nearest
from runner.steps.connect import establish
from runner.steps.cookies import cookies_set
from runner.steps.exchanges import Exchanges
from runner.steps.handles import RequestHandle
from runner.steps.open import joined
from runner.wire.connection import Connection
from runner.wire.exchange import Exchange, carry
from runner.wire.request import Draft, Prepared, prepare
from runner.wire.session import Session

if TYPE_CHECKING:
    from requests.auth import AuthBase

    from runner.wire.auth.late import LateAuth
    from runner.wire.payload import Payload

DRAIN_BYTES = 2**20
DRAIN_SECONDS = 1.0


def run(run: Run) -> None:
    """Sends the request and waits for the final head, following redirects where told to."""
    handle = run.handles.request(run.step.on)
    send(run, handle)


def send(run: Run, handle: RequestHandle) -> None:
    """Sends this request. Leaves the facts of the answer, and of every hop on the way."""
    draft = handle.open_draft()
    if handle.sent:
        fail(
            "wrong-state",
            "the request was sent already",
            "no request is sent twice: put its `open` inside the loop too",
            phase="send",
        )
    session = handle.connection.session.session()
    settings = session.settings
    if settings.deadline_per_request is not None:
        handle.deadline = Deadline.after(settings.deadline_per_request)
    run.deadline = nearest(run.deadline, handle.deadline)
    limits = run.limits(settings.read_timeout)
    connection = handle.connection.connection()
    payload = _payload(run) if run.options else None
    prepared = handle.prepared
    late = None if draft.auth is None else _late(draft.auth)
    if late is not None:
        _show_curl(run, prepare(session, draft, connection.route, payload), connection)
        late.get_ready(session, limits, run.phases)
    if payload is not None or prepared is None or late or _has_cookies(session, prepared):
        prepared = prepare(session, draft, connection.route, payload)
    handle.sent = True
    handle.graphql = "graphql" in run.options
    _show_curl(run, prepared, connection)
    exchanges = Exchanges(run)
    hops: list[dict[str, object]] = []
    while True:
        run.route = connection.route
        make_ready = partial(_make_ready, run, connection, reconnect=handle.connection.reconnect)
        make_ready()
        run.facts["request.header"] = joined(prepared.lines)
        handle.sent_at = exchanges.begin(prepared, connection)
        exchange = carry(session, connection, prepared, limits, run.phases, make_ready)
        run.exchange = handle.exchange = exchange
        run.facts["request.header"] = joined(exchange.prepared.lines)
        exchanges.answered(exchange)
        _leave_facts(run, exchange, hops)
        following = None
        if 300 <= exchange.status < 400 and handle.redirects and exchange.header("location"):
            from runner.wire.redirects import next_draft

            following = next_draft(session, exchange)
        if following is None:
            break
        if len(hops) >= handle.redirects:
            _too_many(hops, handle.redirects, following[0].url)
        hops.append(_hop(exchange))
        draft, payload = following
        limits = run.limits(settings.read_timeout)
        connection = _connection_for(run, handle, connection, draft)
        prepared = prepare(session, draft, connection.route, payload)
    run.remember_jar(session)


def _make_ready(run: Run, connection: Connection, *, reconnect: bool) -> None:
    """Leaves the socket ready for a request: the last answer read, a closed socket opened again."""
    unread = connection.busy
    if isinstance(unread, Exchange) and not unread.finished:
        run.phases.tell("draining", url=unread.url)
        seconds = run.seconds_left()
        allowed = DRAIN_SECONDS if seconds is None else min(DRAIN_SECONDS, seconds)
        if not unread.body.drain(DRAIN_BYTES, allowed):
            connection.close()
    state = connection.state()
    if state == "alive":
        return
    if not reconnect:
        fail(
            "connection-closed",
            f"the connection to {connection.route.shown} is closed, and `reconnect` is false",
            "the server closed the idle connection, or the last answer was not read to its end",
        )
    connection.close()
    run.inner(run.step, lambda inner: establish(inner, connection), verb="connect")


def _connection_for(run: Run, handle: RequestHandle, last: Connection, draft: Draft) -> Connection:
    """The connection of the next hop: the same one, or for another origin a new one."""
    wire = handle.connection.session.session()
    own = wire.settings.tls
    route = wire.route(draft.url)
    if route.origin == last.route.origin:
        return last
    if own.client_cert is not None:
        # A certificate is a credential too: it does not follow to another origin.
        route = wire.route(draft.url, tls=own._replace(client_cert=None, client_key=None))
    connection = Connection(wire, route)
    run.handles.kept.keep(connection)
    run.inner(run.step, lambda inner: establish(inner, connection), verb="connect")
    return connection


def _has_cookies(session: Session, prepared: Prepared) -> bool:
    """Whether cookies may have changed since the request was opened."""
    return len(session.http.cookies) > 0 or any(name == "Cookie" for name, _ in prepared.lines)


def _too_many(hops: list[dict[str, object]], allowed: int, target: str) -> None:
    urls = [str(hop["url"]) for hop in hops]
    hint = None
    if target in urls:
        hint = f"the redirects go in a circle: {target} was visited before"
    fail(
        "too-many-redirects", f"more than {allowed} redirects; the next one leads to {target}", hint
    )


def _payload(run: Run) -> Payload | None:
    from runner.wire.payload import make_payload

    return make_payload(run.options, run.surroundings.files.path)


def _late(auth: AuthBase) -> LateAuth | None:
    from runner.wire.auth.late import LateAuth

    return auth if isinstance(auth, LateAuth) else None


def _location(exchange: Exchange) -> str | None:
    if exchange.header("location") is None:
        return None
    from runner.wire.redirects import location

    return location(exchange)


def _hop(exchange: Exchange) -> dict[str, object]:
    return {
        "status": exchange.status,
        "url": exchange.url,
        "location": _location(exchange),
        "header": joined(exchange.lines),
    }


def _leave_facts(run: Run, exchange: Exchange, hops: list[dict[str, object]]) -> None:
    lines = exchange.lines
    facts: dict[str, object] = {
        "status": exchange.status,
        "reason": exchange.reason,
        "http-version": exchange.version,
        "url": exchange.url,
        "header": joined(lines),
        "headers": Lazy(lambda: _listed(lines)),
        "cookie": Lazy(lambda: cookies_set(lines)),
        "redirects": hops,
        "request.size": exchange.request_size,
        "connection.reused": exchange.reused,
        "early": [{"status": head.status, "header": joined(head.lines)} for head in exchange.early],
    }
    leads_to = _location(exchange)
    if leads_to is not None:
        facts["location"] = leads_to
    else:
        run.facts.pop("location", None)
    media = exchange.header("content-type")
    if media is not None:
        facts["media-type"] = media.split(";", 1)[0].strip().lower()
    run.facts.update(facts)


def _listed(lines: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for name, value in lines:
        made.setdefault(name.lower(), []).append(value)
    return made


def _show_curl(run: Run, prepared: Prepared, connection: Connection) -> None:
    """Leaves how to repeat the request: made only when somebody asks for it."""

    def command() -> str:
        from runner.steps.curl import curl_of

        return curl_of(prepared, connection.route)

    run.curl = command
