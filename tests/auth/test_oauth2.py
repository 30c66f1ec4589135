"""OAuth 2.0 client credentials against a server that checks client and token."""

from __future__ import annotations

import json
import socket
from urllib.parse import parse_qs

import pytest

from runner.redact import Redactor

from ..harness import fails, passes
from ..lab import closed_port, scripted
from ..lab.scripted import answer, request, silence
from .oauth2_server import CLIENT, CLIENT_SECRET, OAuth2Server

AUTH = """
auth:
  oauth2:
    token-url: {url}/token
    client-id: smoke
    client-secret: "{secret}"
""".strip().replace("\n", "\n    ")


def auth(server, secret=CLIENT_SECRET, more=""):
    """The lines of an ``auth`` key in a step; ``more`` stands in its mapping."""
    url = server if isinstance(server, str) else server.url
    lines = AUTH.format(url=url, secret=secret).splitlines()
    return "\n".join(lines + ([f"        {more}"] if more else []))


def steps(server, *rows, auth_lines=None):
    """A scenario of one session with the credentials, and what is done in it."""
    listed = "\n".join(f"  - {row}" for row in rows)
    return f"base: {server.url}\nsteps:\n  - session:\n    {auth_lines or auth(server)}\n{listed}\n"


@pytest.mark.parametrize("proof", ["basic", "body", "either"])
def test_a_token_is_had_once_and_sent(tmp_path, lab, proof):
    server = lab(OAuth2Server(proof=proof))
    passes(tmp_path, steps(server, "get: /a", "get: /b", "post: /c\n    json: {a: 1}"))
    assert [one.path for one in server.resource] == ["/a", "/b", "/c"]
    assert len({one.header("authorization") for one in server.resource}) == 1
    assert len(server.asked) == (2 if proof == "body" else 1)
    assert server.scopes == [None]


def test_the_token_request_is_what_the_rfc_says(tmp_path, lab):
    server = lab(OAuth2Server())
    passes(tmp_path, steps(server, "get: /", auth_lines=auth(server, more="scope: [a:read, b]")))
    asked = server.asked[0]
    assert asked.method == "POST"
    assert asked.header("content-type") == "application/x-www-form-urlencoded"
    assert asked.header(
        "user-agent",
    ).startswith("httpsteps/")  # type: ignore[union-attr]
    form = parse_qs(asked.body.decode())
    assert form == {"grant_type": ["client_credentials"], "scope": ["a:read b"]}
    assert server.scopes == ["a:read b"]


def test_the_client_in_the_body_is_remembered(tmp_path, lab):
    server = lab(OAuth2Server(proof="body", told=1, lifetime=0.0))
    fails(tmp_path, steps(server, "get: /"), "authentication-failed")
    forms = [parse_qs(one.body.decode()) for one in server.asked]
    assert [form.get("client_id") for form in forms] == [None, [CLIENT]]
    assert forms[1]["client_secret"] == [CLIENT_SECRET]
    assert server.asked[1].header("authorization") is None


def test_an_expired_token_is_replaced_before_it_is_sent(tmp_path, lab):
    server = lab(OAuth2Server(told=0.2, lifetime=60))
    server.told = 1
    passes(tmp_path, steps(server, "get: /a", "wait: 950ms", "get: /b"))
    assert len(server.asked) == 2
    first, second = (one.header("authorization") for one in server.resource)
    assert first != second


def test_a_refused_token_is_replaced_once(tmp_path, lab):
    class Forgetful(OAuth2Server):
        def open(self, request):
            if request.path == "/b" and len(self.scopes) == 1:
                self.revoke()
            return super().open(request)

    server = lab(Forgetful())
    result = passes(tmp_path, steps(server, "get: /a", "put: /b\n    text: twice", "get: /c"))
    assert len(server.asked) == 2
    assert [one.path for one in server.resource] == ["/a", "/b", "/b", "/c"]
    assert [one.body for one in server.resource] == [b"", b"twice", b"twice", b""]
    assert result.steps[2].facts["status"] == 200


def test_a_fresh_token_that_is_refused_is_not_fetched_again(tmp_path, lab):
    server = lab(OAuth2Server())
    server.refuses_all = True
    step = fails(tmp_path, steps(server, "get: /"), "authentication-failed")
    assert step.message == "status is 401 Status, expected 2xx"
    assert step.hint == "the server refused the token"
    assert (len(server.asked), len(server.resource)) == (1, 1)


def test_after_a_refusal_the_next_request_has_a_token_of_its_own(tmp_path, lab):
    server = lab(OAuth2Server())
    server.refuses_all = True
    text = steps(server, "get: /a\n    expect: {status: 401}", "get: /b\n    expect: {status: 401}")
    passes(tmp_path, text)
    assert len(server.asked) == 2


def test_a_wrong_secret_tells_what_the_endpoint_said(tmp_path, lab):
    server = lab(OAuth2Server())
    told = []
    text = steps(server, "get: /", auth_lines=auth(server, "wrong-secret"))
    step = fails(tmp_path, text, "authentication-failed", secret=told.append)
    assert step.message == (
        f"the token endpoint {server.url}/token refused: "
        "401 Status, invalid_client: no such client, or not its secret"
    )
    assert step.causes[0].startswith("with the client's secret in the body: 401")
    assert "client-secret" in (step.hint or "")
    assert server.resource == []
    assert "wrong-secret" in told


def test_a_scope_the_endpoint_does_not_know(tmp_path, lab):
    server = lab(OAuth2Server(proof="either"))
    text = steps(server, "get: /", auth_lines=auth(server, more="scope: everything"))
    step = fails(tmp_path, text, "authentication-failed")
    assert 'invalid_scope: no scope "everything" for this client' in (step.message or "")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (500, b"<h1>Oops</h1>\nno", "refused: 500 Status, <h1>Oops</h1> no"),
        (200, b"<h1>hello</h1>", "gave no token: Missing access token parameter."),
        (200, b'{"error": "temporarily_unavailable"}', "gave no token: temporarily_unavailable"),
        (200, b"[1]", "gave no token"),
        (200, b'{"access_token": "a b\\n"}', "gave a token that no header can carry"),
        (200, b'{"access_token": "abc", "token_type": "mac"}', "of the type mac"),
        (200, b'{"access_token": "abc", "expires_in": 1e400}', "`expires_in` is no number"),
        (200, b'{"access_token": "abc", "expires_in": 1%s}' % (b"0" * 400), "`expires_in` is no"),
        (200, b'{"access_token": %s%s}' % (b"[" * 9999, b"]" * 9999), "gave no token"),
        (302, b"", "refused: 302 Status"),
        (204, b"", "refused: 204 Status"),
    ],
)
def test_an_endpoint_that_gives_no_token(tmp_path, lab, echo, status, body, said):
    token = lab(scripted(request(), answer(status, body, [("Location", echo.url)])))
    text = steps(echo, "get: /", auth_lines=auth(token))
    step = fails(tmp_path, text, "authentication-failed")
    assert said in (step.message or "")
    assert echo.requests == []


def test_an_endpoint_that_cannot_be_reached_keeps_its_kind(tmp_path, echo):
    with closed_port() as port:
        url = f"http://127.0.0.1:{port}"
        step = fails(tmp_path, steps(echo, "get: /", auth_lines=auth(url)), "connection-refused")
    assert (step.message or "").startswith(f"no token from {url}/token: 127.0.0.1:{port} refused")


def test_a_silent_endpoint_does_not_outlast_the_step(tmp_path, lab, echo):
    token = lab(scripted(silence()))
    row = "get: /\n    deadline: 300ms"
    step = fails(tmp_path, steps(echo, row, auth_lines=auth(token)), "deadline-exceeded")
    assert "no token from" in (step.message or "")
    assert step.duration < 1.5


def test_the_session_s_tls_holds_for_the_endpoint(tmp_path, lab, certificates, echo):
    token = lab(OAuth2Server(context=certificates.context()))
    text = steps(echo, "get: /", auth_lines=auth(token))
    fails(tmp_path, text, "certificate-untrusted")
    trusting = text.replace("  - session:", f"  - session:\n    tls: {{ca: {certificates.ca}}}")
    passes(tmp_path, trusting)
    assert echo.requests[-1].header("authorization").startswith("Bearer granted.1")


def test_the_session_s_proxy_holds_for_the_endpoint(tmp_path, lab):
    from ..lab import ProxyServer

    server = lab(OAuth2Server())
    proxy = lab(ProxyServer())
    text = steps(server, "get: /").replace("  - session:", f"  - session:\n    proxy: {proxy.url}")
    passes(tmp_path, text)
    assert [one.target for one in proxy.requests] == [f"{server.url}/token", f"{server.url}/"]


def test_cookies_and_headers_of_the_session_stay_away_from_the_endpoint(tmp_path, lab):
    server = lab(OAuth2Server())
    more = "cookies: {sid: mine}\n    headers: {X-Api-Key: mine}"
    passes(tmp_path, steps(server, "get: /").replace("session:", f"session:\n    {more}"))
    assert "mine" not in server.asked[0].raw.decode()
    assert "mine" in server.resource[0].raw.decode()


def test_a_token_does_not_follow_to_another_origin(tmp_path, lab, echo):
    from ..lab import redirect_to

    server = lab(redirect_to(echo.url + "/x"))
    token = lab(OAuth2Server())
    row = f"get: {server.url}/\n    redirects: 2"
    passes(tmp_path, steps(echo, row, auth_lines=auth(token)))
    assert server.requests[0].header("authorization").startswith("Bearer")
    assert echo.requests[0].header("authorization") is None


def test_parallel_steps_share_one_token(tmp_path, lab):
    server = lab(OAuth2Server())
    branches = "\n".join(f"      - [get: /{n}]" for n in range(4))
    passes(tmp_path, steps(server, f"parallel:\n{branches}"))
    assert (len(server.asked), len(server.resource)) == (1, 4)


def test_nothing_is_asked_before_send(tmp_path, lab):
    server = lab(OAuth2Server())
    passes(tmp_path, steps(server, "connect:", "open: GET /"))
    assert server.requests == []
    passes(tmp_path, steps(server, "connect:", "open: GET /", "send:", "read:"))
    assert [one.path for one in server.requests] == ["/token", "/"]


def test_a_request_that_cannot_connect_asks_for_no_token(tmp_path, lab):
    server = lab(OAuth2Server())
    with closed_port() as port:
        row = f"get: http://127.0.0.1:{port}/"
        step = fails(tmp_path, steps(server, row), "connection-refused")
    assert "curl" in (step.curl or "")
    assert server.requests == []


def test_secret_and_token_are_told_to_the_redactor(tmp_path, lab):
    server = lab(OAuth2Server())
    redactor = Redactor()
    result = passes(tmp_path, steps(server, "get: /"), secret=redactor.add)
    token = next(iter(server.tokens))
    assert token in str(result)
    shown = json.dumps(redactor.value([str(result), server.asked[0].raw.decode()]))
    assert token not in shown
    assert CLIENT_SECRET not in shown
    basic = server.asked[0].header("authorization").partition(" ")[2]
    assert basic[12:-4] not in shown


def test_a_port_that_never_answers_keeps_the_connect_timeout(tmp_path, echo):
    with socket.create_server(("127.0.0.1", 0)) as quiet:
        url = f"http://127.0.0.1:{quiet.getsockname()[1]}"
        text = steps(echo, "get: /", auth_lines=auth(url))
        text = text.replace("  - session:", "  - session:\n    timeout: {read: 200ms}")
        fails(tmp_path, text, "read-timeout")
