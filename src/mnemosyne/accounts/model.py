"""Values of the accounts feature."""

from dataclasses import dataclass
from datetime import datetime

from mnemosyne.kit.ids import Identifier


@dataclass(frozen=True, slots=True)
class Person:
    """A human with an account on this node; the owner of every row they create."""

    id: Identifier
    name: str
    created_at: datetime
    recovery_key_hash: str
