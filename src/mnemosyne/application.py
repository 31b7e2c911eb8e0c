"""What transports are given: the services of one open vault, and who it belongs to."""

from dataclasses import dataclass

from mnemosyne.accounts.alarms import Alarms
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
from mnemosyne.accounts.step_ups import StepUps
from mnemosyne.accounts.tokens import Tokens
from mnemosyne.audit.reads import Reads
from mnemosyne.audit.service import Audit
from mnemosyne.contacts.service import Contacts
from mnemosyne.events.dispatcher import Dispatcher
from mnemosyne.events.jobs import Jobs
from mnemosyne.identity.service.following import Following
from mnemosyne.identity.service.hosting import Hosting
from mnemosyne.identity.service.identities import Identities
from mnemosyne.identity.service.recovery import Recovery
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.memories.ports import Embedders
from mnemosyne.memories.service.bin import Bin
from mnemosyne.memories.service.erasure import Erasure
from mnemosyne.memories.service.importer import Importer
from mnemosyne.memories.service.memories import Memories
from mnemosyne.memories.service.overview import Overview
from mnemosyne.memories.service.reindexing import Reindexing
from mnemosyne.memories.service.revisions import Revisions
from mnemosyne.memories.service.search import Search
from mnemosyne.memories.service.suggestions import Suggestions
from mnemosyne.safekeeping.archive import Archives
from mnemosyne.safekeeping.backup import Backups
from mnemosyne.safekeeping.doctor import Doctor
from mnemosyne.safekeeping.person_erasure import PersonErasure
from mnemosyne.safekeeping.pruning import Pruning
from mnemosyne.safekeeping.record_verification import RecordVerification
from mnemosyne.safekeeping.selection import Selection
from mnemosyne.safekeeping.unsealing import Unsealing


@dataclass(frozen=True, slots=True)
class Application:
    """One open vault. Made by ``bootstrap`` alone, and closed by it."""

    person: Person
    vault: VaultIdentity
    lock: VaultLock
    clock: Clock
    database: Database
    dispatcher: Dispatcher
    jobs: Jobs
    memories: Memories
    revisions: Revisions
    bin: Bin
    erasure: Erasure
    search: Search
    importer: Importer
    reindexing: Reindexing
    embedders: Embedders
    overview: Overview
    suggestions: Suggestions
    backups: Backups
    pruning: Pruning
    archives: Archives
    unsealing: Unsealing
    selection: Selection
    doctor: Doctor
    contacts: Contacts
    identities: Identities
    recovery: Recovery
    following: Following
    hosting: Hosting
    keys: Keys
    node_keys: NodeKeys
    audit: Audit
    reads: Reads
    record_verification: RecordVerification
    person_erasure: PersonErasure
    people: People
    enrolments: Enrolments
    tokens: Tokens
    sessions: Sessions
    signing_in: SigningIn
    passkeys: Passkeys
    enrolling: Enrolling
    step_ups: StepUps
    recovery_codes: RecoveryCodes
    alarms: Alarms
