"""Everything that any feature keeps of a person: the list that erase, archive and backup walk."""

from collections.abc import Sequence
from typing import Final

from mnemosyne.accounts.derived import ACCOUNTS
from mnemosyne.audit.derived import AUDIT
from mnemosyne.contacts.derived import CONTACTS
from mnemosyne.events.derived import EVENTS
from mnemosyne.identity.derived import IDENTITY
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.kit.vault.keyring import KEYRING
from mnemosyne.memories.store.derived import MEMORIES

PROVIDERS: Final[Sequence[DerivedData]] = (
    MEMORIES,
    CONTACTS,
    AUDIT,
    EVENTS,
    ACCOUNTS,
    IDENTITY,
    KEYRING,
)
"""Everything that any feature keeps of a person."""
