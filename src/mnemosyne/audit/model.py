"""Values of the audit: acts that are worth a receipt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mnemosyne.kit.ids import Identifier


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
