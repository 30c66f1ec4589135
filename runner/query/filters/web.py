"""Filters on documents, headers, URLs, tokens and files."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from runner.kinds import StepFault
from runner.query.errors import FilterError, listing, suggestion
from runner.query.filters.arguments import Argument
from runner.query.filters.encodings import as_text_or_bytes, unpadded
from runner.query.filters.registry import Files, filter_
from runner.query.json_text import JSONError, read_json
from runner.query.markup import Document
from runner.query.show import found
from runner.query.values import MISSING

_PARAMETER: Final = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))')
URL_PARTS: Final = (
    "scheme", "user", "host", "port", "origin", "path", "query", "fragment",
)  # fmt: skip


@filter_("jsonpath", ["any"], "any", Argument("PATH", "jsonpath"))
def jsonpath(value: object, select: Callable[[object], object]) -> object:
    """What a JSONPath (RFC 9535) finds in a value: `$.items | jsonpath '$[?@.price > 10]'`.

    Text is taken as JSON text. A path of names and indices gives its value, any other a list.
    """
    if isinstance(value, str):
        try:
            value = read_json(value)
        except JSONError as error:
            raise FilterError(f"`jsonpath` needs JSON; found {found(value)}: {error}") from None
    return select(value)


@filter_("css", ["text", "bytes"], "text", Argument("SELECTOR", "css"))
def css(value: str | bytes, select: Callable[[object], object]) -> object:
    """The text of the first element a CSS selector finds in HTML: `$.html | css 'h1'`.

    `a::attr(href)` gives an attribute.
    """
    return select(Document(value, "html"))


@filter_("xpath", ["text", "bytes"], "any", Argument("EXPRESSION", "xpath"))
def xpath(value: str | bytes, select: Callable[[object], object]) -> object:
    """The first text an XPath finds in XML, or else in HTML: `$.feed | xpath '//title'`."""
    try:
        return select(Document(value, "xml"))
    except StepFault:
        return select(Document(value, "html"))


@filter_("param", ["text"], "text", Argument("NAME"))
def param(value: str, name: str) -> object:
    """A parameter of a header (RFC 9110 5.6.6): `header.content-type | param charset`.

    The name is case-insensitive; missing when it is not there.
    """
    for given, quoted, bare in _PARAMETER.findall(
        ";" + value if "=" in value.split(";", 1)[0] else value
    ):
        if given.lower() == name.lower():
            return re.sub(r"\\(.)", r"\1", quoted) if quoted else bare.strip()
    return MISSING


@filter_("url-part", ["text"], "any", Argument("PART"), Argument("NAME", optional=True))
def url_part(value: str, part: str, name: str | None = None) -> object:
    """A part of a URL: scheme, user, host, port, origin, path, query or fragment.

    `query` with a NAME gives that parameter, decoded: `location | url-part query page`. The port
    is an integer, the scheme's own if none is written. Missing when the part is not there.
    """
    if part not in URL_PARTS:
        hint = suggestion(part, URL_PARTS) or f"it knows {listing(URL_PARTS, 'and')}"
        raise FilterError(f"`url-part` knows no part `{part}`: {hint}")
    try:
        split = urlsplit(value)
        port = split.port or {"http": 80, "https": 443}.get(split.scheme)
    except ValueError as error:
        raise FilterError(f"`url-part` needs a URL; found {found(value)}: {error}") from None
    if part == "query" and name is not None:
        pairs = parse_qsl(split.query, keep_blank_values=True)
        return next((content for key, content in pairs if key == name), MISSING)
    parts: dict[str, Any] = {
        "scheme": split.scheme,
        "user": None if split.username is None else unquote(split.username),
        "host": split.hostname,
        "port": port,
        "origin": f"{split.scheme}://{split.netloc.rpartition('@')[2]}" if split.netloc else None,
        "path": split.path,
        "query": split.query,
        "fragment": split.fragment,
    }
    return MISSING if parts[part] in (None, "") else parts[part]


@filter_("jwt", ["text"], "mapping")
def jwt(value: str) -> dict[str, object]:
    """The mapping {header, payload, signature} of a JSON Web Token (RFC 7519).

    The signature is not verified: `$.token | jwt | jsonpath $.payload.sub`.
    """
    pieces = value.strip().removeprefix("Bearer ").split(".")
    if len(pieces) != 3:
        raise FilterError(f"`jwt` needs three parts with dots between; found {found(value)}")
    decoded: list[dict[str, object]] = []
    for piece in pieces[:2]:
        try:
            content = read_json(unpadded(piece, "jwt"))
        except (JSONError, FilterError):
            content = None
        if not isinstance(content, dict):
            raise FilterError(f"`jwt` needs JSON in Base64; found {found(piece)}")
        decoded.append(content)
    return {"header": decoded[0], "payload": decoded[1], "signature": pieces[2]}


@filter_("file", ["text"], "any", reads_files=True)
def file(value: str, files: Files | None = None) -> str | bytes:
    """The content of the file of that name: text if it is UTF-8, else bytes.

    `${'lamp.png' | file | sha256}`
    """
    if files is None:
        raise FilterError("`file` cannot be used here: there is no folder to read from")
    try:
        return as_text_or_bytes(files.read_bytes(value))
    except OSError as error:
        raise FilterError(f"`file` cannot read {value}: {error.strerror or error}") from None
