"""A file as it is judged, and what of it offends the schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from runner.scenario.grammar import Place, is_verb, steps_in
from runner.scenario.problems import Problem
from runner.scenario.source import Source

if TYPE_CHECKING:
    from jsonschema import ValidationError

KIND: Final = "invalid-scenario"


class Offence(NamedTuple):
    """One error of the schema: ``value`` at ``place`` offends ``keyword`` of ``schema``.

    ``wanted`` is the keyword's own value. ``of_name`` says that the value is a key of the mapping
    at ``place``. ``children`` are the errors of all forms the value could have had, each with the
    number of its ``form``; ``deeper`` says that one lies inside the value and not in it itself.
    """

    keyword: str
    wanted: Any
    value: Any
    schema: Mapping[str, Any]
    place: Place
    of_name: bool
    form: object
    deeper: bool
    children: tuple[Offence, ...]


def offence(error: ValidationError) -> Offence:
    """An error of jsonschema as far as a sentence needs it."""
    within = list(error.absolute_schema_path)
    schema = error.schema
    return Offence(
        keyword=str(error.validator),
        wanted=error.validator_value,
        value=error.instance,
        schema=schema if isinstance(schema, Mapping) else {},
        place=tuple(error.absolute_path),
        of_name="propertyNames" in within[-3:],
        form=error.schema_path[0],
        deeper=bool(error.relative_path),
        children=tuple(map(offence, error.context or ())),
    )


class Reading:
    """One file as it is judged: its steps by their paths, and how messages call its parts.

    ``told`` are the paths of what problems were told of.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.steps = dict(steps_in(source.value))
        self.told: list[Place] = []

    def label(self, place: Place) -> str:
        """What a message calls the value at a path."""
        if not place:
            return "a scenario"
        step = self.steps.get(place)
        if isinstance(step, Mapping):
            return next((f"a `{key}` step" for key in step if is_verb(key)), "a step")
        last = place[-1]
        if isinstance(last, str):
            return f"`{last}`"
        return f"item {last + 1} of {self.label(place[:-1])}"

    def tell(
        self,
        message: str,
        place: Place,
        *,
        key: bool = False,
        expected: str | None = None,
        hint: str | None = None,
        also: Place | None = None,
    ) -> Problem:
        """A problem with the value at a path, or its key; ``also`` is where it first stands."""
        self.told.append(place)
        first = ((also, "the first is here"),) if also is not None else ()
        return self.source.problem(
            KIND, message, place, key=key, expected=expected, hint=hint, also=first
        )
