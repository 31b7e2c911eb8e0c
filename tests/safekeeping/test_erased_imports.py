"""What was imported and erased stays away, though the vault was put back to before the import."""

from datetime import UTC, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.memories.importing.planning import Asked
from mnemosyne.memories.importing.report import Counts
from mnemosyne.memories.model import Filter
from mnemosyne.memories.service.importer import Importer, ImportOptions
from mnemosyne.memories.store import imports
from mnemosyne.memories.store.imports import Imported
from mnemosyne.safekeeping import ledger
from mnemosyne.safekeeping.erasing_again import erase_again
from mnemosyne.safekeeping.ledger import Erased, ImportIdentity, Ledger
from mnemosyne.safekeeping.ledger_finding import Found
from mnemosyne.safekeeping.restore import Restoration, RestoreChoices
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import PASSPHRASE, Vault, open_vault

HOUR = timedelta(hours=1)
CHOICES = RestoreChoices(allow_older=True)
KEY, TEXT = sha256(b"key"), sha256(b"text")


async def bring(vault: Vault, source: Path, *, erased: bool = False) -> Counts:
    """Import ``source`` and return what became of its entries."""
    options = ImportOptions(asked=Asked(erased=erased))
    importer = Importer(vault.database, vault.clock, UTC)
    return (await importer.run(vault.principal, source, options)).counts


async def erase(vault: Vault, content: str) -> Identifier:
    """Erase the memory that says ``content`` and return its identifier."""
    page = await vault.memories.page(vault.principal, Filter())
    (found,) = [each for each in page.items if each.content == content]
    await vault.erase(found)
    return found.id


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Give a folder with two notes."""
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "kept.md").write_text("The quince tree blooms.")
    (folder / "private name.md").write_text("My secret is a plum tree.")
    return folder


@requirement("restore.erasures", "import.gone")
@pytest.mark.parametrize("in_place", [True, False], ids=["in place", "on a clean machine"])
async def test_an_import_after_a_restore_to_before_it_leaves_out_what_was_erased(
    vault: Vault, shelf: Path, tmp_path: Path, notes: Path, clock: SetClock, *, in_place: bool
) -> None:
    made = await vault.back_up(shelf)
    clock.advance(HOUR)
    assert await bring(vault, notes) == Counts(stored=2)
    await erase(vault, "My secret is a plum tree.")
    vault.close()
    home = vault.home if in_place else VaultHome(tmp_path / "elsewhere")

    Restoration(home, PROVIDERS, clock).restore(made.backup.path, PASSPHRASE, CHOICES)

    there = open_vault(home, clock)
    assert await there.texts() == []
    assert await bring(there, notes) == Counts(stored=1, erased=1)
    assert await bring(there, notes) == Counts(unchanged=1, erased=1)
    assert await there.texts() == ["The quince tree blooms."]
    assert await bring(there, notes, erased=True) == Counts(stored=1, unchanged=1)
    assert await there.texts() == ["My secret is a plum tree.", "The quince tree blooms."]
    there.close()


async def test_the_restored_vault_names_in_its_own_ledger_what_an_import_must_leave_out(
    vault: Vault, shelf: Path, notes: Path, clock: SetClock
) -> None:
    made = await vault.back_up(shelf)
    await bring(vault, notes)
    await erase(vault, "My secret is a plum tree.")
    before = await vault.database.read(lambda tx: ledger.of_vault(tx, vault.identity.vault_id))
    vault.close()

    Restoration(vault.home, PROVIDERS, clock).restore(made.backup.path, PASSPHRASE, CHOICES)

    there = open_vault(vault.home, clock)
    after = await there.database.read(lambda tx: ledger.of_vault(tx, vault.identity.vault_id))
    assert len(before.entries[0].imports) == 1
    assert after == before
    there.close()


async def test_a_ledger_tells_the_format_of_an_import_and_nothing_else_of_it(
    vault: Vault, shelf: Path, notes: Path
) -> None:
    await vault.back_up(shelf)
    await bring(vault, notes)
    gone = await erase(vault, "My secret is a plum tree.")

    path = shelf / ledger.file_name(vault.identity.vault_id)
    found = ledger.read(path, vault.root, vault.identity)

    (entry,) = found.entries
    (identity,) = entry.imports
    assert (entry.memory_id, identity.source, identity.version) == (gone, "markdown", 1)
    for trace in (
        b"private",
        b"name",
        b"plum",
        sha256(b"My secret is a plum tree.").hex().encode(),
    ):
        assert trace not in found.signing_input()


async def test_an_entry_without_imports_reads_and_is_signed_as_in_an_older_ledger(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    entry = Erased(memory_id="0" * 32, owner=vault.person.id, erased_at=clock())
    own = Ledger(vault.identity.vault_id, 1, (entry,))

    ledger.write(shelf, own, vault.root, vault.identity)

    assert b"imports" not in own.signing_input()
    path = shelf / ledger.file_name(own.vault_id)
    assert ledger.read(path, vault.root, vault.identity) == own


def test_of_several_ledgers_the_newest_that_says_so_tells_what_a_memory_was_imported_as(
    clock: SetClock,
) -> None:
    def erased(*keys: str) -> Erased:
        named = tuple(
            ImportIdentity(source="markdown", source_key=key * 64, text_hash="f" * 64, version=1)
            for key in keys
        )
        return Erased(memory_id="0" * 32, owner="1" * 32, erased_at=clock(), imports=named)

    ledgers = tuple(
        Ledger("2" * 32, 3 - number, (each,))
        for number, each in enumerate((erased(), erased("a"), erased("b")))
    )

    assert Found(ledgers, ()).entries() == (erased("a"),)
    assert Found(ledgers[:1], ()).entries() == (erased(),)


@pytest.mark.parametrize("younger", [True, False])
async def test_of_two_memories_of_one_entry_the_record_names_the_younger(
    vault: Vault, clock: SetClock, *, younger: bool
) -> None:
    owner, earlier, later = vault.person.id, new_id(clock()), new_id(clock() + HOUR)
    recorded, gone = (later, earlier) if younger else (earlier, later)
    identity = ImportIdentity(
        source="markdown", source_key=KEY.hex(), text_hash=TEXT.hex(), version=2
    )
    entry = Erased(memory_id=gone, owner=owner, erased_at=clock(), imports=(identity,))

    def apply(tx: Connection) -> Identifier:
        imports.remember(tx, owner, "markdown", [Imported(KEY, TEXT, recorded, 1)])
        erase_again(tx, PROVIDERS, [entry], clock())
        return imports.known(tx, owner, "markdown", [KEY])[KEY].memory_id

    assert await vault.database.write(apply) == later
