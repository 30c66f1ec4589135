"""JSONPath (RFC 9535): plain paths are walked by our own code, all others by a library.

A plain path is ``$`` followed by names and indices only. It is what most checks use, needs no
import, and gives its value or ``MISSING``; any other path gives a list, ``NoNodes`` if empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from runner.query.errors import FilterError, QueryError
from runner.query.values import MISSING, NoNodes

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathQuery

Steps = tuple[str | int, ...]
Location = tuple[str | int, ...]

_BLANKS: Final = "[ \\t\\r\\n]*"
# RFC 9535 2.5.1.1 by what it leaves out, which compiles a hundred times faster.
_FIRST: Final = r"[^\x00-@\[-^`{-\x7f]"
_OTHER: Final = r"[^\x00-/:-@\[-^`{-\x7f]"
_STEP: Final = re.compile(
    rf"{_BLANKS}(?:\.({_FIRST}{_OTHER}*)"
    rf"|\[{_BLANKS}(?:(0|-?[1-9][0-9]{{0,15}})|('(?:[^'\\\x00-\x1f]|\\.)*'|\"(?:[^\"\\\x00-\x1f]|\\.)*\"))"
    rf"{_BLANKS}\])"
)
_DASHED: Final = r"\.([A-Za-z_][\w-]*-[\w-]*)"
_LARGEST_INDEX: Final = 2**53 - 1


def compile_jsonpath(text: str, offset: int = 0) -> tuple[str, Callable[[object], object]]:
    """The static type a JSONPath gives, and a function from a document to what it finds.

    Raises QueryError, whose offset is moved by ``offset``. The function raises FilterError when
    the document is nested too deeply for the library.
    """
    steps = plain_steps(text)
    if steps is not None:
        return "any", _walker(steps)
    query = _compile(text, offset)

    def select(document: object) -> object:
        try:
            # The nodes know their places, which for a large document take far more room than it.
            found = [node.value for node in query.finditer(document)]  # type: ignore[arg-type]
            return found or NoNodes()
        except (_errors(), RecursionError) as error:
            raise FilterError(f"`{text}` could not be evaluated: {_first_line(error)}") from None

    return "list", select


def compile_locations(text: str) -> Callable[[object], list[Location]]:
    """A function from a document to the locations of the nodes a JSONPath finds.

    Raises QueryError.
    """
    steps = plain_steps(text)
    if steps is not None:
        fixed = steps
        return lambda document: _locate(document, fixed)
    query = _compile(text, 0)

    def locate(document: object) -> list[Location]:
        try:
            return [tuple(node.location) for node in query.find(document)]  # type: ignore[arg-type]
        except (_errors(), RecursionError) as error:
            raise FilterError(f"`{text}` could not be evaluated: {_first_line(error)}") from None

    return locate


def plain_steps(text: str) -> Steps | None:
    """The names and indices of a plain path, or None when it is another one, or none."""
    if not text.startswith("$"):
        return None
    steps: list[str | int] = []
    at = 1
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            return None
        name, index, quoted = found.groups()
        if name is not None:
            steps.append(name)
        elif index is not None:
            if abs(int(index)) > _LARGEST_INDEX:
                return None
            steps.append(int(index))
        else:
            content = _unquote(quoted)
            if content is None:
                return None
            steps.append(content)
        at = found.end()
    return tuple(steps)


def _unquote(quoted: str) -> str | None:
    if "\\" not in quoted:
        return quoted[1:-1]
    if quoted[0] == "'":
        if re.search(r'(?<!\\)(?:\\\\)*\\"', quoted):
            return None
        inside = re.sub(r"\\.|\"", _to_double, quoted[1:-1])
        quoted = f'"{inside}"'
    try:
        content: str = json.loads(quoted)
        content.encode()
    except ValueError:
        return None
    return content


def _to_double(found: re.Match[str]) -> str:
    return {"\\'": "'", '"': '\\"'}.get(found.group(), found.group())


def _walker(steps: Steps) -> Callable[[object], object]:
    if len(steps) == 1 and isinstance(steps[0], str):
        name = steps[0]

        def member(document: object) -> object:
            return document.get(name, MISSING) if isinstance(document, dict) else MISSING

        return member

    def walk(document: object) -> object:
        for step in steps:
            if step.__class__ is str:
                if not isinstance(document, dict):
                    return MISSING
                document = document.get(step, MISSING)
            elif isinstance(document, list | tuple) and -len(document) <= step < len(document):  # type: ignore[operator]
                document = document[step]  # type: ignore[index]
            else:
                return MISSING
        return document

    return walk


def _locate(document: object, steps: Steps) -> list[Location]:
    location: list[str | int] = []
    for step in steps:
        if isinstance(step, str):
            if not isinstance(document, dict) or step not in document:
                return []
            document = document[step]
        elif isinstance(document, list | tuple) and -len(document) <= step < len(document):
            step %= len(document)  # noqa: PLW2901 - locations count from the front
            document = document[step]
        else:
            return []
        location.append(step)
    return [tuple(location)]


def _compile(text: str, offset: int) -> JSONPathQuery:
    try:
        import jsonpath_rfc9535 as library

        from runner.query.iregexp import environment
    except ImportError:
        raise QueryError(
            f"`{text}` needs the JSONPath library, which is not installed",
            offset,
            "pip install 'httpsteps[jsonpath]'; paths of names and indices alone need none",
        ) from None
    try:
        return environment().compile(text)
    except (library.JSONPathError, RecursionError) as error:
        token = getattr(error, "token", None)
        at = min(getattr(token, "index", 0) or 0, len(text))
        dashed = re.search(_DASHED, text)
        hint = (
            f"a name with a dash goes in brackets: ['{dashed[1]}']"
            if dashed
            else "write it as RFC 9535 has it: $.items[?@.price > 10].name"
        )
        raise QueryError(
            f"`{text}` is no JSONPath: {_first_line(error)}", offset + at, hint
        ) from None


def _errors() -> type[Exception]:
    from jsonpath_rfc9535 import JSONPathError

    return JSONPathError


def _first_line(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return (str(error.args[0]) if error.args else str(error)).split("\n", 1)[0]
