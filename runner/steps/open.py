"""``open``: a request is drafted on a connection; nothing is sent yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from requests.auth import AuthBase

from runner.query.values import Lazy, as_text
from runner.steps.base import Run, auth_of, fail, lines_of
from runner.steps.handles import ConnectionHandle, RequestHandle
from runner.wire.request import Draft, prepare
from runner.wire.target import join_params


def run(run: Run) -> None:
    """Drafts a request on the connection. Leaves its method, URL and header as facts."""
    open_on(run, run.handles.connection(run.step.on))


def open_on(
    run: Run,
    connection: ConnectionHandle,
    *,
    implicit: bool = False,
    base: str | None = None,
    auth: AuthBase | None = None,
) -> RequestHandle:
    """Drafts a request on this connection and registers it. Raises ``StepFault``.

    A path is appended to ``base``, by default the connection's URL; ``auth`` stands in place of the
    connection's.
    """
    wire = connection.connection()
    handle = RequestHandle(connection, implicit=implicit)
    run.handles.add(run.step.id, handle)
    target = cast(Mapping[str, str], run.subject)
    session = connection.session.session()
    auth = auth or connection.auth or session.settings.auth
    base = connection.url if base is None else base
    draft = draft_of(target, run.options, base, auth, run.surroundings.secret)
    _same_origin(draft.url, connection)
    prepared = prepare(session, draft, wire.route)
    handle.redirects = cast(int, run.options.get("redirects", connection.session.redirects))
    handle.draft, handle.prepared = draft, prepared
    run.facts["method"] = draft.method
    run.facts["request.url"] = prepared.url
    run.facts["request.header"] = Lazy(lambda: joined(prepared.lines))
    run.remember_jar(session)
    return handle


def draft_of(
    target: Mapping[str, str],
    options: Mapping[str, object],
    base: str,
    auth: AuthBase | None,
    secret: Callable[[str], None] = lambda _text: None,
) -> Draft:
    """The draft of a request: ``target`` holds ``method`` and ``target``, ``auth`` is what applies
    when the step itself names none; ``secret`` is told what must not be shown of the step's own.
    Raises ``StepFault``.
    """
    url = url_of(target["target"], base)
    if params := options.get("params"):
        url = join_params(url, cast(Mapping[str, object], params))
    own = auth_of(options.get("auth"), secret)
    if "@" in url.partition("://")[2].partition("/")[0]:
        auth = None  # a user and a password in the URL are this request's
    lines = _headers(options)
    without = frozenset(name.lower() for name, value in lines if value is None)
    return Draft(
        method=target["method"],
        url=url,
        headers=tuple((name, value) for name, value in lines if value is not None),
        auth=own or (None if "authorization" in without else auth),
        path_as_is=bool(options.get("path-as-is", False)),
        http=as_text(options.get("http", "1.1")),
        without=without,
    )


def is_url(target: str) -> bool:
    """Whether a target stands for itself, with a scheme and a host."""
    return "://" in target.split("?", 1)[0]


def url_of(target: str, base: str) -> str:
    """The absolute URL of a target: itself, or the base with the path appended."""
    if is_url(target):
        return target
    if target.startswith("?"):
        return base.split("?", 1)[0] + target
    return base.split("?", 1)[0].split("#", 1)[0].rstrip("/") + "/" + target.removeprefix("/")


def joined(lines: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Header lines as a mapping of lower-case name to value; several are joined by ``, ``."""
    made: dict[str, str] = {}
    for name, value in lines:
        key = name.lower()
        made[key] = f"{made[key]}, {value}" if key in made else value
    return made


def _headers(options: Mapping[str, object]) -> tuple[tuple[str, str | None], ...]:
    """The lines set by hand; None for a name that is not to be sent at all."""
    lines = lines_of(options.get("headers"))
    if "referer" in options:
        lines = (("Referer", as_text(options["referer"])), *lines)
    if "accept" in options:
        accept = options["accept"]
        types = accept if isinstance(accept, list) else [accept]
        lines = (("Accept", ", ".join(map(as_text, types))), *lines)
    return lines


def _same_origin(url: str, connection: ConnectionHandle) -> None:
    """A request for another origin must not leave on this connection: its bytes would go astray."""
    if url.startswith(connection.url) and url[len(connection.url) :][:1] in ("", "/", "?", "#"):
        return
    scheme, host, port = connection.connection().route.origin
    if connection.session.session().route(url).origin != (scheme, host, port):
        fail(
            "invalid-url",
            f"{url} is not on this connection, which leads to {scheme}://{host}:{port}",
            "connect to that origin first, or use `get`, which connects where it must",
            phase="open",
        )
