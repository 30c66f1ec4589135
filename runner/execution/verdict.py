"""How a step ends: what it captured, which checks hold, and which kind it did not pass with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from runner.execution.checks import evaluate, hide_captures, take_captures
from runner.execution.scope import Variables
from runner.kinds import Fault, Phase
from runner.query.values import MISSING
from runner.result import Failure
from runner.scenario.build import REQUEST
from runner.scenario.model import Check
from runner.steps.base import Run

PHASE_OF: Final[Mapping[str, Phase]] = {
    "session": "open", "connect": "connect", "open": "open", "add-headers": "open",
    "send": "send", "read": "read", "close": "read",
}  # fmt: skip


@dataclass(slots=True)
class Ending:
    """How a step ends, as it becomes known. ``at`` is the place in the scenario to point at."""

    fault: Fault | None = None
    failures: tuple[Failure, ...] = ()
    at: object = None
    captured: dict[str, object] = field(default_factory=dict)


def judge(run: Run, ending: Ending, variables: Variables) -> None:
    """Captures, then the status, then all of ``expect``, whatever failed before.

    The first thing wrong names the kind. After a fault of the step itself nothing is captured, and
    only checks on facts that came to be known are told.
    """
    step = run.step
    phase = PHASE_OF.get(step.verb, "checks")
    acted = ending.fault is None
    if acted:
        _capture(run, ending, variables, phase)
        if not step.status_named and (step.verb == "send" or step.verb in REQUEST):
            _check_status(run, ending)
    else:
        hide_captures(run, variables)
    failures, kind = evaluate(step.expect, run, variables, only_known=not acted)
    if failures:
        ending.failures += failures
        if ending.fault is None:
            first = failures[0]
            ending.fault = Fault(kind, phase, f"{first.query} {first.message}")
    if ending.fault is not None:
        run.facts["error"] = ending.fault.kind
    if step.expected_error is not None:
        turn_table(step.expected_error, ending, variables, phase)


def _capture(run: Run, ending: Ending, variables: Variables, phase: Phase) -> None:
    lost = take_captures(run, ending.captured, variables)
    if lost:
        ending.failures += lost
        message = f"cannot capture {lost[0].query}: it {lost[0].message}"
        ending.fault = Fault("capture-failed", phase, message)


def _check_status(run: Run, ending: Ending) -> None:
    status = run.facts.get("status")
    if not isinstance(status, int) or 200 <= status < 300:
        return
    shown = f"{status} {run.facts.get('reason') or ''}".strip()
    failure = Failure("status", "2xx", "2xx", status, f"is {shown}, expected 2xx", str(run.step.at))
    ending.failures += (failure,)
    if ending.fault is not None:
        return
    kind, hint = "unexpected-status", None
    if 300 <= status < 400:
        hint = (
            f"it leads to {run.facts.get('location')}: "
            "say `redirects: 5` to follow it, or expect this status"
        )
    elif status == 401 and run.exchange is not None and (auth := run.exchange.prepared.draft.auth):
        from runner.wire.auth import proof_of

        kind, hint = "authentication-failed", f"the server refused {proof_of(auth)}"
    elif status == 407 and run.route is not None and run.route.proxy is not None:
        kind, hint = "proxy-auth-required", "give the proxy's URL a user and a password"
    ending.fault = Fault(kind, "send", f"status is {shown}, expected 2xx", hint)


def turn_table(check: Check, ending: Ending, variables: Variables, phase: Phase) -> None:
    """``expect: {error: …}``: the step passes only when it ends in that kind."""
    fault = ending.fault
    wrong = check.matcher.check(MISSING if fault is None else fault.kind, variables)
    if not wrong:
        ending.fault, ending.failures = None, ()
        return
    if fault is not None and fault.kind in ("interrupted", "internal-error"):
        return
    found = MISSING if fault is None else fault.kind
    first = wrong[0]
    ending.failures = (
        Failure(check.text, first.matcher, first.expected, found, first.message, str(check.at)),
    )
    if fault is None:
        told = Fault("expectation-failed", phase, "the step passed, and an error was expected")
    else:
        message = f"the step ended in {fault.kind}, not in the error expected"
        causes = (fault.message, *fault.causes)
        told = Fault("expectation-failed", phase, message, fault.hint, causes)
    ending.fault = told
