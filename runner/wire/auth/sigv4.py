"""AWS Signature Version 4, computed by requests-aws4auth."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from threading import Lock
from typing import Any

from requests import PreparedRequest
from requests_aws4auth import AWS4Auth  # type: ignore[import-untyped]

from runner.wire.auth.late import LateAuth
from runner.wire.payload import Payload


class SigV4Auth(LateAuth):
    """Signs each request: ``X-Amz-Date``, ``X-Amz-Content-Sha256``, ``Authorization``.

    A streamed body is hashed in one pass and sent in another, so that it never stands in memory.
    """

    proof = "the signature"

    def __init__(
        self,
        region: str,
        service: str,
        access_key: str,
        secret_key: str,
        session_token: str,
        secret: Callable[[str], None],
    ) -> None:
        secret(secret_key)
        secret(session_token)
        self._signer = _Signer(
            access_key, secret_key, region, service, session_token=session_token or None
        )
        # The library makes its key anew on a new day, in place.
        self._lock = Lock()

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        body: Any = r.body
        streamed = isinstance(body, Payload)
        with self._lock:
            self._signer.content_hash = _hash(body) if streamed else None
            if streamed:
                r.body = None
            signed: PreparedRequest = self._signer(r)
        signed.body = body
        return signed


class _Signer(AWS4Auth):  # type: ignore[misc]
    """The library's signer with a body that is not in memory, and header values of any kind."""

    content_hash: str | None = None

    def get_canonical_headers(self, req: PreparedRequest, include: Any = None) -> tuple[str, str]:
        if self.content_hash is not None:
            req.headers["x-amz-content-sha256"] = self.content_hash
        found: tuple[str, str] = super().get_canonical_headers(req, include)
        return found

    @staticmethod
    def amz_norm_whitespace(text: str) -> str:
        # The library reads values like a shell, which fails on a lone quote.
        return " ".join(text.split())


def _hash(body: Payload) -> str:
    found = hashlib.sha256()
    for piece in body.pieces():
        found.update(piece)
    return found.hexdigest()
