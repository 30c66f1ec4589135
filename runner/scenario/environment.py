"""``environments/NAME.yaml``: where a service is, and the values that go with that place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from runner.query.values import type_name
from runner.scenario.compiling import Compiler
from runner.scenario.files import Files
from runner.scenario.model import Address
from runner.scenario.problems import Problem, ProblemError, did_you_mean
from runner.scenario.source import Source, read_source
from runner.scenario.uses import expressions
from runner.scenario.variable_names import PARTS, is_reserved, wrong_name

FOLDER: Final = "environments"
KEYS: Final = ("base", "vars", "secrets")
_NO_MAPPING: Final = "an environment is a mapping with `base`, `vars` or `secrets`"


class Environment(NamedTuple):
    """One environment file. Values are plain, or ``Deferred`` where a template stands."""

    file: str
    source: Source
    base: object
    variables: Mapping[str, object]
    secrets: Mapping[str, object]

    @property
    def values(self) -> dict[str, object]:
        """Variables and secrets together."""
        return {**self.variables, **self.secrets}

    def problem(self, name: str, kind: str, message: str, hint: str | None = None) -> Problem:
        """A problem with the variable or secret of this name; a secret's line is not shown."""
        section = "secrets" if name in self.secrets else "vars"
        told = self.source.problem(kind, message, (section, name), key=True, hint=hint)
        return without_source(told) if section == "secrets" else told


def read_environment(path: Path, root: Path, shown: str) -> Environment:
    """The environment in a file; ``shown`` is its name in messages.

    Raises ``ProblemError`` with everything wrong in it. What stands under ``secrets``, and lines of
    a file that is no YAML, are in no message.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{shown} cannot be read: {error.strerror}"
        raise ProblemError(Problem("file-not-found", message)) from None
    if not content.strip():
        raise ProblemError(Problem("invalid-scenario", _NO_MAPPING, Address(shown, 1, 1)))
    try:
        source = read_source(content, shown)
    except ProblemError as error:
        raise ProblemError(*map(without_source, error.problems)) from None
    compiler = Compiler(source, Files(root, path.parent))
    compiler.problems += _shape(source)
    if not compiler.problems:
        raw = cast(Mapping[str, Any], source.value)
        made = {
            key: compiler.tree(raw.get(key), (key,), text=key == "base")
            for key in ("base", "vars", "secrets")
        }
        environment = Environment(
            shown,
            source,
            made["base"],
            cast(Mapping[str, object], made["vars"] or {}),
            cast(Mapping[str, object], made["secrets"] or {}),
        )
        compiler.problems += _undefined(environment)
    if compiler.problems:
        raise ProblemError(*(_discreet(source, each) for each in compiler.problems))
    return environment


def without_source(problem: Problem) -> Problem:
    """The problem with nothing in it but its place and kind: the line may hold a secret."""
    if problem.kind == "invalid-yaml":
        message = "this cannot be read as YAML; the line is not shown, it may hold a secret"
        return Problem(problem.kind, message, problem.at)
    return problem._replace(line=None, found=None, also_lines=())


def _discreet(source: Source, problem: Problem) -> Problem:
    """The problem without its line where that stands under ``secrets``."""
    if problem.at is None or not isinstance(source.value, Mapping):
        return problem
    first = source.key_mark(("secrets",)).line if "secrets" in source.value else None
    if first is not None and first <= problem.at.line <= source.last_line(("secrets",)):
        return without_source(problem)
    return problem


def _shape(source: Source) -> Iterable[Problem]:
    """What is wrong with the file before any template is looked at."""
    kind = "invalid-scenario"
    expected = f"one of: {', '.join(KEYS)}"
    if not isinstance(source.value, Mapping) or not source.value:
        yield source.problem(kind, _NO_MAPPING, ())
        return
    for key, value in source.value.items():
        if key.startswith("x-"):
            continue
        if key not in KEYS:
            guess = did_you_mean(key, KEYS)
            hint = f"did you mean `{guess}`?" if guess else "values stand under `vars`"
            message = f"unknown key `{key}` in an environment"
            yield source.problem(kind, message, (key,), key=True, expected=expected, hint=hint)
        elif key == "base":
            if not isinstance(value, str) or not value:
                yield source.problem(kind, "`base`: expected a URL", (key,))
        elif not isinstance(value, Mapping) or not value:
            what = "nothing" if value is None else f"a {type_name(value)}"
            message = f"`{key}`: expected a mapping of variable to value, found {what}"
            yield source.problem(kind, message, (key,), key=True)
        else:
            yield from _names(source, key, value)
    both = {*(_mapping(source, "vars"))} & {*(_mapping(source, "secrets"))}
    for name in sorted(both):
        message = f"`{name}` stands in `vars` and in `secrets`"
        yield source.problem(kind, message, ("vars", name), key=True, hint="keep one of them")


def _mapping(source: Source, key: str) -> Mapping[str, object]:
    value = cast(Mapping[str, Any], source.value).get(key)
    return value if isinstance(value, Mapping) else {}


def _names(source: Source, section: str, values: Mapping[str, object]) -> Iterable[Problem]:
    for name in values:
        if (wrong := wrong_name(name)) is not None:
            message, hint = wrong
            yield source.problem("invalid-scenario", message, (section, name), key=True, hint=hint)


def _undefined(environment: Environment) -> Iterable[Problem]:
    """Templates may name the environment's own values, each after the ones above it, and ``env``,
    ``new`` and ``serve``.
    """
    known: set[str] = set()
    for name, tree in environment.values.items():
        yield from _unknown(environment, tree, known)
        known.add(name)
    yield from _unknown(environment, environment.base, known)


def _unknown(environment: Environment, tree: object, known: set[str]) -> Iterable[Problem]:
    for use in expressions(tree):
        if use.reference is None or use.reference.name in known or is_reserved(use):
            continue
        name = use.reference.name
        guess = did_you_mean(name, known)
        yield Problem(
            "undefined-variable",
            f"`{name}{use.reference.rest if name in PARTS else ''}` is not defined here",
            use.at,
            hint=f"did you mean `{guess}`?"
            if guess
            else "an environment knows `env`, `new`, `serve`, and its own values above",
            line=environment.source.line(use.at.line),
        )
