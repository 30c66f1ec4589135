"""Facts about a peer's certificate."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

_SHORT: Final = {
    "commonName": "CN",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "countryName": "C",
    "stateOrProvinceName": "ST",
    "localityName": "L",
    "streetAddress": "STREET",
    "domainComponent": "DC",
    "userId": "UID",
}


def unverified(tls: ssl.SSLSocket | ssl.SSLObject) -> dict[str, Any]:
    """The peer's certificate as ``getpeercert`` gives it, whether or not it was verified.

    The standard library shows an unverified certificate only as DER; its own decoder is reached
    through a private attribute, and where that is not there the answer is empty.
    """
    try:
        inner: Any = tls._sslobj  # type: ignore[union-attr]
        chain = inner.get_unverified_chain()
        return dict(chain[0].get_info()) if chain else {}
    except (AttributeError, IndexError, TypeError, ValueError, OSError):
        return {}


def names(certificate: Mapping[str, Any]) -> list[str]:
    """The DNS names and IP addresses the certificate is for."""
    return [
        value
        for kind, value in certificate.get("subjectAltName", ())
        if kind in ("DNS", "IP Address")
    ]


def moment(certificate: Mapping[str, Any], field: str) -> datetime | None:
    """``notBefore`` or ``notAfter`` as an aware UTC time, if the certificate is known."""
    text = certificate.get(field)
    if text is None:
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)


def certificate_facts(certificate: Mapping[str, Any], der: bytes | None) -> dict[str, object]:
    """The facts ``tls.subject`` … ``tls.sha256``; what is not known is left out."""
    facts: dict[str, object] = {}
    if der is not None:
        facts["tls.sha256"] = hashlib.sha256(der).hexdigest()
    if not certificate:
        return facts
    facts["tls.subject"] = _name(certificate.get("subject", ()))
    facts["tls.issuer"] = _name(certificate.get("issuer", ()))
    facts["tls.names"] = names(certificate)
    before, after = moment(certificate, "notBefore"), moment(certificate, "notAfter")
    if before is not None and after is not None:
        facts["tls.not-before"], facts["tls.not-after"] = before, after
        facts["tls.days-left"] = (after - datetime.now(UTC)).days
    return facts


def _name(parts: tuple[tuple[tuple[str, str], ...], ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        for name, value in part:
            short = _SHORT.get(name, name)
            found[short] = f"{found[short]}, {value}" if short in found else value
    return found
