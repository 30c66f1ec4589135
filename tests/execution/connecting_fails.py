"""Ways to fail before a request is sent: in the URL, the network, the proxy, TLS."""

from __future__ import annotations

import re

from tests.execution.bench import Bench, Table
from tests.execution.failing import Owed, Trial
from tests.lab import ProxyServer, Socks5Server, closed_port, full_backlog

TABLE = Table()


@TABLE.row
def no_host(bench: Bench) -> tuple[Trial, Owed]:
    return Trial("http://"), Owed("invalid-url", "connect", "connect", "http:// has no host")


@TABLE.row
def bad_port(bench: Bench) -> tuple[Trial, Owed]:
    said = re.compile("^http://127.0.0.1:99999 is no URL: port 99999 is above 65535$")
    return Trial("http://127.0.0.1:99999"), Owed("invalid-url", "connect", "connect", said)


@TABLE.row
def ftp(bench: Bench) -> tuple[Trial, Owed]:
    said = "the scheme of ftp://127.0.0.1 is `ftp`: only http and https work"
    return Trial("ftp://127.0.0.1"), Owed("unsupported-scheme", "connect", "connect", said)


@TABLE.row
def nothing_listens(bench: Bench) -> tuple[Trial, Owed]:
    at = f"127.0.0.1:{bench.stack.enter_context(closed_port())}"
    return Trial(f"http://{at}"), Owed(
        "connection-refused", "connect", "connect", f"{at} refused the connection",
        f"nothing listens on {at}: is the service running?", "dns tcp",
    )  # fmt: skip


@TABLE.row
def nothing_listens_at_another_address(bench: Bench) -> tuple[Trial, Owed]:
    at = f"127.0.0.1:{bench.stack.enter_context(closed_port())}"
    said = f"{at} refused the connection"
    trial = Trial("http://shop.lab", connect={"at": at})
    return trial, Owed("connection-refused", "connect", "connect", said, at, "dns tcp")


@TABLE.row
def no_unix_socket(bench: Bench) -> tuple[Trial, Owed]:
    path = bench.folder / "none.sock"
    said = f"there is no socket at unix:{path}"
    trial = Trial("http://shop.lab", connect={"at": f"unix:{path}"})
    return trial, Owed("connection-refused", "connect", "connect", said, "path right?", "tcp")


@TABLE.only_steps
def foreign_source_address(bench: Bench) -> tuple[Trial, Owed]:
    at = f"127.0.0.1:{bench.echo().port}"
    said = f"{at} cannot be reached from the source address 203.0.113.1"
    trial = Trial(f"http://{at}", connect={"source-address": "203.0.113.1"})
    hint = "`source-address` must be an address of this machine"
    return trial, Owed("host-unreachable", "connect", "connect", said, hint, "dns tcp")


@TABLE.row
def unanswered_syn(bench: Bench) -> tuple[Trial, Owed]:
    at = f"127.0.0.1:{bench.stack.enter_context(full_backlog())}"
    trial = Trial(f"http://{at}", session={"timeout": {"connect": "200ms"}})
    said = f"no answer from {at} within 200 ms"
    return trial, Owed("connect-timeout", "connect", "connect", said, "firewall", "dns tcp")


@TABLE.row
def proxy_not_there(bench: Bench) -> tuple[Trial, Owed]:
    at = f"127.0.0.1:{bench.stack.enter_context(closed_port())}"
    said = f"the proxy {at} refused the connection"
    trial = Trial("http://shop.lab", session={"proxy": f"http://{at}"})
    return trial, Owed(
        "proxy-failed", "connect", "connect", said, "is the proxy running?", "dns tcp"
    )


@TABLE.row
def proxy_refuses(bench: Bench) -> tuple[Trial, Owed]:
    proxy = bench.start(ProxyServer(refuse=503))
    said = (
        f"the proxy {proxy.url} would not open the way to shop.lab:443: "
        "it answered CONNECT with 503 Status"
    )
    trial = Trial("https://shop.lab", session={"proxy": proxy.url})
    return trial, Owed("proxy-failed", "connect", "connect", said, "may it?", "dns tcp proxy")


@TABLE.row
def proxy_speaks_ssh(bench: Bench) -> tuple[Trial, Owed]:
    proxy = bench.start(ProxyServer(connect_answer=b"SSH-2.0-lamp\r\n"))
    said = re.compile(f"^the proxy {proxy.url} failed: .* not HTTP: .*SSH-2.0-lamp")
    trial = Trial("https://shop.lab", session={"proxy": proxy.url})
    return trial, Owed(
        "proxy-failed", "connect", "connect", said, "a proxy at all?", "dns tcp proxy"
    )


@TABLE.row
def socks_refuses(bench: Bench) -> tuple[Trial, Owed]:
    proxy = bench.start(Socks5Server(refuse=5))
    url = f"socks5h://127.0.0.1:{proxy.port}"
    said = re.compile(f"^the proxy {url} would not open the way to shop.lab:80: .*refused")
    trial = Trial("http://shop.lab", session={"proxy": url})
    return trial, Owed("proxy-failed", "connect", "connect", said, "may it?", "dns tcp")


@TABLE.row
def proxy_silent(bench: Bench) -> tuple[Trial, Owed]:
    proxy = bench.start(ProxyServer(silent=True))
    said = f"the proxy 127.0.0.1:{proxy.port} did not open the tunnel within 200 ms"
    trial = Trial("https://shop.lab", session={"proxy": proxy.url, "timeout": "200ms"})
    return trial, Owed("connect-timeout", "connect", "connect", said, None, "dns tcp proxy")


@TABLE.row
def proxy_wants_password(bench: Bench) -> tuple[Trial, Owed]:
    proxy = bench.start(ProxyServer(user="me", password="hunter2"))
    said = (
        f"the proxy {proxy.url} would not open the way: "
        "it asks for a user and password (407 Status)"
    )
    trial = Trial("https://shop.lab", session={"proxy": proxy.url})
    hint = "into the proxy's URL: http://user:password@host:port"
    return trial, Owed("proxy-auth-required", "connect", "connect", said, hint, "dns tcp proxy")


@TABLE.row
def forward_proxy_wants_password(bench: Bench) -> tuple[Trial, Owed]:
    proxy = bench.start(ProxyServer(user="me", password="hunter2"))
    trial = Trial("http://shop.lab", session={"proxy": proxy.url})
    said, hint = "status is 407 Status, expected 2xx", "give the proxy's URL a user and a password"
    return trial, Owed("proxy-auth-required", "send", "send", said, hint, "send wait", whole="send")


@TABLE.row
def socks_wants_password(bench: Bench) -> tuple[Trial, Owed]:
    proxy = bench.start(Socks5Server(user="me", password="hunter2"))
    url = f"socks5h://127.0.0.1:{proxy.port}"
    said = f"the proxy {url} would not open the way: it asks for a user and password"
    trial = Trial("http://shop.lab", session={"proxy": url})
    hint = "into the proxy's URL: http://user:password@host:port"
    return trial, Owed("proxy-auth-required", "connect", "connect", said, hint, "dns tcp")


@TABLE.row
def key_of_another_certificate(bench: Bench) -> tuple[Trial, Owed]:
    url, session = bench.tls("good")
    cert, key = bench.certificates.client_cert, bench.certificates.stranger_key
    session["tls"] = {"client-cert": str(cert), "client-key": str(key)}
    said = f"the client certificate {cert} with the key {key} cannot be used"
    hint = "the key belongs to another certificate"
    return Trial(url, session=session), Owed("tls-not-offered", "connect", "tls", said, hint)


@TABLE.row
def ca_is_no_certificate(bench: Bench) -> tuple[Trial, Owed]:
    path = bench.certificates.client_key
    said = f"the CA file {path} named by `tls: ca` cannot be used"
    trial = Trial("https://127.0.0.1:1", session={"tls": {"ca": str(path)}})
    return trial, Owed("tls-not-offered", "connect", "tls", said, "certificates in PEM form")
