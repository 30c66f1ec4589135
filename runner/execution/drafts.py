"""Requests drafted for a rehearsal, on connections that are never opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from runner.execution.unknowns import Foreseen, first_mark, has_unknown
from runner.kinds import Fault
from runner.scenario.build import REQUEST
from runner.scenario.model import Step
from runner.steps import add_headers, connect, request
from runner.steps import open as opening
from runner.steps import session as sessions
from runner.steps.base import Run, Surroundings
from runner.steps.cookies import give_cookies
from runner.steps.handles import ConnectionHandle, Handles, RequestHandle, SessionHandle
from runner.steps.shapes import fit
from runner.wire.auth.late import LateAuth
from runner.wire.payload import Payload, make_payload
from runner.wire.phases import Phases
from runner.wire.request import Prepared, prepare

_ANY_TEXT: Final = frozenset({"json", "text", "referer", "accept", "user-agent", "content-type"})
_MAPPINGS: Final = frozenset({"headers", "params", "form", "auth", "cookies", "graphql"})


@dataclass(slots=True)
class Act:
    """One step as it is foreseen. ``path`` is its number, ``words`` are conditions and loops.

    ``request`` and ``payload`` are what it would send. ``unbased`` is the mark its target begins
    with: that may be a whole URL, so the base before it is a guess. ``fault`` is why it cannot be
    made.
    """

    path: str
    name: str
    step: Step
    words: list[str] = field(default_factory=list)
    request: Prepared | None = None
    payload: Payload | None = None
    unbased: str | None = None
    fault: Fault | None = None

    @property
    def depth(self) -> int:
        """How many composites it stands in."""
        return self.path.count(".")


class Drafts:
    """Drafts what the steps of one scope would send, and keeps their handles."""

    def __init__(self, foreseen: Foreseen, surroundings: Surroundings, handles: Handles) -> None:
        self.foreseen = foreseen
        self.surroundings = surroundings
        self.handles = handles

    def draft(self, step: Step, act: Act) -> None:
        """Drafts what this step would do on the wire, if anything.

        Raises ``StepFault`` for what cannot be made, ``Skip`` for what is missing.
        """
        if step.verb in REQUEST:
            self._request(step, act)
        elif step.verb in _DRAFT:
            _DRAFT[step.verb](self, step, act)

    def _run(self, step: Step, act: Act) -> Run:
        """The step with its values, as its verb takes them; what is not known is left out."""
        subject = self.foreseen.settle(step.subject)
        options = cast(Mapping[str, object], self.foreseen.settle(step.options))
        known, open_ended = {}, {}
        for key, value in options.items():
            if not has_unknown(value):
                known[key] = value
            elif key in _ANY_TEXT or (key in _MAPPINGS and isinstance(value, Mapping)):
                open_ended[key] = value
            else:
                act.words.append(f"{key}: {value}")
        _, fitted = fit(step, None, known, "open")
        if not has_unknown(subject):
            subject, _ = fit(step, subject, {}, "open")
        run = Run(
            step,
            self.foreseen.variables,
            self.handles,
            Phases(),
            self.surroundings,
            None,
            _nothing_inside,
            cast(Any, None),
            self.foreseen.define,
        )
        run.subject, run.options = subject, {**fitted, **open_ended}
        return run

    def _request(self, step: Step, act: Act) -> None:
        run = self._run(step, act)
        session = self._session(run)
        target = cast(dict[str, str], run.subject)
        connection = self._connection(run, session, target["target"])
        handle = opening.open_on(run, connection, implicit=True)
        if step.id is not None:
            self.handles.named[step.id] = handle
        self._sent(run, handle, act)

    def _session(self, run: Run) -> SessionHandle:
        if run.step.on is not None:
            return self.handles.session(run.step.on)
        for session in reversed(self.handles.sessions):
            if not session.implicit and not session.absent:
                return session
        for session in self.handles.sessions:
            if session.implicit:
                return session
        plain = run.part(run.step._replace(id=None), {})
        return sessions.make(plain, implicit=True)

    def _connection(self, run: Run, session: SessionHandle, target: str) -> ConnectionHandle:
        named = self.handles.get(run.step.on) if run.step.on is not None else None
        if isinstance(named, RequestHandle):
            named = named.connection
        if isinstance(named, ConnectionHandle):
            return named
        url = request.place(run, session, target)
        at = {"at": run.options["at"]} if "at" in run.options else {}
        part = run.part(run.step._replace(id=None), at)
        return self._drawn(part, session, url, implicit=True)

    def _drawn(
        self, run: Run, session: SessionHandle, url: str | None, *, implicit: bool
    ) -> ConnectionHandle:
        handle, connection = connect.draw_up(run, session, url, implicit=implicit)
        give_cookies(session, handle.url)
        handle.wire = connection
        return handle

    def session(self, step: Step, act: Act) -> None:
        run = self._run(step, act)
        made = sessions.make(run, implicit=False)
        if step.expected_error is not None:
            made.wire = None

    def connect(self, step: Step, act: Act) -> None:
        run = self._run(step, act)
        url = cast("str | None", run.subject) or self.surroundings.base
        if url is not None and has_unknown(url) and "://" not in url:
            url = f"http://{url}"
        made = self._drawn(run, self.handles.session(step.on), url, implicit=False)
        route = made.connection().route
        way = f", at {made.at}" if made.at is not None else ""
        proxy = f", through {route.proxy.shown}" if route.proxy is not None else ""
        act.words.append(f"to {made.url}{way}{proxy}")
        if step.expected_error is not None:
            made.wire = None

    def open(self, step: Step, act: Act) -> None:
        run = self._run(step, act)
        made = opening.open_on(run, self.handles.connection(step.on), implicit=False)
        if step.expected_error is not None:
            made.draft = None

    def add_headers(self, step: Step, act: Act) -> None:
        run = self._run(step, act)
        if has_unknown(run.subject) and not isinstance(run.subject, Mapping):
            act.words.append(f"headers: {run.subject}")
            return
        add_headers.run(run)

    def send(self, step: Step, act: Act) -> None:
        run = self._run(step, act)
        handle = self.handles.request(step.on)
        self._sent(run, handle, act)
        handle.sent = True

    def _sent(self, run: Run, handle: RequestHandle, act: Act) -> None:
        draft = handle.open_draft()
        session = handle.connection.session.session()
        route = handle.connection.connection().route
        files = run.surroundings.files.path
        payload = make_payload(run.options, files)
        act.request = prepare(session, draft, route, payload)
        act.payload = payload
        if "compress" in run.options:
            # The body is shown as it is before it is packed.
            plain = {key: value for key, value in run.options.items() if key != "compress"}
            act.payload = make_payload(plain, files)
        if isinstance(draft.auth, LateAuth):
            act.words.append("Authorization is made when it is sent")
        target = run.subject if isinstance(run.subject, Mapping) else {}
        act.unbased = first_mark(str(target.get("target", "")))
        if handle.redirects:
            act.words.append(f"follows up to {handle.redirects} redirects")


_DRAFT: Final[Mapping[str, Callable[[Drafts, Step, Act], None]]] = {
    "session": Drafts.session,
    "connect": Drafts.connect,
    "open": Drafts.open,
    "add-headers": Drafts.add_headers,
    "send": Drafts.send,
}


def _nothing_inside(part: Step, *_action: object, **_verb: object) -> None:
    raise AssertionError(f"`{part.verb}` ran a part of itself in a rehearsal")
