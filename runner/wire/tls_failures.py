"""What a TLS failure means: by verify code and OpenSSL's reason symbol."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from runner.wire import errors
from runner.wire.certificate import certificate_facts, moment, names
from runner.wire.situation import Said, Situation

# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_NOT_YET, _EXPIRED, _SELF_SIGNED, _NO_NAME, _NO_ADDRESS = 9, 10, 18, 62, 64
_ISSUER_UNKNOWN: Final = (2, 19, 20, 21)

_VERSION: Final = frozenset({
    "TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "UNSUPPORTED_SSL_VERSION",
    "WRONG_SSL_VERSION", "TLSV1_ALERT_INAPPROPRIATE_FALLBACK", "INAPPROPRIATE_FALLBACK",
})  # fmt: skip
_OURS: Final = frozenset({
    "NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE", "NO_CIPHER_MATCH", "LIBRARY_HAS_NO_CIPHERS",
    "NO_SUITABLE_SIGNATURE_ALGORITHM", "NO_SUITABLE_KEY_SHARE", "NO_SUITABLE_GROUPS",
})  # fmt: skip
_CLIENT_REFUSED: Final = frozenset({
    "SSLV3_ALERT_BAD_CERTIFICATE", "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_REVOKED", "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN", "TLSV1_ALERT_UNKNOWN_CA", "TLSV1_ALERT_ACCESS_DENIED",
    "TLSV1_ALERT_DECRYPT_ERROR", "SSLV3_ALERT_NO_CERTIFICATE",
})  # fmt: skip
_WANTED: Final = frozenset(
    {"TLSV13_ALERT_CERTIFICATE_REQUIRED", "TLSV1_ALERT_CERTIFICATE_REQUIRED"}
)
_NOT_TLS: Final = frozenset({
    "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE", "PACKET_LENGTH_TOO_LONG", "BAD_RECORD_TYPE",
})  # fmt: skip
_SHOW_CLIENT: Final = "give one in `tls: {client-cert: …, client-key: …}`"


def say_handshake(failed: errors.HandshakeFailed, now: Situation) -> Said:
    """What a handshake that broke off means."""
    error = failed.error
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, failed.certificate, now)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ConnectionError):
        how = "reset" if isinstance(error, ConnectionResetError) else "closed"
        return Said(
            "tls-handshake-failed",
            f"{now.target} {how} the connection during the TLS handshake",
            "does the port speak TLS?",
        )
    reason = _reason(error)
    if reason == "SSLV3_ALERT_HANDSHAKE_FAILURE" and failed.past_hello:
        # The server had chosen a cipher, so it is no lack of one: it misses our certificate.
        return _wanted(now)
    if isinstance(error, ssl.SSLError):
        return say(error, now)
    return Said("tls-handshake-failed", f"the TLS handshake with {now.target} broke off")


def say(error: ssl.SSLError, now: Situation) -> Said:
    """What an SSLError means, in the handshake or behind it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, {}, now)
    reason = _reason(error)
    if reason in _WANTED:
        return _wanted(now)
    if reason in _CLIENT_REFUSED and _has_client(now):
        return Said(
            "client-certificate-required",
            f"{now.target} refused the client certificate ({_words(reason)})",
            "is it signed by an authority the server trusts, and still valid?",
        )
    if reason in _VERSION:
        return Said(
            "tls-version",
            f"{now.target} refused the TLS versions offered ({_offered(now)})",
            "`tls: {min-version: …}` sets the lowest one",
        )
    if reason in _OURS:
        return Said(
            "tls-not-offered",
            f"the local TLS library ({ssl.OPENSSL_VERSION}) cannot offer {_offered(now)}:"
            f" {_words(reason)}",
        )
    if now.connected:
        return Said(
            "connection-aborted",
            f"TLS with {now.target} broke while {now.activity(bare=True)} ({_words(reason)})",
        )
    hint = None
    if reason in _NOT_TLS:
        hint = "what came is not TLS: does the port speak plain http? then the URL is http://…"
    elif reason == "TLSV1_UNRECOGNIZED_NAME":
        hint = "the server does not know the name it was asked for (SNI)"
    elif reason == "SSLV3_ALERT_HANDSHAKE_FAILURE":
        hint = "it shares no cipher with this side, or misses a client certificate"
    return Said(
        "tls-handshake-failed",
        f"the TLS handshake with {now.target} failed ({_words(reason)})",
        hint,
    )


def _certificate(
    error: ssl.SSLCertVerificationError, certificate: Mapping[str, Any], now: Situation
) -> Said:
    code = error.verify_code
    whose = f"the certificate of {now.target}"
    here = datetime.now(UTC)
    if code == _EXPIRED:
        end = moment(certificate, "notAfter")
        if end is not None and end > here:
            message = f"a certificate above that of {now.target} has expired"
        else:
            message = f"{whose} expired" + ("" if end is None else f" on {end:%Y-%m-%d}")
        return Said(
            "certificate-expired", message, f"renew it; the clock here says {here:%Y-%m-%d}"
        )
    if code == _NOT_YET:
        start = moment(certificate, "notBefore")
        when = "" if start is None or start < here else f" before {start:%Y-%m-%d %H:%M} UTC"
        return Said(
            "certificate-not-yet-valid",
            f"{whose} is not valid" + (when or " yet"),
            f"is the clock right? here it is {here:%Y-%m-%d %H:%M} UTC",
        )
    if code in (_NO_NAME, _NO_ADDRESS):
        held = names(certificate)
        wanted = now.route.server_name if now.route is not None else now.origin
        shown = ", ".join(held[:5]) + (", …" if len(held) > 5 else "")
        return Said(
            "certificate-name-mismatch",
            f"{whose} is not for {wanted}" + (f", but for {shown}" if held else ""),
            "call the service by a name of its certificate; `at` can dial an address all the same",
        )
    if code == _SELF_SIGNED:
        return Said(
            "certificate-self-signed",
            f"{whose} signed itself and is not trusted",
            "name it in `tls: {ca: …}` to trust it",
        )
    issuer: Any = certificate_facts(certificate, None).get("tls.issuer") or {}
    by = issuer.get("CN") or issuer.get("O")
    if code in _ISSUER_UNKNOWN:
        message = f"{whose} is signed by {by or 'an authority'}" + (
            ", which is not trusted" if by else " that is not trusted"
        )
        hint = "name the authority's certificate in `tls: {ca: …}`; does the server send its chain?"
        return Said("certificate-untrusted", message, hint)
    return Said("certificate-untrusted", f"{whose} is not trusted: {error.verify_message}")


def _wanted(now: Situation) -> Said:
    if _has_client(now):
        return Said(
            "client-certificate-required",
            f"{now.target} did not accept the client certificate",
            "is it signed by an authority the server trusts, and still valid?",
        )
    return Said(
        "client-certificate-required", f"{now.target} wants a client certificate", _SHOW_CLIENT
    )


def _has_client(now: Situation) -> bool:
    tls = None if now.route is None else now.route.tls
    return tls is not None and tls.client_cert is not None


def _offered(now: Situation) -> str:
    tls = None if now.route is None else now.route.tls
    high = (tls and tls.max_version) or "TLSv1.3"
    low = (tls and tls.min_version) or ("TLSv1.2" if high >= "TLSv1.2" else "TLSv1")
    return low if low == high else f"{low} to {high}"


def _reason(error: OSError) -> str:
    return getattr(error, "reason", None) or ""


def _words(reason: str) -> str:
    return reason.lower().replace("_", " ") or "no reason given"
