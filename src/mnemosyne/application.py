"""What transports are given: the services of one open vault, and who it belongs to."""

from dataclasses import dataclass

from mnemosyne.accounts.model import Person
from mnemosyne.accounts.node_keys import NodeKeys
from mnemosyne.accounts.service import Keys
from mnemosyne.audit.reads import Reads
from mnemosyne.audit.service import Audit
from mnemosyne.contacts.service import Contacts
from mnemosyne.events.dispatcher import Dispatcher
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
from mnemosyne.safekeeping.selection import Selection


@dataclass(frozen=True, slots=True)
class Application:
    """One open vault. Made by ``bootstrap`` alone, and closed by it."""

    person: Person
    vault: VaultIdentity
    lock: VaultLock
    clock: Clock
    database: Database
    dispatcher: Dispatcher
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
    person_erasure: PersonErasure
