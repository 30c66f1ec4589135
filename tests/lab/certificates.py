"""Certificates of every kind, made once."""

from __future__ import annotations

import datetime
import ssl
import warnings
from pathlib import Path
from typing import Literal

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

EC = trustme.KeyType.ECDSA
NAMES = ("localhost", "127.0.0.1", "::1", "shop.lab", "*.shop.lab")
PASSWORD = "lamp-oil"  # of the encrypted client key


class Certificates:
    """Every certificate the lab needs, as PEM files in one folder.

    ``ca`` is the file to trust. ``client_cert`` and ``client_key`` are accepted by servers that
    want a client certificate, ``client_both`` holds the two in one file, ``client_key_locked`` is
    the key under PASSWORD, and ``stranger_cert``/``stranger_key`` are from an authority no server
    knows.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        self._ca = trustme.CA(organization_name="Lamp Trust", key_type=EC)
        self._other = trustme.CA(organization_name="Nobody Trust", key_type=EC)
        self.ca = folder / "ca.pem"
        self.other_ca = folder / "other-ca.pem"
        self._ca.cert_pem.write_to_path(self.ca)
        self._other.cert_pem.write_to_path(self.other_ca)
        issue = self._issue
        issue("good", NAMES)
        issue("name-only", ("localhost", "shop.lab"))
        issue("ip-only", ("127.0.0.1", "::1"))
        issue("wrong-name", ("elsewhere.example",))
        issue("wrong-ip", ("127.0.0.99",))
        issue("unknown-ca", NAMES, authority=self._other)
        issue("expired", NAMES, not_before=now - 30 * day, not_after=now - 2 * day)
        issue("not-yet-valid", NAMES, not_before=now + 2 * day, not_after=now + 30 * day)
        self._self_signed("self-signed", now - day, now + 30 * day)
        issue("client", ("client.lab",), name="lab client")
        issue("stranger", ("client.lab",), authority=self._other, name="stranger")
        self.client_cert, self.client_key = self.files("client")
        self.stranger_cert, self.stranger_key = self.files("stranger")
        self.client_both = folder / "client-both.pem"
        self.client_both.write_bytes(self.client_key.read_bytes() + self.client_cert.read_bytes())
        self.client_key_locked = folder / "client-locked.key"
        key = serialization.load_pem_private_key(self.client_key.read_bytes(), None)
        self.client_key_locked.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(PASSWORD.encode()),
            )
        )

    def files(self, which: str) -> tuple[Path, Path]:
        """Certificate file (with its chain) and key file of ``which``."""
        return self.folder / f"{which}.pem", self.folder / f"{which}.key"

    def _issue(
        self,
        which: str,
        identities: tuple[str, ...],
        *,
        authority: trustme.CA | None = None,
        name: str = "lab server",
        not_before: datetime.datetime | None = None,
        not_after: datetime.datetime | None = None,
    ) -> None:
        made = (authority or self._ca).issue_cert(
            *identities,
            common_name=name,
            organization_name="Lamp Shop",
            not_before=not_before,
            not_after=not_after,
            key_type=EC,
        )
        certificate, key = self.files(which)
        certificate.write_bytes(b"".join(pem.bytes() for pem in made.cert_chain_pems))
        made.private_key_pem.write_to_path(key)

    def _self_signed(self, which: str, start: datetime.datetime, end: datetime.datetime) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lab alone")])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(key, hashes.SHA256())
        )
        certificate, key_file = self.files(which)
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    def context(
        self,
        which: str = "good",
        *,
        version: Literal["TLSv1.1", "TLSv1.2", "TLSv1.3"] | None = None,
        client: Literal["none", "optional", "required"] = "none",
        ciphers: str | None = None,
        alpn: tuple[str, ...] = (),
    ) -> ssl.SSLContext:
        """A server context with the certificate ``which``; ``version`` is then the only one."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.files(which))
        if version is not None:
            only = ssl.TLSVersion[version.replace(".", "_")]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = context.maximum_version = only
            if version == "TLSv1.1":
                context.set_ciphers("DEFAULT:@SECLEVEL=0")
        if ciphers is not None:
            context.set_ciphers(ciphers)
        if client != "none":
            context.load_verify_locations(self.ca)
            required = client == "required"
            context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
        if alpn:
            context.set_alpn_protocols(list(alpn))
        return context

    def client_context(self) -> ssl.SSLContext:
        """A client context that trusts ``ca`` only."""
        return ssl.create_default_context(cafile=str(self.ca))
