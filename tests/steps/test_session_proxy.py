"""``session``: which way its connections go."""

from __future__ import annotations

import pytest

from tests.harness import fails, passes
from tests.lab import EchoServer, ProxyServer, Socks5Server

NAMES = {"shop.lab": "127.0.0.1"}


@pytest.fixture
def proxy(lab):
    """A proxy that knows shop.lab."""
    return lab(ProxyServer(names=NAMES))


def shop(server):
    """The server under a name that only the proxy knows."""
    return server.url_for("shop.lab")


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_the_environments_proxy_carries_http(tmp_path, echo, proxy, name):
    passes(tmp_path, "steps: [get: /x]", base=shop(echo), environ={name: proxy.url})
    (seen,) = proxy.requests
    assert seen.request_line == f"GET {shop(echo)}/x HTTP/1.1"
    assert seen.header("host") == f"shop.lab:{echo.port}"
    assert echo.requests[0].request_line == "GET /x HTTP/1.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_never_goes_through_the_environments_proxy(tmp_path, echo, proxy, host):
    environ = {"http_proxy": proxy.url, "ALL_PROXY": proxy.url}
    passes(tmp_path, "steps: [get: /]", base=echo.url_for(host), environ=environ)
    assert proxy.connections == 0
    assert len(echo.requests) == 1


def test_a_proxy_named_in_the_session_carries_loopback_too(tmp_path, echo, proxy):
    result = passes(
        tmp_path,
        """
        vars: {proxy: ""}
        steps:
        - session:
          proxy: ${proxy}
        - get: /
        """,
        base=echo.url,
        variables={"proxy": proxy.url},
    )
    assert len(proxy.requests) == 1
    assert result.steps[0].facts["proxy"] == proxy.url


def test_direct_ignores_the_environment(tmp_path, echo, proxy):
    step = fails(
        tmp_path,
        """
        steps:
        - session:
          proxy: direct
        - connect:
        """,
        "name-not-resolved",
        base="http://shop.invalid",
        environ={"http_proxy": proxy.url},
    )
    assert step.phase == "connect"
    assert proxy.connections == 0


@pytest.mark.parametrize("line", ["no-proxy: [127.0.0.0/8]", "no-proxy: [a.example, 127.0.0.1]"])
def test_no_proxy_of_the_session(tmp_path, echo, proxy, line):
    text = f"steps:\n- session:\n  proxy: {proxy.url}\n  {line}\n- get: /\n"
    passes(tmp_path, text, base=echo.url)
    assert proxy.connections == 0


def test_no_proxy_of_the_environment(tmp_path, proxy):
    environ = {"http_proxy": proxy.url, "no_proxy": "shop.invalid"}
    fails(
        tmp_path,
        "steps: [get: /]",
        "name-not-resolved",
        base="http://shop.invalid",
        environ=environ,
    )
    assert proxy.connections == 0


def test_connect_opens_the_tunnel_and_the_request_goes_through_it(tmp_path, lab, certificates):
    server = lab(EchoServer(context=certificates.context()))
    proxy = lab(ProxyServer(names=NAMES))
    result = passes(
        tmp_path,
        f"""
        steps:
        - session:
          proxy: {proxy.url}
          tls: {{ca: {certificates.ca}}}
        - connect:
          expect:
            time.proxy: {{above: 0s}}
            time.tls: {{above: 0s}}
            tls.names: {{contains: shop.lab}}
            address: 127.0.0.1
            port: {proxy.port}
        - open: GET /a
        - send:
        - read:
        - open: GET /b
        - send:
          expect: {{connection.reused: true}}
        """,
        base=shop(server),
    )
    assert proxy.tunnels == [f"shop.lab:{server.port}"]
    assert (proxy.connections, server.connections) == (1, 1)
    assert [each.target for each in server.requests] == ["/a", "/b"]
    assert server.server_names == ["shop.lab"]
    assert {"tcp", "proxy", "tls"} <= result.steps[1].times.keys()


def test_a_proxy_that_wants_a_password(tmp_path, echo, lab):
    proxy = lab(ProxyServer(user="lamp", password="p ä"))
    text = "steps:\n- session:\n  proxy: {}\n- get: /\n"
    step = fails(tmp_path, text.format(proxy.url), "proxy-auth-required", base=echo.url)
    assert step.outcome == "error"
    assert echo.connections == 0
    known = proxy.url.replace("://", "://lamp:p%20%C3%A4@")
    result = passes(tmp_path, text.format(known), base=echo.url)
    assert len(echo.requests) == 1
    assert echo.requests[0].header("proxy-authorization") is None
    assert "p%20" not in str(result.steps[0].facts["proxy"])


def test_socks_counts_as_tcp(tmp_path, echo, lab):
    socks = lab(Socks5Server(names=NAMES))
    result = passes(
        tmp_path,
        f"""
        steps:
        - session:
          proxy: {socks.url.replace("socks5", "socks5h")}
        - connect:
        - open: GET /
        - send:
        - read:
        """,
        base=shop(echo),
    )
    assert socks.tunnels == [f"shop.lab:{echo.port}"]
    assert "proxy" not in result.steps[1].times
    assert echo.connections == 1
    assert len(echo.requests) == 1
