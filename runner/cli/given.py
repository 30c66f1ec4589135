"""Values from outside: ``--var`` and ``--secret``, the files of ``--vars`` and ``--secrets``.

No value that may be secret is in any message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from runner.cli.lines import read_lines
from runner.cli.output import UsageError
from runner.query.values import is_deferred, type_name
from runner.scenario.environment import Environment, without_source
from runner.scenario.fitting import fitted
from runner.scenario.model import Address, Scenario
from runner.scenario.problems import Problem, ProblemError, did_you_mean
from runner.scenario.source import Source, read_source
from runner.scenario.variable_names import wrong_name

_YAML: Final = (".yaml", ".yml")


class Value(NamedTuple):
    """One value and where it comes from: an ``option``, or a place in a file."""

    name: str
    value: object
    option: str
    secret: bool = False
    file: str | None = None
    at: Address | None = None
    line: str | None = None

    def problem(self, message: str, hint: str | None = None) -> Exception:
        """The exception that says what is wrong with it."""
        if self.file is None:
            return UsageError(f"{self.option} {self.name}: {message}", hint)
        return ProblemError(self.told("invalid-scenario", message, hint))

    def told(self, kind: str, message: str, hint: str | None = None) -> Problem:
        """What is wrong with it, at its place in the file."""
        shown = message if self.at else f"{self.file}: {message}"
        return Problem(kind, shown, self.at, hint=hint, line=self.line)


def from_words(words: Sequence[str], option: str, *, secret: bool = False) -> Iterator[Value]:
    """The values of ``NAME=VALUE`` words. Raises ``UsageError``."""
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            # A secret given without its name must not be repeated.
            raise UsageError(f"{option}{'' if secret else f' {word}'}: write {option} NAME=VALUE")
        yield Value(name, text, option, secret)


def from_file(name: str, option: str, *, secret: bool = False) -> Iterator[Value]:
    """The values in a file: a YAML or JSON mapping, or ``NAME=VALUE`` lines. They are data:
    ``${`` in them is no template. Raises ``ProblemError``.
    """
    path = Path(name)
    try:
        content = path.read_bytes()
    except OSError as error:
        if not isinstance(error, FileNotFoundError):
            raise UsageError(
                f"{option} {name}: the file cannot be read: {error.strerror}"
            ) from None
        near = did_you_mean(path.name, (each.name for each in _beside(path)))
        hint = f"did you mean `{path.with_name(near)}`?" if near else None
        hint = hint or f"{option} takes a YAML, JSON or .env file, named from the current folder"
        raise UsageError(f"{option} {name}: there is no such file", hint) from None
    if path.suffix in _YAML:
        values = _from_yaml(name, content, option, secret)
    elif path.suffix == ".json":
        values = _from_json(name, content, option, secret)
    else:
        values = (
            Value(
                each.name, each.value, option, secret, name, each.at, None if secret else each.line
            )
            for each in read_lines(content, name, secret=secret)
        )
    for value in values:
        if (wrong := wrong_name(value.name)) is not None:
            raise value.problem(*wrong)
        yield value


def _beside(path: Path) -> list[Path]:
    """What the folder of a path holds."""
    try:
        return sorted(path.parent.iterdir())
    except OSError:
        return []


def _from_yaml(name: str, content: bytes, option: str, secret: bool) -> Iterator[Value]:
    try:
        source = read_source(content, name)
    except ProblemError as error:
        shown = map(without_source, error.problems) if secret else error.problems
        raise ProblemError(*shown) from None
    yield from _of_source(source, option, secret)


def _from_json(name: str, content: bytes, option: str, secret: bool) -> Iterator[Value]:
    from runner.scenario.json_source import read_json

    try:
        source = read_json(content, name)
    except ProblemError as error:
        shown = map(without_source, error.problems) if secret else error.problems
        raise ProblemError(*shown) from None
    yield from _of_source(source, option, secret)


def _of_source(source: Source, option: str, secret: bool) -> Iterator[Value]:
    if not isinstance(source.value, Mapping):
        raise ProblemError(_no_mapping(source.file, source.value, option))
    for key, value in source.value.items():
        at = source.key_mark((key,))
        line = None if secret else source.line(at.line)
        yield Value(str(key), value, option, secret, source.file, at, line)


def _no_mapping(name: str, value: object, option: str) -> Problem:
    what = "nothing" if value is None else f"a {type_name(value)}"
    message = f"{option} {name}: expected a mapping of variable to value, found {what}"
    return Problem("invalid-scenario", message, hint="lines of NAME=VALUE stand in a .env file")


def settled(values: Sequence[Value], scenarios: Sequence[Scenario]) -> dict[str, object]:
    """The values the scenarios of a run take from outside, the last one given of each name.

    Raises ``UsageError`` or ``ProblemError`` for a ``--var`` that none declares, a name that cases
    give values, and a value that does not have the type of the default.
    """
    made: dict[str, object] = {}
    for value in values:
        for scenario in scenarios:
            if any(value.name in case.variables for case in scenario.cases):
                hint = "an environment file may hold it: a case wins over that"
                raise value.problem(
                    f"`{value.name}` is a variable of the cases of {scenario.file}", hint
                )
        defaults = list(_defaults(value.name, scenarios))
        if not defaults and value.file is None:
            guess = did_you_mean(value.name, declared(scenarios))
            raise value.problem(
                f"no scenario of this run declares `{value.name}`",
                f"did you mean `{guess}`?" if guess else "declare it in `vars`, with its default",
            )
        for default in defaults:
            _fit(value, default)
        made[value.name] = value.value
    return made


def _fit(value: Value, default: object) -> None:
    try:
        fitted(value.value, default)
    except ValueError as error:
        told = str(error)
        if value.secret:
            told = f"its value is no {type_name(default)}, which its default is"
        raise value.problem(told) from None


def fit_environment(environment: Environment, scenarios: Sequence[Scenario]) -> None:
    """Raises ``ProblemError`` for values that do not have the type of the default they replace."""
    problems = []
    for name, value in environment.values.items():
        for default in _defaults(name, scenarios):
            try:
                fitted(value, default)
            except ValueError as error:
                hidden = name in environment.secrets
                told = f"no {type_name(default)}, which its default is" if hidden else str(error)
                problems.append(environment.problem(name, "invalid-scenario", f"`{name}`: {told}"))
                break
    if problems:
        raise ProblemError(*problems)


def slips(
    values: Sequence[Value], environment: Environment | None, scenarios: Sequence[Scenario]
) -> Iterator[Problem]:
    """Warnings for names in files that no scenario declares and that look like one it does.

    A file may hold more than one run needs, so other names are passed over.
    """
    known = declared(scenarios)
    held = {value.name for value in values if value.file is not None}
    for value in values:
        if value.file is None or value.name in known:
            continue
        if guess := did_you_mean(value.name, known - held):
            told = value.told("unknown-name", _undeclared(value.name), f"did you mean `{guess}`?")
            yield told._replace(severity="warning")
    if environment is None:
        return
    known |= {name for each in scenarios for case in each.cases for name in case.variables}
    for name in environment.values:
        if name in known:
            continue
        if guess := did_you_mean(name, known - set(environment.values)):
            hint = f"did you mean `{guess}`?"
            told = environment.problem(name, "unknown-name", _undeclared(name), hint)
            yield told._replace(severity="warning")


def _undeclared(name: str) -> str:
    return f"no scenario of this run declares `{name}`"


def declared(scenarios: Sequence[Scenario]) -> set[str]:
    """The names of all variables and secrets."""
    return {name for each in scenarios for name in (*each.variables, *each.secrets)}


def _defaults(name: str, scenarios: Sequence[Scenario]) -> Iterator[object]:
    for scenario in scenarios:
        for section in (scenario.variables, scenario.secrets):
            if name in section:
                default = section[name]
                yield None if is_deferred(default) else default
