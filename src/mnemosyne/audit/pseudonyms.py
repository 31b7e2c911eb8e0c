"""Names that stand in the record for a person, a credential or a memory.

Each is an HMAC under a salt of the person's record. Whoever has the salt and the identifier can
link the two; once the salt is gone, nobody can.
"""

from typing import Final

from mnemosyne.kit.crypto.digests import keyed_hash
from mnemosyne.kit.ids import Identifier

LOCAL: Final = "local"
"""The credential of whoever unlocked the vault at this machine: it names nobody else."""
_BYTES: Final = 16


def of_person(salt: bytes, person: Identifier) -> str:
    """Return the name of a person, 32 hex digits, as long as an identifier."""
    return _pseudonym(salt, "person", person)


def of_credential(salt: bytes, credential: str) -> str:
    """Return the name of a credential; ``local`` keeps its own."""
    return credential if credential == LOCAL else _pseudonym(salt, "credential", credential)


def of_memory(salt: bytes, memory: Identifier) -> str:
    """Return the name of a memory."""
    return _pseudonym(salt, "memory", memory)


def _pseudonym(salt: bytes, kind: str, name: str) -> str:
    return keyed_hash(salt, f"{kind}:{name}".encode())[:_BYTES].hex()
