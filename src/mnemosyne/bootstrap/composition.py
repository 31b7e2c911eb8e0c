"""The services of one open vault, each made of the parts it needs."""

from collections.abc import Sequence

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.alarms import Alarms
from mnemosyne.accounts.challenges import Challenges
from mnemosyne.accounts.enrolling import Enrolling
from mnemosyne.accounts.invitations import Enrolments
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.node_keys import NodeKeys
from mnemosyne.accounts.passkeys import Passkeys
from mnemosyne.accounts.people import People
from mnemosyne.accounts.recovery_codes import RecoveryCodes
from mnemosyne.accounts.service import Keys
from mnemosyne.accounts.sessions import Sessions
from mnemosyne.accounts.signing_in import SigningIn
from mnemosyne.accounts.slow_hashes import COST, SlowHashes
from mnemosyne.accounts.step_ups import StepUps
from mnemosyne.accounts.tokens import Tokens
from mnemosyne.application import Application
from mnemosyne.audit.reads import Reads
from mnemosyne.audit.service import Audit
from mnemosyne.bootstrap.key_file_places import key_file_problem
from mnemosyne.bootstrap.machine import embedders, zone_of
from mnemosyne.bootstrap.providers import PROVIDERS
from mnemosyne.contacts.service import Contacts
from mnemosyne.events.dispatcher import Dispatcher
from mnemosyne.events.jobs import Jobs
from mnemosyne.identity import store as logs
from mnemosyne.identity.public_copy import PublicCopies
from mnemosyne.identity.service.following import Following
from mnemosyne.identity.service.hosting import Hosting
from mnemosyne.identity.service.identities import Identities
from mnemosyne.identity.service.recovery import Recovery
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slots import KeySlots
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
from mnemosyne.memories.store.embeddings import KnownEmbedder
from mnemosyne.migrations import runner
from mnemosyne.safekeeping import erased_people
from mnemosyne.safekeeping.archive import Archives
from mnemosyne.safekeeping.backup import Backups, OpenVault
from mnemosyne.safekeeping.copies import BackupCopies
from mnemosyne.safekeeping.doctor import Doctor
from mnemosyne.safekeeping.person_erasure import PersonErasure
from mnemosyne.safekeeping.pruning import Pruning
from mnemosyne.safekeeping.record_verification import RecordVerification
from mnemosyne.safekeeping.selection import Selection
from mnemosyne.safekeeping.unsealing import Unsealing
from mnemosyne.settings import Settings


async def composed(
    settings: Settings,
    database: Database,
    root: RootKey,
    lock: VaultLock,
    clock: Clock,
    slots: KeySlots,
    reads: Reads,
) -> Application:
    """Return the services of the vault that ``database`` holds and ``root`` opens."""
    zone = zone_of(settings)
    vault, person, known = await database.read(facts)
    local = embedders(settings, [each.identity for each in known])
    open_vault = OpenVault(lock.home, root, vault, settings.key_file)
    copies = BackupCopies(database, root, vault, clock)
    erasure = Erasure(database, clock, PROVIDERS, copies)
    enrichment = Enrichment(database, clock, local, zone)
    reindexing = Reindexing(database, clock, local)
    search = Search(database, clock, local, zone, reads)
    jobs = Jobs(clock)
    forgets = (search.forget, enrichment.forget, jobs.stop)
    public_copies = PublicCopies(lock.home, person.id)
    challenges = Challenges(clock)
    # Where the cost of passphrases is given, that of recovery codes is the same.
    codes = RecoveryCodes(database, SlowHashes(slots.argon2 or COST), clock)
    handlers = (enrichment.handler(), reindexing.handler(), erasure.handler())
    return Application(
        person=person,
        vault=vault,
        lock=lock,
        clock=clock,
        database=database,
        dispatcher=Dispatcher(database, handlers, clock),
        jobs=jobs,
        memories=Memories(database, clock, zone, reads),
        revisions=Revisions(database, clock, zone),
        bin=Bin(database, clock, reads),
        erasure=erasure,
        search=search,
        importer=Importer(database, clock, zone),
        reindexing=reindexing,
        embedders=local,
        overview=Overview(database, clock),
        suggestions=Suggestions(database),
        backups=Backups(database, open_vault, PROVIDERS, clock),
        pruning=Pruning(database, vault, clock),
        archives=Archives(database, open_vault, PROVIDERS, clock, slots.argon2),
        unsealing=Unsealing(),
        selection=Selection(database, clock),
        doctor=Doctor(
            database,
            open_vault,
            clock,
            key_file_problem=lambda: key_file_problem(settings, lock.home),
            embedder_problem=local.problem,
            moved=Probing(database, local).problem,
        ),
        contacts=Contacts(database, clock, released=logs.forget_log),
        identities=Identities(database, clock, public_copies),
        recovery=Recovery(database, clock, public_copies, slots, root),
        following=Following(database, clock, public_copies),
        hosting=Hosting(database, clock, public_copies),
        node_keys=NodeKeys(database, clock),
        keys=Keys(database, slots, root, clock),
        audit=Audit(database, clock),
        reads=reads,
        record_verification=RecordVerification(database, root),
        person_erasure=PersonErasure(database, PROVIDERS, copies, lock, clock, forgets),
        people=People(database, clock),
        enrolments=Enrolments(database, clock),
        tokens=Tokens(database, clock),
        sessions=Sessions(database, clock),
        signing_in=SigningIn(database, challenges, clock),
        passkeys=Passkeys(database, challenges, clock),
        enrolling=Enrolling(database, challenges, codes, clock),
        step_ups=StepUps(database, challenges, clock),
        recovery_codes=codes,
        alarms=Alarms(database, clock),
    )


def facts(tx: Connection) -> tuple[VaultIdentity, Person, Sequence[KnownEmbedder]]:
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
