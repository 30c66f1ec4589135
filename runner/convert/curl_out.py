"""A request as a ``curl`` command that sends the same request line, headers and body.

curl adds headers of its own; those the request does not have are taken out by name, those it has
in curl's own form are left to curl. ``--json`` is not used: curl before 7.82 does not know it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from runner.convert.curl_way import Way, way_options
from runner.convert.shell_words import quote

_FORM: Final = "application/x-www-form-urlencoded"
_EXPECTS_FROM: Final = 2**20
_MULTIPART: Final = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part of a multipart form: a ``value``, or the path of a ``file``."""

    name: str
    value: str | None = None
    file: str | None = None
    filename: str | None = None
    type: str | None = None


def curl_command(
    method: str,
    url: str,
    headers: Sequence[tuple[str, str]],
    body: bytes | str | None = None,
    *,
    way: Way | None = None,
    target: str | None = None,
    body_file: str | None = None,
    form: Sequence[FormPart] | None = None,
    limit: int = 4096,
) -> str:
    """The command, on one line, quoted for bash and zsh.

    ``headers`` are all header lines as sent, in order; ``target`` is the request target where it is
    not the URL's path and query, as in ``OPTIONS *``. The body is one of: ``body`` (a text is sent
    in UTF-8), the path ``body_file``, the parts of ``form`` (the boundary is then curl's own). A
    body of more than ``limit`` bytes is not written out: the command names a file to put it into,
    and says so in a comment at its end. A body that is not text is piped in as base64.
    """
    way = way or Way()
    if isinstance(body, str):
        body = body.encode("utf-8", "surrogateescape")
    words = ["curl", "-sS"]
    has_body = body_file is not None or form is not None or bool(body)
    lengths = [value for name, value in headers if name.lower() == "content-length"]
    empty = body is not None and not has_body and lengths == ["0"]
    words += _method(method, posts=has_body or empty)
    if re.search(r"[\[\]{}]", url):
        words.append("-g")
    words.append(quote(url))
    words += way_options(way, url)
    if target is not None:
        words += ["--request-target", quote(target)]
    size = len(body) if body is not None else None
    words += _headers(headers, url, size, way, form=form is not None, posts=has_body or empty)
    pipe, sending, note = _body(body, headers, body_file, form, limit, empty=empty)
    return " ".join([*pipe, *words, *sending, *note])


def _method(method: str, *, posts: bool) -> list[str]:
    if method == ("POST" if posts else "GET"):
        return []
    if method == "HEAD" and not posts:
        return ["--head"]
    return ["-X", quote(method)]


def _headers(
    headers: Sequence[tuple[str, str]],
    url: str,
    size: int | None,
    way: Way,
    *,
    form: bool,
    posts: bool,
) -> list[str]:
    """The header options, and those that keep curl from adding its own."""
    words: list[str] = []
    names = [name.lower() for name, _ in headers]
    chunked = "transfer-encoding" in names
    coded = any(name.lower() == "accept-encoding" and value for name, value in headers)
    if coded:
        words.append("--compressed")
    for name, value in headers:
        key = name.lower()
        if key == "host" and value.lower() == urlsplit(url).netloc.rpartition("@")[2].lower():
            continue
        if key == "accept" and value == "*/*" and names.count(key) == 1:
            continue
        if (
            key == "content-length"
            and posts
            and not chunked
            and (size is None or value == str(size))
        ):
            continue
        if key == "content-type" and form and value.lower().startswith(_MULTIPART):
            continue
        if key == "content-type" and posts and not form and value == _FORM:
            continue
        if key == "authorization" and way.digest is not None:
            continue
        words += ["-H", quote(f"{name}: {value}" if value else f"{name};")]
    own = ["Host", "User-Agent", "Accept"]
    if (way.proxy or "").startswith("http") and url.lower().startswith("http:"):
        own.append("Proxy-Connection")
    for name in own:
        if name.lower() not in names:
            words += ["-H", f"{name}:"]
    if posts and not form and "content-type" not in names:
        words += ["-H", "Content-Type:"]
    large = form or size is None or size >= _EXPECTS_FROM
    if posts and "expect" not in names and large:
        words += ["-H", "Expect:"]
    return words


def _body(
    body: bytes | None,
    headers: Sequence[tuple[str, str]],
    body_file: str | None,
    form: Sequence[FormPart] | None,
    limit: int,
    *,
    empty: bool,
) -> tuple[list[str], list[str], list[str]]:
    """What is piped in, the body's options, and a comment for the end."""
    if form is not None:
        return [], [word for part in form for word in _part(part)], []
    if body_file is not None:
        return [], ["--data-binary", quote(f"@{body_file}")], []
    if empty:
        return [], ["--data-raw", "''"], []
    if not body:
        return [], [], []
    if len(body) > limit:
        types = [value for name, value in headers if name.lower() == "content-type"]
        name = "body.json" if types and "json" in types[0] else "body"
        note = f"# put the body, {len(body)} bytes, into the file {name} first"
        return [], ["--data-binary", f"@{name}"], [note]
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        coded = base64.b64encode(body).decode("ascii")
        return ["printf", "%s", coded, "|", "base64", "-d", "|"], ["--data-binary", "@-"], []
    return [], ["--data-raw", quote(text)], []


def _part(part: FormPart) -> list[str]:
    if part.file is None and part.type is None and part.filename is None:
        return ["--form-string", quote(f"{part.name}={part.value or ''}")]
    name = part.file if part.file is not None else part.value or ""
    text = f"{part.name}={'@' if part.file is not None else ''}{_inner(name)}"
    if part.filename is not None:
        text += f";filename={_inner(part.filename)}"
    if part.type is not None:
        text += f";type={part.type}"
    return ["-F", quote(text)]


def _inner(text: str) -> str:
    """A value inside ``-F``, in double quotes, where ``;`` and ``,`` are then plain."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
