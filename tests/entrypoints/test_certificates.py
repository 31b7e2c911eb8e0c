"""TLS with a certificate that the test makes, and every way in which its files can be wrong."""

import asyncio
import ssl
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mnemosyne.application import Application
from mnemosyne.cli.node import ServeChoices
from mnemosyne.entrypoints.certificates import (
    CertificateUnusableError,
    remarks_on,
    tls_context,
)
from mnemosyne.entrypoints.serving import serving_node
from tests.cli.conftest import Made, environment, made_vault, vault
from tests.cli.services import with_services
from tests.clock import SetClock
from tests.requirements import requirement

__all__ = ["environment", "made_vault", "vault"]

NOW = datetime.now(UTC)
HOST = "localhost"


def made(
    folder: Path,
    *names: str,
    days: int = 90,
    password: bytes | None = None,
) -> tuple[Path, Path]:
    """Write a self-signed certificate for ``names`` and its key; return both paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a node")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=365))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    if names:
        known = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
        builder = builder.add_extension(known, critical=False)
    certificate, private = folder / "node.crt", folder / "node.key"
    certificate.write_bytes(
        builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    sealing = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    private.touch(0o600)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealing)
    )
    return certificate, private


@requirement("serving.tls")
def test_a_node_answers_over_tls_under_its_name(
    vault: Made, clock: SetClock, tmp_path: Path
) -> None:
    certificate, key = made(tmp_path, HOST)
    trusting = ssl.create_default_context(cafile=str(certificate))

    def asked(url: str) -> tuple[int, str]:
        with urllib.request.urlopen(url, timeout=10, context=trusting) as answer:  # noqa: S310
            return answer.status, answer.headers["Strict-Transport-Security"]

    async def work(app: Application) -> None:
        choices = ServeChoices("127.0.0.1", 0, "", certificate, key)
        async with serving_node(app, choices, 6_000) as node:
            own = node.facts
        port = own.port
        choices = replace(choices, port=port, public_url=f"https://{HOST}:{port}")
        async with serving_node(app, choices, 6_000) as node:
            status, hsts = await asyncio.to_thread(asked, f"{node.facts.origin}/health/live")
        assert own.origin == f"https://mnemosyne.localhost:{port}"
        assert "not for mnemosyne.localhost" in own.remarks[0]
        assert status == 200
        assert hsts.startswith("max-age=")
        assert node.facts.remarks == ()

    clock.set(NOW)
    with_services(vault, clock, work)


def test_without_files_there_is_no_tls() -> None:
    assert tls_context(None, None) is None


@requirement("serving.tls")
@pytest.mark.parametrize("missing", ["certificate", "key", "file"])
def test_a_file_that_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    certificate, key = made(tmp_path, HOST)
    given = {
        "certificate": (None, key),
        "key": (certificate, None),
        "file": (certificate, tmp_path / "elsewhere.key"),
    }[missing]

    with pytest.raises(CertificateUnusableError) as refused:
        tls_context(*given)

    assert refused.value.why
    assert refused.value.hint


@requirement("serving.tls")
@pytest.mark.parametrize("mode", [0o644, 0o604, 0o620, 0o666])
def test_a_key_that_others_can_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    certificate, key = made(tmp_path, HOST)
    key.chmod(mode)

    with pytest.raises(CertificateUnusableError) as refused:
        tls_context(certificate, key)

    assert refused.value.hint == f"chmod 600 {key}"
    key.chmod(0o640)  # of a group for certificates
    assert tls_context(certificate, key) is not None


@requirement("serving.tls")
def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    certificate, _ = made(tmp_path, HOST)
    _, other = made(tmp_path / "other", HOST)

    with pytest.raises(CertificateUnusableError, match=r"other/node\.key") as refused:
        tls_context(certificate, other)

    assert refused.value.why == "It is not the key of that certificate."


def test_what_is_no_key_is_named(tmp_path: Path) -> None:
    certificate, key = made(tmp_path, HOST)
    key.write_text("a letter")

    with pytest.raises(CertificateUnusableError, match=r"node\.key cannot be used"):
        tls_context(certificate, key)


def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked(tmp_path: Path) -> None:
    certificate, key = made(tmp_path, HOST, password=b"secret")

    with pytest.raises(CertificateUnusableError) as refused:
        tls_context(certificate, key)

    assert "encrypted" in refused.value.why


def test_what_is_no_certificate_is_refused(tmp_path: Path) -> None:
    certificate, key = made(tmp_path, HOST)
    certificate.write_text("a letter")

    with pytest.raises(CertificateUnusableError, match=r"node\.crt cannot be used"):
        tls_context(certificate, key)
    with pytest.raises(CertificateUnusableError):
        remarks_on(certificate, HOST, NOW)


@pytest.mark.parametrize(
    ("names", "days", "host", "said"),
    [
        (("node.example",), 90, "node.example", []),
        (("*.example",), 90, "node.example", []),
        (("*.example",), 90, "a.node.example", ["not for a.node.example"]),
        ((), 90, "node.example", ["not for node.example"]),
        (("node.example",), 3, "node.example", ["is valid until"]),
        (("node.example",), -3, "node.example", ["was valid until"]),
    ],
)
def test_what_browsers_will_not_like_is_told(
    tmp_path: Path, names: tuple[str, ...], days: int, host: str, said: list[str]
) -> None:
    certificate, _ = made(tmp_path, *names, days=days)

    remarks = remarks_on(certificate, host, NOW)

    assert len(remarks) == len(said)
    assert all(part in remark for part, remark in zip(said, remarks, strict=True))
