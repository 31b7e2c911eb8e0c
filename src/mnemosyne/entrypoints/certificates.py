"""The certificate of a node and its key: read, checked, and told what is wrong with them."""

import ssl
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from mnemosyne.kit.errors import MnemosyneError

_OTHERS: Final = stat.S_IRWXO | stat.S_IWGRP  # a group for certificates may read, as Debian has it
_SOON: Final = timedelta(days=14)


class CertificateUnusableError(MnemosyneError):
    """The files of --tls-cert and --tls-key cannot serve."""

    code = "certificate-unusable"

    def __init__(self, path: Path, why: str, hint: str = "") -> None:
        super().__init__(
            f"{path} cannot be used for TLS",
            why=why,
            hint=hint or "Give the certificate with its chain, and its key, both as PEM files.",
        )
        self.path = path


def tls_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Return what TLS needs, or None where neither file was named.

    Raises:
        CertificateUnusableError: one is missing, cannot be read, is open to others, is encrypted,
            or the two do not belong together.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        named, other = (key, "--tls-cert") if certificate is None else (certificate, "--tls-key")
        raise CertificateUnusableError(
            Path(str(named)), "One goes with the other.", f"Add {other}."
        )
    _read(certificate)
    secret = _read(key)
    if key.stat().st_mode & _OTHERS:
        why = "Other accounts of this machine can read or change the key."
        raise CertificateUnusableError(key, why, f"chmod 600 {key}")
    if b"ENCRYPTED" in secret:  # as both forms of PEM say (RFC 7468 §11, RFC 1421)
        why = "The key is encrypted, and nobody is asked for its passphrase."
        raise CertificateUnusableError(key, why, "Name a file with the key as it is.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise _refusal(certificate, key, error) from error
    return context


def remarks_on(certificate: Path, host: str, now: datetime) -> list[str]:
    """Return what browsers will not like about a certificate that is otherwise whole.

    Raises:
        CertificateUnusableError: it is no certificate.
    """
    try:
        found = x509.load_pem_x509_certificate(_read(certificate))
    except ValueError as error:
        raise CertificateUnusableError(certificate, "It is no certificate.") from error
    said: list[str] = []
    ends = found.not_valid_after_utc
    if ends < now:
        said.append(f"The certificate was valid until {ends:%Y-%m-%d}; browsers refuse it.")
    elif ends - now < _SOON:
        said.append(f"The certificate is valid until {ends:%Y-%m-%d}.")
    if not any(_covers(name, host) for name in _names(found)):
        said.append(f"The certificate is not for {host}; browsers refuse it.")
    return said


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [name.lower() for name in names.get_values_for_type(x509.DNSName)]


def _covers(name: str, host: str) -> bool:
    """Whether a name of a certificate is, or stands for, a host (RFC 6125 §6.4.3)."""
    if name.startswith("*."):
        return host.partition(".")[2] == name[2:]
    return name == host


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateUnusableError(path, f"The system says: {error.strerror}.") from error


def _refusal(certificate: Path, key: Path, error: ssl.SSLError) -> CertificateUnusableError:
    """Return what to say of the file that is wrong: the system does not tell the two apart."""
    if error.reason == "KEY_VALUES_MISMATCH":
        return CertificateUnusableError(key, "It is not the key of that certificate.")
    try:
        x509.load_pem_x509_certificate(_read(certificate))
    except ValueError:
        return CertificateUnusableError(certificate, "It is no certificate in PEM.")
    return CertificateUnusableError(key, "It cannot be read as the key of a certificate.")
