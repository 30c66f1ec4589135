"""A request as the shop's pages see it, and the answers they give."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Pairs = list[tuple[str, str]]


@dataclass
class Answer:
    """What a page gives back. A ``body`` that is an iterator is sent chunk by chunk.

    ``early`` are the header lines of a 103 sent before. ``cut`` breaks the connection off after
    the body, whatever its length was said to be.
    """

    status: int = 200
    body: bytes | Iterator[bytes] = b""
    headers: Pairs = field(default_factory=list)
    early: Pairs = field(default_factory=list)
    cut: bool = False


class Refusal(Exception):  # noqa: N818 - it carries an Answer
    """Ends a page with an error, told as problem+json (RFC 9457)."""

    def __init__(self, status: int, title: str, headers: Pairs | None = None, **more: Any) -> None:
        super().__init__(title)
        self.answer = problem(status, title, headers, **more)


@dataclass
class Request:
    """One request: ``path`` and ``query`` are decoded, ``body`` is without its framing."""

    method: str
    target: str
    headers: Message
    body: bytes

    @cached_property
    def path(self) -> str:
        return urlsplit(self.target).path

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def header(self, name: str) -> str:
        """The value of a header, "" where it is not there."""
        return str(self.headers.get(name, ""))

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number of the query, 0 to ``most``. Raises Refusal 400 where it is none."""
        text = self.query.get(name, str(default))
        if not re.fullmatch("[0-9]{1,9}", text) or int(text) > most:
            raise Refusal(400, f"{name} is a whole number from 0 to {most}, not {text!r}")
        return int(text)

    @cached_property
    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.header("Cookie").split(";"))
        return {name: value for name, _, value in pairs if name}

    @property
    def media_type(self) -> str:
        return self.headers.get_content_type() if "Content-Type" in self.headers else ""

    @cached_property
    def plain_body(self) -> bytes:
        """The body without its Content-Encoding. Raises Refusal 400 or 415."""
        coding = self.header("Content-Encoding").lower()
        if coding in ("", "identity"):
            return self.body
        if coding != "gzip":
            raise Refusal(415, f"bodies may be coded with gzip, not {coding}")
        try:
            return gzip.decompress(self.body)
        except (OSError, EOFError, zlib.error):
            raise Refusal(400, "the body is no gzip") from None

    def fields(self) -> dict[str, Any]:
        """The object of a JSON body or the fields of a form. Raises Refusal 400 or 415."""
        if self.media_type == "application/x-www-form-urlencoded":
            return dict(parse_qsl(self.plain_body.decode("utf-8", "replace"), True))
        if self.media_type != "application/json" and not self.media_type.endswith("+json"):
            raise Refusal(415, "send application/json or a form")
        try:
            found = json.loads(self.plain_body)
        except (ValueError, RecursionError):
            raise Refusal(400, "the body is no JSON") from None
        if not isinstance(found, dict):
            raise Refusal(400, "the body is JSON, but no object")
        return found


def data(value: object, status: int = 200, headers: Pairs | None = None) -> Answer:
    """``value`` as JSON."""
    kind = [("Content-Type", "application/json")]
    return Answer(status, json.dumps(value).encode(), kind + (headers or []))


def text(body: str, kind: str = "text/plain", headers: Pairs | None = None) -> Answer:
    """Text in UTF-8."""
    lines = [("Content-Type", f"{kind}; charset=utf-8"), *(headers or [])]
    return Answer(200, body.encode(), lines)


def problem(status: int, title: str, headers: Pairs | None = None, **more: Any) -> Answer:
    """An error as problem+json (RFC 9457)."""
    body = json.dumps({"type": "about:blank", "title": title, "status": status, **more})
    kind = [("Content-Type", "application/problem+json")]
    return Answer(status, body.encode(), kind + (headers or []))


def moved(location: str, status: int = 302) -> Answer:
    """A redirect."""
    return Answer(status, headers=[("Location", location)])


def none() -> Answer:
    """204."""
    return Answer(204)
