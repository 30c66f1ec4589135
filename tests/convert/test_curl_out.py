"""The curl command repeats a request: the real curl runs it, and a server looks at every byte."""

from __future__ import annotations

import base64
import gzip
import os
import ssl
from pathlib import Path

import pytest
import trustme

from runner.convert.curl_out import FormPart, curl_command
from runner.convert.curl_way import Way
from runner.convert.shell_words import quote
from runner.reports.shell import wrap_command
from tests.convert.recorder import Recorder, Request, run

AGENT = ("User-Agent", "httpsteps/0.1.0")
ANY = ("Accept", "*/*")
JSON = ("Content-Type", "application/json")
Lines = list[tuple[str, str]]


def sorted_lines(headers: Lines) -> Lines:
    return sorted((name.lower(), value) for name, value in headers)


def repeat(
    folder: Path, method: str, target: str, headers: Lines, body: bytes | str | None = None
) -> Request:
    """The request as the command sends it, on one line and wrapped."""
    with Recorder() as server:
        host = ("Host", f"127.0.0.1:{server.port}")
        url = f"http://127.0.0.1:{server.port}{target}"
        command = curl_command(method, url, [host, *headers], body)
        assert "\n" not in command
        run(command, folder)
        lines = wrap_command(command, 76)
        assert all(len(line) <= 76 or " -" not in line.strip() for line in lines)
        run("\n".join("    " + line for line in lines), folder)
        first, second = server.requests
        assert first == second
    assert first.line == f"{method} {target} HTTP/1.1"
    assert sorted_lines(first.headers) == sorted_lines([host, *headers])
    return first


def length(body: bytes | str) -> tuple[str, str]:
    return "Content-Length", str(len(body.encode() if isinstance(body, str) else body))


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("GET", "/", [AGENT, ANY]),
        ("GET", "/a/b?x=1&y=%20%27", [AGENT, ("Accept", "application/json")]),
        ("GET", "/", []),
        ("GET", "/", [("accept", "a/b"), ("accept", "*/*"), ("user-agent", "x")]),
        ("GET", "/[1]{2}?q=[a-b]", [AGENT, ANY]),
        ("GET", "/a/../b/./c", [AGENT, ANY]),
        ("GET", "/$HOME`id`!\"'\\", [AGENT, ANY]),
        ("HEAD", "/", [AGENT, ANY]),
        ("DELETE", "/x", [AGENT, ANY]),
        ("OPTIONS", "/x", [AGENT, ANY]),
        ("PROPFIND", "/x", [AGENT, ANY]),
        ("get", "/x", [AGENT, ANY]),
        ("POST", "/x", [AGENT, ANY]),
        ("PUT", "/x", [AGENT, ANY]),
        ("GET", "/", [AGENT, ANY, ("X-Empty", ""), ("X-Two", "1"), ("X-Two", "2")]),
        ("GET", "/", [AGENT, ANY, ("X-Quotes", 'it\'s "$HOME" `x` \\ !'), ("X-At", "@file")]),
        ("GET", "/", [AGENT, ANY, ("X-Tab", "a\tb"), ("X-Umlaut", "größe"), ("X-Byte", "\udce4")]),
        ("GET", "/", [AGENT, ANY, ("Cookie", "a=1; b=2"), ("Authorization", "Bearer x.y")]),
        ("GET", "/", [AGENT, ANY, ("Connection", "close")]),
        ("GET", "/", [AGENT, ("Accept", ""), ("Accept-Encoding", "gzip, br")]),
    ],
)
def test_a_request_without_a_body(tmp_path: Path, method: str, target: str, headers: Lines) -> None:
    assert repeat(tmp_path, method, target, headers).body == b""


def test_own_headers_keep_their_order(tmp_path: Path) -> None:
    headers = [AGENT, ANY, ("B", "1"), ("A", "2"), ("B", "3")]
    found = repeat(tmp_path, "GET", "/", headers)
    assert [line for line in found.headers if line[0] in "AB"] == headers[2:]


@pytest.mark.parametrize(
    ("method", "headers", "body"),
    [
        ("POST", [JSON], '{"name": "Lamp", "n": 1}'),
        ("PUT", [JSON], '{"it\'s": "größe"}'),
        ("PATCH", [("Content-Type", "text/plain")], "@not-a-file"),
        ("POST", [("Content-Type", "text/plain")], "two\r\nlines\n\tand a tab \\ ' end"),
        ("POST", [("Content-Type", "application/x-www-form-urlencoded")], "a=1&b=%20"),
        ("POST", [("Content-Type", "text/csv"), ("Content-Type", "text/css")], "x"),
        ("POST", [], "no type"),
        ("POST", [("Content-Type", "application/octet-stream")], b"\x00\xff\x1b[31m\n"),
        ("POST", [("Content-Type", "application/octet-stream")], b"latin-1: \xe4"),
        ("DELETE", [JSON], "{}"),
        ("GET", [JSON], "{}"),
        ("POST", [JSON], "x" * 4096),
    ],
)
def test_a_request_with_a_body(
    tmp_path: Path, method: str, headers: Lines, body: bytes | str
) -> None:
    found = repeat(tmp_path, method, "/x", [AGENT, ANY, *headers, length(body)], body)
    assert found.body == (body.encode() if isinstance(body, str) else body)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_an_empty_body_keeps_its_length(tmp_path: Path, method: str) -> None:
    assert repeat(tmp_path, method, "/", [AGENT, ANY, ("Content-Length", "0")], b"").body == b""


def test_a_chunked_body_is_chunked_again(tmp_path: Path) -> None:
    headers = [AGENT, ANY, ("Transfer-Encoding", "chunked")]
    assert repeat(tmp_path, "POST", "/", headers, "a piece").body == b"a piece"


def test_a_body_from_a_file(tmp_path: Path) -> None:
    content = b"\x00line\r\n" * 300_000
    (tmp_path / "it's.bin").write_bytes(content)
    with Recorder() as server:
        url = f"http://127.0.0.1:{server.port}/"
        headers = [("Host", f"127.0.0.1:{server.port}"), AGENT, ANY, length(content)]
        run(curl_command("POST", url, headers, body_file="it's.bin"), tmp_path)
        found = server.requests[0]
    assert found.body == content
    assert sorted_lines(found.headers) == sorted_lines(headers)


def test_a_long_body_is_put_into_a_file_first(tmp_path: Path) -> None:
    with Recorder() as server:
        url = f"http://127.0.0.1:{server.port}/"
        body = '"' + "x" * 5000 + '"'
        command = curl_command("POST", url, [AGENT, ANY, JSON, length(body)], body)
        assert "xxx" not in command
        note = "  # put the body, 5002 bytes, into the file body.json first"
        assert command.endswith(f"--data-binary @body.json{note[1:]}")
        (tmp_path / "body.json").write_text(body)
        run(command, tmp_path)
        assert server.requests[0].body == body.encode()


def test_a_form_of_several_parts(tmp_path: Path) -> None:
    (tmp_path / 'a;b,"c.txt').write_bytes(b"content\x00")
    parts = [
        FormPart("plain", "@x;type=y <z"),
        FormPart("typed", 'a;b,"c"\\', type="application/json"),
        FormPart("file", file='a;b,"c.txt', filename="lamp.png", type="image/png"),
    ]
    boundary = ("Content-Type", "multipart/form-data; boundary=ours")
    with Recorder() as server:
        url = f"http://127.0.0.1:{server.port}/"
        headers = [AGENT, ANY, boundary, ("Content-Length", "123")]
        run(curl_command("POST", url, headers, form=parts), tmp_path)
        found = server.requests[0]
    (kind,) = found.named("content-type")
    assert kind.startswith("multipart/form-data; boundary=-")
    mark = kind.partition("boundary=")[2].encode()
    plain, typed, file = (part.strip(b"\r\n") for part in found.body.split(b"--" + mark)[1:4])
    assert plain == b'Content-Disposition: form-data; name="plain"\r\n\r\n@x;type=y <z'
    assert typed == (
        b'Content-Disposition: form-data; name="typed"\r\nContent-Type: application/json\r\n'
        b'\r\na;b,"c"\\'
    )
    assert file == (
        b'Content-Disposition: form-data; name="file"; filename="lamp.png"\r\n'
        b"Content-Type: image/png\r\n\r\ncontent\x00"
    )
    assert found.named("expect") == []


def lead(way: Way, server: Recorder, folder: Path, url: str = "http://shop.example/x") -> Request:
    run(curl_command("GET", url, [("Host", "shop.example"), AGENT, ANY], way=way), folder)
    return server.requests[-1]


def test_dialling_another_address_keeps_the_host(tmp_path: Path) -> None:
    with Recorder() as server:
        found = lead(Way(at=f"127.0.0.1:{server.port}"), server, tmp_path)
    assert found.line == "GET /x HTTP/1.1"
    assert found.named("host") == ["shop.example"]


def test_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with Recorder(path=path) as server:
        assert lead(Way(at=f"unix:{path}"), server, tmp_path).named("host") == ["shop.example"]


def test_a_proxy_gets_the_absolute_form_and_no_more_headers(tmp_path: Path) -> None:
    with Recorder() as server:
        found = lead(Way(proxy=f"http://127.0.0.1:{server.port}"), server, tmp_path)
    assert found.line == "GET http://shop.example/x HTTP/1.1"
    assert sorted_lines(found.headers) == sorted_lines([("Host", "shop.example"), AGENT, ANY])


def test_http_1_0_and_another_target(tmp_path: Path) -> None:
    with Recorder() as server:
        url = f"http://127.0.0.1:{server.port}/"
        run(curl_command("OPTIONS", url, [], way=Way(http="1.0"), target="*"), tmp_path)
        assert server.requests[0].line == "OPTIONS * HTTP/1.0"
        assert server.requests[0].headers == []


def test_a_path_is_left_as_it_is(tmp_path: Path) -> None:
    with Recorder() as server:
        url = f"http://127.0.0.1:{server.port}/a/..%2f/../b"
        run(curl_command("GET", url, [], way=Way(path_as_is=True)), tmp_path)
        assert server.requests[0].line == "GET /a/..%2f/../b HTTP/1.1"


def test_redirects_are_followed_as_often_as_said(tmp_path: Path) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
    with Recorder([moved, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]) as server:
        url = f"http://127.0.0.1:{server.port}/a"
        run(curl_command("GET", url, [AGENT, ANY], way=Way(redirects=3)), tmp_path)
        lines = [request.line for request in server.requests]
    assert lines == ["GET /a HTTP/1.1", "GET /b HTTP/1.1"]


def test_digest_is_negotiated_anew(tmp_path: Path) -> None:
    asked = b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n'
    answers = [
        asked + b"Content-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ]
    stale = ("Authorization", 'Digest username="u", nonce="old"')
    with Recorder(answers) as server:
        url = f"http://127.0.0.1:{server.port}/"
        way = Way(digest=("u", "p w'"))
        run(curl_command("GET", url, [AGENT, ANY, stale], way=way), tmp_path)
        first, second = server.requests
    assert first.named("authorization") == []
    assert second.named("authorization")[0].startswith('Digest username="u", realm="r", nonce="n"')


def test_an_answer_in_a_coding_is_shown_decoded(tmp_path: Path) -> None:
    packed = gzip.compress(b"hello")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with Recorder([head + packed]) as server:
        url = f"http://127.0.0.1:{server.port}/"
        coded = ("Accept-Encoding", "gzip, deflate")
        assert run(curl_command("GET", url, [AGENT, ANY, coded]), tmp_path) == "hello"
        assert server.requests[0].named("accept-encoding") == ["gzip, deflate"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def test_tls_with_its_own_authority_and_a_client_certificate(
    tmp_path: Path, authority: trustme.CA
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("shop.example").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2", "http/1.1"])
    client = authority.issue_cert("client.example")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    client.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    client.private_key_pem.write_to_path(tmp_path / "key.pem")
    with Recorder(tls=context) as server:
        at = f"127.0.0.1:{server.port}"
        way = Way(at=at, ca="ca.pem", cert="cert.pem", key="key.pem", min_tls="TLSv1.2")
        found = lead(way, server, tmp_path, "https://shop.example/x")
        assert found.line == "GET /x HTTP/1.1"
        way = Way(at=at, verify=False, cert="cert.pem", key="key.pem", max_tls="TLSv1.2")
        assert lead(way, server, tmp_path, "https://shop.example/x").line == "GET /x HTTP/1.1"


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (Way(at="::1"), "--connect-to '::[::1]:'"),
        (Way(at="[::1]:8443"), "--connect-to '::[::1]:8443'"),
        (Way(at="10.0.0.7"), "--connect-to ::10.0.0.7:"),
        (Way(source="10.0.0.7"), "--interface 10.0.0.7"),
        (Way(proxy="direct"), "--noproxy '*'"),
        (Way(proxy="socks5h://127.0.0.1:1080"), "--proxy socks5h://127.0.0.1:1080"),
        (Way(connect_timeout=2.5, max_time=300), "--connect-timeout 2.5 --max-time 300"),
        (Way(verify=False), ""),
        (Way(digest=("u", "p")), "--digest --user u:p"),
        (Way(redirects=2, verify=False), "-k --location --max-redirs 2"),
    ],
)
def test_ways_in_words(way: Way, words: str) -> None:
    headers = [("Host", "shop.example"), AGENT, ANY]
    command = curl_command("GET", "http://shop.example/", headers, way=way)
    expected = ["curl -sS http://shop.example/", words, "-H 'User-Agent: httpsteps/0.1.0'"]
    assert command == " ".join(filter(None, expected))


@pytest.mark.parametrize(
    "text", ["", "plain", "it's", "a\nb\t'\\", "\x1b[31m", "\u202e", "größe 日本", "\udcff", "$'x'"]
)
def test_a_quoted_word_is_one_visible_line_that_means_the_text(tmp_path: Path, text: str) -> None:
    word = quote(text)
    assert word.isprintable()
    found = run(f"printf %s {word} | base64", tmp_path)
    assert base64.b64decode(found) == os.fsencode(text)


def test_wrapping_keeps_options_and_their_values_together() -> None:
    command = (
        "curl -sS -g -X PUT 'http://127.0.0.1:8000/it'\"'\"'s a/[1]' --path-as-is --compressed"
        " -H 'X: a -b c' -H $'Y: it\\'s' -H Accept: --data-raw '{\"a b\": 1}' # put it there first"
    )
    assert wrap_command(command, 44) == [
        "curl -sS -g -X PUT \\",
        "  'http://127.0.0.1:8000/it'\"'\"'s a/[1]' \\",
        "  --path-as-is --compressed -H 'X: a -b c' \\",
        "  -H $'Y: it\\'s' -H Accept: \\",
        "  --data-raw '{\"a b\": 1}' \\",
        "  # put it there first",
    ]
    assert wrap_command("curl a\nb", 4) == ["curl a", "b"]
    assert wrap_command("curl -sS http://a/", 80) == ["curl -sS http://a/"]
