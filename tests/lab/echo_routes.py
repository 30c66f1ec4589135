"""What the echo server does besides echoing."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from .echo_call import Call

USER, SECRET, TOKEN = "user", "secret", "lamp-token"


def _status(call: Call, code: str) -> None:
    call.send(b"status " + code.encode(), status=int(code))


def _reason(call: Call, text: str) -> None:
    call.send(b"ok", reason=text.replace("+", " "))


def _headers(call: Call) -> None:
    found: dict[str, list[str]] = {}
    for name, value in call.request.lines:
        found.setdefault(name.lower(), []).append(value)
    call.json(found)


def _response_headers(call: Call) -> None:
    pairs = parse_qs(urlsplit(call.request.target).query, True)
    call.json({}, headers=[(name, value) for name, values in pairs.items() for value in values])


def _cookies(call: Call) -> None:
    pairs = [
        part.strip().partition("=") for part in (call.request.header("cookie") or "").split(";")
    ]
    call.json({name: value for name, _, value in pairs if name})


def _set_cookies(call: Call) -> None:
    attributes = "; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600"
    lines = [("Set-Cookie", f"{name}={value}{attributes}") for name, value in call.query.items()]
    call.json(call.query, headers=lines)


def _delete_cookies(call: Call) -> None:
    lines = [("Set-Cookie", f"{name}=; Path=/; Max-Age=0") for name in call.query]
    call.json({}, headers=lines)


def _redirect(call: Call, hops: str) -> None:
    left = int(hops) - 1
    call.send(b"moved", status=302, headers=[("Location", f"/redirect/{left}" if left else "/")])


def _redirect_to(call: Call) -> None:
    status = int(call.query.get("status", "302"))
    call.send(b"moved", status=status, headers=[("Location", call.query["url"])])


def _bytes(call: Call, count: str) -> None:
    call.send(
        (bytes(range(256)) * (int(count) // 256 + 1))[: int(count)], "application/octet-stream"
    )


def _lines(call: Call, count: str) -> None:
    call.send("".join(f"line {n}\n" for n in range(1, int(count) + 1)).encode())


def _stream(call: Call) -> None:
    pieces = [b"piece %d\n" % n for n in range(1, int(call.number("pieces", 3)) + 1)]
    call.chunks(pieces, "text/plain", call.number("every", 0))


def _chunked(call: Call) -> None:
    body, size = call.request.body, int(call.number("size", 7))
    call.chunks([body[n : n + size] for n in range(0, len(body), size)], "text/plain")


def _until_close(call: Call) -> None:
    call.head(200, [("Content-Type", "text/plain"), ("Connection", "close")])
    call.peer.send(call.query.get("say", "until the close").encode())


def _sse(call: Call) -> None:
    numbers = range(1, int(call.number("count", 3)) + 1)
    events = (f"id: {n}\nevent: tick\ndata: {json.dumps({'n': n})}\n\n".encode() for n in numbers)
    call.chunks(events, "text/event-stream", call.number("every", 0))


def _slow(call: Call) -> None:
    call.peer.pause(call.number("before", 0))
    call.peer.send(b"HTTP/1.1 200 OK\r\n")
    call.peer.pause(call.number("head", 0))
    call.peer.send(b"Content-Type: text/plain\r\nContent-Length: 8\r\n\r\nslow")
    call.peer.pause(call.number("body", 0))
    call.peer.send(b"ness")


def _basic(call: Call) -> None:
    expected = "Basic " + base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
    _admit(call, call.request.header("authorization") == expected, 'Basic realm="lab"')


def _bearer(call: Call) -> None:
    admitted = call.request.header("authorization") == f"Bearer {TOKEN}"
    _admit(call, admitted, 'Bearer realm="lab"')


def _admit(call: Call, admitted: bool, challenge: str) -> None:
    if admitted:
        call.json({"authenticated": True, "user": USER})
    else:
        call.json({"authenticated": False}, 401, [("WWW-Authenticate", challenge)])


def digest_holds(header: str, method: str, password: str, nonce: str) -> bool:
    """Whether an Authorization header is the right digest (RFC 7616, MD5 or SHA-256, qop auth)."""
    fields = dict(re.findall(r'(\w+)="?([^",]*)"?', header.partition(" ")[2]))
    names = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
    make = names.get(fields.get("algorithm", "MD5"))
    if make is None or fields.get("nonce") != nonce:
        return False

    def of(text: str) -> str:
        return make(text.encode()).hexdigest()

    first = of(f"{fields.get('username')}:{fields.get('realm')}:{password}")
    second = of(f"{method}:{fields.get('uri')}")
    middle = ":".join(fields.get(name, "") for name in ("nc", "cnonce", "qop"))
    return fields.get("response") == of(f"{first}:{nonce}:{middle}:{second}")


def _digest(call: Call) -> None:
    nonce = "0123456789abcdef"
    header = call.request.header("authorization") or ""
    challenge = f'Digest realm="lab", nonce="{nonce}", qop="auth", algorithm=MD5, opaque="lamp"'
    admitted = f'username="{USER}"' in header and digest_holds(
        header, call.request.method, SECRET, nonce
    )
    _admit(call, admitted, challenge)


def _text(call: Call) -> None:
    call.send(call.query.get("say", "hello, wörld").encode())


def _coded(coding: str, pack: Callable[[bytes], bytes]) -> Callable[[Call], None]:
    def act(call: Call) -> None:
        body = pack(call.query.get("say", "hello, wörld " * 50).encode())
        call.send(body, headers=[("Content-Encoding", coding)])

    return act


def _brotli(data: bytes) -> bytes:
    import brotli

    return bytes(brotli.compress(data))


def _zstd(data: bytes) -> bytes:
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from backports import zstd
    return bytes(zstd.compress(data))


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def _etag(call: Call) -> None:
    tag = [("ETag", '"lamp-1"')]
    if call.request.header("if-none-match") == '"lamp-1"':
        call.send(status=304, headers=tag)
    else:
        call.json({"lamp": 1}, headers=tag)


def _early(call: Call) -> None:
    call.peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </lamp.css>; rel=preload\r\n\r\n")
    call.send(b"after the hints")


HTML = (
    b"<!doctype html><title>Lamps</title><h1>Lamps</h1><a href='/items/1'>Lamp</a><p class=x>A<p>B"
)
XML = b'<?xml version="1.0"?><items><item id="1">Lamp</item><item id="2">Desk</item></items>'

ROUTES: tuple[tuple[str, Callable[..., None]], ...] = (
    (r"/status/(\d+)", _status),
    (r"/reason/(.*)", _reason),
    (r"/headers", _headers),
    (r"/response-headers", _response_headers),
    (r"/cookies", _cookies),
    (r"/cookies/set", _set_cookies),
    (r"/cookies/delete", _delete_cookies),
    (r"/redirect/(\d+)", _redirect),
    (r"/redirect-to", _redirect_to),
    (r"/bytes/(\d+)", _bytes),
    (r"/text", _text),
    (r"/lines/(\d+)", _lines),
    (r"/stream", _stream),
    (r"/chunked", _chunked),
    (r"/until-close", _until_close),
    (r"/sse", _sse),
    (r"/slow", _slow),
    (r"/basic", _basic),
    (r"/digest", _digest),
    (r"/bearer", _bearer),
    (r"/gzip", _coded("gzip", gzip.compress)),
    (r"/deflate", _coded("deflate", zlib.compress)),
    (r"/raw-deflate", _coded("deflate", _raw_deflate)),
    (r"/br", _coded("br", _brotli)),
    (r"/zstd", _coded("zstd", _zstd)),
    (r"/stacked", _coded("gzip, br", lambda data: _brotli(gzip.compress(data)))),
    (r"/json", lambda call: call.json(call.query)),
    (r"/html", lambda call: call.send(HTML, "text/html; charset=utf-8")),
    (r"/xml", lambda call: call.send(XML, "application/xml")),
    (r"/close", lambda call: call.send(b"bye", headers=[("Connection", "close")])),
    (r"/etag", _etag),
    (r"/nothing", lambda call: call.send(status=204)),
    (r"/early", _early),
)
