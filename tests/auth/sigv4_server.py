"""A server that computes AWS Signature Version 4 itself and compares.

By "Create a signed AWS API request" of the IAM user guide; nothing of a client library is used.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

from ..lab import Peer, Recorded, Server, response

ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SESSION_TOKEN = "session/token+of=temporary"
REGION, SERVICE = "eu-central-1", "execute-api"
_LINE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})"
)


class SigV4Server(Server):
    """Answers 200 to a rightly signed request, else 401 with the reason in its body."""

    def __init__(self, *, session_token: str | None = None, **options) -> None:
        super().__init__(**options)
        self.session_token = session_token

    def handle(self, peer: Peer) -> None:
        while True:
            reason = self.wrong(peer.recv_request())
            if reason is None:
                peer.send(response(200, b'{"signed": true}'))
            else:
                peer.send(response(401, reason.encode(), [("WWW-Authenticate", "AWS4")]))

    def wrong(self, request: Recorded) -> str | None:
        found = _LINE.fullmatch(request.header("authorization") or "")
        if found is None:
            return "not signed"
        credential, names, signature = found.groups()
        signed = names.split(";")
        stamp = request.header("x-amz-date") or ""
        moment = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if abs(datetime.now(UTC) - moment) > timedelta(minutes=5):
            return "old"
        if {"host", "x-amz-date"} - set(signed):
            return "too few headers are signed"
        unsigned = [
            name.lower()
            for name, _ in request.lines
            if name.lower().startswith("x-amz-") and name.lower() not in signed
        ]
        if unsigned:
            return f"not signed: {unsigned}"
        if request.header("x-amz-security-token") != self.session_token:
            return "the session token is another"
        body = hashlib.sha256(request.body).hexdigest()
        if request.header("x-amz-content-sha256") != body:
            return "the hash of the body is another"
        scope = f"{stamp[:8]}/{REGION}/{SERVICE}/aws4_request"
        if credential != f"{ACCESS_KEY}/{scope}":
            return f"the scope is {credential}"
        told = hashlib.sha256(canonical(request, signed, body).encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{told}"
        key = f"AWS4{SECRET_KEY}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        right = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return None if hmac.compare_digest(right, signature) else "SignatureDoesNotMatch"


def canonical(request: Recorded, signed: list[str], body: str) -> str:
    """The canonical request."""
    path, _, query = request.target.partition("?")
    pairs = (part.partition("=") for part in query.split("&") if part)
    sorted_pairs = sorted(
        (quote(unquote(name.replace("+", " ")), safe="-_.~"),
         quote(unquote(value.replace("+", " ")), safe="-_.~"))
        for name, _, value in pairs
    )  # fmt: skip
    headers = "".join(
        f"{name}:{' '.join((request.header(name) or '').split())}\n" for name in signed
    )
    return "\n".join(
        [
            request.method,
            quote(path, safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in sorted_pairs),
            headers,
            ";".join(signed),
            body,
        ]
    )
