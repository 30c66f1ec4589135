"""A server with a token endpoint and a resource that only its tokens open (RFC 6749, RFC 6750)."""

from __future__ import annotations

import base64
import json
import time
from urllib.parse import parse_qs, unquote_plus

from ..lab import Peer, Recorded, Server, response

CLIENT, CLIENT_SECRET = "smoke", "s3cret/with+signs &é"


class OAuth2Server(Server):
    """``POST /token`` gives tokens, everything else wants one.

    ``proof`` is how the client must prove itself: ``basic``, ``body`` or ``either``; ``lifetime``
    the seconds each token holds; ``told`` what ``expires_in`` says of it. ``revoke()`` ends all.
    """

    def __init__(
        self, *, proof: str = "basic", lifetime: float = 60, told: float | None = 60, **options
    ) -> None:
        super().__init__(**options)
        self.proof, self.lifetime, self.told = proof, lifetime, told
        self.refuses_all = False
        self.kind = "Bearer"
        self.tokens: dict[str, float] = {}
        self.scopes: list[str | None] = []

    @property
    def asked(self) -> list[Recorded]:
        return [one for one in self.requests if one.path == "/token"]

    @property
    def resource(self) -> list[Recorded]:
        return [one for one in self.requests if one.path != "/token"]

    def revoke(self) -> None:
        self.tokens.clear()

    def handle(self, peer: Peer) -> None:
        while True:
            request = peer.recv_request()
            peer.send(self.token(request) if request.path == "/token" else self.open(request))

    def token(self, request: Recorded) -> bytes:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if not self.knows(request, form):
            return refuse(401, "invalid_client", "no such client, or not its secret")
        if form.get("grant_type") != "client_credentials" or request.method != "POST":
            return refuse(400, "unsupported_grant_type", "only client_credentials")
        if form.get("scope") == "everything":
            return refuse(400, "invalid_scope", 'no scope "everything"\n for this client')
        self.scopes.append(form.get("scope"))
        token = f"granted.{len(self.scopes)}-{'x' * 20}"
        self.tokens[token] = time.monotonic() + self.lifetime
        answer: dict[str, object] = {"access_token": token, "token_type": self.kind}
        if self.told is not None:
            answer["expires_in"] = self.told
        return response(200, json.dumps(answer).encode(), [("Content-Type", "application/json")])

    def knows(self, request: Recorded, form: dict[str, str]) -> bool:
        scheme, _, text = (request.header("authorization") or "").partition(" ")
        if self.proof in ("basic", "either") and scheme == "Basic":
            user, _, password = base64.b64decode(text).decode().partition(":")
            return (unquote_plus(user), unquote_plus(password)) == (CLIENT, CLIENT_SECRET)
        if self.proof in ("body", "either"):
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, CLIENT_SECRET)
        return False

    def open(self, request: Recorded) -> bytes:
        scheme, _, token = (request.header("authorization") or "").partition(" ")
        holds = scheme == "Bearer" and self.tokens.get(token, 0) > time.monotonic()
        if not holds or self.refuses_all:
            challenge = 'Bearer error="invalid_token"' if scheme else "Bearer"
            return response(401, b"no", [("WWW-Authenticate", challenge)])
        return response(200, b'{"ok": true}', [("Content-Type", "application/json")])


def refuse(status: int, error: str, words: str) -> bytes:
    body = json.dumps({"error": error, "error_description": words}).encode()
    return response(status, body, [("Content-Type", "application/json")])
