"""What signs with a private key and shows its public half alone."""

from typing import TYPE_CHECKING, NoReturn

from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.signing import Signer, SigningKey

if TYPE_CHECKING:
    from collections.abc import Callable


class _Sealed:
    """Signs with a key that nothing of this object shows."""

    __slots__ = ("_public", "_sign")

    def __init__(self, key: SigningKey) -> None:
        self._public = key.public
        self._sign: Callable[[bytes], bytes] = key.sign

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature of ``message``."""
        return self._sign(message)

    def __repr__(self) -> str:
        return f"<signer {encode_multikey(self._public)}>"

    def __reduce__(self) -> NoReturn:
        message = "a signer is not copied or stored"
        raise TypeError(message)


def sealed_signer(key: SigningKey) -> Signer:
    """Return what signs with ``key`` and shows its public half alone."""
    return _Sealed(key)
