"""How a step ends: what it captured, which checks hold, and which kind it did not pass with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runner.execution.checks import evaluate, hide_captures, take_captures
from runner.execution.scope import Variables
from runner.execution.watch import Watch
from runner.kinds import Fault, Phase, StepFault
from runner.query.values import MISSING
from runner.result import Failure
from runner.scenario.build import REQUEST
from runner.scenario.model import Check
from runner.steps.base import Run

PHASE_OF: Final[Mapping[str, Phase]] = {
    "session": "open", "connect": "connect", "open": "open", "add-headers": "open",
    "send": "send", "read": "read", "close": "read",
}  # fmt: skip


_OF_CHECKS: Final = frozenset({"expectation-failed", "schema-mismatch"})


class Ending:
    """How a step ends, as it becomes known. ``at`` is the place in the scenario to point at."""

    __slots__ = ("at", "captured", "failures", "fault")

    def __init__(self, fault: Fault | None = None, at: object = None) -> None:
        self.fault = fault
        self.failures: tuple[Failure, ...] = ()
        self.at = at
        self.captured: dict[str, object] = {}


def judge(run: Run, ending: Ending, variables: Variables, *, saved: bool = True) -> None:
    """Captures, then the status, then all of ``expect``, whatever failed before.

    A wrong status names the kind, as it mostly explains the rest; else a capture that found
    nothing, else the first check that does not hold. After a fault of the step itself nothing is
    captured, and only checks on facts that came to be known are told. ``saved``: files that were
    saved are put in place, as no step that this is a part of captures more that may be a secret.
    """
    step = run.step
    phase = PHASE_OF.get(step.verb, "checks")
    watch = Watch(run.deadline)
    acted = ending.fault is None
    lost: tuple[Failure, ...] = ()
    if acted:
        try:
            lost = take_captures(run, ending.captured, variables, watch)
        except StepFault as told:
            ending.fault, ending.at = told.fault._replace(phase=phase), told.at
        if not step.status_named and (step.verb == "send" or step.verb in REQUEST):
            _check_status(run, ending)
    else:
        hide_captures(run, variables, watch)
    if saved:
        put_in_place(run, ending)
    known = not acted and step.expected_error is None
    failures, kind = evaluate(step.expect, run, variables, watch, only_known=known)
    ending.failures += (*lost, *failures)
    if ending.fault is None and ending.failures:
        ending.fault, ending.at = _first(lost, failures, kind, phase, run.facts)
    if ending.fault is not None:
        run.facts["error"] = ending.fault.kind
    if step.expected_error is not None:
        turn_table(step.expected_error, ending, variables, phase, failures)


def put_in_place(run: Run, ending: Ending) -> None:
    """Gives the files saved by this step their names, with what its captures made a secret masked.

    After Ctrl-C they are left, to be removed.
    """
    if not run.saves or (ending.fault is not None and ending.fault.kind == "interrupted"):
        return
    try:
        while run.saves:
            run.saves[0].finish()
            del run.saves[0]
    except OSError as error:
        if ending.fault is None:
            message = f"{run.saves[0].path} cannot be saved: {error.strerror}"
            ending.fault = Fault("file-not-found", "read", message, "see the folder of --output")


def _first(
    lost: tuple[Failure, ...],
    failures: tuple[Failure, ...],
    kind: str,
    phase: Phase,
    facts: Mapping[str, object],
) -> tuple[Fault, str]:
    """What to say first of captures and checks that went wrong, and where it stands."""
    status = next((one for one in failures if one.query == "status"), None)
    if status is not None:
        return Fault("expectation-failed", phase, f"status {status.message}"), status.at
    if lost:
        message = f"cannot capture {lost[0].query}: it {lost[0].message}"
        return Fault("capture-failed", phase, message, _instead(lost[0], facts)), lost[0].at
    message = f"{failures[0].query} {failures[0].message}"
    return Fault(kind, phase, message, _instead(failures[0], facts)), failures[0].at


def _instead(failure: Failure, facts: Mapping[str, object]) -> str | None:
    """What there is where a query found nothing."""
    if failure.found is not MISSING or failure.message.startswith("cannot be had"):
        return None
    from runner.execution.nearby import nearby

    return nearby(failure.query, facts)


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


def turn_table(
    check: Check,
    ending: Ending,
    variables: Variables,
    phase: Phase,
    others: tuple[Failure, ...] = (),
) -> None:
    """``expect: {error: …}``: the step passes only when it ends in that kind, and the checks beside
    it hold. ``others`` are those that do not.
    """
    fault = ending.fault
    if fault is not None and fault.kind in ("interrupted", "internal-error"):
        return
    wrong = check.matcher.check(MISSING if fault is None else fault.kind, variables)
    if not wrong:
        ending.fault, ending.failures = None, ()
        if others and fault is not None and fault.kind not in _OF_CHECKS:
            message = f"{others[0].query} {others[0].message}"
            ending.fault = Fault("expectation-failed", phase, message)
            ending.failures, ending.at = others, others[0].at
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
