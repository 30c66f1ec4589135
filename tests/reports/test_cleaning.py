"""Scenarios made clean for readers that show only what did not pass."""

from __future__ import annotations

from runner.redact import Redactor
from runner.reports.cleaning import clean_scenario
from runner.result import Attempt, StepResult
from tests.reports import results

SECRET = "hunter2-and-more"


def test_of_steps_that_passed_nothing_is_left_that_is_not_clean() -> None:
    redactor = Redactor()
    redactor.add(SECRET)
    tries = (Attempt("failed", 0.0, 0.1, "read-timeout", SECRET), Attempt("passed", 1.0, 0.1))
    inner = results.step(
        "get", name=f"get /{SECRET}", message=SECRET, facts={"text": SECRET}
    )._replace(
        attempts=tries, captured={"a": SECRET}, curl=SECRET, hint=SECRET, causes=(SECRET,),
    )  # fmt: skip
    outer = results.step("block", name=SECRET)._replace(steps=(inner,))
    made = clean_scenario(results.scenario(outer), redactor.value, bad_only=True)
    assert SECRET not in repr(made)
    first: StepResult = made.steps[0].steps[0]
    assert (first.name, first.attempts[0].message) == ("get /***", "***")
    assert first.duration == inner.duration
