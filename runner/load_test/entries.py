"""What the statistics of a load count: one entry for each step as written, whatever its values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from runner.kinds import KINDS
from runner.query.values import Deferred
from runner.result import ScenarioResult, StepResult
from runner.scenario.build import REQUEST
from runner.scenario.model import Scenario, Step

SCENARIO: Final = "scenario"
CUT: Final = "interrupted"
"""The kind of what the end of a load's grace cut short."""
_PARTS: Final = ("session", "open", "send", "read")
_PRIMITIVE: Final = ("session", "connect", "open", "add-headers", "send", "read", "close")
_OF_STATUS: Final = ("unexpected-status", "authentication-failed", "proxy-auth-required")


class Entry(NamedTuple):
    """One entry: its type (a method, a verb, or ``scenario``) and its name."""

    type: str
    name: str


Entries = Mapping[tuple[str, str], Entry]


def entries_of(
    scenarios: Iterable[Scenario], *, parts: bool = False
) -> dict[tuple[str, str], Entry]:
    """The entries of all primitive steps and requests, by the place and the verb of their results.

    A connection that a request makes is an entry of its own; ``parts`` makes one of each other
    primitive step in it too.
    """
    found: dict[tuple[str, str], Entry] = {}
    for scenario in scenarios:
        for steps in (scenario.steps, scenario.teardown):
            _enter(steps, found, parts)
    return found


def _enter(steps: Iterable[Step], found: dict[tuple[str, str], Entry], parts: bool) -> None:
    newest = ""
    opened: dict[str, str] = {}
    for step in steps:
        at = str(step.at)
        if step.verb in REQUEST:
            name = _target(step)
            entry = Entry(step.verb.upper(), _named(step, f"{step.verb} {name}") or name)
            found[at, step.verb] = entry
            inside = f"{step.verb.upper()} {name}"
            for verb in ("connect", *_PARTS) if parts else ("connect",):
                found.setdefault((at, verb), Entry(verb, inside))
        elif step.verb in _PRIMITIVE:
            if step.verb == "open":
                newest = f"{_written(_subject(step, 'method'))} {_target(step)}"
                if step.id is not None:
                    opened[step.id] = newest
            request = opened.get(step.on or "", newest)
            found[at, step.verb] = Entry(step.verb, _own_name(step, request))
            if step.verb == "send":
                found.setdefault((at, "connect"), Entry("connect", request))
        for inner in _inside(step):
            _enter(inner, found, parts)


def _inside(step: Step) -> Iterator[Iterable[Step]]:
    if step.verb not in REQUEST:
        yield step.steps
    yield from step.branches
    if step.scenario is not None:
        yield step.scenario.steps
        yield step.scenario.teardown


def _own_name(step: Step, request: str) -> str:
    """What a primitive step is called: by its name, else by its request, else by its subject."""
    subject = _written(step.subject) if step.subject is not None else ""
    if step.verb == "connect" and not subject:
        return _named(step, "connect") or "base"
    if step.verb == "open":
        return _named(step, f"open {request}") or request
    if step.verb in ("send", "read", "add-headers"):
        return _named(step, f"{step.verb} {subject}".strip(), step.verb) or request
    return _named(step, f"{step.verb} {subject}".strip(), step.verb) or subject or step.verb


def _named(step: Step, *defaults: str) -> str | None:
    """The name a step was given, None where it has the one it gets by itself."""
    name = _written(step.name)
    return None if name in defaults else name


def _target(step: Step) -> str:
    return _written(_subject(step, "target"))


def _subject(step: Step, key: str) -> object:
    return step.subject.get(key) if isinstance(step.subject, Mapping) else step.subject


def _written(value: object) -> str:
    """A text as it stands in the file, its templates unfilled."""
    return repr(value) if isinstance(value, Deferred) else str(value)


def reason(result: StepResult | ScenarioResult) -> str | None:
    """Why a result did not pass, in words that are the same for each such failure; None if it did.

    ``KIND: …``, with what the scenario asks for but never what a server sent, a status aside.
    """
    kind = result.kind
    if kind == CUT:
        return f"{CUT}: cut short at the end of the grace"
    if kind is None or result.outcome not in ("failed", "error"):
        return None
    if isinstance(result, ScenarioResult):
        steps = (*result.steps, *result.teardown)
        first = next((step for step in steps if step.kind == kind), None)
        if first is not None:
            return reason(first)
    else:
        for failure in result.failures:
            if failure.query == "status" and isinstance(failure.found, int):
                return f"{kind}: status is {failure.found}"
        if result.failures and kind not in _OF_STATUS:
            first_of = result.failures[0]
            how = f" ({first_of.matcher})" if first_of.matcher else ""
            return f"{kind}: {first_of.query}{how}"
    return f"{kind}: {KINDS[kind].meaning}"
