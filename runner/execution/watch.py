"""The time that captures and checks have: no query, filter or matcher goes on past the deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeVar

from runner.kinds import Fault, StepFault
from runner.query.path import Query
from runner.query.show import size_left
from runner.query.values import Deferred, Scope
from runner.steps.base import Deadline

if TYPE_CHECKING:
    from runner.query.matchers import Matcher
    from runner.query.matchers.core import Verdict

Made = TypeVar("Made")

_GRACE: Final = 0.03
"""Seconds for checks that begin when the deadline has just passed."""

_LARGE: Final = 256 * 1024
_FEW: Final = 50


class Watch:
    """Watches over the captures and checks of one step.

    What takes no time to speak of is done in place; all else is broken off at the deadline, and
    raises ``StepFault`` (deadline-exceeded).
    """

    __slots__ = ("_deadline", "_end")

    def __init__(self, deadline: Deadline | None) -> None:
        self._deadline: Final = deadline
        self._end = 0.0 if deadline is None else max(deadline.moment, perf_counter() + _GRACE)

    def find(self, query: Query, facts: Mapping[str, object]) -> object:
        """What the query finds. Raises as ``query.find`` does."""
        if self._deadline is None or (query.quick and not _has_large_body(facts)):
            return query.find(facts)
        return self._bounded(lambda: query.find(facts), "it was looked for")

    def check(self, matcher: Matcher, value: object, scope: Scope) -> Verdict:
        """The matcher's verdict. Raises as ``matcher.check`` does."""
        if self._deadline is None or (matcher.quick and size_left(value, _FEW, _LARGE) > 0):
            return matcher.check(value, scope)
        return self._bounded(lambda: matcher.check(value, scope), "it was compared")

    def render(self, value: Deferred, scope: Scope) -> object:
        """The value in this scope. Raises as ``value.render`` does."""
        if self._deadline is None:
            return value.render(scope)
        return self._bounded(lambda: value.render(scope), "a template was filled in")

    def _bounded(self, work: Callable[[], Made], doing: str) -> Made:
        from runner.query.bounded import OutOfTime, within

        assert self._deadline is not None
        try:
            return within(self._end - perf_counter(), work)
        except OutOfTime:
            message = f"the deadline of {self._deadline.seconds:g} s passed while {doing}"
            raise StepFault(Fault("deadline-exceeded", "checks", message)) from None


def _has_large_body(facts: Mapping[str, object]) -> bool:
    size = facts.get("size")
    return size.__class__ is int and size > _LARGE
