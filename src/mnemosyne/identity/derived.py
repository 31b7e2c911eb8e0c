"""What identity keeps of a person: logs, which are public, and no private key."""

from mnemosyne.identity.store import did, did_entry
from mnemosyne.kit.derived_data import Kept, OwnedTable, Provider

IDENTITY = Provider(
    tables=(
        # Without its keys another vault cannot write this log: recovery makes it theirs.
        OwnedTable(did, ("did",), kept=Kept.SHOWN, omitted=frozenset({"confirmed_incarnation"})),
        # Logs come along, own and followed: with one of them the phrase recovers the DID.
        OwnedTable(did_entry, ("did", "seen")),
    )
)
