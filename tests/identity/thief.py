"""Somebody who read the hot keys out of an open vault, and writes with them."""

from datetime import timedelta
from typing import Any

from mnemosyne.identity import authoring
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import History, extend
from mnemosyne.identity.parameters import key_hash
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.signing import SigningKey
from tests.identity.people import Someone


class Thief:
    """Holds the present and the next key of a DID, and goes on from what was public then."""

    def __init__(self, history: History, keys: list[SigningKey]) -> None:
        self.history = history
        self.keys = keys

    def writes(self, document: dict[str, Any] | None = None) -> Entry:
        """Write the next entry, with keys of the thief's own from then on."""
        promised = set(self.history.head.parameters.next_key_hashes)
        key = next(k for k in self.keys if key_hash(encode_multikey(k.public)) in promised)
        following = SigningKey.generate()
        self.keys.append(following)
        time = self.history.head.time + timedelta(seconds=1)
        entry = authoring.update(
            self.history,
            key,
            next_key_hashes=[key_hash(encode_multikey(following.public))],
            document=document or dict(self.history.document or {}),
            time=time,
        )
        self.history = extend(self.history, [entry], time)
        return entry


async def thief_of(victim: Someone) -> Thief:
    """Return a thief with every hot key that is in the vault now."""
    mine = await victim.identities.mine(victim.principal)
    return Thief(mine.history, await victim.stolen_keys())


def other_document(history: History) -> dict[str, Any]:
    """Return a document in which the thief's own key signs."""
    document = dict(history.document or {})
    method = dict(document["verificationMethod"][0])
    method["publicKeyMultibase"] = encode_multikey(SigningKey.generate().public)
    return {**document, "verificationMethod": [method, *document["verificationMethod"][1:]]}
