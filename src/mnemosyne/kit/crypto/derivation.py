"""Independent keys from one secret, told apart by labels."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive(root: bytes, label: str, length: int = 32, *, salt: bytes = b"") -> bytes:
    """Return ``length`` bytes of key from ``root`` for the purpose ``label``.

    It is HKDF-SHA-256 (RFC 5869). ``root`` must have the entropy of a key; a passphrase goes
    through Argon2id instead.
    """
    hkdf = HKDF(algorithm=SHA256(), length=length, salt=salt or None, info=label.encode("utf-8"))
    return hkdf.derive(root)


def key_check(key: bytes) -> str:
    """Return 16 hex digits that tell whether a key is the right one and give nothing else away."""
    return derive(key, "mnemosyne/key-check/1", 8).hex()
