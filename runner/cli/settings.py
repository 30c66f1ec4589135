"""Settings from ``[tool.httpsteps]`` in ``pyproject.toml``: defaults for the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from runner.scenario.model import Address
from runner.scenario.problems import Problem, ProblemError, did_you_mean
from runner.units import duration


class FileSettings(NamedTuple):
    """What the settings file says; None or empty where it says nothing.

    ``folder`` is where it stands: its commands run there, and its paths begin there. ``deadline``
    is as written, with its unit. ``report`` holds ``FORMAT=PATH`` words. ``jobs`` is a number or
    ``auto``.
    """

    folder: Path
    paths: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    base: str | None = None
    environment: str | None = None
    vars: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    jobs: str | None = None
    durations: str | None = None
    fail_fast: bool = False
    seed: int | None = None
    deadline: str | None = None
    output: str | None = None
    report: tuple[str, ...] = ()
    serve: str | None = None
    ready: str | None = None
    verbose: bool = False
    quiet: bool = False
    color: bool = True
    strict: bool = False


class _WrongError(ValueError):
    """A value of the wrong type; the message says what it must be."""


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _WrongError("a text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise _WrongError("a text or a list of texts")
    return tuple(listed)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _WrongError("true or false")
    return value


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _WrongError("a whole number")
    return value


def _jobs(value: object) -> str:
    if value == "auto" or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return str(value)
    raise _WrongError('a whole number from 1 on, or "auto"')


def _time(value: object) -> str:
    try:
        duration(value)
    except ValueError:
        raise _WrongError("a duration like 30s") from None
    return str(value)


_TYPES: Final[Mapping[str, Callable[[object], object]]] = {
    "paths": _texts, "exclude": _texts, "base": _text, "environment": _text, "vars": _texts,
    "secrets": _texts, "tag": _texts, "jobs": _jobs, "durations": _text, "fail-fast": _flag,
    "seed": _integer, "deadline": _time, "output": _text, "report": _texts, "serve": _text,
    "ready": _text, "verbose": _flag, "quiet": _flag, "color": _flag, "strict": _flag,
}  # fmt: skip
_PATHS: Final = ("paths", "exclude", "vars", "secrets", "output", "durations")


def read_settings(start: Path) -> FileSettings:
    """The settings of the nearest ``pyproject.toml`` at or above ``start``; none is no error.

    Raises ``ProblemError`` for TOML that cannot be read, an unknown setting or a wrong type.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            return _from(path)
    return FileSettings(start)


def _from(path: Path) -> FileSettings:
    try:
        text = path.read_text(encoding="utf-8")
        if "httpsteps" not in text:
            return FileSettings(path.parent)
        import tomllib

        tool = tomllib.loads(text).get("tool", {})
    except (OSError, ValueError) as error:
        raise ProblemError(Problem("invalid-scenario", f"cannot read {path}: {error}")) from None
    table = tool.get("httpsteps", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ProblemError(Problem("invalid-scenario", f"{path}: [tool.httpsteps] is no table"))
    made: dict[str, Any] = {}
    problems = []
    for name, value in table.items():
        try:
            made[name.replace("-", "_")] = _TYPES[name](value)
        except KeyError:
            guess = did_you_mean(name, _TYPES)
            hint = f"did you mean `{guess}`?" if guess else None
            expected = f"one of: {', '.join(sorted(_TYPES))}"
            message = f"unknown setting `{name}` in [tool.httpsteps]"
            problems.append(_problem(path, text, name, message, expected, hint))
        except _WrongError as wrong:
            message = f"`{name}` in [tool.httpsteps] must be {wrong}"
            problems.append(_problem(path, text, name, message))
    if problems:
        raise ProblemError(*problems)
    for name in _PATHS:
        if isinstance(made.get(name), tuple):
            made[name] = tuple(_from_here(path.parent / entry) for entry in made[name])
        elif name in made:
            made[name] = _from_here(path.parent / made[name])
    made["report"] = tuple(_report_from_here(word, path.parent) for word in made.get("report", ()))
    assert set(made) <= set(FileSettings._fields)
    return FileSettings(path.parent, **made)


def _problem(
    path: Path,
    text: str,
    name: str,
    message: str,
    expected: str | None = None,
    hint: str | None = None,
) -> Problem:
    """A problem at the line of a setting, where it can be seen which line that is."""
    file = _from_here(path)
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            inside = line.strip().partition("#")[0].strip() == "[tool.httpsteps]"
        found = re.match(rf"\s*[\"']?({re.escape(name)})[\"']?\s*[=.]", line)
        if inside and found:
            at = Address(file, number, found.start(1) + 1, len(name))
            return Problem("invalid-scenario", message, at, expected, hint=hint, line=line)
    return Problem("invalid-scenario", f"{file}: {message}", expected=expected, hint=hint)


def _report_from_here(word: str, folder: Path) -> str:
    form, equals, path = word.partition("=")
    return f"{form}={_from_here(folder / path)}" if equals and path else word


def _from_here(path: Path) -> str:
    return Path(os.path.relpath(path)).as_posix()
