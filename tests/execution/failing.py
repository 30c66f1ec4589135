"""A request that fails, written in both ways, and what its result must then say."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runner.kinds import KINDS
from runner.result import ScenarioResult, StepResult

Keys = Mapping[str, Any]
WAYS = ("steps", "get")
_BEFORE: Mapping[str, frozenset[str]] = {
    "connect": frozenset(),
    "open": frozenset(),
    "add-headers": frozenset(),
    "send": frozenset(),
    "read": frozenset({"send", "wait"}),
}


@dataclass(frozen=True)
class Trial:
    """One request to ``base``; the other fields are keys of the steps it is made of.

    ``add`` is an ``add-headers`` step, which only the step-by-step way can have. ``first`` are
    steps before the request; with them both ways connect by a step. What no run could use would be
    refused at load where it stood in the file itself: it stands in ``vars``, as ``base`` does.
    """

    base: str | None
    request: str = "GET /"
    session: Keys = field(default_factory=dict)
    connect: Keys = field(default_factory=dict)
    open: Keys = field(default_factory=dict)
    add: Keys | None = None
    send: Keys = field(default_factory=dict)
    read: Keys = field(default_factory=dict)
    first: Sequence[Keys] = ()
    vars: Keys = field(default_factory=dict)

    def text(self, way: str) -> str:
        """The scenario, written step by step (``steps``) or as one request step (``get``)."""
        steps: list[Keys] = [{"session": None, "proxy": "direct", **self.session}]
        if way == "steps" or self.first:
            steps += [{"connect": None, **self.connect}, *self.first]
        steps += self._by_steps() if way == "steps" else [self._whole()]
        made: dict[str, object] = {"steps": steps}
        if self.base or self.vars:
            made["vars"] = {"where": self.base or "", **self.vars}
        return json.dumps({"base": "${where}", **made} if self.base else made)

    def _by_steps(self) -> list[Keys]:
        made: list[Keys] = [{"open": self.request, **self.open}]
        if self.add is not None:
            made.append(self.add)
        read = dict(self.read)
        return [*made, {"send": None, **self.send}, {"read": read.pop("as", None), **read}]

    def _whole(self) -> Keys:
        method, _, target = self.request.partition(" ")
        made: dict[str, Any] = {method.lower(): target}
        connect = {} if self.first else self.connect
        for part in (connect, self.open, self.send, self.read):
            for key, value in part.items():
                made[key] = {**made.get(key, {}), **value} if key == "expect" else value
        return made


@dataclass(frozen=True)
class Owed:
    """What the result must say: the primitive verb that fails, and how.

    ``message`` is the whole of it, or a pattern that it must match; ``hint`` a part of the hint,
    None where there is none. ``times`` are the phases the failing primitive got to, ``maybe`` those
    it got to by chance. ``whole``: it is the composite that fails, after all its parts, in the
    phase ``whole``.
    """

    kind: str
    verb: str
    phase: str
    message: str | re.Pattern[str]
    hint: str | None = None
    times: str = ""
    maybe: str = ""
    whole: str | None = None


def check(result: ScenarioResult, trial: Trial, owed: Owed, way: str) -> StepResult:
    """The step that failed, once it is seen to fail as it should, and all others to be right."""
    steps = list(result.steps)
    bad = next(each for each in steps if each.outcome != "passed")
    place = steps.index(bad)
    assert all(not each.times and each.kind is None for each in steps[place + 1 :])
    assert {each.outcome for each in steps[place + 1 :]} <= {"skipped"}
    assert (result.outcome, result.kind, result.message) == (bad.outcome, bad.kind, bad.message)
    made = frozenset(
        {"dns", "tcp", "tls"} if str(trial.base).startswith("https") else {"dns", "tcp"}
    )
    before = _BEFORE[owed.verb]
    if way == "steps":
        assert bad.verb == owed.verb
        says(bad, owed, owed.phase)
        assert set(bad.times) - set(owed.maybe.split()) == set(owed.times.split())
        kept = {key for each in steps[:place] for key in each.times}
        assert kept >= before | (frozenset() if owed.verb == "connect" else made)
        return bad
    says(bad, owed, owed.whole or owed.phase)
    parts = list(bad.steps)
    if owed.kind == "undefined-variable":
        assert not parts
        return bad
    assert {part.outcome for part in parts[:-1]} <= {"passed"}
    if owed.whole:
        assert [part.verb for part in parts][-3:] == ["open", "send", "read"]
        assert parts[-1].outcome == "passed"
        before = frozenset({"send", "wait", "read"})
    else:
        assert parts[-1].verb == owed.verb
        says(parts[-1], owed, owed.phase)
        before |= set(owed.times.split())
    if owed.verb != "connect" and not trial.first:
        before |= made
    assert set(bad.times) - set(owed.maybe.split()) == before
    for key, value in bad.times.items():
        assert value == sum(part.times.get(key, 0.0) for part in parts)
    return bad


def says(step: StepResult, owed: Owed, phase: str) -> None:
    """The step failed as it should: kind, phase, outcome, message, hint, times of any length."""
    assert (step.kind, step.phase) == (owed.kind, phase), step.message
    assert step.outcome == KINDS[owed.kind].outcome
    assert step.message is not None
    assert "\n" not in step.message
    if isinstance(owed.message, str):
        assert step.message == owed.message, step.message
    else:
        assert owed.message.search(step.message), step.message
    if owed.hint is None:
        assert step.hint is None
    else:
        assert owed.hint in (step.hint or "")
    assert all(seconds >= 0 for seconds in step.times.values())
