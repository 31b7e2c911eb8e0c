"""What events keep of a person: numbers and identifiers, which erase removes with the memory."""

from mnemosyne.events.change_log import change_log
from mnemosyne.events.outbox import outbox
from mnemosyne.kit.derived_data import Kept, OwnedTable, Provider

EVENTS = Provider(
    tables=(
        OwnedTable(outbox, ("seq",), kept=Kept.REBUILT),
        OwnedTable(change_log, ("seq",), kept=Kept.REBUILT),
    )
)
