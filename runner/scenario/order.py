"""What the file alone shows to be impossible: steps without what they need, unknown names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from runner.scenario.build import REQUEST
from runner.scenario.model import Address, Scenario, Step
from runner.scenario.problems import Problem, did_you_mean
from runner.scenario.source import Source
from runner.scenario.template import RESERVED, Expression


@dataclass(eq=False, slots=True)
class _Request:
    sent: bool = False


@dataclass(eq=False, slots=True)
class _Connection:
    requests: list[_Request] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class _Session:
    connections: list[_Connection] = field(default_factory=list)


_Handle = _Session | _Connection | _Request
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

    def walk(self, steps: Iterable[Step]) -> None:
        for step in steps:
            made = self._visit(step)
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

    def _visit(self, step: Step) -> _Handle | None:
        if step.verb == "session":
            self.sessions.append(_Session())
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
            connection.requests.append(_Request())
            self.owner[id(connection.requests[-1])] = connection
            return connection.requests[-1]
        if step.verb in ("add-headers", "send"):
            request = self._find(step, "request")
            if isinstance(request, _Request):
                if request.sent:
                    self._wrong(step, "an open request that is not sent yet", "open")
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
            self.walk(step.scenario.steps)
        else:
            self._inside(step)
        return None

    def _inside(self, step: Step) -> None:
        self.walk(step.steps)
        for branch in step.branches:
            outer, self.sessions = self.sessions, [_Session() for _ in self.sessions]
            self.walk(branch)
            self.sessions = outer

    def _find(
        self, step: Step, wanted: str, needs: str | None = None, maker: str | None = None
    ) -> _Handle | None:
        """The handle the step works on; a problem when the file shows there is none."""
        needs = needs or (f"an {wanted}" if wanted == "open request" else f"a {wanted}")
        maker = maker or _MAKER[wanted]
        start: _Handle | None
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
        self._problem(
            "wrong-order", f"'{step.verb}' needs {needs}: put a '{maker}' step before it", step
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


def check_variables(
    scenario: Scenario, source: Source, uses: Iterable[Expression]
) -> tuple[Problem, ...]:
    """Templates that name what nothing defines before them. ``uses`` stand outside the steps."""
    first = {*scenario.variables, *scenario.secrets}
    for case in scenario.cases:
        first |= {*case.variables}
    later = {name: step for step, names in _captures(scenario) for name in names}
    problems = list(_undefined(uses, first | {"case"}, later, source))
    known = set(first)
    for steps in (scenario.steps, scenario.teardown):
        _flow(steps, known, later, source, problems)
    return tuple(problems)


def _flow(
    steps: Iterable[Step],
    known: set[str],
    later: dict[str, Step],
    source: Source,
    problems: list[Problem],
) -> None:
    """Follows the variables through the steps; ``known`` grows as it goes."""
    for step in steps:
        if step.each is not None:
            known.add(step.each[0])
        if step.verb not in REQUEST:
            _flow(step.steps, known, later, source, problems)
        taken: dict[str, int] = {}
        for number, branch in enumerate(step.branches):
            inside = set(known)
            _flow(branch, inside, later, source, problems)
            for name in inside - known:
                if taken.setdefault(name, number) != number:
                    problems.append(_twice(name, step, source))
        known.update(taken)
        uses = (use for use in step.uses if isinstance(use, Expression))
        problems.extend(_undefined(uses, known, later, source))
        known.update(_defines(step))


def _twice(name: str, step: Step, source: Source) -> Problem:
    return Problem(
        "invalid-scenario",
        f"two branches of this 'parallel' capture `{name}`",
        step.at,
        hint="branches run at the same time: give each its own name",
        line=source.line(step.at.line),
    )


def _undefined(
    uses: Iterable[Expression], known: set[str], later: dict[str, Step], source: Source
) -> Iterator[Problem]:
    for use in uses:
        if use.reference is None or use.reference.name in known or use.reference.name in RESERVED:
            continue
        name = use.reference.name
        guess = did_you_mean(name, known)
        if name in later:
            hint = f"the step at line {later[name].at.line} defines it: too late for this one"
        elif guess:
            hint = f"did you mean `{guess}`?"
        else:
            hint = "define it in `vars`, or capture it in a step before"
        yield Problem(
            "undefined-variable",
            f"`{name}` is not defined here",
            use.at,
            hint=hint,
            line=source.line(use.at.line),
        )


def _captures(scenario: Scenario) -> Iterator[tuple[Step, list[str]]]:
    for step in _in_order((*scenario.steps, *scenario.teardown)):
        yield step, list(_defines(step))


def _defines(step: Step) -> Iterator[str]:
    if step.id is not None:
        yield step.id
    if step.each is not None:
        yield step.each[0]
    yield from (capture.variable for capture in step.capture)
    if step.verb == "set" and isinstance(step.subject, dict):
        yield from step.subject


def _in_order(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        if step.verb not in REQUEST:
            yield from _in_order(step.steps)
            for branch in step.branches:
                yield from _in_order(branch)
        yield step
