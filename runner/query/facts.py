"""The facts each verb leaves: their names, types and meanings. Queries are checked against them."""

# A table reads best with one row a line.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

REQUESTS: Final = ("get", "post", "put", "patch", "delete", "head", "options")
ANY_FACT: Final = ("block", "parallel", "use", "repeat")
VERBS: Final = (
    "session", "connect", "open", "add-headers", "send", "read", "close", *REQUESTS,
    "block", "parallel", "use", "set", "wait",
)  # fmt: skip

_CONNECT: Final = ("connect", *REQUESTS)
_SEND: Final = ("send", *REQUESTS)
_READ: Final = ("read", *REQUESTS)
_IN_SESSION: Final = tuple(verb for verb in VERBS if verb not in ("set", "wait"))


class Fact(NamedTuple):
    """One fact. A name ending in ``.NAME`` stands for a family: ``header.NAME``."""

    name: str
    type: str
    verbs: tuple[str, ...]
    doc: str
    example: str

    @property
    def stem(self) -> str | None:
        """``header`` of ``header.NAME``; None for a fact that is no family."""
        return self.name.removesuffix(".NAME") if self.name.endswith(".NAME") else None


def _facts() -> dict[str, Fact]:
    rows: tuple[tuple[tuple[str, ...], tuple[tuple[str, str, str, str], ...]], ...] = (
        (VERBS, (
            ("time.total", "duration", "how long the whole step took", "time.total: {below: 500ms}"),
            ("attempts", "integer", "how many tries the step took; 1 without retry", "attempts: 1"),
            ("error", "kind", "the failure kind the step ended in", "error: connection-refused"),
        )),
        (_IN_SESSION, (
            ("jar.NAME", "text", "a cookie the session holds now", "jar.sid: {exists: true}"),
        )),
        (("session",), (
            ("user-agent", "text", "the User-Agent the session sends", "user-agent: smoke/1.0"),
            ("proxy", "text", "the proxy in use: `direct`, `env` or its URL", "proxy: direct"),
        )),
        (_CONNECT, (
            ("address", "text", "the IP address, or unix socket, connected to", "address: 127.0.0.1"),
            ("port", "integer", "the port connected to", "port: 443"),
            ("time.dns", "duration", "resolving the name", "time.dns: {below: 50ms}"),
            ("time.tcp", "duration", "the TCP handshake", "time.tcp: {below: 250ms}"),
            ("time.proxy", "duration", "opening the tunnel through the proxy", "time.proxy: {below: 1s}"),
            ("time.tls", "duration", "the TLS handshake", "time.tls: {below: 300ms}"),
            ("tls.version", "version", "the TLS version agreed on", "tls.version: {at-least: TLSv1.2}"),
            ("tls.cipher", "text", "the cipher suite agreed on", "tls.cipher: {starts-with: TLS_AES}"),
            ("tls.alpn", "text", "the application protocol agreed on", "tls.alpn: http/1.1"),
            ("tls.subject.NAME", "text", "a field of the certificate's subject", "tls.subject.CN: example.org"),
            ("tls.issuer.NAME", "text", "a field of the certificate's issuer", "tls.issuer.O: Example CA"),
            ("tls.names", "list", "the names the certificate is for", "tls.names: {contains: example.org}"),
            ("tls.not-before", "date", "when the certificate's validity begins", "tls.not-before: {below: 2030-01-01}"),
            ("tls.not-after", "date", "when the certificate's validity ends", "tls.not-after: {above: 2030-01-01}"),
            ("tls.days-left", "number", "days until the certificate's validity ends", "tls.days-left: {above: 14}"),
            ("tls.sha256", "text", "the SHA-256 fingerprint of the certificate, in hex", "tls.sha256: {starts-with: 9f86}"),
        )),
        (("open", *REQUESTS), (
            ("method", "text", "the request's method", "method: GET"),
            ("request.url", "text", "the request's URL", "request.url: {ends-with: /items}"),
        )),
        (("open", "send", *REQUESTS), (
            ("request.header.NAME", "text", "a header of the request", "request.header.accept: application/json"),
        )),
        (_SEND, (
            ("status", "status", "the status code; `any` and `2xx` are understood", "status: 200"),
            ("reason", "text", "the reason phrase", "reason: OK"),
            ("http-version", "version", "the version of the answer", "http-version: HTTP/1.1"),
            ("url", "text", "the URL that answered, after redirects", "url: {ends-with: /login}"),
            ("location", "text", "the Location header as an absolute URL", "location: {ends-with: /login}"),
            ("header.NAME", "text", "a header of the answer; several lines joined by `, `", "header.content-type: {starts-with: text/}"),
            ("headers.NAME", "list", "the lines of one header of the answer", "headers.set-cookie: {contains: a=1}"),
            ("media-type", "text", "the Content-Type without parameters, in lower case", "media-type: application/json"),
            ("cookie.NAME", "text", "the value of a cookie this answer set; its attributes follow a dot", "cookie.sid.secure: true"),
            ("redirects", "list", "the hops followed: status, url, location, header", "redirects[0].status: 301"),
            ("request.size", "size", "bytes of the request, head and body", "request.size: {below: 4kB}"),
            ("connection.reused", "boolean", "whether the socket carried a request before", "connection.reused: true"),
            ("time.send", "duration", "until the system has taken all bytes of the request; of the last one, after redirects", "time.send: {below: 50ms}"),
            ("time.wait", "duration", "from there to the first byte of the answer; of the last one, after redirects", "time.wait: {below: 200ms}"),
            ("early", "list", "the 1xx answers before the final one", "early | count: 1"),
        )),
        (_READ, (
            ("body", "any", "what was read: the parsed value, else the text, else bytes", "body: {exists: true}"),
            ("text", "text", "what was read, as text", "text: {contains: Welcome}"),
            ("size", "size", "bytes of the body, decoded", "size: {below: 64kB}"),
            ("wire-size", "size", "bytes of the body as it came, coded", "wire-size: {below: 16kB}"),
            ("bytes", "size", "bytes of this read", "bytes: 512"),
            ("received", "size", "bytes of the body read so far", "received: {at-least: 1kB}"),
            ("eof", "boolean", "whether the body has ended", "eof: true"),
            ("sha256", "text", "SHA-256 of the body, in hex", "sha256: {starts-with: 9f86}"),
            ("events", "list", "server-sent events: event, data, id, retry", "events[0].data: ready"),
            ("time.read", "duration", "reading the body", "time.read: {below: 1s}"),
        )),
        (("use",), (
            ("outputs.NAME", "any", "an output of the scenario used", "outputs.item: {is: integer}"),
        )),
    )  # fmt: skip
    return {
        name: Fact(name, type_, verbs, doc, example)
        for verbs, facts in rows
        for name, type_, doc, example in facts
    }


FACTS: Final[Mapping[str, Fact]] = _facts()
FAMILIES: Final[Mapping[str, Fact]] = {fact.stem: fact for fact in FACTS.values() if fact.stem}
CASELESS: Final = frozenset({"header", "headers", "request.header"})

_COOKIE: Final[Mapping[str, str]] = {
    "value": "text", "domain": "text", "path": "text", "expires": "date", "secure": "boolean",
    "http-only": "boolean", "same-site": "text",
}  # fmt: skip
PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "cookie": _COOKIE,
    "jar": _COOKIE,
    "redirects": {"status": "status", "url": "text", "location": "text", "header": "mapping"},
    "events": {"event": "text", "data": "text", "id": "text", "retry": "integer"},
    "early": {"status": "status", "reason": "text", "header": "mapping"},
}
"""What an element of these facts is made of, and the type of each part."""


@cache
def facts_of(verb: str) -> Mapping[str, Fact]:
    """The facts a step of this verb can have, by name.

    A block, parallel or use step can have any fact, since it shows those of what is inside it.
    Raises KeyError for what is no verb.
    """
    if verb in ANY_FACT:
        return FACTS
    if verb not in VERBS:
        raise KeyError(verb)
    return {name: fact for name, fact in FACTS.items() if verb in fact.verbs}


def has_body(verb: str) -> bool:
    """Whether `$…`, `css:` and `xpath:` have something to read in a step of this verb."""
    return verb in _READ or verb in ANY_FACT
