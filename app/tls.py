"""TLS for a site without its own certificates: a root that devices trust once, and a server certificate."""

import ipaddress
import os
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.kernel import clock

ROOT_YEARS = 10
#: Apple devices refuse server certificates that live longer than 825 days.
SERVER_DAYS = 397


def folder_of(data: Path) -> Path:
    """Where certificates and their keys lie."""
    return data / "tls"


def root_file(data: Path) -> Path:
    """The site's root certificate, offered at /trust."""
    return folder_of(data) / "root.pem"


def server_files(data: Path) -> tuple[Path, Path]:
    """Certificate chain and key of the server."""
    return folder_of(data) / "server.pem", folder_of(data) / "server.key"


def make(data: Path, hostname: str) -> tuple[Path, Path]:
    """Make the site's root once and a server certificate for ``hostname``; returns its files.

    Raises ValueError for a host name no certificate can carry.
    """
    name = _subject_name(hostname)
    folder_of(data).mkdir(parents=True, exist_ok=True, mode=0o700)
    root, root_key = _root(data)
    key = ec.generate_private_key(ec.SECP256R1())
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hostname[:64])]))
        .issuer_name(root.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=SERVER_DAYS))
        .add_extension(x509.SubjectAlternativeName([name, *_loopback()]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    chain, key_file = server_files(data)
    _write(key_file, _private(key))
    _write(chain, _public(certificate) + _public(root))
    return chain, key_file


def _subject_name(hostname: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(hostname))
    except ValueError:
        pass
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    if (
        not hostname
        or len(hostname) > 253
        or set(hostname.lower()) - allowed
        or hostname.startswith(("-", "."))
    ):
        raise ValueError(
            f"not a host name: {hostname[:60]!r}; give the name tablets will type, such as hilo.local"
        )
    return x509.DNSName(hostname)


def _loopback() -> list[x509.GeneralName]:
    return [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]


def _root(data: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    certificate_file, key_file = root_file(data), folder_of(data) / "root.key"
    if certificate_file.exists():
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{key_file} is not the key Hilo made")
        return x509.load_pem_x509_certificate(certificate_file.read_bytes()), key
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Hilo site root {clock.now():%Y-%m-%d}")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365 * ROOT_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_signs_certificates(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(key_file, _private(key))
    _write(certificate_file, _public(certificate))
    return certificate, key


def _signs_certificates() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
