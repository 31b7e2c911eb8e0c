"""What the people list keeps of a person; names are the person's own, and no copy of a memory."""

from mnemosyne.contacts.store import contact, contact_alias
from mnemosyne.kit.derived_data import OwnedTable, Provider

CONTACTS = Provider(
    tables=(OwnedTable(contact, ("id",)), OwnedTable(contact_alias, ("contact_id", "folded")))
)
