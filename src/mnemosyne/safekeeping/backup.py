"""Make backups of an open vault, prove each by restoring it once, and let old ones go."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.key_file_errors import BadPlace, KeyFilePlaceError
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.safekeeping import destination as destinations
from mnemosyne.safekeeping import ledger, sealed_backup, store
from mnemosyne.safekeeping.backup_errors import BackupNotWrittenError
from mnemosyne.safekeeping.backup_turn import turn
from mnemosyne.safekeeping.backup_writing import BackupWriter, Progress, plan
from mnemosyne.safekeeping.copies import BackupCopies
from mnemosyne.safekeeping.ledger import Ledger
from mnemosyne.safekeeping.store import EarlierRoot, KnownBackup
from mnemosyne.safekeeping.verify import Verdict, Verification


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """A backup that was restored once: what it is, and the entry whose receipt states it.

    ``unreached`` names places of earlier backups whose erasure ledger could not be written.
    """

    backup: KnownBackup
    verdict: Verdict
    entry: int
    unreached: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenVault:
    """What making a backup needs to know of the vault that is open, and of its key file in use."""

    home: VaultHome
    root: RootKey
    identity: VaultIdentity
    key_file: Path | None = None


class Backups:
    """The backups of one open vault."""

    def __init__(
        self,
        database: Database,
        vault: OpenVault,
        providers: Sequence[DerivedData],
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._providers = providers
        self._clock = clock
        self._copies = BackupCopies(database, vault.root, vault.identity, clock)
        self._writer = BackupWriter(vault.home, vault.root, providers, clock)
        self._verification = Verification(providers, vault.home, vault.home.path)

    async def make(
        self, principal: Principal, folder: Path, progress: Progress = lambda _step: None
    ) -> MadeBackup:
        """Write a backup to ``folder``, restore it to a temporary place and compare the two.

        Raises:
            BackupDestinationError: the folder is no place for it.
            KeyFilePlaceError: the key file in use lies there.
            NoPortableSlotError: the vault opens with a key file only, and so nothing would open
                the backup on another machine.
            BackupNotWrittenError: the system refused, for lack of room for example.
            BackupNotProvenError: what was written does not give back what went in.
        """
        principal.require(Scope.ADMIN)
        principal.require_secret()
        slots = await asyncio.to_thread(self._portable_slots)
        real = await asyncio.to_thread(destinations.resolved, folder, self._vault.home)
        key_file = self._vault.key_file
        if key_file is not None and key_file.resolve().is_relative_to(real):
            raise KeyFilePlaceError(key_file, BadPlace.BACKUP_DESTINATION, real)
        end_turn = await turn(self._vault.home)
        try:
            planned = await self._plan(real)
            writing = asyncio.ensure_future(self._written(planned, real, slots, progress))
        except BaseException:
            end_turn()
            raise
        # Who cancels does not stop the thread: its file may still come, so it stays in the book,
        # and until then it is nobody else's turn.
        writing.add_done_callback(lambda done: _ended(done, end_turn))
        taken, verdict = await asyncio.shield(writing)
        return await self._record(principal, taken, verdict)

    async def _written(
        self, planned: KnownBackup, folder: Path, slots: bytes, progress: Progress
    ) -> tuple[KnownBackup, Verdict]:
        loop = asyncio.get_running_loop()

        def told(step: str) -> None:
            loop.call_soon_threadsafe(progress, step)

        try:
            await self._publish(folder)
            return await asyncio.to_thread(self._writer.write, planned, slots, told)
        except Exception:
            await self._database.write(lambda tx: store.drop(tx, [planned.id]))
            raise

    async def known(self, principal: Principal) -> list[KnownBackup]:
        """Return every backup of this vault that is written down, the newest first."""
        principal.require(Scope.ADMIN)
        return await self._database.read(store.known)

    async def verify(self, principal: Principal, path: Path) -> Verdict:
        """Restore a backup of this vault to a temporary place, compare, and write down the day.

        Raises:
            SealedFileDamagedError, BackupDamagedError, BackupExchangedError, BackupDiffersError
        """
        principal.require(Scope.ADMIN)
        principal.require_secret()
        real = await asyncio.to_thread(path.resolve)
        present = self._vault.root
        earlier = await self._database.read(lambda tx: store.unwrapped_roots(tx, present))
        root = await asyncio.to_thread(self._root_of, real, earlier)
        verdict = await asyncio.to_thread(self._verification.verify, real, root)
        at = self._clock()

        def write(tx: Connection) -> None:
            known = store.at_path(tx, real)
            if known is not None and known.counter == verdict.counter:
                store.verified(tx, known.id, at, verdict.digest, verdict.size)

        await self._database.write(write)
        return verdict

    def _root_of(self, path: Path, earlier: Sequence[RootKey]) -> RootKey:
        """Return what the backup at ``path`` was sealed under: today's root key, or one before."""
        header = sealed_backup.header_of(path)
        return next(
            (r for r in earlier if sealed_backup.written_under(header, r)), self._vault.root
        )

    def _portable_slots(self) -> bytes:
        return KeySlots(self._vault.home).portable(self._vault.root)

    async def _plan(self, folder: Path) -> KnownBackup:
        at = self._clock()
        return await self._database.write(lambda tx: plan(tx, folder, at))

    async def _publish(self, folder: Path) -> None:
        """Put the ledger beside the backup before there is a backup."""
        vault = self._vault

        def look(tx: Connection) -> tuple[VaultIdentity, Ledger, Sequence[EarlierRoot]]:
            now = identity.load(tx)
            return now, ledger.of_vault(tx, now.vault_id), store.earlier_roots(tx)

        now, erasures, earlier = await self._database.read(look)
        name = ledger.file_name(now.vault_id, vault.root if earlier else None)
        try:
            await asyncio.to_thread(ledger.write, folder, erasures, vault.root, now, name)
        except OSError as error:
            raise BackupNotWrittenError(folder, error.strerror or str(error)) from error

    async def _record(
        self, principal: Principal, planned: KnownBackup, verdict: Verdict
    ) -> MadeBackup:
        at = self._clock()
        made = replace(planned, verified_at=at, digest=verdict.digest, size=verdict.size)
        act = Act(
            owner=principal.person,
            type="backup",
            credential=principal.credential,
            channel=principal.channel,
            payload=_facts(made),
        )

        def write(tx: Connection) -> int:
            store.drop(tx, [made.id])
            store.add(tx, made)
            return audit.append(tx, act, at)

        entry = await self._database.write(write)
        # What was erased while it was being made.
        unreached = await self._copies.publish_erasures()
        return MadeBackup(made, verdict, entry, unreached)


def _ended(
    writing: "asyncio.Future[tuple[KnownBackup, Verdict]]", end_turn: Callable[[], None]
) -> None:
    """Let the next one begin; what a backup that nobody waits for met is nobody's any more."""
    end_turn()
    if not writing.cancelled():
        writing.exception()


def _facts(made: KnownBackup) -> dict[str, object]:
    return {
        "path": str(made.path),
        "counter": made.counter,
        "taken_at": made.taken_at.isoformat(),
        "expires_at": made.expires_at.isoformat(),
        "verified_at": made.verified_at.isoformat() if made.verified_at else "",
        "digest": made.digest,
        "size": made.size,
    }
