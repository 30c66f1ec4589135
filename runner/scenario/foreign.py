"""Templates as other tools write them: ``{{item}}``, ``$item``, ``/:item``; here they are text."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import Any, Final, NamedTuple

from runner.scenario.grammar import is_verb, requests
from runner.scenario.model import Path

_BODIES: Final = ("json", "form", "text", "graphql", "chunks", "multipart", "params")
_ANYWHERE: Final = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}|(?<!\$)\$([A-Za-z_]\w*)")
_IN_PATH: Final = re.compile(r"(?<=/):([A-Za-z_]\w*)(?=[/?#.]|\Z)")


class Lookalike(NamedTuple):
    """What reads like a template: ``text`` names ``variable`` in the value at ``path``."""

    path: Path
    text: str
    variable: str


def lookalikes(step: Mapping[str, Any], place: Path, known: Container[str]) -> Iterator[Lookalike]:
    """What reads like a template of a ``known`` variable in the path or the body of a step."""
    for key, value in step.items():
        if is_verb(key) and (key in requests() or key in ("open", "connect")):
            yield from _texts(value, (*place, key), known, in_path=True)
        elif key in _BODIES:
            yield from _texts(value, (*place, key), known, in_path=False)


def _texts(
    value: object, path: Path, known: Container[str], *, in_path: bool
) -> Iterator[Lookalike]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, (*path, key), known, in_path=in_path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index), known, in_path=in_path)
    elif isinstance(value, str):
        found = [*_ANYWHERE.finditer(value), *(_IN_PATH.finditer(value) if in_path else ())]
        for each in found:
            variable = next(name for name in each.groups() if name)
            if variable in known:
                yield Lookalike(path, each[0], variable)
