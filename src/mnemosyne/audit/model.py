"""Values of the audit: acts that are worth a receipt, and the tree that their entries make."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from mnemosyne.kit.crypto.merkle import Frontier
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier

READ: Final = "read"
"""The type of an entry that says what was read, and the subject of its payload."""


class RecordGoneError(MnemosyneError):
    """Who did this has no record any more: they were erased while it was under way."""

    code = "record-gone"

    def __init__(self) -> None:
        super().__init__(
            "this person has no record, so nothing is done or given out in their name",
            why="They were erased while this was under way, or their record was removed.",
            hint="`mnemosyne audit verify` says what is left.",
        )


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
