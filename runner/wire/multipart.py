"""Multipart form bodies (RFC 7578), with the length known ahead and files left on disk."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Final

from urllib3.fields import format_multipart_header_param

from runner.wire.content import dump_json, fault, text_of
from runner.wire.lines import check_lines
from runner.wire.payload import FilePart, OpenFile, file_part, guess_type

_KEYS: Final = frozenset(("file", "value", "filename", "type", "headers"))


def make_multipart(fields: object, open_file: OpenFile) -> tuple[tuple[bytes | FilePart, ...], str]:
    """The parts of a form body in order, and its content type with the boundary.

    ``fields`` maps names to texts, numbers, lists (one part each), null (no part), or mappings of
    ``file`` or ``value`` with ``filename``, ``type`` and ``headers``. Raises StepFault.
    """
    if not isinstance(fields, Mapping):
        raise fault("invalid-scenario", "`multipart` is a mapping of field names and values")
    boundary = secrets.token_hex(16)
    parts: list[bytes | FilePart] = []
    text = bytearray()
    for name, value in fields.items():
        for item in value if isinstance(value, list | tuple) else (value,):
            if item is None:
                continue
            head, content = _part(str(name), item, open_file)
            text += f"--{boundary}\r\n{head}\r\n".encode()
            if isinstance(content, FilePart):
                parts += [bytes(text), content]
                text.clear()
            else:
                text += content
            text += b"\r\n"
    text += f"--{boundary}--\r\n".encode()
    parts.append(bytes(text))
    return tuple(parts), f"multipart/form-data; boundary={boundary}"


def with_boundary(wanted: str, made: str) -> str:
    """The content type ``wanted``, given the boundary of ``made`` where it is multipart without."""
    if not wanted.lower().startswith("multipart/") or "boundary=" in wanted.lower():
        return wanted
    return f"{wanted};{made.partition(';')[2]}"


def _part(name: str, item: object, open_file: OpenFile) -> tuple[str, bytes | FilePart]:
    where = f"multipart.{name}"
    given = item if isinstance(item, Mapping) else {"value": item}
    strange = [str(key) for key in given if key not in _KEYS]
    if strange or ("file" in given) == ("value" in given):
        raise fault(
            "invalid-scenario",
            f"`{where}` is a value, or a mapping of `file` with `filename`, `type`, `headers`"
            + (f"; found `{strange[0]}`" if strange else ""),
        )
    content: bytes | FilePart
    filename = given.get("filename")
    kind = given.get("type")
    if "file" in given:
        content = file_part(open_file, given["file"])
        filename = content.path.name if filename is None else filename
        kind = guess_type(text_of(filename, where)) if kind is None else kind
    elif isinstance(given["value"], Mapping | list | tuple):
        content = dump_json(given["value"])
        kind = "application/json" if kind is None else kind
    else:
        content = text_of(given["value"], where).encode("utf-8", "surrogatepass")
    lines = [("Content-Disposition", _disposition(name, filename, where))]
    if kind is not None:
        lines.append(("Content-Type", text_of(kind, where)))
    lines += _extra(given.get("headers"), where)
    check_lines(lines)
    return "".join(f"{key}: {value}\r\n" for key, value in lines), content


def _disposition(name: str, filename: object, where: str) -> str:
    shown = f"form-data; {format_multipart_header_param('name', name)}"
    if filename is None:
        return shown
    return f"{shown}; {format_multipart_header_param('filename', text_of(filename, where))}"


def _extra(headers: object, where: str) -> Iterator[tuple[str, str]]:
    if headers is None:
        return
    if not isinstance(headers, Mapping):
        raise fault("invalid-scenario", f"`{where}.headers` is a mapping")
    for name, value in headers.items():
        yield str(name), text_of(value, f"{where}.headers.{name}")
