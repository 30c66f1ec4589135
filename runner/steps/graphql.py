"""What a GraphQL answer says went wrong: it may carry errors under a status of 200."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from runner.kinds import StepFault
from runner.query.values import Lazy
from runner.scenario.model import Check
from runner.steps.base import Run, fail

# The member's name ends where RFC 9535, 2.5.1, lets no character of a name follow.
_ERRORS: Final = re.compile(
    r"""\s*\$\s*(?:\.errors(?![0-9A-Za-z_\x80-\U0010ffff])|\[\s*(?:'errors'|"errors")\s*\])"""
)


def check_errors(run: Run, checks: Iterable[Check]) -> None:
    """Raises ``StepFault`` (graphql-errors) when the body that was read carries ``errors``.

    A check on ``$.errors`` says that the scenario looks at them itself. Under a status of 2xx a
    body that is no JSON is invalid-json; a body read in parts is not looked at.
    Source: GraphQL specification, 7.1 (response format).
    """
    facts, exchange = run.facts, run.exchange
    raw, lazy = facts.get("raw"), facts.get("json")
    if exchange is None or not isinstance(raw, bytes) or not isinstance(lazy, Lazy):
        return
    if not exchange.body.eof or len(raw) != exchange.body.received:
        return
    if any(_ERRORS.match(check.text) for check in checks):
        return
    try:
        body = lazy.get()
    except StepFault:
        if 200 <= exchange.status < 300:
            raise
        return
    errors = body.get("errors") if isinstance(body, Mapping) else None
    if not errors or not isinstance(errors, list):
        return
    first = errors[0].get("message") if isinstance(errors[0], Mapping) else errors[0]
    more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
    fail("graphql-errors", f"the answer carries errors: {first}{more}", phase="read")
