"""TLS: contexts from settings, the handshake, and what it agreed on."""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from urllib3.util.ssltransport import SSLTransport

from runner.kinds import Fault, StepFault
from runner.wire.certificate import certificate_facts, unverified
from runner.wire.errors import HandshakeFailed
from runner.wire.limits import Limits
from runner.wire.resolve import Hold
from runner.wire.settings import TlsSettings
from runner.wire.sockets import PlainSocket, TLSSocket
from runner.wire.tls_versions import check_range

CA_VARIABLES: Final = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
_VERSIONS: Final = {
    "TLSv1": (ssl.TLSVersion.TLSv1, ssl.HAS_TLSv1),
    "TLSv1.1": (ssl.TLSVersion.TLSv1_1, ssl.HAS_TLSv1_1),
    "TLSv1.2": (ssl.TLSVersion.TLSv1_2, ssl.HAS_TLSv1_2),
    "TLSv1.3": (ssl.TLSVersion.TLSv1_3, ssl.HAS_TLSv1_3),
}
_ORDER: Final = list(_VERSIONS)


class InnerTLS(SSLTransport):
    """TLS within the TLS of a proxy. It puts itself into ``made`` before the handshake begins."""

    def __init__(
        self, made: list[InnerTLS], sock: socket.socket, context: ssl.SSLContext, name: str
    ) -> None:
        made.append(self)
        super().__init__(sock, context, name, suppress_ragged_eofs=False)


def trust(tls: TlsSettings, environ: Mapping[str, str]) -> tuple[str, str]:
    """What is trusted and who says so: a path and ``ca``, a variable's name, or ``certifi``.

    Two empty texts when nothing is verified.
    """
    if not tls.verify:
        return "", ""
    if tls.ca is not None:
        return tls.ca, "ca"
    for name in CA_VARIABLES:
        if environ.get(name):
            return environ[name], name
    from certifi import where

    return where(), "certifi"


def make_context(
    tls: TlsSettings, environ: Mapping[str, str], *, for_proxy: bool = False
) -> ssl.SSLContext:
    """A context for these settings; one for a proxy shows no client certificate.

    Raises StepFault ``file-not-found`` for a file that is not there, ``tls-not-offered`` for one
    that cannot be used and for a version the local library lacks.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = TLSSocket
    # With it, a connection that was cut looks like one that was closed.
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.hostname_checks_common_name = False
    context.set_alpn_protocols(["http/1.1"])
    _set_versions(context, tls)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        _load_ca(context, *trust(tls, environ))
    if tls.client_cert is not None and not for_proxy:
        _load_client(context, tls.client_cert, tls.client_key)
    return context


def _set_versions(context: ssl.SSLContext, tls: TlsSettings) -> None:
    low, high = tls.min_version, tls.max_version
    for version in (low, high):
        if version is not None and not _VERSIONS[version][1]:
            raise _fault(
                "tls-not-offered", f"the local TLS library ({ssl.OPENSSL_VERSION}) has no {version}"
            )
    check_range(low, high)
    if high is not None and low is None and _ORDER.index(high) < _ORDER.index("TLSv1.2"):
        low = _ORDER[0] if ssl.HAS_TLSv1 else high
    with warnings.catch_warnings():
        # Setting an old version warns of it, but an old version is what was asked for.
        warnings.simplefilter("ignore", DeprecationWarning)
        if low is not None:
            context.minimum_version = _VERSIONS[low][0]
        if high is not None:
            context.maximum_version = _VERSIONS[high][0]
    if low is not None and _ORDER.index(low) < _ORDER.index("TLSv1.2"):
        # OpenSSL 3 holds the signatures of TLS 1.0 and 1.1 too weak for any level above 0.
        context.set_ciphers("DEFAULT@SECLEVEL=0")


def _load_ca(context: ssl.SSLContext, path: str, named_by: str) -> None:
    whose = "`tls: ca`" if named_by == "ca" else named_by
    try:
        if Path(path).is_dir():
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except FileNotFoundError:
        raise _fault(
            "file-not-found", f"the CA file {path} named by {whose} does not exist"
        ) from None
    except OSError as error:
        raise _fault(
            "tls-not-offered",
            f"the CA file {path} named by {whose} cannot be used",
            "it must be readable and hold certificates in PEM form",
            error,
        ) from None


def _load_client(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    for path, what in ((certificate, "client certificate"), (key, "client key")):
        if path is not None and not Path(path).exists():
            raise _fault("file-not-found", f"the {what} {path} does not exist")
    try:
        # Without a password, OpenSSL would ask for that of an encrypted key on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except OSError as error:
        if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
            hint = "the key belongs to another certificate"
        elif key is None:
            hint = "the file must hold the certificate and its key, both PEM, the key not encrypted"
        else:
            hint = "both files must be PEM, and the key not encrypted"
        shown = certificate if key is None else f"{certificate} with the key {key}"
        raise _fault(
            "tls-not-offered", f"the client certificate {shown} cannot be used", hint, error
        ) from None


def secure(
    sock: PlainSocket, context: ssl.SSLContext, name: str, limits: Limits, hold: Hold
) -> PlainSocket | InnerTLS:
    """TLS over a connected socket; over a TLS socket, TLS within TLS.

    ``name`` is for SNI (not sent for an IP address) and for the certificate. On failure everything
    is closed. Raises HandshakeFailed, Silence or DeadlineExceeded.
    """
    if isinstance(sock, ssl.SSLSocket):
        return _secure_inner(sock, context, name, limits)
    left = limits.left()
    sock.limits = None
    tls = context.wrap_socket(
        sock, server_hostname=name, do_handshake_on_connect=False, suppress_ragged_eofs=False
    )
    assert isinstance(tls, TLSSocket)
    try:
        hold(lambda: socket.socket.shutdown(tls, socket.SHUT_RDWR))
        tls.settimeout(left)
        tls.do_handshake()
    except BaseException as error:
        past_hello, certificate = tls.cipher() is not None, unverified(tls)
        tls.close()
        if isinstance(error, TimeoutError):
            raise limits.ran_out() from None
        if isinstance(error, OSError):
            raise HandshakeFailed(error, past_hello=past_hello, certificate=certificate) from error
        raise
    return tls


def _secure_inner(
    outer: PlainSocket, context: ssl.SSLContext, name: str, limits: Limits
) -> InnerTLS:
    made: list[InnerTLS] = []
    outer.limits = limits
    try:
        return InnerTLS(made, outer, context, name)
    except OSError as error:
        inner = made[0].sslobj
        raise HandshakeFailed(
            error, past_hello=inner.cipher() is not None, certificate=unverified(inner)
        ) from error


def tls_facts(tls: PlainSocket | InnerTLS) -> dict[str, object]:
    """The facts ``tls.version`` … of a finished handshake; none for a socket without TLS."""
    if not isinstance(tls, TLSSocket | InnerTLS):
        return {}
    cipher = tls.cipher()
    facts: dict[str, object] = {"tls.version": tls.version()}
    if cipher is not None:
        facts["tls.cipher"] = cipher[0]
    alpn = tls.selected_alpn_protocol()
    if alpn is not None:
        facts["tls.alpn"] = alpn
    verified: Any = tls.getpeercert()
    inner = tls.sslobj if isinstance(tls, InnerTLS) else tls
    facts.update(certificate_facts(verified or unverified(inner), tls.getpeercert(True)))
    return facts


def _fault(
    kind: str, message: str, hint: str | None = None, error: Exception | None = None
) -> StepFault:
    return StepFault(Fault(kind, "tls", message, hint, () if error is None else (str(error),)))
