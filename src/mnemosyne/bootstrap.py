"""The composition root: settings become adapters, and adapters become an application."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from secrets import token_bytes
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection
from tzlocal import get_localzone

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.derived import ACCOUNTS
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.node_keys import NodeKeys
from mnemosyne.accounts.service import Keys
from mnemosyne.adapters.embedders.errors import WeightsMissingError
from mnemosyne.adapters.embedders.local import LocalEmbedders
from mnemosyne.adapters.embedders.minilm import Precision
from mnemosyne.adapters.embedders.weights import require_weights
from mnemosyne.adapters.keyrings.of_the_system import KeyringOfTheSystem
from mnemosyne.application import Application
from mnemosyne.audit import store as audit
from mnemosyne.audit.derived import AUDIT
from mnemosyne.audit.model import Act
from mnemosyne.audit.reads import Reads
from mnemosyne.audit.service import Audit
from mnemosyne.contacts.derived import CONTACTS
from mnemosyne.contacts.service import Contacts
from mnemosyne.events.derived import EVENTS
from mnemosyne.events.dispatcher import Dispatcher
from mnemosyne.identity import store as logs
from mnemosyne.identity.derived import IDENTITY
from mnemosyne.identity.public_copy import PublicCopy
from mnemosyne.identity.service.following import Following
from mnemosyne.identity.service.hosting import Hosting
from mnemosyne.identity.service.identities import Identities
from mnemosyne.identity.service.recovery import Recovery
from mnemosyne.kit.clock import Clock, system_clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.database.connections import create_file
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.home import VaultHome, switch_core_dumps_off
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.key_file import KeyFile, KeyFileRules
from mnemosyne.kit.vault.key_file_errors import KeyFilePlaceError
from mnemosyne.kit.vault.keyring import KEYRING
from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.kit.vault.passphrase import Argon2Parameters
from mnemosyne.kit.vault.root_key import HeldKey, RootKey
from mnemosyne.kit.vault.slot_wrapping import Secret
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.kit.vault.system_keyring import SystemKeyring
from mnemosyne.memories.ports import EmbedderIdentity
from mnemosyne.memories.service.bin import Bin
from mnemosyne.memories.service.enrichment import Enrichment
from mnemosyne.memories.service.erasure import Erasure
from mnemosyne.memories.service.importer import Importer
from mnemosyne.memories.service.memories import Memories
from mnemosyne.memories.service.overview import Overview
from mnemosyne.memories.service.probing import Probing
from mnemosyne.memories.service.reindexing import Reindexing
from mnemosyne.memories.service.revisions import Revisions
from mnemosyne.memories.service.search import Search
from mnemosyne.memories.service.suggestions import Suggestions
from mnemosyne.memories.store import embeddings
from mnemosyne.memories.store.derived import MEMORIES
from mnemosyne.memories.store.embeddings import KnownEmbedder
from mnemosyne.migrations import runner
from mnemosyne.safekeeping import erased_people, erasure_completion, snapshot
from mnemosyne.safekeeping import store as safekeeping
from mnemosyne.safekeeping.archive import Archives
from mnemosyne.safekeeping.backup import Backups, OpenVault
from mnemosyne.safekeeping.copies import BackupCopies
from mnemosyne.safekeeping.doctor import Doctor
from mnemosyne.safekeeping.person_erasure import PersonErasure
from mnemosyne.safekeeping.pruning import Pruning
from mnemosyne.safekeeping.record_verification import RecordVerification
from mnemosyne.safekeeping.replacing import in_use
from mnemosyne.safekeeping.selection import Selection
from mnemosyne.settings import Settings, SettingsError

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
                await _check_key_file(settings, database, home)
            await erasure_completion.carry_on_interrupted(database, root, home, clock)
            try:
                yield await _composed(settings, database, root, lock, clock, slots, reads)
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


def missing_weights(settings: Settings) -> str:
    """Return why there is no embedder, or an empty text where there is one."""
    try:
        require_weights(settings.weights)
    except WeightsMissingError as error:
        return f"{error}. {error.why}".strip()
    return ""


def embedders(settings: Settings, known: Sequence[EmbedderIdentity] = ()) -> LocalEmbedders:
    """Return the embedders of this machine; ``known`` are those that a vault has vectors of."""
    return LocalEmbedders(
        settings.weights,
        settings.cache,
        Precision(settings.precision),
        settings.threads,
        known,
    )


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
    _, person, _ = _facts(tx)
    facts: dict[str, object] = {"until": until.isoformat()}
    audit.append(tx, Act(person.id, "unlocked-for", "local", "shell", payload=facts), at)


def system_keyring() -> SystemKeyring:
    """Return the keyring of whoever is logged in; asking it may refuse."""
    return KeyringOfTheSystem()


def install_weights() -> Path:
    """Fetch the published embedding weights and return where they are now.

    Raises:
        EmbedderInstallError: they could not be had.
    """
    from mnemosyne.adapters.embedders import install  # noqa: PLC0415 - runs an installer

    return install.install_weights().model


def zone_of(settings: Settings) -> tzinfo:
    """Return where the person lives.

    Raises:
        SettingsError: the zone is unknown.
    """
    if not settings.timezone:
        return get_localzone()
    try:
        return ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        why = f"“{settings.timezone}” is no time zone; Europe/Lisbon would be one."
        raise SettingsError("MNEMOSYNE_TIMEZONE", why) from error


async def _composed(
    settings: Settings,
    database: Database,
    root: RootKey,
    lock: VaultLock,
    clock: Clock,
    slots: KeySlots,
    reads: Reads,
) -> Application:
    zone = zone_of(settings)
    vault, person, known = await database.read(_facts)
    local = embedders(settings, [each.identity for each in known])
    open_vault = OpenVault(lock.home, root, vault, settings.key_file)
    copies = BackupCopies(database, root, vault, clock)
    erasure = Erasure(database, clock, PROVIDERS, copies)
    enrichment = Enrichment(database, clock, local, zone)
    reindexing = Reindexing(database, clock, local)
    public_copy = PublicCopy(lock.home.did_log)
    handlers = (enrichment.handler(), reindexing.handler(), erasure.handler())
    return Application(
        person=person,
        vault=vault,
        lock=lock,
        clock=clock,
        database=database,
        dispatcher=Dispatcher(database, handlers, clock),
        memories=Memories(database, clock, zone, reads),
        revisions=Revisions(database, clock, zone),
        bin=Bin(database, clock, reads),
        erasure=erasure,
        search=Search(database, clock, local, zone, reads),
        importer=Importer(database, clock, zone),
        reindexing=reindexing,
        embedders=local,
        overview=Overview(database, clock),
        suggestions=Suggestions(database),
        backups=Backups(database, open_vault, PROVIDERS, clock),
        pruning=Pruning(database, vault, clock),
        archives=Archives(database, open_vault, PROVIDERS, clock, slots.argon2),
        selection=Selection(database, clock),
        doctor=Doctor(
            database,
            open_vault,
            clock,
            key_file_problem=lambda: _key_file_problem(settings, lock.home),
            embedder_problem=local.problem,
            moved=Probing(database, local).problem,
        ),
        contacts=Contacts(database, clock, released=logs.forget_log),
        identities=Identities(database, clock, public_copy),
        recovery=Recovery(database, clock, public_copy, slots, root),
        following=Following(database, clock, public_copy),
        hosting=Hosting(database, clock, public_copy),
        node_keys=NodeKeys(database, clock),
        keys=Keys(database, slots, root, clock),
        audit=Audit(database, clock),
        reads=reads,
        person_erasure=PersonErasure(database, PROVIDERS, copies, lock, clock),
    )


def _facts(tx: Connection) -> tuple[VaultIdentity, Person, Sequence[KnownEmbedder]]:
    """Read what the vault is, in one snapshot.

    Raises:
        NewerVaultError: a newer program has used it.
        VaultUnfinishedError: it was never finished.
    """
    runner.check(tx)
    vault = identity.load(tx)
    person = accounts.first(tx)
    if person is None:
        if gone := erased_people.everyone(tx):
            waits = bool(erased_people.unfinished(tx))
            raise erased_people.PersonErasedError(gone[-1], receipt_waits=waits)
        raise identity.VaultUnfinishedError
    return vault, person, embeddings.known(tx)


async def _check_key_file(settings: Settings, database: Database, home: VaultHome) -> None:
    """Refuse the key file in use where the backups lie, which only the open vault can say.

    Raises:
        KeyFilePlaceError: it lies in the folder of a backup.
    """
    if settings.key_file is None:
        return
    known = await database.read(safekeeping.known)
    folders = tuple({each.destination for each in known})
    KeyFileRules(home.path, folders).check_place(settings.key_file)


def _key_file_problem(settings: Settings, home: VaultHome) -> str:
    """Return what is wrong with where the key file lies, or an empty text."""
    if settings.key_file is None:
        return ""
    try:
        KeyFileRules(home.path).check_place(settings.key_file)
    except KeyFilePlaceError as error:
        return f"{error}: {error.why}"
    except OSError as error:
        return f"the key file {settings.key_file} cannot be reached: {error.strerror or error}"
    return ""
