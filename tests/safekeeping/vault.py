"""Make and open whole vaults for the tests of safekeeping."""

import contextlib
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.model import Person
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.audit.service import Audit
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.database import Database
from mnemosyne.kit.database.connections import create_file
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.passphrase import Argon2Parameters, Passphrase
from mnemosyne.kit.vault.phrase import Phrase, generate_phrase
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slot_wrapping import Secret
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.memories.model import Draft, Filter, Memory
from mnemosyne.memories.service.bin import Bin
from mnemosyne.memories.service.erasure import Erased, Erasure
from mnemosyne.memories.service.memories import Memories
from mnemosyne.migrations import runner
from mnemosyne.safekeeping import snapshot
from mnemosyne.safekeeping.backup import Backups, MadeBackup, OpenVault
from mnemosyne.safekeeping.copies import BackupCopies
from mnemosyne.safekeeping.pruning import Pruning
from tests.clock import SetClock

FAST: Final = Argon2Parameters(memory_kib=64, passes=1, lanes=1)
PASSPHRASE: Final = Passphrase("correct-horse-battery-staple-violin")
PHRASE: Final[Phrase] = generate_phrase()
CANARY: Final = "Quittenmarmelade"


@dataclass
class Vault:
    """An open vault and what a test does with it."""

    home: VaultHome
    root: RootKey
    identity: VaultIdentity
    person: Person
    principal: Principal
    database: Database
    clock: SetClock

    def __post_init__(self) -> None:
        facts = OpenVault(self.home, self.root, self.identity)
        self.copies = BackupCopies(self.database, self.root, self.identity, self.clock)
        self.memories = Memories(self.database, self.clock, UTC)
        self.bin = Bin(self.database, self.clock)
        self.erasure = Erasure(self.database, self.clock, PROVIDERS, self.copies)
        self.audit = Audit(self.database, self.clock)
        self.backups = Backups(self.database, facts, PROVIDERS, self.clock)
        self.pruning = Pruning(self.database, self.identity, self.clock)

    async def remember(self, text: str, **fields: object) -> Memory:
        """Capture a memory."""
        draft = Draft(text, **fields)  # type: ignore[arg-type]
        captured = await self.memories.capture(self.principal, draft, new_id(self.clock()))
        return captured.memory

    async def erase(self, memory: Memory) -> Erased:
        """Erase a memory."""
        return await self.erasure.erase(self.principal, [memory.id])

    async def back_up(self, folder: Path) -> MadeBackup:
        """Make a backup."""
        return await self.backups.make(self.principal, folder)

    async def texts(self) -> list[str]:
        """Return what is there."""
        page = await self.memories.page(self.principal, Filter(), limit=100)
        return sorted(each.content for each in page.items)

    def close(self) -> None:
        """Close the database."""
        with contextlib.suppress(RuntimeError):  # closed already
            self.database.close()


def make_vault(folder: Path, clock: SetClock, *secrets: Secret) -> VaultHome:
    """Make a vault as ``init`` does, with fast slots."""
    home = VaultHome(folder)
    home.create()
    root = KeySlots(home).create(secrets or (PASSPHRASE, PHRASE), at=clock(), argon2=FAST)
    create_file(home.database)
    who = Person(new_id(clock()), "Ada", clock(), "")

    def write(tx: Connection) -> None:
        runner.upgrade(tx)
        identity.create(tx, clock())
        accounts.add(tx, who, salt=bytes(range(32)))
        audit.append(tx, Act(who.id, "init", "local", "shell"), clock())

    snapshot.change(home.database, root.database_key(), write)
    return home


def open_vault(home: VaultHome, clock: SetClock, secret: Secret = PASSPHRASE) -> Vault:
    """Open a vault that was made or restored."""
    root = KeySlots(home).unlock(secret)
    key = root.database_key()
    known = snapshot.look(home.database, key, identity.load)
    person = snapshot.look(home.database, key, accounts.first)
    assert person is not None
    return Vault(
        home,
        root,
        known,
        person,
        Principal.local(person.id),
        Database(home.database, key),
        clock,
    )
