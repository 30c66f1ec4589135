"""What the file alone shows to be impossible: steps without what they need, unknown ids."""

from __future__ import annotations

from collections.abc import Iterable

from runner.scenario.build import REQUEST
from runner.scenario.model import Address, Scenario, Step
from runner.scenario.problems import Problem, did_you_mean
from runner.scenario.source import Source


class _Request:
    __slots__ = ("loops", "sent")

    def __init__(self, *, sent: bool = False, loops: int = 0) -> None:
        self.sent = sent
        self.loops = loops


class _Connection:
    __slots__ = ("requests",)

    def __init__(self) -> None:
        self.requests: list[_Request] = []


class _Session:
    __slots__ = ("connections",)

    def __init__(self) -> None:
        self.connections: list[_Connection] = []


_Handle = _Session | _Connection | _Request
_MAKES = frozenset({"session", "connect", "open", *REQUEST})
_MAKER = {"session": "session", "connection": "connect", "request": "open"}


class _Order:
    """Walks the steps in order and keeps the handles each would find."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.sessions: list[_Session] = []
        self.named: dict[str, _Handle | None] = {}
        self.owner: dict[int, _Session | _Connection] = {}
        self.ids: dict[str, Address] = {}
        self.problems: list[Problem] = []
        self.loops = 0
        self.makes_none: dict[str, str] = {}
        self.unsure = False

    def walk(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if not step.verb or (step.verb == "use" and step.scenario is None):
                self._anything(step)
                continue
            made = self._visit(step)
            if step.expected_error is not None:
                made = self._without(made)
            for name in step.gap or ():
                self.named.setdefault(name, made)
            if step.id is None:
                continue
            if step.id in self.ids:
                self._problem(
                    "invalid-scenario",
                    f"the id `{step.id}` is taken",
                    step,
                    f"the step at line {self.ids[step.id].line} has it: choose another",
                )
            self.ids[step.id] = step.at
            self.named[step.id] = made
            if step.verb not in _MAKES:
                self.makes_none[step.id] = step.verb

    def _anything(self, step: Step) -> None:
        """A step nothing is known of: it may make whatever the steps behind it need."""
        self.unsure = True
        named = {*(step.gap or ()), *((step.id,) if step.id else ())}
        for name in named:
            self.named.setdefault(name, None)

    def _without(self, made: _Handle | None) -> _Handle | None:
        """Takes the handle out again: a step that is to end in an error makes none."""
        if isinstance(made, _Session):
            self.sessions.remove(made)
        elif isinstance(made, _Connection):
            for session in self.sessions:
                session.connections = [each for each in session.connections if each is not made]
        elif made is not None and not made.sent:
            owner = self.owner[id(made)]
            if isinstance(owner, _Connection):
                owner.requests.remove(made)
        else:
            return made
        return None

    def _visit(self, step: Step) -> _Handle | None:
        """The handle a step makes. In a loop it is made anew in each round."""
        looped = bool(step.retry or step.repeat or step.each)
        self.loops += looped
        try:
            return self._act(step)
        finally:
            self.loops -= looped

    def _act(self, step: Step) -> _Handle | None:
        if step.verb == "session":
            self.sessions.append(_Session())
            self.unsure = False
            return self.sessions[-1]
        if step.verb == "connect":
            session = self._find(step, "session")
            if not isinstance(session, _Session):
                return None
            session.connections.append(_Connection())
            self.owner[id(session.connections[-1])] = session
            return session.connections[-1]
        if step.verb == "open":
            connection = self._find(step, "connection")
            if not isinstance(connection, _Connection):
                return None
            connection.requests.append(_Request(loops=self.loops))
            self.owner[id(connection.requests[-1])] = connection
            return connection.requests[-1]
        if step.verb in ("add-headers", "send"):
            request = self._find(step, "request")
            if isinstance(request, _Request):
                if request.sent:
                    self._wrong(step, "an open request that is not sent yet", "open")
                elif step.verb == "send" and request.loops < self.loops and not self.unsure:
                    self._problem(
                        "wrong-order",
                        "no request is sent twice, and this 'send' is in a loop without its 'open'",
                        step,
                        "put the 'open' step inside the loop too",
                    )
                request.sent = request.sent or step.verb == "send"
        elif step.verb == "read":
            request = self._find(step, "request", "a sent request", "send")
            if isinstance(request, _Request) and not request.sent:
                self._wrong(step, "a sent request", "send")
        elif step.verb == "close":
            self._close(step)
        elif step.verb in REQUEST:
            if step.on is not None:
                self._find(step, "session")
            return _Request(sent=True)
        elif step.scenario is not None:
            outer = self.ids, self.named
            self.ids, self.named = {}, {}
            self.walk(step.scenario.steps)
            self.ids, self.named = outer
        else:
            if step.on is not None and (step.steps or step.branches):
                self._problem(
                    "invalid-scenario",
                    f"`in` says nothing on a '{step.verb}' step",
                    step,
                    "write it on the steps inside",
                )
            self._inside(step)
        return None

    def _inside(self, step: Step) -> None:
        self.walk(step.steps)
        for branch in step.branches:
            outer, unsure = self.sessions, self.unsure
            self.sessions = [_Session() for _ in self.sessions]
            self.walk(branch)
            self.sessions, self.unsure = outer, unsure

    def _find(
        self, step: Step, wanted: str, needs: str | None = None, maker: str | None = None
    ) -> _Handle | None:
        """The handle the step works on; a problem when the file shows there is none."""
        needs = needs or ("an open request" if wanted == "request" else f"a {wanted}")
        maker = maker or _MAKER[wanted]
        start: _Handle | None
        if step.on is not None and step.on in self.makes_none:
            verb = self.makes_none[step.on]
            self._problem(
                "wrong-order",
                f"`{step.on}` is a '{verb}' step: it makes no session, connection or request",
                step,
                "name with `in` the step that made what this one is to work on",
            )
            return None
        if step.on is not None:
            if step.on not in self.named:
                self._unknown(step, step.on)
                return None
            start = self.named[step.on]
        else:
            start = self.sessions[-1] if self.sessions else None
        found = self._descend(start, wanted)
        if found is None and (step.on is None or start is not None):
            self._wrong(step, needs, maker)
        return found

    def _descend(self, handle: _Handle | None, wanted: str) -> _Handle | None:
        kinds = {"session": _Session, "connection": _Connection, "request": _Request}
        while handle is not None and not isinstance(handle, kinds[wanted]):
            if wanted == "session" or (wanted == "connection" and isinstance(handle, _Request)):
                handle = self.owner.get(id(handle))
                continue
            held: list[_Connection] | list[_Request] = []
            if isinstance(handle, _Session):
                held = handle.connections
            elif isinstance(handle, _Connection):
                held = handle.requests
            handle = held[-1] if held else None
        return handle

    def _close(self, step: Step) -> None:
        name = step.subject if isinstance(step.subject, str) else step.on
        if name is None:
            self._find(step, "connection")
        elif name not in self.named:
            self._unknown(step, name)

    def _unknown(self, step: Step, name: str) -> None:
        guess = did_you_mean(name, self.named)
        self._problem(
            "wrong-order",
            f"no step before this one has the id `{name}`",
            step,
            f"did you mean `{guess}`?" if guess else "give the step you mean an `id`",
        )

    def _wrong(self, step: Step, needs: str, maker: str) -> None:
        if self.unsure and step.on is None:
            return
        article = "an" if maker == "open" else "a"
        self._problem(
            "wrong-order",
            f"'{step.verb}' needs {needs}: put {article} '{maker}' step before it",
            step,
        )

    def _problem(self, kind: str, message: str, step: Step, hint: str | None = None) -> None:
        line = self.source.line(step.at.line) if step.at.file == self.source.file else None
        self.problems.append(Problem(kind, message, step.at, hint=hint, line=line))


def check_order(scenario: Scenario, source: Source) -> tuple[Problem, ...]:
    """Steps whose prerequisites no step before them makes, ids taken twice or unknown."""
    order = _Order(source)
    order.walk(scenario.steps)
    order.walk(scenario.teardown)
    return tuple(order.problems)
