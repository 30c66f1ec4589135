"""How a filter is declared, and how a chain of them is compiled and applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from runner.query.errors import FilterError, QueryError, listing, suggestion
from runner.query.filters.arguments import READERS, Argument
from runner.query.scan import Call
from runner.query.show import found
from runner.query.types import fits, phrase, phrases, test_for
from runner.query.values import MISSING, Lazy, NoNodes


class Files(Protocol):
    """Where filters and matchers read files that a scenario names."""

    def read_bytes(self, name: str) -> bytes:
        """The content of a file. Raises OSError, or ``StepFault`` when it lies outside the root."""

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""


class Filter(NamedTuple):
    """One filter: ``fn(value, *arguments)``, what it takes and gives, and what it says of itself.

    ``gives`` is a static type, ``same`` for the type it was given. ``on_missing`` says that it is
    also applied to what is missing, ``reads_files`` that it takes the files as ``files=``.
    """

    name: str
    fn: Callable[..., object]
    doc: str
    takes: tuple[str, ...]
    gives: str
    arguments: tuple[Argument, ...]
    on_missing: bool = False
    reads_files: bool = False


Function = TypeVar("Function", bound=Callable[..., object])

FILTERS: Final[dict[str, Filter]] = {}

LARGEST: Final = 64 * 2**20
"""How many bytes, or characters, a filter may make of fewer: as large as a body may be."""


def too_large(name: str) -> str:
    """The sentence for a filter whose result is larger than ``LARGEST``."""
    return f"`{name}` would make more than 64 MiB"


def filter_(
    name: str,
    takes: Sequence[str],
    gives: str,
    *arguments: Argument,
    on_missing: bool = False,
    reads_files: bool = False,
) -> Callable[[Function], Function]:
    """Enter a function as a filter; its docstring is what ``explain`` prints."""

    def enter(fn: Function) -> Function:
        FILTERS[name] = Filter(
            name, fn, fn.__doc__ or "", tuple(takes), gives, arguments, on_missing, reads_files
        )
        return fn

    return enter


class _Stage(NamedTuple):
    filter: Filter
    arguments: tuple[Any, ...]
    accepts: Callable[[object], bool]

    def apply(self, value: object, files: Files | None) -> object:
        chosen = self.filter
        if value is MISSING:
            return chosen.fn(value, *self.arguments) if chosen.on_missing else value
        if not self.accepts(value):
            raise FilterError(
                f"`{chosen.name}` needs {phrases(chosen.takes)}; found {found(value)}"
            )
        if chosen.reads_files:
            return chosen.fn(value, *self.arguments, files=files)
        made = chosen.fn(value, *self.arguments)
        if isinstance(made, str | bytes) and len(made) > LARGEST:
            before = len(value) if isinstance(value, str | bytes) else 0
            if len(made) > before:
                raise FilterError(too_large(chosen.name))
        return made


class Pipeline:
    """A compiled chain of filters; call it with a value.

    ``type`` is the static type it gives, ``defaulted`` whether ``default`` is among the filters, so
    that nothing found is no failure, ``reads_markup`` whether ``css`` or ``xpath`` is.
    """

    __slots__ = ("_files", "_stages", "defaulted", "reads_markup", "type")

    def __init__(self, stages: tuple[_Stage, ...], type_: str, files: Files | None) -> None:
        self._stages = stages
        self._files = files
        self.type: Final = type_
        self.defaulted: Final = any(stage.filter.name == "default" for stage in stages)
        self.reads_markup: Final = any(stage.filter.name in ("css", "xpath") for stage in stages)

    def __call__(self, value: object, files: Files | None = None) -> object:
        """The value after all filters; what is missing stays missing unless `default` follows.

        An empty list that comes from a query which found nothing stays ``NoNodes`` through filters
        on lists, up to `default`. Raises FilterError with a sentence when a filter cannot take what
        it gets.
        """
        if value.__class__ is Lazy:
            value = value.get()
        reader = files or self._files
        try:
            for stage in self._stages:
                nothing = value.__class__ is NoNodes and stage.filter.name != "default"
                value = stage.apply(value, reader)
                if nothing and isinstance(value, list) and not value:
                    value = NoNodes()
        except RecursionError:
            raise FilterError("the value is nested too deeply for a filter") from None
        return value


def compile_calls(
    calls: Sequence[Call], type_: str = "any", files: Files | None = None
) -> Pipeline:
    """The pipeline of filters as written, for a value of the static type ``type_``.

    Raises QueryError for an unknown filter, a wrong argument, and a value it can never take.
    """
    stages: list[_Stage] = []
    for call in calls:
        chosen = FILTERS.get(call.name.text)
        if chosen is None or call.name.quoted:
            hint = suggestion(call.name.text, FILTERS)
            if call.name.text.startswith("/"):
                hint = "write a union of XPaths without blanks: //a|//b"
            raise QueryError(
                f"there is no filter `{call.name.text}`",
                call.name.offset,
                hint or f"the filters are {listing(sorted(FILTERS), 'and')}",
            )
        if not fits(type_, chosen.takes):
            raise QueryError(
                f"`{chosen.name}` needs {phrases(chosen.takes)}, but is given {phrase(type_)}",
                call.name.offset,
            )
        stages.append(_Stage(chosen, _arguments(chosen, call), test_for(chosen.takes)))
        if chosen.gives != "same":
            type_ = chosen.gives
    return Pipeline(tuple(stages), type_, files)


def usage(chosen: Filter) -> str:
    """``nth INDEX``: the filter and its arguments, optional ones in brackets."""
    words = [f"[{each.name}]" if each.optional else each.name for each in chosen.arguments]
    return " ".join([chosen.name, *words])


def _arguments(chosen: Filter, call: Call) -> tuple[Any, ...]:
    given, declared = call.arguments, chosen.arguments
    needed = sum(not each.optional for each in declared)
    if len(given) > len(declared):
        raise QueryError(
            f"`{chosen.name}` has too many arguments",
            given[len(declared)].offset,
            f"write `{usage(chosen)}`; an argument with blanks goes in quotes",
        )
    if len(given) < needed:
        raise QueryError(
            f"`{chosen.name}` lacks its argument {declared[len(given)].name}",
            call.name.offset,
            f"write `{usage(chosen)}`",
        )
    return tuple(READERS[each.kind](word) for each, word in zip(declared, given, strict=False))
