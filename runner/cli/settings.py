"""Settings from ``[tool.httpsteps]`` in ``pyproject.toml``: defaults for the command line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runner.scenario.problems import Problem, ProblemError, did_you_mean


@dataclass(frozen=True, slots=True)
class FileSettings:
    """What the settings file says. ``folder`` is where it stands: its commands run there."""

    folder: Path
    base: str | None = None
    serve: str | None = None
    ready: str | None = None
    exclude: tuple[str, ...] = ()


_TYPES: Final[Mapping[str, tuple[type, str]]] = {
    "base": (str, "a text"),
    "serve": (str, "a text"),
    "ready": (str, "a text"),
    "exclude": (list, "a list of texts"),
}


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
        with path.open("rb") as file:
            table = tomllib.load(file).get("tool", {}).get("httpsteps", {})
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ProblemError(Problem("invalid-scenario", f"cannot read {path}: {error}")) from None
    made: dict[str, Any] = {}
    for name, value in table.items():
        wanted = _TYPES.get(name)
        if wanted is None:
            guess = did_you_mean(name, _TYPES)
            raise ProblemError(
                Problem(
                    "invalid-scenario",
                    f"{path}: unknown setting `{name}` in [tool.httpsteps]",
                    expected=f"one of: {', '.join(sorted(_TYPES))}",
                    hint=f"did you mean `{guess}`?" if guess else None,
                )
            )
        kind, words = wanted
        if not isinstance(value, kind):
            raise ProblemError(
                Problem("invalid-scenario", f"{path}: `{name}` in [tool.httpsteps] must be {words}")
            )
        made[name] = tuple(map(str, value)) if isinstance(value, list) else value
    if "exclude" in made:
        made["exclude"] = tuple(_from_here(path.parent / entry) for entry in made["exclude"])
    return FileSettings(path.parent, **made)


def _from_here(path: Path) -> str:
    import os

    return Path(os.path.relpath(path)).as_posix()
