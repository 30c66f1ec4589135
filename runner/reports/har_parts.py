"""The small objects of an HTTP Archive: headers, cookies, query, posted data, content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urljoin, urlsplit

Json = dict[str, Any]
Texts = Mapping[str, Any]
_FORM: Final = "application/x-www-form-urlencoded"
_ATTRIBUTES: Final = (
    ("path", "path"), ("domain", "domain"), ("expires", "expires"), ("http-only", "httpOnly"),
    ("secure", "secure"), ("same-site", "_sameSite"),
)  # fmt: skip


def mapping(value: object) -> dict[str, Any]:
    """The value if it is a mapping, with keys in lower case, else an empty one."""
    if not isinstance(value, Mapping):
        return {}
    return {str(name).lower(): one for name, one in value.items()}


def headers(header: Texts) -> list[Json]:
    """Headers by name and value."""
    return [{"name": name, "value": str(value)} for name, value in header.items()]


def length_of(header: Texts) -> int:
    """The Content-Length, 0 where there is none."""
    text = str(header.get("content-length", ""))
    return int(text) if text.isascii() and text.isdecimal() else 0


def query_string(url: str) -> list[Json]:
    """The parameters of a URL, decoded."""
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return []
    return [{"name": name, "value": value} for name, value in pairs]


def cookies_of_request(facts: Texts) -> list[Json]:
    """The cookies of its session that a request took along."""
    known = facts.get("request.cookie")
    if not isinstance(known, Mapping):
        return []
    return [{"name": str(name), "value": str(value)} for name, value in known.items()]


def cookies_of_answer(facts: Texts) -> list[Json]:
    """The cookies an answer sets."""
    known = facts.get("cookie")
    made = []
    for name, cookie in known.items() if isinstance(known, Mapping) else ():
        told = cookie if isinstance(cookie, Mapping) else {"value": cookie}
        more = {har: told[ours] for ours, har in _ATTRIBUTES if told.get(ours) is not None}
        made.append({"name": str(name), "value": str(told.get("value", "")), **more})
    return made


def post_data(header: Texts, body: object) -> Json:
    """What was posted; of a form its fields too. Without its text where that is not known."""
    kind = str(header.get("content-type") or "application/octet-stream")
    made: Json = {"mimeType": kind, "params": [], "text": ""}
    if not isinstance(body, str):
        why = "it is not text" if body is not None else "the result does not keep it"
        return {**made, "comment": f"the body is not shown: {why}"}
    made["text"] = body
    if kind.partition(";")[0].strip().lower() == _FORM:
        try:
            pairs = parse_qsl(body, keep_blank_values=True)
        except ValueError:
            pairs = []
        made["params"] = [{"name": name, "value": value} for name, value in pairs]
    return made


def content(header: Texts, received: int | None, on_wire: int | None, body: object) -> Json:
    """The body of an answer; its text where the result keeps it."""
    made: Json = {
        "size": received or 0,
        "mimeType": str(header.get("content-type") or "x-unknown"),
    }
    if received is not None and on_wire is not None and "content-encoding" in header:
        made["compression"] = received - on_wire
    if isinstance(body, str):
        made["text"] = body
        size = len(body.encode("utf-8", "replace"))
        if received is None:
            made["size"] = size
        elif received > size >= 2**16 - 4:
            made["comment"] = "only the beginning is kept"
    elif isinstance(body, Mapping) and isinstance(body.get("base64"), str):
        made["text"], made["encoding"] = body["base64"], "base64"
    return made


def redirect_url(url: str, header: Texts) -> str:
    """Where an answer leads to, as an absolute URL; empty where it leads nowhere."""
    location = header.get("location")
    if not isinstance(location, str):
        return ""
    try:
        return urljoin(url, location)
    except ValueError:
        return location
