"""Make a vault, and open it: with its services, or for one purpose alone."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from secrets import token_bytes

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.model import Person
from mnemosyne.application import Application
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.audit.reads import Reads
from mnemosyne.bootstrap.composition import composed, facts
from mnemosyne.bootstrap.key_file_places import check_key_file
from mnemosyne.bootstrap.machine import zone_of
from mnemosyne.kit.clock import Clock, system_clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.database.connections import create_file
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.home import VaultHome, switch_core_dumps_off
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.kit.vault.passphrase import Argon2Parameters
from mnemosyne.kit.vault.root_key import HeldKey, RootKey
from mnemosyne.kit.vault.slot_wrapping import Secret
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.migrations import runner
from mnemosyne.safekeeping import erasure_completion, snapshot
from mnemosyne.safekeeping.record_verification import RecordVerification
from mnemosyne.safekeeping.replacing import in_use
from mnemosyne.settings import Settings


@asynccontextmanager
async def opened(
    settings: Settings,
    secret: Secret | HeldKey,
    command: str,
    clock: Clock = system_clock,
    argon2: Argon2Parameters | None = None,
) -> AsyncIterator[Application]:
    """Open the vault in ``settings.home`` with ``secret`` and give the services of it.

    ``argon2`` is the cost of new passphrases; it is calibrated on this machine unless given.

    Raises:
        VaultMissingError, VaultIncompleteError: there is no whole vault.
        WrongKeyError, SlotsAlteredError, SlotsDamagedError: it does not open.
        VaultBusyError: somebody maintains it at the moment.
        NewerVaultError: a newer program has used it.
        KeyFilePlaceError: the key file of the settings lies beside a backup.
    """
    switch_core_dumps_off()
    zone_of(settings)  # a setting that is wrong is told before anything is opened
    home = VaultHome(settings.home)
    slots = KeySlots(home, argon2)
    lock = VaultLock(home, command, clock)
    with in_use(home, lock):
        root = secret if isinstance(secret, HeldKey) else slots.unlock(secret)
        database = Database(home.database, root.database_key())
        reads = Reads(database, clock)
        try:
            if isinstance(secret, KeyFile):
                await check_key_file(settings, database, home)
            await erasure_completion.carry_on_interrupted(database, root, home, clock)
            try:
                application = await composed(settings, database, root, lock, clock, slots, reads)
                try:
                    yield application
                finally:
                    await application.jobs.close()
            finally:
                await reads.settle()
        finally:
            database.close()


@asynccontextmanager
async def opened_record(
    settings: Settings, secret: Secret, command: str, clock: Clock = system_clock
) -> AsyncIterator[RecordVerification]:
    """Open the vault for the verification of its records alone, which needs no person.

    Raises:
        VaultMissingError, VaultIncompleteError, WrongKeyError, SlotsAlteredError,
        SlotsDamagedError, VaultBusyError, NewerVaultError, OlderVaultError: as ``opened``.
    """
    async with _bare(settings, secret, command, clock) as (database, root):
        yield RecordVerification(database, root)


@asynccontextmanager
async def opened_erasure(
    settings: Settings, secret: Secret, command: str, clock: Clock = system_clock
) -> AsyncIterator[erasure_completion.ErasureCompletion]:
    """Open a vault whose person was erased, to complete that; it raises as ``opened_record``."""
    async with _bare(settings, secret, command, clock) as (database, root):
        home = VaultHome(settings.home)
        yield await erasure_completion.completion_of(database, root, home, clock)


@asynccontextmanager
async def _bare(
    settings: Settings, secret: Secret, command: str, clock: Clock
) -> AsyncIterator[tuple[Database, RootKey]]:
    switch_core_dumps_off()
    home = VaultHome(settings.home)
    with in_use(home, VaultLock(home, command, clock)):
        root = KeySlots(home).unlock(secret)
        database = Database(home.database, root.database_key())
        try:
            await database.read(runner.check)
            yield database, root
        finally:
            database.close()


async def create(
    settings: Settings,
    name: str,
    secrets: Sequence[Secret],
    recovery_key_hash: str,
    *,
    argon2: Argon2Parameters | None = None,
    clock: Clock = system_clock,
) -> None:
    """Make a vault for a first person, which opens with each of ``secrets``.

    ``recovery_key_hash`` is all that the vault keeps of the recovery phrase; without ``argon2``
    the cost of a passphrase is calibrated, which takes a few seconds.

    Raises:
        VaultExistsError, VaultIncompleteError, VaultHomeSharedError: the folder is not free.
        WeakPassphraseError: a passphrase can be guessed.
        SlotsNotWrittenError: the system refused.
    """
    switch_core_dumps_off()
    home = VaultHome(settings.home)
    home.create()
    at = clock()
    root = KeySlots(home).create(secrets, at=at, argon2=argon2)
    create_file(home.database)
    database = Database(home.database, root.database_key())
    first = Person(new_id(at), name, at, recovery_key_hash)

    def write(tx: Connection) -> None:
        runner.upgrade(tx)
        identity.create(tx, at)
        accounts.add(tx, first, token_bytes(32))
        audit.append(tx, Act(first.id, "init", "local", "shell"), at)

    try:
        await database.write(write)
    finally:
        database.close()


def database_key(
    settings: Settings, secret: Secret, until: datetime, clock: Clock = system_clock
) -> bytes:
    """Return the key of the database for a key holder, and record until when it has it.

    Raises:
        VaultMissingError, VaultIncompleteError, WrongKeyError, SlotsAlteredError,
        SlotsDamagedError, VaultBusyError: as ``opened``.
    """
    switch_core_dumps_off()
    home = VaultHome(settings.home)
    with in_use(home, VaultLock(home, "unlock", clock)):
        key = KeySlots(home).unlock(secret).database_key()
        snapshot.look(home.database, key, runner.check)
        snapshot.change(home.database, key, lambda tx: _record_unlocking(tx, until, clock()))
    return key


def _record_unlocking(tx: Connection, until: datetime, at: datetime) -> None:
    _, person, _ = facts(tx)
    payload: dict[str, object] = {"until": until.isoformat()}
    audit.append(tx, Act(person.id, "unlocked-for", "local", "shell", payload=payload), at)
