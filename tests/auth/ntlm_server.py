"""A server that speaks NTLM (MS-NLMP) and verifies the NTLMv2 response itself.

Each connection has a challenge of its own and stays authenticated once it was met. The hash of the
password is the test vector of MS-NLMP, section 4.2.2.1.2.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass

from ..lab import Peer, Recorded, Server, response

USER, DOMAIN, PASSWORD = "User", "Domain", "Password"
_NT_HASH = bytes.fromhex("a4f49c406510bdcab6824ee7c30fd852")
_FLAGS = 0x00000001 | 0x00000004 | 0x00000200 | 0x00008000 | 0x00080000 | 0x00800000 | 0x20000000
_DOMAIN_NAME, _COMPUTER_NAME, _BINDINGS, _END = 2, 1, 10, 0


@dataclass
class Line:
    """What a connection knows of its client."""

    challenge: bytes = b""
    user: str | None = None


class NtlmServer(Server):
    """Everything wants NTLM. ``scheme`` is the word for it; ``bound`` the hash of the certificate
    that must be bound in; ``breaks`` makes the second message of the handshake another answer.
    """

    def __init__(
        self, *, scheme: str = "NTLM", bound: bytes | None = None, breaks: bytes | None = None,
        **options,
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self.scheme, self.bound, self.breaks = scheme, bound, breaks
        self.users: list[str] = []

    def handle(self, peer: Peer) -> None:
        line = Line()
        while True:
            peer.send(self.answer(peer.recv_request(), line))

    def answer(self, request: Recorded, line: Line) -> bytes:
        scheme, _, text = (request.header("authorization") or "").partition(" ")
        if not scheme and line.user is not None:
            return response(200, b'{"user": "%b"}' % line.user.encode())
        if scheme != self.scheme:
            return self.refuse()
        message = base64.b64decode(text)
        assert message[:8] == b"NTLMSSP\0"
        if message[8] == 1:
            if self.breaks is not None:
                return self.breaks
            line.challenge = os.urandom(8)
            return self.refuse(_challenge(line.challenge))
        user = self.verify(message, line.challenge)
        if user is None:
            return self.refuse()
        line.user = user
        self.users.append(user)
        return response(200, b'{"user": "%b"}' % user.encode())

    def refuse(self, message: bytes | None = None) -> bytes:
        token = "" if message is None else f" {base64.b64encode(message).decode()}"
        lines = [("WWW-Authenticate", f"{self.scheme}{token}"), ("Set-Cookie", "seen=1; Path=/")]
        return response(401, b"who are you?", lines)

    def verify(self, message: bytes, challenge: bytes) -> str | None:
        """The user whose NTLMv2 response this is (MS-NLMP, section 3.3.2), None when it is not."""
        answer, domain, user = (_field(message, offset) for offset in (20, 28, 36))
        name = user.decode("utf-16-le")
        if not challenge or (name, domain.decode("utf-16-le")) != (USER, DOMAIN):
            return None
        key = hmac.new(_NT_HASH, (name.upper() + DOMAIN).encode("utf-16-le"), "md5").digest()
        proof, blob = answer[:16], answer[16:]
        right = hmac.new(key, challenge + blob, "md5").digest()
        if not hmac.compare_digest(proof, right):
            return None
        if self.bound is not None and _pairs(blob[28:]).get(_BINDINGS) != _binding(self.bound):
            return None
        return name


def _challenge(challenge: bytes) -> bytes:
    name = DOMAIN.encode("utf-16-le")
    info = b"".join(
        struct.pack("<HH", kind, len(value)) + value
        for kind, value in ((_DOMAIN_NAME, name), (_COMPUTER_NAME, name), (_END, b""))
    )
    offset = 56
    return (
        b"NTLMSSP\0"
        + struct.pack("<IHHI", 2, len(name), len(name), offset)
        + struct.pack("<I", _FLAGS)
        + challenge
        + bytes(8)
        + struct.pack("<HHI", len(info), len(info), offset + len(name))
        + bytes(8)
        + name
        + info
    )


def _field(message: bytes, offset: int) -> bytes:
    length, _, start = struct.unpack_from("<HHI", message, offset)
    return message[start : start + length]


def _pairs(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while len(data) >= 4:
        kind, length = struct.unpack_from("<HH", data)
        found[kind] = data[4 : 4 + length]
        data = data[4 + length :]
        if kind == _END:
            break
    return found


def _binding(certificate_hash: bytes) -> bytes:
    """The MD5 of a gss_channel_bindings_struct (RFC 2744, 3.11; MS-NLMP, 2.2.2.1)."""
    data = b"tls-server-end-point:" + certificate_hash
    return hashlib.md5(bytes(16) + struct.pack("<I", len(data)) + data).digest()
