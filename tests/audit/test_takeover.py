"""The entries of a vault from before the tree are taken over, and old receipts still fit."""

from pathlib import Path

from mnemosyne.accounts import store as accounts
from mnemosyne.audit import store
from mnemosyne.audit.kept_files import KeptFile
from mnemosyne.audit.model import Act
from mnemosyne.audit.service import Audit
from mnemosyne.audit.verification import Records
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.migrations import runner
from mnemosyne.safekeeping import snapshot
from tests.audit.records import as_file, as_note
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.older import make_older_vault
from tests.safekeeping.vault import PASSPHRASE


@requirement("audit.tree")
async def test_entries_from_before_the_tree_are_its_first_leaves(
    tmp_path: Path, clock: SetClock
) -> None:
    home = make_older_vault(tmp_path / "vault", clock)
    key = KeySlots(home).unlock(PASSPHRASE).database_key()
    snapshot.change(home.database, key, runner.upgrade)
    database = Database(home.database, key)
    person = await database.read(accounts.first)
    assert person is not None
    me = Principal.local(person.id)
    audit, records = Audit(database, clock), Records(database, accounts.everybody)

    (taken_over,) = await records.verify()
    before = await audit.checkpoint(me)
    await database.write(
        lambda tx: store.append(tx, Act(person.id, "later", "local", "shell"), clock())
    )
    receipt = KeptFile("first", canonical_json(await audit.receipt(me, 1)))
    (grown,) = await records.verify([as_file(before), as_note(before), receipt])
    database.close()

    assert (taken_over.whole, taken_over.size) == (True, before.head.size)
    assert taken_over.size >= 3
    assert (grown.whole, grown.size) == (True, taken_over.size + 1)
