"""``connect``: a real connection, and the same one carries the requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import fails, passes, run
from tests.lab import EchoServer, closed_port, tls_server

TWO_REQUESTS = """
- open: GET /one
- send:
  expect: {connection.reused: false}
- read:
- open: GET /two
- send:
  expect: {connection.reused: true}
- read:
"""


def test_connect_really_connects_and_sends_nothing(tmp_path, echo):
    result = passes(
        tmp_path,
        """
        steps:
        - session:
        - connect:
          expect:
            address: 127.0.0.1
            time.dns: {below: 5s}
            time.tcp: {below: 5s}
        """,
        base=echo.url,
    )
    assert echo.wait_for(lambda: echo.connections == 1)
    assert echo.requests == []
    step = result.steps[1]
    assert step.facts["port"] == echo.port
    assert set(step.times) == {"dns", "tcp"}
    assert echo.wait_closed()


def test_the_connection_made_by_connect_carries_the_requests(tmp_path, echo):
    result = passes(tmp_path, f"steps:\n- session:\n- connect:{TWO_REQUESTS}", base=echo.url)
    assert echo.connections == 1
    assert [each.connection for each in echo.requests] == [1, 1]
    assert all(not each.steps for each in result.steps)


def test_the_same_over_tls(tmp_path, secure_echo, certificates):
    passes(
        tmp_path,
        f"""
        steps:
        - session:
          tls: {{ca: {certificates.ca}}}
        - connect:
          expect:
            tls.version: {{at-least: TLSv1.2}}
            tls.subject.CN: lab server
            tls.issuer.O: Lamp Trust
            tls.names: {{contains: shop.lab}}
            tls.days-left: {{above: 0}}
            time.tls: {{above: 0s}}
        """
        + TWO_REQUESTS.replace("\n", "\n        "),
        base=secure_echo.url_for("localhost"),
    )
    assert (secure_echo.connections, secure_echo.handshakes) == (1, 1)
    assert len(secure_echo.requests) == 2


def test_the_same_over_a_unix_socket(tmp_path, lab):
    path = tmp_path / "app.sock"
    server = lab(EchoServer(unix=path))
    passes(
        tmp_path,
        f"""
        steps:
        - session:
        - connect: http://shop.lab
          at: unix:{path}
        """
        + TWO_REQUESTS.replace("\n", "\n        "),
    )
    assert server.connections == 1
    assert server.requests[0].header("host") == "shop.lab"


@pytest.mark.parametrize("at", ["127.0.0.1:{port}", "localhost:{port}"])
def test_at_dials_elsewhere_and_keeps_the_name(tmp_path, secure_echo, certificates, at):
    """Host, SNI and the certificate keep the URL's name."""
    passes(
        tmp_path,
        f"""
        steps:
        - session:
          tls: {{ca: {certificates.ca}}}
        - connect: https://shop.lab
          at: {at.format(port=secure_echo.port)}
          expect: {{address: 127.0.0.1, port: {secure_echo.port}}}
        """
        + TWO_REQUESTS.replace("\n", "\n        "),
    )
    assert secure_echo.connections == 1
    assert secure_echo.server_names == ["shop.lab"]
    assert secure_echo.requests[0].header("host") == "shop.lab"


def test_at_without_a_port_keeps_the_urls_port(tmp_path, echo):
    passes(
        tmp_path,
        f"""
        steps:
        - session:
        - connect: http://shop.lab:{echo.port}
          at: 127.0.0.1
        - open: GET /
        - send:
        """,
    )
    assert echo.requests[0].header("host") == f"shop.lab:{echo.port}"


def test_a_certificate_for_another_name_is_no_way_to_an_at(tmp_path, secure_echo, certificates):
    step = fails(
        tmp_path,
        f"""
        steps:
        - session:
          tls: {{ca: {certificates.ca}}}
        - connect: https://other.example
          at: 127.0.0.1:{secure_echo.port}
        """,
        "certificate-name-mismatch",
    )
    assert step.phase == "tls"
    assert "tcp" in step.times
    assert "lab server" in str(step.facts)
    assert secure_echo.requests == []


def test_tls_of_a_connection_goes_before_the_sessions(tmp_path, secure_echo):
    fails(
        tmp_path, "steps:\n- session:\n- connect:\n", "certificate-untrusted", base=secure_echo.url
    )
    passes(
        tmp_path,
        "steps:\n- session:\n- connect:\n  tls: {verify: false}\n- open: GET /\n- send:\n",
        base=secure_echo.url,
    )


def test_source_address(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
        - connect:
          source-address: 127.0.0.7
        - open: GET /
        - send:
        """,
        base=echo.url,
    )
    assert echo.requests[0].peer[0] == "127.0.0.7"


@pytest.mark.parametrize("line", ["auth: {basic: [user, secret]}", "auth: {bearer: lamp-token}"])
def test_credentials_of_a_connection(tmp_path, echo, line):
    path = "/basic" if "basic" in line else "/bearer"
    passes(
        tmp_path,
        f"steps:\n- session:\n- connect:\n  {line}\n- open: GET {path}\n- send:\n",
        base=echo.url,
    )


def test_user_and_password_in_the_url(tmp_path, echo):
    """They are credentials, and go neither into Host nor into the request line."""
    passes(
        tmp_path,
        f"""
        steps:
        - session:
        - connect: http://user:secret@127.0.0.1:{echo.port}
        - open: GET /basic
        - send:
        """,
    )
    assert b"secret" not in echo.requests[0].raw
    assert echo.requests[0].header("host") == f"127.0.0.1:{echo.port}"


def test_connect_goes_to_the_base_and_a_path_in_it_is_a_prefix(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
        - connect:
        - open: GET /items?a=b
        - send:
        - read:
        - open: GET items
        - send:
        - get: /more
        """,
        base=f"{echo.url}/api/v1/",
    )
    assert [each.target for each in echo.requests] == [
        "/api/v1/items?a=b",
        "/api/v1/items",
        "/api/v1/more",
    ]


def test_connect_without_a_url_or_a_base_says_what_to_do(tmp_path):
    step = fails(tmp_path, "steps:\n- session:\n- connect:\n", "invalid-url")
    assert step.phase == "connect"
    assert "--base" in step.hint


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("ftp://127.0.0.1/", "unsupported-scheme"),
        ("http://[bad/", "invalid-url"),
        ("http://", "invalid-url"),
        ("http://nobody.invalid/", "name-not-resolved"),
    ],
)
def test_urls_that_lead_nowhere(tmp_path, url, kind):
    text = f"vars: {{url: '{url}'}}\nsteps:\n- session:\n- connect: ${{url}}\n"
    step = fails(tmp_path, text, kind)
    assert step.outcome == "error"


def test_a_refused_connection_has_a_hint(tmp_path):
    with closed_port() as port:
        step = fails(
            tmp_path,
            f"steps:\n- session:\n- connect: http://127.0.0.1:{port}\n",
            "connection-refused",
        )
    assert f"127.0.0.1:{port}" in step.hint
    assert "running" in step.hint
    assert step.curl.startswith("curl ")


def test_a_plain_server_behind_https(tmp_path, lab, certificates):
    server = lab(tls_server(certificates, "plain-http"))
    step = fails(
        tmp_path,
        f"steps:\n- session:\n- connect: https://127.0.0.1:{server.port}\n",
        "tls-handshake-failed",
    )
    assert step.phase == "tls"


def test_everything_is_closed_also_after_a_failure(tmp_path, echo):
    result = run(
        tmp_path,
        "steps:\n- session:\n- connect:\n- connect:\n- open: GET /status/500\n- send:\n",
        base=echo.url,
    )
    assert result.kind == "unexpected-status"
    assert echo.wait_closed()


def test_ca_from_the_environment(tmp_path, secure_echo, certificates):
    assert Path(certificates.ca).is_file()
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        passes(
            tmp_path,
            "steps:\n- session:\n- connect:\n",
            base=secure_echo.url,
            environ={name: str(certificates.ca)},
        )
