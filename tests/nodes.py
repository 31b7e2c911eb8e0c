"""The services of the memory feature over a test's database, wired as the composition root does."""

from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from mnemosyne.accounts.model import Person
from mnemosyne.audit.service import Audit
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.contacts.service import Contacts
from mnemosyne.events.dispatcher import Dispatcher
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.memories.model import Draft, Memory
from mnemosyne.memories.ports import Embedders
from mnemosyne.memories.service.bin import Bin
from mnemosyne.memories.service.enrichment import Enrichment
from mnemosyne.memories.service.erasure import Erasure
from mnemosyne.memories.service.memories import Memories
from mnemosyne.memories.service.overview import Overview
from mnemosyne.memories.service.reindexing import Reindexing
from mnemosyne.memories.service.revisions import Revisions
from mnemosyne.memories.service.search import Search
from mnemosyne.safekeeping.copies import BackupCopies
from tests.clock import SetClock
from tests.doubles import HashedWords, HashedWordsOnly

ROOT = RootKey(bytes(range(32)))


@dataclass
class Node:
    """Everything a test does with the memories of one person."""

    database: Database
    clock: SetClock
    vault: VaultIdentity
    principal: Principal
    embedders: Embedders = field(default_factory=lambda: HashedWordsOnly(HashedWords()))
    zone: tzinfo = UTC
    keys: int = 0

    def __post_init__(self) -> None:
        database, clock, zone = self.database, self.clock, self.zone
        self.memories = Memories(database, clock, zone)
        self.revisions = Revisions(database, clock, zone)
        self.bin = Bin(database, clock)
        self.overview = Overview(database, clock)
        self.contacts = Contacts(database, clock)
        self.search = Search(database, clock, self.embedders, zone)
        self.audit = Audit(database, clock)
        copies = BackupCopies(database, ROOT, self.vault, clock)
        self.erasure = Erasure(database, clock, PROVIDERS, copies)
        enrichment = Enrichment(database, clock, self.embedders, zone)
        self.reindexing = Reindexing(database, clock, self.embedders)
        self.handlers = (
            enrichment.handler(),
            self.reindexing.handler(),
            self.erasure.handler(),
        )
        self.dispatcher = Dispatcher(database, self.handlers, clock)

    async def capture(self, content: str, **more: object) -> Memory:
        """Remember a text under a key of its own."""
        self.keys += 1
        draft = Draft(content, **more)  # type: ignore[arg-type] # the fields of a draft
        key = f"{self.principal.person}-{id(self)}-{self.keys}"
        return (await self.memories.capture(self.principal, draft, key)).memory

    async def get(self, memory: Memory) -> Memory:
        """Return a memory as it stands now, in the bin or not."""
        return (await self.memories.detail(self.principal, memory.id)).memory

    async def drain(self) -> int:
        """Work off what waits, however long it takes."""
        return await self.dispatcher.drain(600)


async def node_on(
    database: Database,
    clock: SetClock,
    person: Person,
    embedders: Embedders | None = None,
    zone: tzinfo = UTC,
) -> Node:
    """Return the services of ``person`` over a database whose vault has no identity yet."""
    vault = await database.write(lambda tx: identity.create(tx, clock()))
    wanted = embedders or HashedWordsOnly(HashedWords())
    return Node(database, clock, vault, Principal.local(person.id), wanted, zone)
