"""Matchers that compare with a document: schema, same-as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from runner.kinds import StepFault
from runner.query.diff import contrast, differences, sentence
from runner.query.json_text import JSONError, read_json
from runner.query.matchers.constants import a_text
from runner.query.matchers.core import HOLDS, Files, Mismatch, Node, Place, Verdict, matcher, node
from runner.query.matchers.keywords import refuse_slips
from runner.query.matchers.schema import compile_schema
from runner.query.show import found, show
from runner.query.values import Scope, same
from runner.redact import shows_credential

SNAPSHOTS: Final = "snapshots"


@matcher("schema", "a JSON Schema, or the name of a file with one")
def schema(operand: object, place: Place) -> Node:
    """Holds for a value that fits the JSON Schema; of draft 2020-12 unless `$schema` names another.

    `format` is checked, nothing is fetched: `$: {schema: schemas/item.json}`.
    """
    base = ""
    document = operand
    if isinstance(operand, str):
        base = operand
        document = _read_json(operand, place)
    if not isinstance(document, Mapping | bool):
        raise place.error(
            f"a schema is a mapping, or the name of a file with one; found {found(document)}"
        )
    if document == {} or document is True:
        raise place.error(
            f"the schema {base or show(document)} holds for everything, so it checks nothing",
            "say what must be, as `{type: object, required: [id]}`",
        )
    if not base and isinstance(document, Mapping):
        refuse_slips(document, place)
    violations = compile_schema(document, base, place)
    text = f"it to fit the schema {base}".rstrip() if base else "it to fit the schema"

    def check(value: object, _scope: Scope | None) -> Verdict:
        message, paths = violations(value)
        if not message:
            return HOLDS
        return (
            Mismatch(
                "schema",
                operand,
                value,
                f"does not fit the schema: {message}",
                paths,
                "schema-mismatch",
            ),
        )

    return node("schema", operand, text, check)


def _read_json(name: str, place: Place) -> object:
    try:
        return read_json(_read(name, place.files))
    except JSONError as error:
        raise place.error(f"the schema {name} is no JSON: {error}") from None
    except OSError as error:
        raise place.error(f"the schema {name} cannot be read: {_reason(error)}") from None


def _read(name: str, files: Files | None) -> bytes:
    if files is None:
        raise FileNotFoundError(None, "there is no folder to read from")
    return files.read_bytes(name)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


@matcher("same-as", "the name of a file below snapshots/")
def same_as(operand: object, place: Place) -> Node:
    """Holds for a value that is the same as the snapshot kept in a file below `snapshots/`.

    Text and bytes are kept as they are, all else, and any file named `.json`, as JSON.
    `--update-snapshots` writes it: `$: {same-as: cart.json, ignoring: [$.id]}`.

    Secrets, and credentials known by their header's name, are kept as `***`, and so compared.
    """
    name = a_text("same-as", operand, place)
    path = PurePosixPath(name)
    if not path.name or path.is_absolute() or ".." in path.parts:
        raise place.error(
            f"`same-as` takes the name of a file below {SNAPSHOTS}/; found {found(name)}"
        )
    file = str(SNAPSHOTS / path) if path.parts[0] != SNAPSHOTS else str(path)
    files, prune = place.files, place.prune
    query = place.subject.strip("`")
    if shows_credential(query):
        raise place.error(
            f"`same-as` keeps what it compares with in a file, and {place.subject} is a credential",
            "compare it with `equals` or `matches`",
        )

    def hidden(value: object, scope: Scope | None) -> object:
        return value if scope is None else scope.hidden(value, query)

    def check(value: object, scope: Scope | None) -> Verdict:
        rest = value if prune is None else prune(value)
        if files is None:
            return fail(value, "could not be compared: there is no folder for snapshots")
        try:
            if files.update:
                files.write_bytes(file, _dump(hidden(_plain(rest), scope), file))
                return HOLDS
            if not files.exists(file):
                return fail(value, f"has no snapshot {file}: write it with --update-snapshots")
            kept = _load(files.read_bytes(file), rest, file)
        except (OSError, StepFault, ValueError) as error:
            return fail(value, f"could not be compared with {file}: {_reason(error)}")
        # What was written may hold what is ignored now.
        wanted = hidden(kept if prune is None else prune(kept), scope)
        now = hidden(_plain(rest), scope)
        if same(now, wanted):
            return HOLDS
        if isinstance(now, dict | list):
            message, paths = sentence(differences(now, wanted))
            return (Mismatch("same-as", wanted, value, f"differs from {file}: {message}", paths),)
        shown = contrast(now, wanted)
        return (Mismatch("same-as", wanted, value, f"is {shown[0]}, {file} has {shown[1]}"),)

    def fail(value: object, message: str) -> Verdict:
        return (Mismatch("same-as", operand, value, message, judged=False),)

    return node("same-as", operand, f"the snapshot {file}", check)


def _dump(value: object, file: str) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str) and not file.endswith(".json"):
        return value.encode("utf-8", "surrogatepass")
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "surrogatepass")


def _load(raw: bytes, value: object, file: str) -> object:
    if isinstance(value, bytes | bytearray | memoryview):
        return raw
    if isinstance(value, str) and not file.endswith(".json"):
        return raw.decode("utf-8", "surrogatepass")
    return read_json(raw.decode("utf-8", "surrogatepass"))


def _plain(value: object) -> object:
    """The value as JSON would give it back: dates as text; bytes of any sort as bytes."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return bytes(value) if isinstance(value, bytearray | memoryview) else value
