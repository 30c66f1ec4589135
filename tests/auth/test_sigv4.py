"""AWS Signature Version 4 against a server that computes the signature itself."""

from __future__ import annotations

import pytest

from ..harness import fails, passes
from .sigv4_server import ACCESS_KEY, REGION, SECRET_KEY, SERVICE, SESSION_TOKEN, SigV4Server


def steps(server, *rows, **changes):
    given = {
        "region": REGION, "service": SERVICE, "access-key": ACCESS_KEY, "secret-key": SECRET_KEY,
        **changes,
    }  # fmt: skip
    auth = ", ".join(f'{name}: "{value}"' for name, value in given.items())
    listed = "\n".join(f"  - {row}" for row in rows)
    return (
        f"base: {server.url}\nsteps:\n  - session:\n    auth: {{aws-sigv4: {{{auth}}}}}\n{listed}\n"
    )


@pytest.mark.parametrize(
    "row",
    [
        "get: /",
        "get: /a/b/?z=1&a=2&a=1&empty=",
        'get: "/a b/é"\n    params: {q: "x y+z/~", "key&": "=;"}',
        'post: /\n    json: {name: "Lamp €"}',
        "put: /x\n    form: {a: b c, d: [1, 2]}",
        'get: /\n    headers: {x-amz-meta-words: "it\'s   3  blanks", X-Amz-Target: Shop.Get}',
        "delete: /x",
        "post: /\n    file: big.bin",
        "post: /\n    chunks: {pieces: [one, two]}",
        "post: /\n    multipart: {a: b, file: {file: big.bin}}",
        "post: /\n    text: again and again\n    compress: gzip",
    ],
)
def test_a_signed_request_is_taken(tmp_path, lab, row):
    (tmp_path / "big.bin").write_bytes(bytes(range(256)) * 2000)
    server = lab(SigV4Server())
    passes(tmp_path, steps(server, row))
    assert len(server.requests) == 1


def test_temporary_credentials(tmp_path, lab):
    server = lab(SigV4Server(session_token=SESSION_TOKEN))
    passes(tmp_path, steps(server, "get: /", **{"session-token": SESSION_TOKEN}))
    fails(tmp_path, steps(server, "get: /"), "authentication-failed")


def test_an_empty_session_token_is_none(tmp_path, lab):
    passes(tmp_path, steps(lab(SigV4Server()), "get: /", **{"session-token": ""}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"secret-key": SECRET_KEY[:-1] + "Z"}, "SignatureDoesNotMatch"),
        ({"access-key": "AKIDOTHER"}, "the scope is AKIDOTHER"),
        ({"region": "us-east-1"}, "the scope is"),
        ({"service": "s3"}, "the scope is"),
    ],
)
def test_wrong_credentials(tmp_path, lab, change, said):
    server = lab(SigV4Server())
    step = fails(tmp_path, steps(server, "get: /", **change), "authentication-failed")
    assert step.hint == "the server refused the signature"
    assert said in str(step.facts["body"])


def test_step_by_step_with_headers_added_after_open(tmp_path, lab):
    server = lab(SigV4Server())
    rows = [
        "connect:",
        "open: POST /",
        "add-headers: {X-Amz-Acl: private}",
        "send:\n    json: {a: 1}",
    ]
    passes(tmp_path, steps(server, *rows))


def test_a_redirect_is_signed_anew(tmp_path, lab):
    from ..lab import response

    class Moving(SigV4Server):
        def wrong(self, request):
            return super().wrong(request) if request.path == "/there" else None

        def handle(self, peer):
            first = peer.recv_request()
            assert super().wrong(first) is None
            peer.send(response(302, b"", [("Location", "/there?a=1")]))
            super().handle(peer)

    passes(tmp_path, steps(lab(Moving()), "get: /here\n    redirects: 1"))


def test_the_secrets_are_told(tmp_path, lab):
    told = []
    text = steps(lab(SigV4Server()), "get: /", **{"session-token": SESSION_TOKEN})
    fails(tmp_path, text, "authentication-failed", secret=told.append)
    assert {SECRET_KEY, SESSION_TOKEN} <= set(told)
