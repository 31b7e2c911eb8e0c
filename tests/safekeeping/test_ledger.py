"""The erasure ledger: no content, sealed, signed, only of its own vault, and applied as often."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.model import Person
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.stream import encrypt
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.memories.store import erasing
from mnemosyne.safekeeping import ledger, snapshot
from mnemosyne.safekeeping.erasing_again import erase_again
from mnemosyne.safekeeping.ledger_errors import LedgerRefusedError
from mnemosyne.safekeeping.ledger_finding import find
from mnemosyne.safekeeping.ledger_sealing import FORMAT, opened
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import CANARY, Vault, make_vault, open_vault


@requirement("erase.ledger")
async def test_every_erase_is_written_beside_every_backup(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    memory = await vault.remember(CANARY)
    await vault.back_up(shelf)
    await vault.back_up(tmp_path / "second shelf")
    clock.advance(timedelta(hours=1))

    erased = await vault.erase(memory)

    assert erased.unreached == ()
    for folder in (shelf, tmp_path / "second shelf"):
        path = folder / ledger.file_name(vault.identity.vault_id)
        found = ledger.read(path, vault.root, vault.identity)
        assert [(e.memory_id, e.owner, e.erased_at) for e in found.entries] == [
            (memory.id, vault.person.id, clock())
        ]
        assert found.counter == 1
        assert CANARY.encode() not in path.read_bytes()
        assert memory.id.encode() not in path.read_bytes()


@requirement("restore.ledger")
async def test_a_ledger_of_another_key_or_signature_is_refused(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    stranger = open_vault(make_vault(tmp_path / "stranger", clock), clock)
    own = ledger.Ledger(vault.identity.vault_id, 0, ())
    path = shelf / ledger.file_name(own.vault_id)

    ledger.write(shelf, own, vault.root, stranger.identity)
    with pytest.raises(LedgerRefusedError) as forged:
        ledger.read(path, vault.root, vault.identity)
    ledger.write(shelf, own, RootKey.generate(), vault.identity)
    with pytest.raises(LedgerRefusedError) as sealed:
        ledger.read(path, vault.root, vault.identity)
    foreign = ledger.Ledger(stranger.identity.vault_id, 0, ())
    ledger.write(shelf, foreign, vault.root, vault.identity)
    path.write_bytes((shelf / ledger.file_name(foreign.vault_id)).read_bytes())
    with pytest.raises(LedgerRefusedError) as of_another:
        ledger.read(path, vault.root, vault.identity)

    assert "signature" in forged.value.why
    assert "key" in sealed.value.why
    assert "another vault" in of_another.value.why
    stranger.close()


@requirement("restore.ledger")
async def test_the_newest_of_several_ledgers_comes_first(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    away = tmp_path / "away"
    away.mkdir()
    older = ledger.Ledger(vault.identity.vault_id, 0, ())
    entry = ledger.Erased(memory_id="0" * 32, owner=vault.person.id, erased_at=clock())
    newer = ledger.Ledger(vault.identity.vault_id, 1, (entry,))
    ledger.write(shelf, older, vault.root, vault.identity)
    ledger.write(away, newer, vault.root, vault.identity)

    found = find([shelf, away], [vault.root], vault.identity)

    assert found.ledgers == (newer, older)
    assert found.entries() == (entry,)


@requirement("restore.erasures")
async def test_what_a_ledger_removes_is_gone_from_the_bare_pages(
    vault: Vault, tmp_path: Path, clock: SetClock
) -> None:
    gone = await vault.remember(CANARY, title=CANARY)
    await vault.remember("The plum tree does not bloom.")
    await vault.database.checkpoint()
    bare = tmp_path / "bare.db"
    await vault.database.maintain(
        lambda driver: (
            driver.execute("ATTACH DATABASE ? AS bare KEY ''", (str(bare),)),
            driver.execute("SELECT sqlcipher_export('bare')"),
            driver.execute("DETACH DATABASE bare"),
        )
    )
    assert CANARY.encode() in bare.read_bytes()
    entry = ledger.Erased(memory_id=gone.id, owner=vault.person.id, erased_at=clock())

    def apply(tx: Connection) -> int:
        return erase_again(tx, PROVIDERS, [entry], clock())

    assert snapshot.change(bare, None, apply) == 1

    raw = bare.read_bytes()
    stem = CANARY.lower()[:8].encode()
    for form in (CANARY.encode(), CANARY.lower().encode(), CANARY.encode("utf-16-le"), stem):
        assert form not in raw


async def test_a_ledger_is_applied_again_to_its_own_person_and_once(
    vault: Vault, clock: SetClock
) -> None:
    gone, kept = await vault.remember(CANARY), await vault.remember("Kept.")
    mine, never, clerk = vault.person.id, "f" * 32, Person(new_id(clock()), "Berta", clock(), "")

    def entries(owner: Identifier, *ids: Identifier) -> list[ledger.Erased]:
        return [ledger.Erased(memory_id=i, owner=owner, erased_at=clock()) for i in ids]

    async def again(owner: Identifier, *ids: Identifier) -> int:
        listed = entries(owner, *ids)
        return await vault.database.write(lambda tx: erase_again(tx, PROVIDERS, listed, clock()))

    await vault.database.write(lambda tx: accounts.add(tx, clerk, salt=bytes(32)))
    assert await again("e" * 32, gone.id) == 0  # nobody here
    assert await again(clerk.id, kept.id) == 0
    assert await again(mine, gone.id, never) == 1
    assert await again(mine, gone.id, never) == 0

    assert await vault.texts() == [kept.content]
    listed = await vault.database.read(lambda tx: erasing.ledger(tx, mine))
    assert [each.memory_id for each in listed] == [gone.id, never]
    assert all(each.completed_at for each in listed)


@requirement("restore.ledger")
async def test_a_ledger_that_an_earlier_version_sealed_is_read_as_it_is(
    vault: Vault, shelf: Path
) -> None:
    gone = await vault.remember(CANARY)
    await vault.back_up(shelf)
    await vault.erase(gone)
    path = shelf / ledger.file_name(vault.identity.vault_id)
    content = opened(path, vault.root)
    header = canonical_json({"format": FORMAT, "vault_id": vault.identity.vault_id})
    sealed = io.BytesIO()
    key = vault.root.derive("mnemosyne/erasure-ledger/1")
    encrypt(io.BytesIO(content), sealed, key=key, header=header)
    path.write_bytes(sealed.getvalue())

    found = find([shelf], [vault.root], vault.identity)

    assert [each.memory_id for each in found.entries()] == [gone.id]
