"""NTLM against a server that verifies the NTLMv2 response itself."""

from __future__ import annotations

import hashlib
import ssl

import pytest

from ..harness import fails, passes
from ..lab import response
from .ntlm_server import DOMAIN, PASSWORD, USER, NtlmServer


def steps(server, *rows, user=f"{DOMAIN}\\{USER}", password=PASSWORD, more=""):
    listed = "\n".join(f"  - {row}" for row in rows)
    session = f"  - session:\n    auth: {{ntlm: ['{user}', '{password}']}}{more}"
    return f"base: {server.url}\nsteps:\n{session}\n{listed}\n"


@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate"])
def test_three_messages_on_one_connection(tmp_path, lab, scheme):
    server = lab(NtlmServer(scheme=scheme))
    passes(tmp_path, steps(server, "get: /\n    expect: {$.user: User}"))
    assert server.users == [USER]
    assert (server.connections, len(server.requests)) == (1, 3)


def test_a_connection_stays_authenticated(tmp_path, lab):
    server = lab(NtlmServer())
    passes(tmp_path, steps(server, "get: /a", "get: /b", "get: /c"))
    assert (server.connections, len(server.requests), server.users) == (1, 5, [USER])


def test_a_new_connection_is_authenticated_anew(tmp_path, lab):
    server = lab(NtlmServer())
    rows = ["connect:", "open: GET /", "send:", "read:"]
    passes(tmp_path, steps(server, *rows, *rows))
    assert (server.connections, server.users) == (2, [USER, USER])


def test_the_body_goes_along(tmp_path, lab):
    (tmp_path / "big.bin").write_bytes(bytes(100_000))
    server = lab(NtlmServer())
    passes(tmp_path, steps(server, "post: /\n    file: big.bin", "post: /\n    json: {a: 1}"))
    assert len(server.requests[2].body) == 100_000
    assert server.requests[3].body == b'{"a":1}'


@pytest.mark.parametrize(
    "wrong", [{"password": "passwork"}, {"user": "Domain\\Other"}, {"user": "Else\\User"}]
)
def test_wrong_credentials(tmp_path, lab, wrong):
    server = lab(NtlmServer())
    step = fails(tmp_path, steps(server, "get: /", **wrong), "authentication-failed")
    assert step.facts["status"] == 401
    assert step.hint == "the server refused the user or the password"
    assert len(server.requests) == 3


def test_cookies_are_kept_as_they_are(tmp_path, lab):
    server = lab(NtlmServer())
    passes(tmp_path, steps(server, "get: /", more="\n    cookies: {mine: '1'}"))
    assert server.requests[2].header("cookie") in ("mine=1; seen=1", "seen=1; mine=1", "mine=1")


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_the_certificate_is_bound_in(tmp_path, lab, certificates, version):
    pem = certificates.files("good")[0].read_text()
    der = ssl.PEM_cert_to_DER_cert(pem[: pem.index("-----END CERTIFICATE-----") + 25])
    context = certificates.context(version=version)
    server = lab(NtlmServer(bound=hashlib.sha256(der).digest(), context=context))
    more = f"\n    tls: {{ca: {certificates.ca}}}"
    passes(tmp_path, steps(server, "get: /", more=more))
    other = lab(NtlmServer(bound=bytes(32), context=certificates.context()))
    fails(tmp_path, steps(other, "get: /", more=more), "authentication-failed")


@pytest.mark.parametrize("token", [b"AAAA", b"TlRMTVNTUAACAAAA", b"!!!!"])
def test_a_challenge_that_is_none(tmp_path, lab, token):
    broken = response(401, b"", [("WWW-Authenticate", f"NTLM {token.decode()}")])
    server = lab(NtlmServer(breaks=broken))
    step = fails(tmp_path, steps(server, "get: /"), "authentication-failed")
    assert step.message == "the server's NTLM challenge cannot be read"


def test_an_answer_in_place_of_the_challenge_is_the_answer(tmp_path, lab):
    server = lab(NtlmServer(breaks=response(403, b"go away")))
    step = fails(tmp_path, steps(server, "get: /"), "unexpected-status")
    assert step.facts["status"] == 403


def test_another_scheme_is_left_alone(tmp_path, echo):
    step = fails(tmp_path, steps(echo, "get: /basic"), "authentication-failed")
    assert step.facts["status"] == 401
    assert len(echo.requests) == 1


def test_the_password_is_told(tmp_path, lab):
    told = []
    passes(tmp_path, steps(lab(NtlmServer()), "get: /"), secret=told.append)
    assert told == [PASSWORD]
