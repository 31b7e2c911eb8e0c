"""An erase of a person is killed at any step; whoever opens the vault next carries it on."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from sqlalchemy import Connection, text

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.model import Person
from mnemosyne.audit import store as audit
from mnemosyne.audit import trees
from mnemosyne.audit.model import Act
from mnemosyne.audit.service import verify_receipt
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.safekeeping import erased_people, ledger
from mnemosyne.safekeeping.copies import BackupCopies
from mnemosyne.safekeeping.erased_people import ErasedPerson, PersonErasedError
from mnemosyne.safekeeping.erasing_again import erase_people_again
from mnemosyne.safekeeping.erasure_completion import carry_on_interrupted, completion_of
from mnemosyne.safekeeping.person_erasure import PersonErasure
from mnemosyne.safekeeping.record_verification import RecordVerification
from tests.requirements import requirement
from tests.safekeeping.vault import Vault

T = TypeVar("T")
STEPS = 9


class KilledError(Exception):
    """The process is no more."""


class Mortal:
    """A real database in a process that dies after so many calls of it."""

    def __init__(self, database: Database, calls: int) -> None:
        self._database = database
        self._left = calls

    def _use(self) -> Database:
        if not self._left:
            raise KilledError
        self._left -= 1
        return self._database

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._use().read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await self._use().write(work)

    async def maintain(self, work: Callable[[Any], T]) -> T:
        return await self._use().maintain(work)

    async def checkpoint(self) -> bool:
        return await self._use().checkpoint()


async def erase(vault: Vault, calls: int) -> None:
    """Erase the person as the command does, in a process that dies after so many calls."""
    database = cast("Database", Mortal(vault.database, calls))
    copies = BackupCopies(database, vault.root, vault.identity, vault.clock)
    lock = VaultLock(vault.home, "test", vault.clock)
    erasure = PersonErasure(database, PROVIDERS, copies, lock, vault.clock)
    await erasure.handed_out(await erasure.erase(vault.principal))


@requirement("erase.person")
@pytest.mark.parametrize("calls", range(1, STEPS))
async def test_an_erase_that_was_killed_is_carried_on_and_its_receipt_handed_out(
    vault: Vault, shelf: Path, calls: int
) -> None:
    await vault.remember("The quince tree blooms.")
    for name in ("did-log.jsonl", "did-log.jsonl.new"):
        (vault.home.path / name).write_text("a log", "utf-8")
    await vault.back_up(shelf)
    with pytest.raises(KilledError):
        await erase(vault, calls)

    await carry_on_interrupted(vault.database, vault.root, vault.home, vault.clock)

    (gone,) = await vault.database.read(erased_people.everyone)
    beside = shelf / ledger.file_name(vault.identity.vault_id)
    assert ledger.read(beside, vault.root, vault.identity).people == (gone,)
    assert list(vault.home.path.glob("did-log*")) == []
    (pending,) = await vault.database.read(erased_people.unfinished)
    assert pending.cleared
    completion = await completion_of(vault.database, vault.root, vault.home, vault.clock)
    done = await completion.complete(await completion.waiting())
    assert verify_receipt(done.receipt) == vault.identity.node_key.fingerprint
    assert (done.complete, done.rows["memory"], len(done.backups)) == (True, 1, 1)
    await completion.handed_out(done)
    with pytest.raises(PersonErasedError):
        await completion.waiting()
    assert (await RecordVerification(vault.database, vault.root).verify([])).whole


@requirement("serving.people", "erase.person")
async def test_of_a_second_person_whose_erase_was_killed_nothing_waits_for_ever(
    vault: Vault,
) -> None:
    before = vault.clock() - timedelta(days=1)
    first = Person(new_id(before), "Grace", before, "")

    def join(tx: Connection) -> None:
        accounts.add(tx, first, salt=bytes(32))
        audit.append(tx, Act(first.id, "init", "local", "shell"), before)

    await vault.database.write(join)
    await vault.remember("The quince tree blooms.")
    with pytest.raises(KilledError):
        await erase(vault, 3)
    (pending,) = await vault.database.read(erased_people.unfinished)
    assert not pending.cleared

    await carry_on_interrupted(vault.database, vault.root, vault.home, vault.clock)

    assert await vault.database.read(erased_people.unfinished) == ()
    assert await vault.database.read(accounts.everybody) == [first.id]
    assert (await RecordVerification(vault.database, vault.root).verify([])).whole


async def test_an_erase_that_nobody_kills_leaves_nothing_to_do(vault: Vault) -> None:
    # And has no more steps than those at which it is killed above.
    await erase(vault, STEPS)

    assert await vault.database.read(erased_people.unfinished) == ()


@requirement("erase.person", "audit.tampering")
async def test_the_record_of_an_erased_person_that_is_gone_is_named(vault: Vault) -> None:
    signed = await vault.audit.checkpoint(vault.principal)
    await erase(vault, STEPS)
    verification = RecordVerification(vault.database, vault.root)
    (before,) = (await verification.verify([])).records
    await _without_record(vault)

    found = await verification.verify([])

    assert not found.whole
    (mine,) = found.records
    assert (mine.erased, mine.pseudonym, mine.size) == (True, before.pseudonym, 0)
    assert mine.first is not None
    assert (mine.first.fault.value, mine.first.entry) == ("missing", 1)
    assert mine.pseudonym == signed.head.origin.rpartition("/")[2]


@requirement("audit.tampering")
async def test_a_vault_without_any_record_is_not_whole(vault: Vault) -> None:
    await _without_record(vault)
    (mine,) = (await RecordVerification(vault.database, vault.root).verify([])).records
    assert (mine.first and mine.first.entry, mine.whole) == (1, False)

    await vault.database.write(lambda tx: tx.execute(text("DELETE FROM person")))
    (nobody,) = (await RecordVerification(vault.database, vault.root).verify([])).records

    assert (nobody.first and nobody.first.entry, nobody.whole) == (1, False)


async def _without_record(vault: Vault) -> None:
    def remove(tx: Connection) -> None:
        for table in ("audit_payload", "audit_entry", "audit_tree"):
            tx.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of our own

    await vault.database.write(remove)


async def test_somebody_erased_whom_a_backup_never_knew_has_a_record_that_says_so(
    vault: Vault,
) -> None:
    gone = ErasedPerson("0" * 64, "f" * 32, vault.clock(), 0)

    def restored(tx: Connection) -> None:
        erase_people_again(tx, PROVIDERS, [gone], vault.clock())

    await vault.database.write(restored)

    found = await RecordVerification(vault.database, vault.root).verify([])
    assert found.whole
    assert [each.size for each in found.records if each.pseudonym == gone.pseudonym] == [1]


async def test_who_comes_back_with_an_older_salt_goes_under_the_name_they_had(
    vault: Vault,
) -> None:
    who = Person(new_id(vault.clock()), "Grace", vault.clock(), "")
    digest = erased_people.digest_of(vault.identity.vault_id, who.id)
    gone = ErasedPerson(digest, "f" * 32, vault.clock(), 0)

    def restored(tx: Connection) -> None:
        accounts.add(tx, who, salt=bytes(32))
        audit.append(tx, Act(who.id, "init", "local", "shell"), vault.clock())
        erase_people_again(tx, PROVIDERS, [gone], vault.clock())
        assert trees.everyone(tx) == sorted([vault.person.id, gone.pseudonym])

    await vault.database.write(restored)

    assert (await RecordVerification(vault.database, vault.root).verify([])).whole
