"""Captures and checks: queries over a step's facts, matchers over what they give."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from runner.execution.scope import Variables
from runner.execution.watch import Watch
from runner.kinds import KINDS, Fault, StepFault
from runner.query.errors import FilterError
from runner.query.path import Query
from runner.query.show import kept
from runner.query.values import MISSING, Deferred
from runner.redact import MASK, SHORTEST, shows_credential, texts_in
from runner.result import Failure
from runner.scenario.model import Capture, Check, Condition
from runner.steps.base import Deadline, Run


def evaluate(
    checks: Iterable[Check], run: Run, variables: Variables, watch: Watch, *, only_known: bool
) -> tuple[tuple[Failure, ...], str]:
    """The failures of these checks, and the kind the first of them has.

    ``only_known`` leaves out checks on what a failed step never came to know.
    """
    failures: list[Failure] = []
    kind = "expectation-failed"
    for check in checks:
        at = str(check.at)
        try:
            value = watch.find(_settled(check.query, variables), run.facts)
            if value is MISSING:
                if only_known:
                    continue
                # What is wrong is the query then, and not what was expected of it.
                at = str(check.key or check.at)
            mismatches = watch.check(check.matcher, value, variables)
        except FilterError as error:
            failures.append(Failure(check.text, "", None, MISSING, f"cannot be had: {error}", at))
            continue
        except StepFault as fault:
            if only_known:
                continue
            if not failures:
                kind = fault.fault.kind
            message = f"cannot be had: {fault.fault.message}"
            failures.append(Failure(check.text, "", None, MISSING, message, at))
            continue
        for wrong in mismatches:
            if not failures:
                kind = wrong.kind
            failures.append(
                Failure(
                    check.text,
                    wrong.matcher,
                    kept(wrong.expected),
                    kept(wrong.found),
                    wrong.message,
                    at,
                    wrong.paths,
                )
            )
    return tuple(failures), kind


def take_captures(
    run: Run, captured: dict[str, object], variables: Variables, watch: Watch
) -> tuple[Failure, ...]:
    """Gives each captured variable its value; returns those that found nothing.

    Raises ``StepFault`` when the deadline passes on the way.
    """
    lost: list[Failure] = []
    for capture in run.step.capture:
        message = None
        try:
            query = _settled(capture.query, variables)
            value = watch.find(query, run.facts)
            if query.finds_nothing(value):
                message = _nothing(value)
        except StepFault as fault:
            if fault.fault.kind == "deadline-exceeded":
                told = f"cannot capture {capture.text}: {fault.fault.message}"
                raise StepFault(fault.fault._replace(message=told), capture.at) from None
            message = f"cannot be had: {fault.fault.message}"
        except FilterError as error:
            message = f"cannot be had: {error}"
        if message is not None:
            at = str(capture.at)
            lost.append(Failure(capture.text, "capture", None, MISSING, message, at))
            continue
        hidden = hides(capture)
        if hidden:
            _hide(run, capture, value)
        if capture.append:
            before = variables.values.get(capture.variable)
            more = value if isinstance(value, list) else [value]
            value = [*(before if isinstance(before, list) else []), *more]
        variables.define(capture.variable, value)
        # A short value is masked nowhere else: too much would look like it.
        captured[capture.variable] = MASK if hidden and not capture.secret else value
    return tuple(lost)


def hides(capture: Capture) -> bool:
    """Whether what is captured must not be shown: it says so, or it is a cookie or a credential."""
    return capture.secret or shows_credential(capture.text)


def hide_captures(run: Run, variables: Variables, watch: Watch) -> None:
    """Tells what a step would have captured and must not be shown, had it not failed before."""
    for capture in run.step.capture:
        if hides(capture):
            with suppress(StepFault, FilterError):
                _hide(run, capture, watch.find(_settled(capture.query, variables), run.facts))


def _hide(run: Run, capture: Capture, value: object) -> None:
    for text in texts_in(value):
        if capture.secret or len(text) >= SHORTEST:
            run.surroundings.secret(text)


def holds(condition: Condition, variables: Variables, deadline: Deadline | None = None) -> bool:
    """Whether one line of ``if`` or ``while`` holds; what is undefined is missing.

    Raises ``StepFault``: for a filter or file that fails, and (expectation-failed) for a value the
    matcher cannot judge: text where a number is compared would never hold, and the step would be
    left out for ever.
    """
    watch = Watch(deadline)
    try:
        value = watch.render(condition.value, variables)
    except StepFault as told:
        if told.fault.kind != "undefined-variable":
            raise
        value = MISSING
    return _judged(value, condition, variables, watch)


def stops(check: Check, run: Run, variables: Variables) -> bool:
    """Whether one line of ``stop-if`` holds for what an attempt left.

    An answer that is no JSON or XML has nothing that a query could find there. Raises ``StepFault``
    for a filter or file that fails, and for a value the matcher cannot judge.
    """
    watch = Watch(run.deadline)
    try:
        value = watch.find(_settled(check.query, variables), run.facts)
    except FilterError as error:
        message = f"`stop-if` cannot be judged: {check.text}: {error}"
        raise StepFault(Fault("expectation-failed", "checks", message), check.at) from None
    except StepFault as told:
        if KINDS[told.fault.kind].phase != "read":
            raise
        value = MISSING
    return _judged(value, check, variables, watch)


def _judged(value: object, line: Condition | Check, variables: Variables, watch: Watch) -> bool:
    wrong = watch.check(line.matcher, value, variables)
    if value is not MISSING:
        for mismatch in wrong:
            if not mismatch.judged:
                message = f"{line.text} {mismatch.message}"
                raise StepFault(Fault("expectation-failed", "checks", message), line.at)
    return not wrong


def _settled(query: Query | Deferred, variables: Variables) -> Query:
    if isinstance(query, Query):
        return query
    rendered = query.render(variables)
    assert isinstance(rendered, Query)
    return rendered


def _nothing(value: object) -> str:
    if value is MISSING:
        return "is missing"
    return "is an empty list" if value == [] else "is an empty text"
