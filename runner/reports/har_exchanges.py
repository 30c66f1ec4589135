"""The exchanges of a scenario, put together from the steps that each tell a part of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runner.query.facts import REQUESTS
from runner.reports.told import every
from runner.result import ScenarioResult, StepResult

Facts = Mapping[str, Any]


@dataclass(slots=True)
class Exchange:
    """A request and what came of it.

    ``step`` sent it, ``owner`` is the step of the scenario it did so for; ``facts`` are those of
    this exchange, ``final`` says that it is the last of its step. ``sent``: seconds since the
    scenario began. ``times``: seconds of each phase, those of the connection for its first exchange
    only. ``received`` and ``on_wire`` are the bytes of the body, decoded and not; None where it was
    not read.
    """

    step: StepResult
    owner: StepResult
    facts: Facts
    final: bool
    sent: float
    times: dict[str, float]
    peer: Facts = field(default_factory=dict)
    connection: int | None = None
    received: int | None = None
    on_wire: int | None = None
    body: Any = None
    request_body: Any = None

    @property
    def url(self) -> str:
        """The URL that was asked for."""
        return str(self.facts.get("url") or self.facts.get("request.url") or "")


def exchanges(scenario: ScenarioResult) -> Iterator[Exchange]:
    """All exchanges of a clean scenario, in the order they were sent."""
    steps = list(every((*scenario.steps, *scenario.teardown)))
    owners = {id(part): step for step in steps if step.verb in REQUESTS for part in step.steps}
    about: dict[float, list[StepResult]] = {}
    connects: dict[float, StepResult] = {}
    for step in steps:
        sent, opened = step.facts.get("request.sent"), step.facts.get("connection.opened")
        if isinstance(sent, float):
            about.setdefault(sent, []).append(step)
        if step.verb == "connect" and isinstance(opened, float):
            connects[opened] = step
    made = [one for step in steps if step.verb == "send" for one in _of_send(step, owners)]
    made.sort(key=lambda one: one.sent)
    numbers: dict[float, int] = {}
    for exchange in made:
        opened = exchange.facts.get("connection.opened")
        connect = connects.get(opened) if isinstance(opened, float) else None
        if isinstance(opened, float) and connect is not None:
            exchange.peer = connect.facts
            if opened not in numbers:
                exchange.times = {**connect.times, **exchange.times}
            exchange.connection = numbers.setdefault(opened, len(numbers) + 1)
        if exchange.final:
            _read(exchange, about.get(exchange.sent, ()))
        yield exchange


def _of_send(step: StepResult, owners: Mapping[int, StepResult]) -> Iterator[Exchange]:
    facts, owner = step.facts, owners.get(id(step), step)
    several = facts.get("exchanges")
    if isinstance(several, list) and several:
        for number, one in enumerate(several, 1):
            times = dict(one.get("times") or {})
            sent, final = one["request.sent"], number == len(several)
            yield Exchange(step, owner, one, final, sent, times, request_body=_posted(one))
    elif isinstance(facts.get("request.sent"), float):
        times = {name: step.times[name] for name in ("send", "wait") if name in step.times}
        sent = facts["request.sent"]
        yield Exchange(step, owner, facts, True, sent, times, request_body=_posted(facts))


def _posted(facts: Facts) -> Any:
    return facts.get("request.body")


def _read(exchange: Exchange, steps: Sequence[StepResult]) -> None:
    """Adds what other steps know of this exchange: reads, and the composite around it."""
    bodies = []
    for step in steps:
        facts = step.facts
        if step.verb == "read":
            exchange.times["read"] = exchange.times.get("read", 0.0) + step.times.get("read", 0.0)
            exchange.received, exchange.on_wire = facts.get("received"), facts.get("wire-size")
            if "body" in facts:
                bodies.append(facts["body"])
        elif "body" in facts:
            exchange.body = facts["body"]
        if "request.body" in facts:
            exchange.request_body = facts["request.body"]
    if bodies:
        whole = all(isinstance(one, str) for one in bodies)
        exchange.body = "".join(bodies) if whole else bodies[-1]
