"""The other pages: images, uploads, streams, jobs, and some that go wrong."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import struct
import time
import zlib
from collections.abc import Iterator
from typing import Any

from runner.demo.messages import Answer, Pairs, Refusal, Request, data, moved, none, text
from runner.demo.shop import Shop, etag

HOME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lamp Shop</title>
<link rel="alternate" type="application/atom+xml" href="/feed.xml"></head>
<body><h1>Lamp Shop</h1><img src="/images/lamp.png" alt="a lamp">
<table id="items"><thead><tr><th>Item</th><th>Price</th></tr></thead><tbody>
{rows}</tbody></table><p><a class="login" href="/login">Log in</a></p></body></html>
"""


def home(shop: Shop, _: Request) -> Answer:
    """GET /: the items as HTML."""
    with shop.lock:
        rows = "".join(
            f'<tr class="item"><td><a href="/items/{item["id"]}">{item["name"]}</a></td>'
            f'<td class="price">{item["price"]:.2f}</td></tr>\n'
            for item in shop.items.values()
        )
    return text(HOME.format(rows=rows), "text/html")


def health(_: Shop, __: Request) -> Answer:
    """GET /health."""
    return data({"status": "up", "service": "lamp-shop", "version": "1.4.2"})


def reset(shop: Shop, _: Request) -> Answer:
    """POST /reset: all as it was at the start."""
    shop.reset()
    return none()


def _picture(side: int = 32) -> bytes:
    """A yellow disc on black, as PNG (RFC 2083)."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    def pixel(x: int, y: int) -> bytes:
        inside = (2 * x - side + 1) ** 2 + (2 * y - side + 1) ** 2 < (side - 4) ** 2
        return b"\xff\xd0\x30" if inside else b"\0\0\0"

    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(side)) for y in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(rows)
    end = chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + end


def lamp(_: Shop, request: Request) -> Answer:
    """GET /images/lamp.png, whole or by one Range (RFC 9110, 14)."""
    image = _picture()
    lines: Pairs = [
        ("Content-Type", "image/png"),
        ("Accept-Ranges", "bytes"),
        ("ETag", etag(hashlib.sha256(image).hexdigest())),
        ("Last-Modified", "Fri, 01 Mar 2024 09:30:00 GMT"),
    ]
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", request.header("Range"))
    if found is None or found[0] == "bytes=-":
        return Answer(200, image, lines)
    size = len(image)
    if found[1]:
        start, end = int(found[1]), min(int(found[2] or size), size - 1)
    else:
        start, end = max(0, size - int(found[2])), size - 1
    if start > end:
        raise Refusal(416, "there is nothing in this range", [("Content-Range", f"bytes */{size}")])
    lines.append(("Content-Range", f"bytes {start}-{end}/{size}"))
    return Answer(206, image[start : end + 1], lines)


def upload(_: Shop, request: Request) -> Answer:
    """POST or PUT /upload: sizes and hashes of a body, or of the parts of a multipart one."""
    body = request.plain_body
    told: dict[str, Any] = {
        "type": request.header("Content-Type"),
        "size": len(body),
        "wire_size": len(request.body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "chunked": "chunked" in request.header("Transfer-Encoding").lower(),
    }
    if request.media_type == "multipart/form-data":
        told["parts"] = list(_parts(request, body))
    return data(told, 201)


def _parts(request: Request, body: bytes) -> Iterator[dict[str, Any]]:
    boundary = str(request.headers.get_param("boundary", "")).encode()
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if not boundary or len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise Refusal(400, "the body is no multipart/form-data")
    for piece in pieces[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace")
        named = dict(re.findall(r'\b(name|filename)="([^"]*)"', lines))
        kind = re.search(r"(?im)^content-type:\s*(.+?)\s*$", lines)
        yield {
            "name": named.get("name"),
            "filename": named.get("filename"),
            "type": kind[1] if kind else None,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }


def _paced(pieces: Iterator[bytes], milliseconds: int) -> Iterator[bytes]:
    for number, piece in enumerate(pieces):
        if number:
            time.sleep(milliseconds / 1000)
        yield piece


def events(_: Shop, request: Request) -> Answer:
    """GET /events?count=&every=: server-sent events, so many, so many ms apart."""
    count = request.number("count", 3, 10_000)
    every = request.number("every", 50, 60_000)

    def made() -> Iterator[bytes]:
        for number in range(1, count + 1):
            price = json.dumps({"item": 1, "price": round(19.9 + number / 10, 2)})
            yield f"id: {number}\nevent: price\ndata: {price}\n\n".encode()

    lines = [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")]
    return Answer(200, _paced(made(), every), lines)


def log(_: Shop, request: Request) -> Answer:
    """GET /log?lines=&every=: lines of text in chunks, so many ms apart."""
    count, every = request.number("lines", 5, 100_000), request.number("every", 20, 60_000)
    made = (f"{n:04} lamp {n % 7 + 1} sold\n".encode() for n in range(1, count + 1))
    return Answer(200, _paced(made, every), [("Content-Type", "text/plain; charset=utf-8")])


def start_job(shop: Shop, request: Request) -> Answer:
    """POST /jobs with {"polls": N, "ms": N}: done after N looks beside the last, and N ms."""
    fields = request.fields() if request.body else {}
    try:
        polls, milliseconds = int(fields.get("polls", 2)), int(fields.get("ms", 0))
    except (TypeError, ValueError):
        raise Refusal(422, "polls and ms are whole numbers") from None
    job = shop.new_job(polls, milliseconds)
    lines = [("Location", f"/jobs/{job['id']}"), ("Retry-After", "1")]
    return data({"id": job["id"], "state": "queued"}, 202, lines)


def job(shop: Shop, _: Request, number: str) -> Answer:
    """GET /jobs/N."""
    try:
        return data(shop.look(int(number)))
    except KeyError:
        raise Refusal(404, "no such job") from None


def slow(_: Shop, request: Request) -> Answer:
    """GET /slow?ms=: answers after so long."""
    milliseconds = request.number("ms", 200, 60_000)
    time.sleep(milliseconds / 1000)
    return data({"slept": milliseconds})


def flaky(shop: Shop, request: Request) -> Answer:
    """GET /flaky?key=&fails=: 503 so many times for each key, then 200."""
    count = shop.again(request.query.get("key", ""))
    if count <= request.number("fails", 2, 1000):
        raise Refusal(503, "try again", [("Retry-After", "0")], tried=count)
    return data({"tried": count})


def headers(_: Shop, request: Request) -> Answer:
    """GET or POST /headers: the request as it came in."""
    found: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        found.setdefault(name.lower(), []).append(value)
    body = request.body.decode("utf-8", "replace")
    return data(
        {"method": request.method, "target": request.target, "headers": found, "body": body}
    )


def early(_: Shop, __: Request) -> Answer:
    """GET /early: a 103 with a Link before the answer."""
    answer = data({"hinted": True})
    answer.early = [("Link", "</images/lamp.png>; rel=preload; as=image")]
    return answer


def circle(_: Shop, __: Request) -> Answer:
    """GET /circle: a redirect to itself."""
    return moved("/circle")


def broken(_: Shop, __: Request, how: str) -> Answer:
    """GET /broken/json, /broken/gzip, /broken/body: answers that are not what they say."""
    whole = json.dumps({"name": "Lamp", "tags": ["light"] * 20}).encode()
    kind = ("Content-Type", "application/json")
    if how == "json":
        return Answer(200, whole[:30], [kind])
    if how == "gzip":
        return Answer(200, gzip.compress(whole)[:-12], [kind, ("Content-Encoding", "gzip")])
    return Answer(200, whole[:30], [kind, ("Content-Length", str(len(whole)))], cut=True)
