"""What a GraphQL answer says went wrong: it may carry errors under a status of 200."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runner.kinds import StepFault
from runner.query.values import Lazy
from runner.scenario.model import Check
from runner.steps.base import Run, fail


def check_errors(run: Run, checks: Iterable[Check]) -> None:
    """Raises ``StepFault`` (graphql-errors) when the body that was read carries ``errors``.

    A check on ``$.errors`` says that the scenario looks at them itself.
    Source: GraphQL specification, 7.1 (response format).
    """
    if any(check.text.startswith(("$.errors", "$['errors']")) for check in checks):
        return
    lazy = run.facts.get("json")
    try:
        body = lazy.get() if isinstance(lazy, Lazy) else None
    except StepFault:
        return
    errors = body.get("errors") if isinstance(body, Mapping) else None
    if not errors or not isinstance(errors, list):
        return
    first = errors[0].get("message") if isinstance(errors[0], Mapping) else errors[0]
    more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
    fail("graphql-errors", f"the answer carries errors: {first}{more}", phase="read")
