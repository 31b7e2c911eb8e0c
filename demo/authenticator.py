"""An authenticator in software: it makes passkeys and signs with them, as a security key does.

It writes what WebAuthn L3 §6 says, byte for byte: ES256 keys as COSE, flags, a counter, attestation
"none". It asks nobody for a fingerprint and says that it did; so it is for the demo and for
tests, and for nothing that matters.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT: Final = 0x01
VERIFIED: Final = 0x04
BACKUP_ELIGIBLE: Final = 0x08
BACKED_UP: Final = 0x10
ATTESTED: Final = 0x40
EXTENDED: Final = 0x80


class AlreadyRegisteredError(Exception):
    """It holds one of the passkeys that the options exclude (InvalidStateError in a browser)."""


class NoPasskeyError(Exception):
    """It holds no passkey that was asked for (NotAllowedError in a browser)."""


@dataclass
class Credential:
    """A discoverable passkey: it knows whose it is, and for which host."""

    id: bytes
    rp_id: str
    user_handle: bytes
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    count: int = 0


@dataclass
class Authenticator:
    """A device with passkeys. ``counts`` is False for those that live in several devices."""

    counts: bool = True
    flags: int = PRESENT | VERIFIED
    aaguid: bytes = bytes(16)
    credentials: list[Credential] = field(default_factory=list)

    def create(self, options: Mapping[str, Any], origin: str) -> dict[str, Any]:
        """Make a passkey and return what ``PublicKeyCredential.toJSON()`` would.

        Raises:
            AlreadyRegisteredError: it has one that is excluded.
        """
        excluded = {decode(each["id"]) for each in options.get("excludeCredentials", ())}
        if any(each.id in excluded for each in self.credentials):
            raise AlreadyRegisteredError
        handle = decode(options["user"]["id"])
        made = Credential(
            secrets.token_bytes(32), options["rp"]["id"], handle, ec.generate_private_key(_CURVE)
        )
        self.credentials.append(made)
        client = self.client_data("webauthn.create", options["challenge"], origin)
        key = self.public_key(made)
        attested = self.aaguid + len(made.id).to_bytes(2, "big") + made.id + key
        data = self.data(made, self.flags | ATTESTED, attested)
        response = {
            "clientDataJSON": encode(client),
            "attestationObject": encode(self.attestation(data)),
            "transports": ["internal"],
        }
        return _answer(made, response)

    def get(self, options: Mapping[str, Any], origin: str) -> dict[str, Any]:
        """Sign with the newest passkey that is asked for; return what ``toJSON()`` would.

        Raises:
            NoPasskeyError: it has none.
        """
        used = self.chosen(options)
        client = self.client_data("webauthn.get", options["challenge"], origin)
        data = self.data(used, self.flags)
        signed = used.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": encode(client),
            "authenticatorData": encode(data),
            "signature": encode(signed),
            "userHandle": encode(used.user_handle),
        }
        return _answer(used, response)

    def chosen(self, options: Mapping[str, Any]) -> Credential:
        """Return the newest passkey that fits; no list of passkeys means any of the host."""
        allowed = {decode(each["id"]) for each in options.get("allowCredentials", ())}
        for each in reversed(self.credentials):
            if each.rp_id == options["rpId"] and (not allowed or each.id in allowed):
                return each
        raise NoPasskeyError

    def client_data(self, kind: str, challenge: str, origin: str) -> bytes:
        """Return what a browser adds: what it was asked for, by whom (WebAuthn L3 §5.8.1)."""
        said = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
        return json.dumps(said, separators=(",", ":")).encode()

    def data(self, used: Credential, flags: int, attested: bytes = b"") -> bytes:
        """Return the authenticator data (§6.1), one use of the passkey later."""
        used.count += 1 if self.counts else 0
        host = sha256(used.rp_id.encode()).digest()
        return host + bytes([flags]) + used.count.to_bytes(4, "big") + attested

    def public_key(self, made: Credential) -> bytes:
        """Return the public key as COSE (RFC 9053 §7.1.1): P-256, for ES256."""
        numbers = made.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def attestation(self, data: bytes) -> bytes:
        """Return an attestation object that attests nothing (§8.7)."""
        return cbor({"fmt": "none", "attStmt": {}, "authData": data})


def cbor(value: object) -> bytes:
    """Return ``value`` as CBOR (RFC 8949): whole numbers, bytes, texts, lists and maps."""
    match value:
        case int() if value < 0:
            return _head(1, -1 - value)
        case int():
            return _head(0, value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case list():
            return _head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            pairs = (cbor(name) + cbor(item) for name, item in value.items())
            return _head(5, len(value)) + b"".join(pairs)
        case _:
            message = f"not a value of an authenticator: {value!r}"
            raise TypeError(message)


def encode(data: bytes) -> str:
    """Return ``data`` as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of a base64url text without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


_CURVE: Final = ec.SECP256R1()


def _head(kind: int, number: int) -> bytes:
    for size, short in ((0, 0), (1, 24), (2, 25), (4, 26), (8, 27)):
        if size == 0 and number < 24:  # noqa: PLR2004 - what fits into the first byte
            return bytes([kind << 5 | number])
        if size and number < 1 << 8 * size:
            return bytes([kind << 5 | short]) + number.to_bytes(size, "big")
    message = "a number beyond 64 bits"
    raise ValueError(message)


def _answer(used: Credential, response: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": encode(used.id),
        "rawId": encode(used.id),
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {},
        "response": response,
    }
