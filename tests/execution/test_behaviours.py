"""Every misbehaviour of the lab, met step by step and by a request step."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.execution.failing import WAYS, Owed, Trial, check, says
from tests.harness import run
from tests.lab import BEHAVIOURS, TLS_BEHAVIOURS, misbehave, tls_server

pytestmark = pytest.mark.usefixtures("nothing_left_open")

AT_ONCE = {"reset-at-accept", "close-at-accept"}
UPLOAD = {"never-reads", "too-large-unread", "too-large-then-reset"}

# What the message says beside the place, and what the hint says; {at} is the server's address.
SAYS: dict[str, tuple[str, str | None]] = {
    "reset-at-accept": ("{at} reset the connection while ", "crash or restart"),
    "reset-before-head": ("{at} reset the connection while waiting for the first byte", "restart"),
    "reset-in-head": ("{at} reset the connection while waiting for the first byte", "restart"),
    "reset-in-body": ("{at} reset the connection while reading the body", "restart"),
    "reset-in-chunk": ("{at} reset the connection while reading the body", "restart"),
    "close-at-accept": ("{at} closed without sending a byte", "its log should say"),
    "close-before-head": ("{at} closed without sending a byte", "its log should say"),
    "ssh-banner": ("what came is not HTTP: it begins with 'SSH-2.0-OpenSSH_9.2p1", None),
    "status-abc": ("the status line is not one of HTTP/1.1: 'HTTP/1.1 abc'", None),
    "http-2-0": ("the status line is not one of HTTP/1.1: 'HTTP/2.0 200 OK'", None),
    "random-bytes": ("what came is not HTTP: it begins with '", None),
    "long-line": ("the response's head is longer than 262144 bytes", None),
    "half-head": ("the connection was closed inside the response's head", None),
    "head-without-blank-line": ("the connection was closed inside the response's head", None),
    "header-without-colon": ("a header line has no colon: 'this is no header'", None),
    "header-folded": ("a header line is folded, which HTTP/1.1 forbids: ' two'", None),
    "header-blank-before-colon": ("a header's name is not a token: 'X-A '", None),
    "header-bare-cr": ("a header line holds a carriage return in its middle: 'X-A: one", None),
    "header-too-big": ("the response's head is longer than 262144 bytes", None),
    "too-many-headers": ("the response has more than 256 header lines", None),
    "endless-headers": ("the response has more than 256 header lines", None),
    "flood-of-100s": ("more than 32 interim (1xx) answers came before the final one", None),
    "length-text": ("the Content-Length is not a number of bytes: 'ten'", None),
    "length-negative": ("the Content-Length is not a number of bytes: '-5'", None),
    "length-plus": ("the Content-Length is not a number of bytes: '+5'", None),
    "two-lengths": ("the response has two Content-Lengths: 5 and 7", None),
    "gzip-in-transfer": ("the Transfer-Encoding is 'gzip, chunked'", None),
    "chunk-size-text": ("the chunk size is not a hexadecimal number: 'xyz", None),
    "chunk-size-negative": ("the chunk size is not a hexadecimal number: '-2", None),
    "chunk-size-plus": ("the chunk size is not a hexadecimal number: '+5", None),
    "chunk-size-prefix": ("the chunk size is not a hexadecimal number: '0x5", None),
    "chunk-size-empty": ("the chunk size is not a hexadecimal number: '", None),
    "chunk-without-crlf": ("a chunk is not followed by a line end", None),
    "half-body-length": ("the connection ended after 11 of 100 bytes of the body", None),
    "half-body-chunked": ("the connection ended after 17 bytes, before the last chunk", None),
    "half-body-between-chunks": ("the connection ended after 5 bytes, before the last chunk", None),
    "eof-after-last-chunk": ("the connection ended after 5 bytes, before the last chunk", None),
    "gzip-broken": ("the body is not gzip: ", None),
    "gzip-truncated": ("the gzip stream is cut short", None),
    "gzip-is-text": ("the body is not gzip: ", None),
    "gzip-trailing": ("bytes follow the gzip stream: at least 8", None),
    "deflate-broken": ("the body is not deflate: ", None),
    "deflate-truncated": ("the deflate stream is cut short", None),
    "br-broken": ("the body is not br: ", None),
    "br-truncated": ("the br stream is cut short", None),
    "unknown-coding": ("the body's content coding is unknown: 'x-lamp'", None),
    "gzip-bomb": ("the body is larger than the limit of 64.0 kB", None),
    "never-answers": ("{at} was silent for 200 ms", "the service has the request"),
    "silent-in-head": ("{at} was silent for 200 ms after 25 B", None),
    "never-reads": ("{at} took no bytes for 200 ms", None),
    "silent-in-body": (
        "{at} was silent for 200 ms while reading the body, after ",
        "the answer began",
    ),
    "silent-in-chunk": (
        "{at} was silent for 200 ms while reading the body, after ",
        "the answer began",
    ),
    "drip-head": (
        "deadline of 400 ms passed while reading the head of the response from {at}",
        None,
    ),
    "drip-header-lines": ("passed while reading the head of the response from {at}", None),
    "drip-100s": ("passed while reading the head of the response from {at}", None),
    "drip-body": ("passed while reading the body from {at}, after ", None),
    "drip-chunks": ("passed while reading the body from {at}, after ", None),
    "drip-until-close": ("passed while reading the body from {at}, after ", None),
    "endless-body": ("deadline of 400 ms passed while reading the body from {at}, after ", None),
    "redirect-circle": (
        "more than 3 redirects; the next one leads to http://{at}/b",
        "in a circle",
    ),
    "redirect-to-itself": ("more than 3 redirects; the next one leads to ", "was visited before"),
    "redirect-to-nowhere": ("the redirect's Location has no host: 'http://'", None),
    "redirect-to-bad-host": ("Location cannot be read as a URL: 'http://[bad/'", None),
    "redirect-to-ftp": ("the redirect leads to the scheme 'ftp': only http and https work", None),
    "expired": ("the certificate of {at} expired on 20", "the clock here says 20"),
    "not-yet-valid": ("the certificate of {at} is not valid before 20", "is the clock right?"),
    "wrong-name": ("is not for 127.0.0.1, but for elsewhere.example", "a name of its certificate"),
    "wrong-ip": ("is not for 127.0.0.1, but for 127.0.0.99", "a name of its certificate"),
    "self-signed": ("the certificate of {at} signed itself", "`tls: {{ca: …}}` to trust it"),
    "unknown-ca": ("is signed by Nobody Trust, which is not trusted", "`tls: {{ca: …}}`"),
    "client-certificate-1.2": ("{at} wants a client certificate", "client-cert"),
    "client-certificate-1.3": ("{at} wants a client certificate", "client-cert"),
    "only-tls-1.1": ("{at} refused the TLS versions offered (TLSv1.2 to TLSv1.3)", "min-version"),
    "no-shared-cipher": ("the TLS handshake with {at} failed", "shares no cipher"),
    "silent-handshake": ("{at} did not finish the TLS handshake within 200 ms", "speak TLS"),
    "silent-after-hello": ("{at} did not finish the TLS handshake within 200 ms", "speak TLS"),
    "dripped-handshake": ("{at} did not finish the TLS handshake within 200 ms", "speak TLS"),
    "plain-http": ("the TLS handshake with {at} failed", "plain http"),
    "close-in-handshake": ("{at} closed the connection during the TLS handshake", "speak TLS?"),
    "reset-in-handshake": ("{at} reset the connection during the TLS handshake", "speak TLS?"),
    "alert-in-handshake": ("the TLS handshake with {at} failed", "shares no cipher"),
    "no-close-notify": ("ended without the TLS close_notify", None),
    "silent-answer": ("{at} was silent for 200 ms", "the service has the request"),
}


def owed_for(name, at):
    """What the result must say of the behaviour of a server at this place."""
    behaviour = BEHAVIOURS.get(name) or TLS_BEHAVIOURS[name]
    said, hint = (each and each.format(at=at) for each in SAYS[name])
    verb, times = {
        "connect": ("connect", "dns tcp"),
        "tls": ("connect", "dns tcp tls"),
        "send": ("send", "send wait"),
        "read": ("read", "read"),
    }[behaviour.phase]
    maybe = ""
    if name == "never-reads":
        times = "send"
    if name == "client-certificate-1.3":  # the alert may come while the request is being sent
        times, maybe = "send", "wait"
    message = re.compile(re.escape(said))
    return Owed(behaviour.kind, verb, behaviour.phase, message, hint, times, maybe)


def trial_for(name, url, folder: Path, **session):
    """A request to the server; one that holds on is given 200 ms to be quiet, or 400 ms in all."""
    holds = (BEHAVIOURS.get(name) or TLS_BEHAVIOURS[name]).holds
    # One that is silent is to be found silent, on a busy machine too, and not late.
    late = name.startswith(("drip", "endless"))
    each = {"deadline": "400ms" if late else "5s"} if holds else {}
    send = dict(each)
    if name in UPLOAD:
        (folder / "large.bin").write_bytes(bytes(8_000_000))
        send["file"] = "large.bin"
    if name.startswith("too-large"):
        send["expect"] = {"status": 413}
    most = {"gzip-bomb": "64kB", "endless-body": "100GiB"}.get(name, "1MiB")
    quiet = "200ms" if holds else "20s"
    keys = {"timeout": quiet, "redirects": 3, "max-body": most, **session}
    method = "POST" if name in UPLOAD else "GET"
    return Trial(url, f"{method} /", session=keys, send=send, read=each)


def failing(table):
    return [name for name, behaviour in table.items() if behaviour.kind]


def passing(table):
    return [name for name, behaviour in table.items() if not behaviour.kind]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", failing(BEHAVIOURS))
def test_a_server_that_misbehaves(lab, tmp_path, name, way):
    server = lab(misbehave(name))
    trial, owed = trial_for(name, server.url, tmp_path), owed_for(name, f"127.0.0.1:{server.port}")
    result = run(tmp_path, trial.text(way))
    if name != "never-reads":  # which does not even see an end
        assert server.wait_closed()
    if name in AT_ONCE:
        # Its end may come while connecting, before the request, which connects anew, or after it.
        bad = next(step for step in result.steps if step.kind)
        says(bad, owed, "connect" if bad.phase == "connect" else "send")
        return
    check(result, trial, owed, way)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", failing(TLS_BEHAVIOURS))
def test_a_tls_server_that_misbehaves(lab, certificates, tmp_path, name, way):
    server = lab(tls_server(certificates, name))
    trial = trial_for(name, server.url, tmp_path, tls={"ca": str(certificates.ca)})
    owed = owed_for(name, f"127.0.0.1:{server.port}")
    result = run(tmp_path, trial.text(way))
    assert server.wait_closed()
    check(result, trial, owed, way)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", passing(BEHAVIOURS))
def test_a_server_that_is_only_odd(lab, tmp_path, name, way):
    server = lab(misbehave(name))
    trial = trial_for(name, server.url, tmp_path)
    for _ in range(2):
        result = run(tmp_path, trial.text(way))
        assert result.outcome == "passed", result.message
        assert server.wait_closed()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", passing(TLS_BEHAVIOURS))
def test_a_tls_server_that_is_in_order(lab, certificates, tmp_path, name, way):
    server = lab(tls_server(certificates, name))
    trial = trial_for(name, server.url, tmp_path, tls={"ca": str(certificates.ca)})
    result = run(tmp_path, trial.text(way))
    assert result.outcome == "passed", result.message
    assert server.wait_closed()


def test_the_table_is_whole():
    assert set(SAYS) == {*failing(BEHAVIOURS), *failing(TLS_BEHAVIOURS)}
