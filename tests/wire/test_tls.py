"""TLS: contexts, handshakes, facts, and how each failure is told."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import ssl
import threading
import time
from datetime import UTC, datetime

import pytest

from runner.kinds import StepFault
from runner.wire.connection import Connection
from runner.wire.errors import Interrupted, UncleanEnd
from runner.wire.failures import explain
from runner.wire.limits import DeadlineExceeded, Limits, Silence
from runner.wire.phases import Phases
from runner.wire.settings import TlsSettings
from runner.wire.tls import make_context
from tests.lab import TLS_BEHAVIOURS, EchoServer, settled_descriptors, tls_server
from tests.lab.ports import descriptors
from tests.lab.scripted import close, cut, pause, receive, reset, scripted, send, stall
from tests.wire.dialling import Try, ask, connected, session

SLACK = 0.5  # a loaded machine is slow to wake; test_deadlines.py looks closer
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HANDSHAKES = {
    name: behaviour for name, behaviour in TLS_BEHAVIOURS.items() if behaviour.phase == "tls"
}


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_secured_connection(lab, certificates, version):
    server = lab(EchoServer(context=certificates.context(version=version, alpn=("http/1.1",))))
    tried = Try(server.url_for("localhost"), ca=certificates.ca)
    connection = tried.open
    assert tried.names[-2:] == ["securing", "secured"]
    assert list(tried.phases.times) == ["dns", "tcp", "tls"]
    # The tickets of TLS 1.3 lie unread in the socket by now.
    time.sleep(0.02)
    assert connection.state() == "alive"
    for _ in range(2):
        assert ask(connection)[0] == 200
        assert connection.state() == "alive"
    connection.close()
    assert (server.connections, server.server_names) == (1, ["localhost"])
    facts = connection.facts()
    assert facts["tls.version"] == version
    assert facts["tls.alpn"] == "http/1.1"
    assert isinstance(facts["tls.cipher"], str)


def expected_sha256(certificates):
    leaf = certificates.files("good")[0].read_text().partition("-----END CERTIFICATE-----")
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(leaf[0] + leaf[1])).hexdigest()


@pytest.mark.parametrize("verify", [True, False])
def test_certificate_facts(secure_echo, certificates, verify):
    with connected(secure_echo.url, verify=verify, ca=certificates.ca) as connection:
        facts = connection.facts()
    assert facts["tls.subject"] == {
        "O": "Lamp Shop",
        "OU": facts["tls.subject"]["OU"],
        "CN": "lab server",
    }
    assert facts["tls.issuer"]["O"] == "Lamp Trust"
    assert {"localhost", "shop.lab", "*.shop.lab", "127.0.0.1"} <= set(facts["tls.names"])
    assert facts["tls.not-before"] < datetime.now(UTC) < facts["tls.not-after"]
    assert facts["tls.days-left"] == (facts["tls.not-after"] - datetime.now(UTC)).days
    assert facts["tls.sha256"] == expected_sha256(certificates)
    assert isinstance(facts["tls.days-left"], int)


@pytest.mark.parametrize("name", sorted(HANDSHAKES))
def test_handshakes_that_fail(lab, certificates, name):
    behaviour = HANDSHAKES[name]
    server = lab(tls_server(certificates, name))
    before = descriptors()
    tried = Try(server.url, ca=certificates.ca, connect_timeout=0.3 if behaviour.holds else 5)
    assert (tried.kind, tried.fault.phase) == (behaviour.kind, "tls"), tried.fault
    assert f"127.0.0.1:{server.port}" in tried.fault.message
    assert list(tried.phases.times) == ["dns", "tcp", "tls"]
    assert tried.connection.state() == "none"
    assert server.wait_closed()
    assert settled_descriptors(before) == before
    if behaviour.holds:
        assert tried.seconds < 0.3 + SLACK


@pytest.mark.parametrize("name", ["silent-handshake", "dripped-handshake", "silent-after-hello"])
def test_a_slow_handshake_ends_at_the_deadline(lab, certificates, name):
    server = lab(tls_server(certificates, name))
    tried = Try(server.url, ca=certificates.ca, deadline=0.2)
    assert (tried.kind, tried.fault.phase) == ("deadline-exceeded", "tls")
    assert "making the TLS handshake" in tried.fault.message
    assert tried.seconds < 0.2 + SLACK


def failed(lab, certificates, name, **options):
    server = lab(tls_server(certificates, name))
    return Try(server.url, **{"ca": certificates.ca, **options})


def test_an_expired_certificate_tells_when(lab, certificates):
    tried = failed(lab, certificates, "expired")
    when = tried.connection.facts()["tls.not-after"]
    assert f"expired on {when:%Y-%m-%d}" in tried.fault.message


def test_a_certificate_of_tomorrow_tells_when(lab, certificates):
    tried = failed(lab, certificates, "not-yet-valid")
    when = tried.connection.facts()["tls.not-before"]
    assert f"not valid before {when:%Y-%m-%d %H:%M}" in tried.fault.message
    assert "clock" in tried.fault.hint


def test_a_wrong_name_tells_both(lab, certificates):
    fault = failed(lab, certificates, "wrong-name").fault
    assert fault.message.endswith("is not for 127.0.0.1, but for elsewhere.example")


def test_an_unknown_authority_is_named(lab, certificates):
    fault = failed(lab, certificates, "unknown-ca").fault
    assert "which is not trusted" in fault.message
    assert "tls: {ca: …}" in fault.hint


def test_verify_off_takes_any_certificate(lab, certificates):
    for name in ("expired", "wrong-name", "self-signed", "unknown-ca"):
        with connected(lab(tls_server(certificates, name)).url, verify=False) as connection:
            assert ask(connection)[0] == 200


def test_a_given_ca_stands_alone(certificates):
    context = make_context(TlsSettings(ca=str(certificates.ca)), {})
    assert len(context.get_ca_certs()) == 1
    assert context.options & getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0) == 0


def test_public_authorities_by_default():
    assert len(make_context(TlsSettings(), {}).get_ca_certs()) > 50


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_bundle_named_by_the_environment(secure_echo, certificates, variable):
    tried = Try(secure_echo.url, environ={variable: str(certificates.ca)})
    tried.open.close()
    securing = dict(tried.events)["securing"]
    assert (securing["trust"], securing["by"]) == (str(certificates.ca), variable)
    other = Try(secure_echo.url, ca=certificates.other_ca, environ={variable: str(certificates.ca)})
    assert other.kind == "certificate-untrusted"


def test_a_bundle_that_is_not_there(secure_echo, tmp_path):
    tried = Try(secure_echo.url, environ={"SSL_CERT_FILE": str(tmp_path / "none.pem")})
    assert tried.kind == "file-not-found"
    assert "SSL_CERT_FILE" in tried.fault.message
    assert secure_echo.connections == 0


def test_a_ca_without_certificates(secure_echo, tmp_path):
    (tmp_path / "bad.pem").write_text("nothing\n")
    tried = Try(secure_echo.url, ca=tmp_path / "bad.pem")
    assert tried.kind == "tls-not-offered"
    assert "bad.pem" in tried.fault.message


def test_contexts_are_made_once(certificates):
    made = session(ca=certificates.ca)
    assert made.context(made.settings.tls) is made.context(TlsSettings(ca=str(certificates.ca)))
    assert made.context(TlsSettings(verify=False)) is not made.context(made.settings.tls)


def test_no_name_is_sent_for_an_address(secure_echo, certificates):
    with connected(secure_echo.url, ca=certificates.ca):
        pass
    with connected(secure_echo.url_for("localhost"), ca=certificates.ca):
        pass
    assert secure_echo.server_names == [None, "localhost"]


def test_at_keeps_the_name_of_the_url(secure_echo, certificates):
    way = {"at": f"127.0.0.1:{secure_echo.port}"}
    with connected("https://shop.lab/", ca=certificates.ca, way=way) as connection:
        assert ask(connection, host="shop.lab")[0] == 200
    assert secure_echo.server_names == ["shop.lab"]
    wrong = Try("https://else.lab/", ca=certificates.ca, way=way)
    assert wrong.kind == "certificate-name-mismatch"
    assert "is not for else.lab" in wrong.fault.message


def test_tls_over_a_unix_socket(lab, certificates, tmp_path):
    path = tmp_path / "tls.sock"
    lab(EchoServer(unix=path, context=certificates.context()))
    with connected("https://shop.lab/", ca=certificates.ca, way={"at": f"unix:{path}"}) as open_one:
        assert ask(open_one)[0] == 200


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("files", ["two", "one"])
def test_a_client_certificate(lab, certificates, version, files):
    server = lab(EchoServer(context=certificates.context(version=version, client="required")))
    if files == "two":
        shown = {"client_cert": certificates.client_cert, "client_key": certificates.client_key}
    else:
        shown = {"client_cert": certificates.client_both}
    with connected(server.url, ca=certificates.ca, **shown) as connection:
        assert ask(connection)[0] == 200
    assert server.client_names == ["lab client"]


def ask_in_vain(connection):
    """The error that a request meets; as in any exchange, an answer is looked for in any case."""
    connection.limits = Limits(5)
    assert connection.state() == "alive"
    with contextlib.suppress(OSError):
        connection.send(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(ssl.SSLError) as caught:
        connection.reader.read(1)
    return caught.value


@pytest.mark.parametrize("shown", ["none", "stranger"])
@pytest.mark.parametrize("wait", [0, 0.05])
def test_a_missing_client_certificate_shows_after_the_handshake(lab, certificates, shown, wait):
    server = lab(tls_server(certificates, "client-certificate-1.3"))
    options = {"ca": certificates.ca}
    if shown == "stranger":
        options |= {
            "client_cert": certificates.stranger_cert,
            "client_key": certificates.stranger_key,
        }
    tried = Try(server.url, **options)
    connection = tried.open
    time.sleep(wait)
    error = ask_in_vain(connection)
    tried.phases.doing, tried.phases.where = "waiting", "send"
    fault = explain(error, tried.phases, connection.route)
    assert (fault.kind, fault.phase) == ("client-certificate-required", "send"), fault
    connection.close()


def test_a_strange_client_certificate_in_tls_1_2(lab, certificates):
    server = lab(tls_server(certificates, "client-certificate-1.2"))
    tried = Try(
        server.url,
        ca=certificates.ca,
        client_cert=certificates.stranger_cert,
        client_key=certificates.stranger_key,
    )
    assert (tried.kind, tried.fault.phase) == ("client-certificate-required", "tls")
    assert "refused the client certificate" in tried.fault.message


def test_an_encrypted_key_is_told_without_asking(secure_echo, certificates):
    tried = Try(
        secure_echo.url,
        ca=certificates.ca,
        client_cert=certificates.client_cert,
        client_key=certificates.client_key_locked,
    )
    assert tried.kind == "tls-not-offered"
    assert "not encrypted" in tried.fault.hint


def test_a_key_of_another_certificate(secure_echo, certificates):
    tried = Try(
        secure_echo.url,
        ca=certificates.ca,
        client_cert=certificates.client_cert,
        client_key=certificates.stranger_key,
    )
    assert tried.kind == "tls-not-offered"
    assert "another certificate" in tried.fault.hint


def test_a_client_certificate_that_is_not_there(secure_echo, certificates, tmp_path):
    tried = Try(secure_echo.url, ca=certificates.ca, client_cert=tmp_path / "none.pem")
    assert tried.kind == "file-not-found"
    assert "none.pem" in tried.fault.message


def test_versions(lab, certificates):
    old = lab(tls_server(certificates, "only-tls-1.2"))
    new = lab(tls_server(certificates, "only-tls-1.3"))
    assert Try(old.url, ca=certificates.ca, min_version="TLSv1.3").kind == "tls-version"
    fault = Try(new.url, ca=certificates.ca, max_version="TLSv1.2").fault
    assert fault.kind == "tls-version"
    assert "(TLSv1.2)" in fault.message
    with connected(new.url, ca=certificates.ca, min_version="TLSv1.3") as connection:
        assert connection.facts()["tls.version"] == "TLSv1.3"


@pytest.mark.parametrize(
    "bounds", [{"min_version": "TLSv1"}, {"min_version": "TLSv1.1"}, {"max_version": "TLSv1.1"}]
)
def test_old_versions_when_asked_for(lab, certificates, bounds):
    server = lab(tls_server(certificates, "only-tls-1.1"))
    with connected(server.url, ca=certificates.ca, **bounds) as connection:
        assert connection.facts()["tls.version"] == "TLSv1.1"
        assert ask(connection)[0] == 200


def test_versions_that_leave_none():
    with pytest.raises(StepFault) as caught:
        make_context(TlsSettings(min_version="TLSv1.3", max_version="TLSv1.2"), {})
    assert caught.value.fault.kind == "tls-not-offered"


def opened(lab, certificates, *actions):
    server = lab(scripted(*actions, context=certificates.context()))
    return connected(server.url, ca=certificates.ca)


def test_an_end_with_close_notify_is_clean(lab, certificates):
    with opened(lab, certificates, receive(), send(b"end"), close()) as connection:
        connection.send(b"x")
        assert connection.reader.read() == b"end"


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 "])
def test_an_end_without_close_notify(lab, certificates, first):
    actions = [receive(), *([send(first)] if first else []), cut()]
    with opened(lab, certificates, *actions) as connection:
        limits = connection.limits = Limits(5)
        connection.send(b"x")
        if first:
            assert connection.reader.read1(100) == first
        with pytest.raises(UncleanEnd) as caught:
            connection.reader.read(1)
        assert caught.value.first is bool(first)
        assert limits.received == len(first)


def wait_until(connection, state):
    end = time.monotonic() + 2
    while connection.state() != state and time.monotonic() < end:
        time.sleep(0.005)
    return connection.state()


@pytest.mark.parametrize("ending", [close, cut, reset])
def test_a_closed_connection_is_seen(lab, certificates, ending):
    with opened(lab, certificates, receive(), send(ANSWER), pause(0.2), ending()) as connection:
        assert ask(connection) == (200, b"ok")
        assert wait_until(connection, "closed") == "closed"


def test_data_within_tls_is_seen_and_not_lost(lab, certificates):
    # One record: the first byte read leaves the others inside the TLS layer, not in the socket.
    with opened(lab, certificates, receive(), send(ANSWER + b"extra"), stall()) as connection:
        assert ask(connection) == (200, b"ok")
        assert connection.state() == "data"
        assert connection.reader.read(5) == b"extra"
        assert connection.state() == "alive"


def test_limits_hold_within_tls(lab, certificates):
    with opened(lab, certificates, stall()) as connection:
        connection.limits = Limits(silence=0.05)
        with pytest.raises(Silence):
            connection.reader.read(1)
        connection.limits = Limits(5, time.perf_counter() + 0.2)
        start = time.perf_counter()
        with pytest.raises(DeadlineExceeded):
            connection.send(bytes(50_000_000))
        assert time.perf_counter() - start < 0.2 + SLACK


def test_abort_and_ctrl_c_in_the_handshake(lab, certificates):
    server = lab(tls_server(certificates, "silent-handshake"))
    made = session(ca=certificates.ca)
    before = descriptors()
    for stop, expected in (
        (lambda one: one.abort, Interrupted),
        (lambda _: lambda: os.kill(os.getpid(), signal.SIGINT), KeyboardInterrupt),
    ):
        connection = Connection(made, made.route(server.url))
        timer = threading.Timer(0.1, stop(connection))
        timer.start()
        start = time.perf_counter()
        with pytest.raises(expected):
            connection.connect(Limits(), Phases())
        assert time.perf_counter() - start < 0.1 + SLACK
        assert server.wait_closed()
        assert settled_descriptors(before) == before


def test_abort_while_reading_within_tls(lab, certificates):
    with opened(lab, certificates, stall()) as connection:
        connection.limits = Limits(5)
        threading.Timer(0.05, connection.abort).start()
        with pytest.raises(Interrupted):
            connection.reader.read(1)
