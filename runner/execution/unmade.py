"""Variables and facts that a step should have made and did not: what needs them is skipped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from runner.kinds import StepFault
from runner.result import StepResult
from runner.scenario.build import REQUEST
from runner.scenario.model import Step
from runner.scenario.uses import expressions

if TYPE_CHECKING:
    from runner.execution.scope import Variables
    from runner.scenario.expression import Expression


class Unmade:
    """Names, and which step should have given each its value. A value it has already stands."""

    def __init__(self, reasons: Mapping[str, str] | None = None) -> None:
        self.reasons = dict(reasons or {})

    def note(self, step: Step, result: StepResult) -> None:
        """Keeps what a step left unmade, by how it ended."""
        if result.outcome == "passed":
            return
        ended = "was skipped" if result.outcome == "skipped" else "failed"
        reason = f"`{result.name}` ({result.at}) should have made: that step {ended}"
        names = _made_by(step, deep=result.outcome == "skipped")
        self.reasons.update(dict.fromkeys(names, reason))

    def lacks(self, tree: object, variables: Variables) -> str | None:
        """Why a tree of templates cannot have its values; None when no step is to blame."""
        return self._of(expressions(tree), variables) if self.reasons else None

    def lacked_by(self, step: Step, variables: Variables) -> str | None:
        """Why a step is to be skipped; None when it can be carried out.

        Its name and its conditions may do without a value; its captures and checks see what it
        captures itself, and everything but the list of ``for-each`` sees the element.
        """
        if not self.reasons:
            return None
        repeated = step.repeat.conditions if step.repeat is not None else ()
        conditions = [each.value for each in (*step.condition, *repeated)]
        spared = {id(use) for use in expressions([step.name, *conditions])}
        queries = [each.query for each in step.capture]
        last = {id(use) for use in expressions([*queries, *step.late])}
        captured = {each.variable for each in step.capture}
        element, listed = step.each or (None, None)
        before = {id(use) for use in expressions(listed)}
        uses = (
            use
            for use in expressions(step.uses)
            if id(use) not in spared
            and not (id(use) in last and _name(use) in captured)
            and not (_name(use) == element and id(use) not in before)
        )
        return self._of(uses, variables)

    def _of(self, uses: Iterable[Expression], variables: Variables) -> str | None:
        for use in uses:
            reason = self.reasons.get(_name(use))
            if reason is not None and not _has(use, variables):
                assert use.reference is not None
                return f"it needs `{use.reference.name}{use.reference.rest}`, which {reason}"
        return None


def _has(use: Expression, variables: Variables) -> bool:
    """Whether the value is there: from before, or left by a step that failed later on."""
    if _name(use) not in variables.values:
        return False
    try:
        use.render(variables)
    except StepFault as fault:
        return fault.fault.kind != "undefined-variable"
    return True


def _name(use: Expression) -> str:
    return use.reference.name if use.reference is not None else ""


def _made_by(step: Step, *, deep: bool) -> Iterator[str]:
    """The names a step defines; ``deep``: also those of the steps in it."""
    if step.id is not None:
        yield step.id
    if step.each is not None:
        yield step.each[0]
    yield from (capture.variable for capture in step.capture)
    if step.verb == "set" and isinstance(step.subject, Mapping):
        yield from map(str, step.subject)
    if deep and step.verb not in REQUEST:
        for part in (*step.steps, *(part for branch in step.branches for part in branch)):
            yield from _made_by(part, deep=True)
