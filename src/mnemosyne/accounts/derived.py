"""The row of a person: shown in an archive; a vault that takes it over takes its salt alone."""

from mnemosyne.accounts.store import person
from mnemosyne.kit.derived_data import Kept, OwnedTable, Provider

ACCOUNTS = Provider(tables=(OwnedTable(person, ("id",), kept=Kept.SHOWN, owner_column="id"),))
