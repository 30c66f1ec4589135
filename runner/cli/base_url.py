"""The base URL of a run: whether it is one, and which scenarios need one and have none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from runner.cli.output import UsageError
from runner.kinds import StepFault
from runner.query.values import is_deferred
from runner.scenario.build import REQUEST
from runner.scenario.model import Address, Scenario, Step
from runner.scenario.problems import Problem

_SHOWN: Final = 8


def checked_base(base: str | None) -> str | None:
    """The URL of ``--base``. Raises ``UsageError`` for what is no http URL."""
    if base is None:
        return None
    from runner.wire.route import hide_userinfo, split_url

    try:
        split_url(base)
    except StepFault as fault:
        shown = hide_userinfo(base)
        scheme, colon, _ = base.partition("://")
        if not colon:
            hint = f"write --base http://{shown.lstrip('/')}"
            raise UsageError(f"--base {shown}: it is no URL", hint) from None
        if scheme.lower() not in ("http", "https"):
            hint = "write http:// or https://"
            raise UsageError(f"--base {shown}: `{scheme}` is no scheme", hint) from None
        told = fault.fault
        message = told.message.removeprefix(f"{shown} is no URL: ")
        raise UsageError(f"--base {shown}: {message}", told.hint) from None
    return base


def unbased(scenarios: Iterable[Scenario]) -> Problem | None:
    """The one problem of all scenarios that ask for a path where no base URL is known.

    Steps that may be left out and those that expect an error are passed over.
    """
    found = []
    for scenario in scenarios:
        if scenario.skip is None and scenario.base is None:
            steps = (*scenario.steps, *scenario.teardown)
            first = next(_paths(steps, _Way()), None)
            if first is not None:
                found.append((scenario, *first))
    if not found:
        return None
    scenario, at, shown = found[0]
    lines = scenario.text.splitlines()
    others = list(dict.fromkeys(each.file for each, *_ in found if each.file != scenario.file))
    more = ""
    if others:
        left = len(others) - _SHOWN
        more = f"; the same in {', '.join(others[:_SHOWN])}"
        more += f" and {left} more" if left > 0 else ""
    return Problem(
        "invalid-url",
        f"{shown}, and there is no base URL{more}",
        at,
        hint="give --base URL, or the scenario a `base`, or the step a whole URL",
        line=lines[at.line - 1] if at.line <= len(lines) else None,
    )


class _Way:
    """Whether the newest session has a connection, which paths are appended to."""

    def __init__(self, *, connected: bool = False) -> None:
        self.connected = connected


def _paths(steps: Iterable[Step], way: _Way) -> Iterator[tuple[Address, str]]:
    """The places of steps that need a base URL, and what needs it."""
    for step in steps:
        sure = not step.condition and step.expected_error is None
        if step.verb == "session":
            way.connected = False
        elif step.verb == "connect":
            if step.subject is None and sure and not way.connected:
                yield step.at, "`connect` names no URL"
            way.connected = True
        elif step.verb in REQUEST:
            if sure and step.on is None and not way.connected:
                target = step.subject.get("target") if isinstance(step.subject, dict) else None
                if isinstance(target, str) and not is_deferred(target) and "://" not in target:
                    yield step.at, f"`{target}` is a path"
        elif sure:
            used = step.scenario
            if used is None or used.base is None:
                yield from _paths(step.steps or (used.steps if used else ()), way)
            for branch in step.branches:
                yield from _paths(branch, _Way(connected=way.connected))
