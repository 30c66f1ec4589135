"""Redirects: followed only where a step says so, each hop kept, no credentials across origins."""

from __future__ import annotations

from time import sleep

import pytest

from tests.harness import fails, passes
from tests.lab import EchoServer, scripted
from tests.lab.scripted import again, respond, response


def test_redirects_are_not_followed_by_default(tmp_path, echo):
    step = fails(tmp_path, "steps: [get: /redirect/1]", "unexpected-status", base=echo.url)
    assert step.facts["status"] == 302
    assert "redirects: 5" in step.hint
    assert len(echo.requests) == 1


def test_redirects_are_followed_and_each_hop_is_kept(tmp_path, echo):
    passes(
        tmp_path,
        f"""
        steps:
        - get: /redirect/2
          redirects: 2
          headers: {{X-Kept: "yes", Authorization: mine}}
          expect:
            status: 200
            url: {echo.url}/
            location: {{exists: false}}
            redirects | count: 2
            redirects:
              includes:
              - {{status: 302, url: "{echo.url}/redirect/2", location: "{echo.url}/redirect/1"}}
              - {{status: 302, url: "{echo.url}/redirect/1", location: "{echo.url}/"}}
        """,
        base=echo.url,
    )
    assert echo.connections == 1
    assert [each.header("x-kept") for each in echo.requests] == ["yes"] * 3
    assert [each.header("authorization") for each in echo.requests] == ["mine"] * 3


def test_more_redirects_than_allowed(tmp_path, echo):
    step = fails(
        tmp_path,
        "steps:\n- get: /redirect/3\n  redirects: 2\n",
        "too-many-redirects",
        base=echo.url,
    )
    assert (step.outcome, step.phase) == ("failed", "send")
    assert len(echo.requests) == 3


def test_cookies_of_the_session_do_not_cross_origins(tmp_path, lab):
    one, two = lab(EchoServer()), lab(EchoServer())
    passes(
        tmp_path,
        f"""
        steps:
        - session:
          cookies: {{who: ada}}
        - get: /redirect-to?url={two.url_for("localhost")}/landed
          redirects: 1
        """,
        base=one.url,
    )
    assert one.requests[0].header("cookie") == "who=ada"
    assert two.requests[0].header("cookie") is None


def test_credentials_do_not_cross_origins_and_the_hop_connects_visibly(tmp_path, lab):
    one, two = lab(EchoServer()), lab(EchoServer())
    result = passes(
        tmp_path,
        f"""
        steps:
        - session:
          auth: {{bearer: secret-token}}
        - get: /redirect-to
          params: {{url: "{two.url_for("localhost")}/landed"}}
          headers: {{X-Api-Key: key, X-Kept: "yes", Cookie: by=hand}}
          redirects: 1
        """,
        base=one.url,
    )
    here, there = one.requests[0], two.requests[0]
    assert here.header("authorization") == "Bearer secret-token"
    assert here.header("cookie") == "by=hand"
    assert there.target == "/landed"
    for name in ("authorization", "cookie", "x-api-key"):
        assert there.header(name) is None
    assert there.header("x-kept") == "yes"
    assert there.header("host") == f"localhost:{two.port}"
    (send,) = [part for part in result.steps[1].steps if part.verb == "send"]
    assert [part.verb for part in send.steps] == ["connect"]


@pytest.mark.parametrize(
    ("status", "method", "kept"), [(303, "GET", False), (302, "GET", False), (307, "POST", True)]
)
def test_methods_and_bodies_across_redirects(tmp_path, echo, status, method, kept):
    passes(
        tmp_path,
        f"""
        steps:
        - post: /redirect-to?url=/landed&status={status}
          text: hello
          redirects: 1
        """,
        base=echo.url,
    )
    assert echo.requests[1].method == method
    assert echo.requests[1].body == (b"hello" if kept else b"")


def test_from_https_to_http_is_insecure(tmp_path, secure_echo, certificates):
    step = fails(
        tmp_path,
        f"""
        steps:
        - session:
          tls: {{ca: {certificates.ca}}}
        - get: /redirect-to?url=http://127.0.0.1:9/
          redirects: 1
        """,
        "insecure-redirect",
        base=secure_echo.url,
    )
    assert (step.outcome, step.phase) == ("failed", "send")


def test_times_are_facts_of_the_last_request_and_a_result_of_all(tmp_path, lab):
    def slow(sent):
        if sent.path != "/":
            return response()
        sleep(0.3)
        return response(302, headers=[("Location", "/there")])

    server = lab(scripted(again(respond(slow))))
    result = passes(tmp_path, "steps: [{get: /, redirects: 1}]", base=server.url)
    get = result.steps[0]
    send = next(part for part in get.steps if part.verb == "send")
    for step in (get, send):
        assert step.times["wait"] > 0.3
        assert step.facts["time.wait"] < step.times["wait"] - 0.25
    first, last = send.facts["exchanges"]
    assert first["times"]["wait"] > 0.3
    assert last["times"]["wait"] == send.facts["time.wait"]
