"""Values of the audit: acts that are worth a receipt, and the tree that their entries make."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from mnemosyne.kit.crypto.merkle import Frontier
from mnemosyne.kit.ids import Identifier

READ: Final = "read"
"""The type of an entry that says what was read, and the subject of its payload."""


@dataclass(frozen=True, slots=True)
class Act:
    """A significant act, before it has a number. ``subject`` is the memory it speaks of, or ""."""

    owner: Identifier
    type: str
    credential: str
    channel: str
    subject: str = ""
    payload: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A recorded act. Salt and payload are None once what they speak of was erased."""

    owner: Identifier
    seq: int
    type: str
    at: datetime
    canonical: bytes
    payload_hash: bytes
    salt: bytes | None
    payload: Mapping[str, object] | None

    def stated(self) -> Mapping[str, object]:
        """Return what the canonical bytes say."""
        return dict(json.loads(self.canonical))


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree over the entries of one person.

    ``salt`` makes the pseudonyms; it is None once the person was erased, and ``owner`` is then the
    pseudonym.
    """

    owner: Identifier
    frontier: Frontier
    pseudonym: str
    salt: bytes | None
