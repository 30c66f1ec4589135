"""Routes: URLs, what is dialled, which proxy."""

from __future__ import annotations

import pytest

from runner.kinds import StepFault
from runner.wire.proxy import choose_proxy, is_loopback, parse_proxy
from runner.wire.route import At, parse_at, split_url, split_userinfo
from runner.wire.settings import TlsSettings
from tests.wire.dialling import session


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://a.example/x", ("http", "a.example", 80)),
        ("HTTPS://A.Example:8443?q#f", ("https", "a.example", 8443)),
        ("http://u:p@a.example:81/@x:y", ("http", "a.example", 81)),
        ("http://[::1]:9/", ("http", "::1", 9)),
        ("http://[FE80::1%25eth0]/", ("http", "fe80::1%eth0", 80)),
        ("https://bücher.example/ü", ("https", "xn--bcher-kva.example", 443)),
        ("http://a.example.:80/", ("http", "a.example.", 80)),
        ("http://a_b.example/", ("http", "a_b.example", 80)),
    ],
)
def test_origins(url, origin):
    assert split_url(url) == origin


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("ftp://a.example/", "unsupported-scheme"),
        ("mailto:a@b.example", "unsupported-scheme"),
        ("file:///etc/passwd", "unsupported-scheme"),
        ("/path", "invalid-url"),
        ("a.example/path", "invalid-url"),
        ("localhost:8000/path", "invalid-url"),
        ("http:/a.example", "invalid-url"),
        ("http://", "invalid-url"),
        ("http:///path", "invalid-url"),
        ("http://:80/", "invalid-url"),
        ("http://u:p@/", "invalid-url"),
        ("http://[bad/", "invalid-url"),
        ("http://a:b/", "invalid-url"),
        ("http://a:0/", "invalid-url"),
        ("http://a:65536/", "invalid-url"),
        ("http://a b/", "invalid-url"),
        ("http://a\\@b/", "invalid-url"),
        ("http://a\nb/", "invalid-url"),
        ("http://a\0b/", "invalid-url"),
        ("http://*.example/", "invalid-url"),
        ("", "invalid-url"),
    ],
)
def test_bad_urls(url, kind):
    with pytest.raises(StepFault) as caught:
        split_url(url)
    assert caught.value.fault.kind == kind
    assert caught.value.fault.phase == "connect"


def test_a_bad_url_shows_no_password():
    with pytest.raises(StepFault) as caught:
        split_url("http://user:hunter2@a:b/")
    assert "hunter2" not in caught.value.fault.message


def test_userinfo():
    assert split_userinfo("http://a.example/u@x") == ("http://a.example/u@x", None)
    bare, info = split_userinfo("https://me%40home:p%3Aw@a.example:1/x?y")
    assert (bare, info) == ("https://a.example:1/x?y", ("me@home", "p:w"))
    assert split_userinfo("http://me@a.example") == ("http://a.example", ("me", ""))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("10.0.0.1", At("10.0.0.1")),
        ("10.0.0.1:81", At("10.0.0.1", 81)),
        ("web.internal:81", At("web.internal", 81)),
        ("::1", At("::1")),
        ("[::1]", At("::1")),
        ("[::1]:81", At("::1", 81)),
        ("unix:/run/app.sock", At(path="/run/app.sock")),
        ("bücher.localhost:80", At("xn--bcher-kva.localhost", 80)),
    ],
)
def test_at(text, at):
    assert parse_at(text) == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":80",
        "a:",
        "a:b",
        "a:0",
        "a:65536",
        "[a]:80",
        "[::1",
        "unix:run/app",
        "a b",
        "a:1:2",
        "ü" * 70,
    ],
)
def test_bad_at(text):
    with pytest.raises(StepFault) as caught:
        parse_at(text)
    assert caught.value.fault.kind == "invalid-url"
    assert f"at: {text}" in caught.value.fault.message


def test_at_keeps_the_name():
    route = session().route("https://shop.lab/x", at="127.0.0.1:4430")
    assert (route.origin, route.server_name) == (("https", "shop.lab", 443), "shop.lab")
    assert (route.dialled, route.shown) == (("127.0.0.1", 4430), "127.0.0.1:4430")
    assert session().route("http://shop.lab:81/", at="::1").shown == "[::1]:81"
    assert session().route("http://shop.lab/", at="unix:/a").shown == "unix:/a"


def test_server_names_have_no_root_dot():
    assert session().route("https://a.example./").server_name == "a.example"


def test_routes_are_settled_once_and_apart():
    made = session()
    first = made.route("https://a.example/x")
    assert made.route("https://a.example/y?z") is first
    assert first.tls is made.settings.tls
    other = made.route("https://a.example/x", tls=TlsSettings(verify=False))
    assert other.tls != first.tls
    assert made.route("http://a.example/x").tls is None
    assert made.route("https://a.example/x", at="10.0.0.1") != first


def test_a_bad_source_address():
    with pytest.raises(StepFault) as caught:
        session().route("http://a.example/", source="eth0")
    assert "source-address: eth0" in caught.value.fault.message


ENVIRON = {
    "http_proxy": "http://lower:1",
    "HTTP_PROXY": "http://upper:1",
    "HTTPS_PROXY": "secure:2",
    "ALL_PROXY": "socks5h://all:3",
}


def chosen(url: str, environ: dict[str, str], no_proxy: tuple[str, ...] = (), setting: str = "env"):
    proxy = choose_proxy(setting, no_proxy, environ, split_url(url))
    return proxy and proxy.shown


def test_variables():
    assert chosen("http://a.example/", ENVIRON) == "http://lower:1"
    assert chosen("https://a.example/", ENVIRON) == "http://secure:2"
    assert chosen("http://a.example/", {"ALL_PROXY": "socks5h://all"}) == "socks5h://all:1080"
    assert chosen("https://a.example/", {"http_proxy": "lower:1"}) is None
    assert chosen("http://a.example/", {}) is None


def test_an_empty_variable_hides_the_upper_case_one():
    assert chosen("http://a.example/", {"http_proxy": "", "HTTP_PROXY": "upper:1"}) is None


def test_under_cgi_the_upper_case_variable_is_a_header():
    environ = {"HTTP_PROXY": "upper:1", "REQUEST_METHOD": "GET"}
    assert chosen("http://a.example/", environ) is None


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "127.1",
     "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"],
)  # fmt: skip
def test_loopback_never_goes_through_the_environments_proxy(host):
    assert chosen(f"http://{host}/", ENVIRON) is None
    assert chosen(f"http://{host}/", {}, setting="http://p:1") == "http://p:1"


def test_names_that_only_look_like_loopback():
    assert not any(map(is_loopback, ["notlocalhost", "localhost.example", "128.0.0.1", "1.2.3.4"]))


@pytest.mark.parametrize(
    ("entry", "url", "excluded"),
    [
        ("*", "http://a.example/", True),
        ("a.example", "http://a.example/", True),
        ("A.Example", "http://a.example/", True),
        ("example", "http://a.example/", True),
        (".example", "http://a.example/", True),
        ("*.example", "http://a.example/", True),
        (".a.example", "http://a.example/", True),
        ("ple", "http://a.example/", False),
        ("b.example", "http://a.example/", False),
        ("x.a.example", "http://a.example/", False),
        ("a.example:80", "http://a.example/", True),
        ("a.example:81", "http://a.example/", False),
        ("a.example:443", "https://a.example/", True),
        ("a.example:http", "http://a.example/", False),
        ("10.1.2.3", "http://10.1.2.3/", True),
        ("10.1.2.3:80", "http://10.1.2.3/", True),
        ("10.1.2.3:81", "http://10.1.2.3/", False),
        ("10.0.0.0/8", "http://10.1.2.3/", True),
        ("10.1.0.0/16", "http://10.2.2.3/", False),
        ("1.2.3", "http://10.1.2.3/", False),
        ("2.3", "http://10.1.2.3/", False),
        ("fd00::/8", "http://[fd00::1]/", True),
        ("fd00::1", "http://[fd00::1]/", True),
        ("[fd00::1]:80", "http://[fd00::1]/", True),
        ("[fd00::1]:81", "http://[fd00::1]/", False),
        ("fd00::/8", "http://10.1.2.3/", False),
        ("nonsense/8", "http://10.1.2.3/", False),
        ("", "http://a.example/", False),
    ],
)
def test_no_proxy(entry, url, excluded):
    expected = None if excluded else "http://p:1"
    assert chosen(url, {"ALL_PROXY": "p:1", "NO_PROXY": f"other.example, {entry}"}) == expected
    assert chosen(url, {"ALL_PROXY": "p:1"}, (entry,)) == expected
    assert chosen(url, {}, (entry,), "http://p:1") == expected


def test_a_proxy_that_was_asked_for_passes_over_the_variables():
    environ = {"NO_PROXY": "*", "ALL_PROXY": "q:1"}
    assert chosen("http://a.example/", environ, setting="http://p:1") == "http://p:1"
    assert chosen("http://a.example/", environ, setting="direct") is None


def test_proxy_urls():
    proxy = parse_proxy("http://us%40er:p%3Aw@Proxy.example:3128/")
    assert (proxy.user, proxy.password) == ("us@er", "p:w")
    assert proxy.authorization == "Basic dXNAZXI6cDp3"
    assert (proxy.shown, proxy.address) == ("http://proxy.example:3128", "proxy.example:3128")
    assert "p:w" not in repr(proxy)
    assert parse_proxy("https://p").port == 443
    assert parse_proxy("[::1]:3128").shown == "http://[::1]:3128"


@pytest.mark.parametrize(
    "url", ["ftp://p:1", "http://", "http://u:secret@", "http://p:x", "http://a b"]
)
def test_bad_proxy_urls(url):
    with pytest.raises(StepFault) as caught:
        parse_proxy(url)
    assert caught.value.fault.kind == "proxy-failed"
    assert "secret" not in caught.value.fault.message


def test_how_a_route_uses_its_proxy():
    made = session(proxy="http://p:1")
    plain, secure = made.route("http://a.example/"), made.route("https://a.example/")
    assert (plain.forward, plain.tunnel) == (True, False)
    assert (secure.forward, secure.tunnel) == (False, True)
    dialled = made.route("http://a.example/", at="10.0.0.1:81")
    assert (dialled.forward, dialled.tunnel) == (False, True)
    assert made.route("http://a.example/", at="unix:/a").proxy is None
    socks = session(proxy="socks5://p:1").route("http://a.example/")
    assert (socks.forward, socks.tunnel) == (False, False)
    direct = session(environ=ENVIRON).route("http://a.example/", at="10.0.0.1")
    assert direct.proxy is None


def test_only_a_forward_proxy_sees_its_credentials_in_requests():
    made = session(proxy="http://me:secret@p:1")
    lines = made.route("http://a.example/").forward_headers
    assert lines == (("Proxy-Authorization", "Basic bWU6c2VjcmV0"),)
    assert made.route("https://a.example/").forward_headers == ()
    assert session(proxy="http://p:1").route("http://a.example/").forward_headers == ()
    assert "secret" not in repr(made.route("http://a.example/"))


def test_the_sessions_jar_and_adapter():
    made = session()
    assert dict(made.http.cookies) == {}
    assert made.http.trust_env is False
    assert type(made.http.get_adapter("http://a.example/")).__name__ == "Adapter"
    made.close()


def test_the_fact_proxy():
    assert session().proxy_shown() == "env"
    assert session(proxy="direct").proxy_shown() == "direct"
    assert session(proxy="http://me:secret@p:1").proxy_shown() == "http://p:1"
