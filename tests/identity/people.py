"""A person with a vault, a phrase and the use cases of identity, wired as the root does."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.model import Person
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.contacts.service import Contacts
from mnemosyne.identity import store
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.public_copy import PublicCopies
from mnemosyne.identity.service.following import Following
from mnemosyne.identity.service.hosting import Hosting
from mnemosyne.identity.service.identities import Identities
from mnemosyne.identity.service.recovery import Recovery
from mnemosyne.kit.crypto.signing import SigningKey
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault import identity as vault
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.keyring import private_key
from mnemosyne.kit.vault.phrase import Phrase, parse_phrase
from mnemosyne.kit.vault.slots import KeySlots
from tests.clock import SetClock
from tests.conftest import add_person
from tests.vaults import KEY, copy_file

PHRASE: Final = parse_phrase("abandon " * 23 + "art")
NEW_PHRASE: Final = parse_phrase("zoo " * 23 + "vote")


@dataclass
class Someone:
    """Everything a test does with the DID of one person."""

    database: Database
    clock: SetClock
    principal: Principal
    home: VaultHome
    phrase: Phrase = PHRASE
    opened_by: Phrase = PHRASE
    """What opens the vault."""
    first: Identifier = ""
    """Who made it, where that is somebody else."""

    def __post_init__(self) -> None:
        self.copies = PublicCopies(self.home, self.first or self.principal.person)
        self.copy = self.copies.of(self.principal.person)
        self.slots = KeySlots(self.home)
        self.identities = Identities(self.database, self.clock, self.copies)
        self.following = Following(self.database, self.clock, self.copies)
        self.hosting = Hosting(self.database, self.clock, self.copies)
        self.contacts = Contacts(self.database, self.clock, released=store.forget_log)
        root = self.slots.unlock(self.opened_by)
        self.recovery = Recovery(self.database, self.clock, self.copies, self.slots, root)

    async def joined_by(self, name: str, phrase: Phrase) -> "Someone":
        """Give somebody else an account on this node, of whom it keeps no phrase yet."""
        self.clock.advance(timedelta(minutes=1))
        person = Person(new_id(self.clock()), name, self.clock(), recovery_key_hash="")

        def write(tx: Connection) -> None:
            accounts.add(tx, person, salt=token_bytes(32))
            audit.append(tx, Act(person.id, "joined", "test", "http"), self.clock())

        await self.database.write(write)
        scopes = frozenset(Scope) - {Scope.ADMIN}
        principal = Principal(person.id, scopes, "test", "http")
        return replace(self, principal=principal, phrase=phrase, first=self.principal.person)

    async def acts(self) -> list[str]:
        """Return the types of what is in the record, the newest first."""
        owner = self.principal.person
        found = await self.database.read(lambda tx: audit.entries(tx, owner))
        return [entry.type for entry in found]

    async def stolen_keys(self) -> list[SigningKey]:
        """Return every hot key out of the database, as a thief of the open vault would."""

        def read(tx: Connection) -> list[SigningKey]:
            rows = tx.execute(private_key.select().where(private_key.c.kind == "hot"))
            return [SigningKey(bytes(row.private)) for row in rows]

        return await self.database.read(read)

    async def stored(self, did: str) -> tuple[Entry, ...]:
        """Return the entries that are stored of a DID."""
        owner = self.principal.person
        return await self.database.read(lambda tx: store.entries(tx, owner, did))

    async def restored(self, before: Path) -> None:
        """Put the database file ``before`` in the place of this one, in a new incarnation."""
        self.database.close()
        copy_file(before, self.database.path)
        for end in ("-wal", "-shm"):
            self.database.path.with_name(self.database.path.name + end).unlink(missing_ok=True)
        self.database = Database(self.database.path, KEY)
        await self.database.write(vault.new_incarnation)
        self.__post_init__()

    async def backup(self, to: Path) -> Path:
        """Copy the database as it is now to ``to``."""
        assert await self.database.checkpoint()
        return copy_file(self.database.path, to)


async def someone(path: Path, clock: SetClock, name: str, phrase: Phrase = PHRASE) -> Someone:
    """Make a person with a vault whose database file is at ``path``."""
    person = add_person(path, name, clock())
    database = Database(path, KEY)

    def write(tx: Connection) -> None:
        vault.create(tx, clock())
        accounts.set_recovery_key_hash(tx, person.id, phrase.recovery_key_hash(0))

    await database.write(write)
    home = VaultHome(path.with_suffix(".home"))
    home.path.mkdir(mode=0o700)
    KeySlots(home).create([phrase], at=clock())
    return Someone(database, clock, Principal.local(person.id), home, phrase, phrase)
