"""What each exception amounts to: kind, phase, sentence, hint, causes."""

from __future__ import annotations

import errno
import http.client
import os
import socket
import ssl
import zlib

import pytest
import requests
import urllib3.exceptions

from runner.kinds import KINDS, Fault, StepFault
from runner.wire import errors
from runner.wire.failures import explain
from runner.wire.limits import DeadlineExceeded, Silence
from runner.wire.phases import Phases
from tests.wire.dialling import session

WHERE = {
    "": "connect",
    "resolving": "connect",
    "connecting": "connect",
    "tunnelling": "connect",
    "securing": "tls",
    "sending": "send",
    "waiting": "send",
    "reading": "read",
}


def told(error: BaseException, doing: str = "waiting", url: str = "http://127.0.0.1:9/", **way):
    """The fault of an error met while ``doing``."""
    phases = Phases()
    phases.doing, phases.where = doing, WHERE[doing]
    route = session(**way.pop("session", {})).route(url, **way)
    fault = explain(error, phases, route)
    assert fault.kind in KINDS
    assert fault.phase == WHERE[doing]
    assert fault.message
    assert "\n" not in fault.message
    return fault


def system(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("error", "doing", "kind"),
    [
        (system(errno.ECONNREFUSED), "connecting", "connection-refused"),
        (system(errno.ENETUNREACH), "connecting", "host-unreachable"),
        (system(errno.EHOSTUNREACH), "connecting", "host-unreachable"),
        (system(errno.EACCES), "connecting", "host-unreachable"),
        (system(errno.EINVAL), "connecting", "host-unreachable"),
        (system(errno.EADDRNOTAVAIL), "connecting", "host-unreachable"),
        (system(errno.ETIMEDOUT), "connecting", "connect-timeout"),
        (system(errno.ECONNRESET), "connecting", "connection-reset"),
        (system(errno.ENOTCONN), "connecting", "connection-reset"),
        (system(errno.ECONNRESET), "sending", "connection-reset"),
        (system(errno.ECONNRESET), "waiting", "connection-reset"),
        (system(errno.ECONNRESET), "reading", "connection-reset"),
        (system(errno.EPIPE), "sending", "connection-aborted"),
        (system(errno.ECONNABORTED), "waiting", "connection-aborted"),
        (system(errno.ETIMEDOUT), "waiting", "read-timeout"),
        (system(errno.EHOSTUNREACH), "reading", "host-unreachable"),
        (system(errno.EMFILE), "connecting", "connection-aborted"),
        (system(errno.EIO), "waiting", "internal-error"),
        (socket.gaierror(socket.EAI_NONAME, "x"), "resolving", "name-not-resolved"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "resolving", "name-not-resolved"),
        (Silence(2), "resolving", "connect-timeout"),
        (Silence(2), "connecting", "connect-timeout"),
        (Silence(2), "tunnelling", "connect-timeout"),
        (Silence(2), "securing", "connect-timeout"),
        (Silence(2), "sending", "read-timeout"),
        (Silence(2), "waiting", "read-timeout"),
        (Silence(2), "reading", "read-timeout"),
        (DeadlineExceeded(2), "resolving", "deadline-exceeded"),
        (DeadlineExceeded(2), "reading", "deadline-exceeded"),
        (errors.BadHead("x"), "waiting", "invalid-response"),
        (errors.BadFraming("x"), "reading", "invalid-response"),
        (errors.BadEncoding("x"), "reading", "bad-encoding"),
        (errors.Truncated("x"), "reading", "truncated-body"),
        (errors.TooLarge("x", 10), "reading", "body-too-large"),
        (errors.EmptyResponse(), "waiting", "empty-response"),
        (errors.ConnectionGone("x"), "sending", "connection-closed"),
        (errors.UncleanEnd(first=False), "waiting", "empty-response"),
        (errors.UncleanEnd(first=True), "waiting", "invalid-response"),
        (errors.UncleanEnd(first=True), "reading", "truncated-body"),
        (errors.UncleanEnd(first=False), "reading", "truncated-body"),
        (errors.Interrupted(), "waiting", "interrupted"),
        (KeyboardInterrupt(), "waiting", "interrupted"),
        (errors.ProxyRefused("x", 502), "tunnelling", "proxy-failed"),
        (errors.ProxyRefused("x", 407), "tunnelling", "proxy-auth-required"),
        (errors.ProxyRefused("x", auth=True), "connecting", "proxy-auth-required"),
        (errors.BadProxyReply("x"), "tunnelling", "proxy-failed"),
        (ssl.SSLEOFError(), "sending", "connection-aborted"),
        (http.client.RemoteDisconnected("x"), "waiting", "empty-response"),
        (http.client.BadStatusLine("x"), "waiting", "invalid-response"),
        (http.client.LineTooLong("x"), "waiting", "invalid-response"),
        (zlib.error(), "reading", "bad-encoding"),
        (requests.exceptions.InvalidHeader("x"), "sending", "invalid-header"),
        (requests.exceptions.InvalidURL("x"), "sending", "invalid-url"),
        (requests.exceptions.MissingSchema("x"), "sending", "invalid-url"),
        (requests.exceptions.InvalidSchema("x"), "sending", "unsupported-scheme"),
        (requests.exceptions.TooManyRedirects("x"), "sending", "too-many-redirects"),
        (requests.exceptions.ContentDecodingError("x"), "reading", "bad-encoding"),
        (urllib3.exceptions.LocationParseError("x"), "sending", "invalid-url"),
        (requests.exceptions.ConnectionError(system(errno.ECONNRESET)), "reading",
         "connection-reset"),
        (requests.exceptions.ConnectionError("x"), "waiting", "internal-error"),
        (ValueError("x"), "waiting", "internal-error"),
        (MemoryError(), "reading", "internal-error"),
    ],
)  # fmt: skip
def test_kinds(error, doing, kind):
    assert told(error, doing).kind == kind


def handshake(reason=None, *, code=None, past_hello=False, error=None, certificate=None):
    """A handshake that broke off for OpenSSL's ``reason`` or verify ``code``."""
    if error is None and code is not None:
        error = ssl.SSLCertVerificationError(1, "x")
        error.verify_code, error.verify_message = code, "words of OpenSSL"
    elif error is None:
        error = ssl.SSLError(1, "x")
        error.reason = reason
    return errors.HandshakeFailed(error, past_hello=past_hello, certificate=certificate or {})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (handshake(code=10), "certificate-expired"),
        (handshake(code=9), "certificate-not-yet-valid"),
        (handshake(code=62), "certificate-name-mismatch"),
        (handshake(code=64), "certificate-name-mismatch"),
        (handshake(code=18), "certificate-self-signed"),
        (handshake(code=19), "certificate-untrusted"),
        (handshake(code=20), "certificate-untrusted"),
        (handshake(code=21), "certificate-untrusted"),
        (handshake(code=23), "certificate-untrusted"),
        (handshake(code=68), "certificate-untrusted"),
        (handshake("TLSV1_ALERT_PROTOCOL_VERSION"), "tls-version"),
        (handshake("UNSUPPORTED_PROTOCOL"), "tls-version"),
        (handshake("NO_PROTOCOLS_AVAILABLE"), "tls-not-offered"),
        (handshake("NO_CIPHERS_AVAILABLE"), "tls-not-offered"),
        (handshake("SSLV3_ALERT_HANDSHAKE_FAILURE"), "tls-handshake-failed"),
        (handshake("SSLV3_ALERT_HANDSHAKE_FAILURE", past_hello=True),
         "client-certificate-required"),
        (handshake("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "client-certificate-required"),
        (handshake("WRONG_VERSION_NUMBER"), "tls-handshake-failed"),
        (handshake("TLSV1_UNRECOGNIZED_NAME"), "tls-handshake-failed"),
        (handshake("SSLV3_ALERT_BAD_CERTIFICATE"), "tls-handshake-failed"),
        (handshake(None), "tls-handshake-failed"),
        (handshake("SOMETHING_NEW"), "tls-handshake-failed"),
        (handshake(error=ssl.SSLEOFError()), "tls-handshake-failed"),
        (handshake(error=system(errno.ECONNRESET)), "tls-handshake-failed"),
        (handshake(error=system(errno.EPIPE)), "tls-handshake-failed"),
        (handshake(error=system(errno.EIO)), "tls-handshake-failed"),
    ],
)  # fmt: skip
def test_handshakes(error, kind):
    fault = told(error, "securing", "https://shop.lab/")
    assert fault.kind == kind
    assert "shop.lab:443" in fault.message or kind == "tls-not-offered"
    assert fault.causes


def test_alerts_behind_the_handshake():
    alert = ssl.SSLError(1, "x")
    alert.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert told(alert, "waiting", "https://shop.lab/").kind == "client-certificate-required"
    alert.reason = "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"
    fault = told(alert, "reading", "https://shop.lab/")
    assert fault.kind == "connection-aborted"
    assert "decryption failed or bad record mac" in fault.message


def test_plain_http_on_the_tls_port_has_a_hint():
    assert (
        "plain http" in told(handshake("WRONG_VERSION_NUMBER"), "securing", "https://a.lab/").hint
    )


def test_an_expired_certificate_further_up_is_not_blamed_on_the_leaf():
    leaf = {"notAfter": "Jan  1 00:00:00 2090 GMT"}
    fault = told(handshake(code=10, certificate=leaf), "securing", "https://a.lab/")
    assert fault.message == "a certificate above that of a.lab:443 has expired"


def test_many_names_are_cut_short():
    names = [("DNS", f"n{number}.lab") for number in range(9)]
    held = {"subjectAltName": tuple(names)}
    fault = told(handshake(code=62, certificate=held), "securing", "https://a.lab/")
    assert fault.message.endswith("but for n0.lab, n1.lab, n2.lab, n3.lab, n4.lab, …")


@pytest.mark.parametrize(
    ("error", "doing", "message"),
    [
        (DeadlineExceeded(2), "waiting",
         "deadline of 2 s passed while waiting for the first byte from 127.0.0.1:9"),
        (DeadlineExceeded(0.25), "connecting",
         "deadline of 250 ms passed while connecting to 127.0.0.1:9"),
        (DeadlineExceeded(None), "sending",
         "the deadline passed while sending the request to 127.0.0.1:9"),
        (DeadlineExceeded(2, 20, first=True), "waiting",
         "deadline of 2 s passed while reading the head of the response from 127.0.0.1:9"),
        (DeadlineExceeded(2, 1500, first=True), "reading",
         "deadline of 2 s passed while reading the body from 127.0.0.1:9, after 1.5 kB"),
        (DeadlineExceeded(2), "resolving", "deadline of 2 s passed while resolving 127.0.0.1"),
        (Silence(2), "connecting", "no answer from 127.0.0.1:9 within 2 s"),
        (Silence(None), "connecting", "no answer from 127.0.0.1:9 in time"),
        (Silence(1.5), "waiting", "127.0.0.1:9 was silent for 1.5 s"),
        (Silence(1.5, 300), "reading",
         "127.0.0.1:9 was silent for 1.5 s while reading the body, after 300 B"),
        (Silence(1.5), "reading", "127.0.0.1:9 was silent for 1.5 s while reading the body"),
        (Silence(5), "securing", "127.0.0.1:9 did not finish the TLS handshake within 5 s"),
        (Silence(5), "sending", "127.0.0.1:9 took no bytes for 5 s"),
        (system(errno.ECONNRESET), "waiting",
         "127.0.0.1:9 reset the connection while waiting for the first byte"),
        (system(errno.EPIPE), "sending",
         "127.0.0.1:9 closed the connection while sending the request"),
        (errors.EmptyResponse(), "waiting", "127.0.0.1:9 closed without sending a byte"),
    ],
)  # fmt: skip
def test_messages(error, doing, message):
    assert told(error, doing).message == message


def test_a_reused_connection_has_its_own_hint():
    assert "idle" in told(errors.EmptyResponse(reused=True)).hint
    assert "idle" not in told(errors.EmptyResponse()).hint


PROXIED = {"session": {"proxy": "http://me:hunter2@127.0.0.1:3128"}}


@pytest.mark.parametrize(
    ("error", "doing"),
    [
        (system(errno.ECONNREFUSED), "connecting"),
        (system(errno.ENETUNREACH), "connecting"),
        (system(errno.ECONNRESET), "tunnelling"),
        (system(errno.EPIPE), "tunnelling"),
        (socket.gaierror(socket.EAI_NONAME, "x"), "resolving"),
        (handshake("WRONG_VERSION_NUMBER"), "tunnelling"),
        (handshake(code=10), "tunnelling"),
        (handshake(error=ssl.SSLEOFError()), "tunnelling"),
        (ssl.SSLEOFError(), "tunnelling"),
    ],
)
def test_what_the_proxy_did(error, doing):
    fault = told(error, doing, "https://shop.lab/", **PROXIED)
    assert fault.kind == "proxy-failed"
    assert "127.0.0.1" in fault.message
    assert "hunter2" not in str(fault)


def test_behind_the_proxy_it_is_the_servers_doing():
    assert told(system(errno.ECONNRESET), "waiting", **PROXIED).kind == "connection-reset"
    fault = told(handshake(code=10), "securing", "https://shop.lab/", **PROXIED)
    assert fault.kind == "certificate-expired"
    assert "shop.lab:443" in fault.message


def test_socks5_tells_whose_name_was_not_found():
    error = socket.gaierror(socket.EAI_NONAME, "x")
    route = session(proxy="socks5://proxy.lab:1080").route("http://shop.lab/")
    phases = Phases()
    phases.doing = "resolving"
    phases.peer = "proxy.lab:1080"
    assert explain(error, phases, route).kind == "proxy-failed"
    phases.peer = "shop.lab:80"
    fault = explain(error, phases, route)
    assert (fault.kind, fault.message) == (
        "name-not-resolved",
        "the name shop.lab has no address",
    )


def test_a_step_fault_passes_through():
    fault = Fault("invalid-url", "connect", "no")
    assert explain(StepFault(fault), Phases(), None) is fault


def test_a_bug_asks_to_be_reported():
    fault = told(ZeroDivisionError("division by zero"))
    assert fault.message == "ZeroDivisionError: division by zero"
    assert "report" in fault.hint


def test_causes_go_down_the_chain_once_each():
    try:
        try:
            raise system(errno.ECONNRESET)
        except OSError as inner:
            raise requests.ConnectionError("outer", inner) from inner
    except requests.ConnectionError as error:
        fault = told(error, "reading")
    assert [cause.partition(":")[0] for cause in fault.causes] == [
        "ConnectionError",
        "ConnectionResetError",
    ]


def test_no_credentials_in_messages_or_causes():
    error = requests.exceptions.InvalidURL("bad: http://me:hunter2@shop.lab/x")
    fault = told(error)
    assert "hunter2" not in str(fault)
    assert "http://shop.lab/x" in fault.message


def test_without_a_route():
    phases = Phases()
    phases.doing = "connecting"
    fault = explain(system(errno.ECONNREFUSED), phases, None)
    assert fault.kind == "connection-refused"
    assert explain(DeadlineExceeded(2), Phases(), None).kind == "deadline-exceeded"
