"""The result as one JSON document, and read back from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

from runner.reports.cleaning import Clean, clean_scenario
from runner.reports.files import write_whole
from runner.result import SuiteResult
from runner.result_json import ResultError, scenario_to_json, suite_from_json, suite_head


def write_json(suite: SuiteResult, path: Path, clean: Clean | None = None) -> None:
    """Writes the document of a run, whole or not at all. Raises OSError."""
    write_whole(path, json_chunks(suite, clean))


def json_chunks(suite: SuiteResult, clean: Clean | None = None) -> Iterator[bytes]:
    """The document in UTF-8, one scenario after the other.

    ``clean`` is given all that came from outside, as trees; see ``cleaning``. A number it masks
    becomes a text, so the document stays JSON.
    """
    head = dumps(suite_head(suite), 1)
    yield head.removesuffix(b"\n}") + b',\n "scenarios": ['
    for number, scenario in enumerate(suite.scenarios):
        shown = clean_scenario(scenario, clean) if clean else scenario
        text = dumps(scenario_to_json(shown), 1).decode()
        yield (",\n" if number else "\n").encode() + indent(text, "  ").encode()
    yield b"\n ]\n}\n" if suite.scenarios else b"]\n}\n"


def read_json(path: Path) -> SuiteResult:
    """The run a document tells of. Raises OSError, and ResultError when it is no result."""
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        wanted = "give what `run --report json=PATH` wrote"
        raise ResultError(f"{path} is no result: {wanted} (it is not JSON: {error})") from None
    except RecursionError:
        raise ResultError(f"{path} is nested too deeply to be a result") from None
    try:
        return suite_from_json(document)
    except ResultError as error:
        raise ResultError(f"{path}: {error}") from None


def dumps(tree: object, spaces: int | None = None) -> bytes:
    """The tree as JSON in UTF-8. Half a surrogate pair becomes its JSON escape."""
    separators = None if spaces else (",", ":")
    text = json.dumps(
        tree, ensure_ascii=False, allow_nan=False, indent=spaces, separators=separators
    )
    return text.encode("utf-8", "backslashreplace")
