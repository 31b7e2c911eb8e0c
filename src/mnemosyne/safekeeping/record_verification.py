"""Verify the records of a vault, also against the checkpoints in the backups that are at hand."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.audit.kept_files import KeptFile
from mnemosyne.audit.verification import RecordReport, Records
from mnemosyne.kit.crypto.stream_errors import SealedFileDamagedError
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.safekeeping import erased_people, sealed_backup, store
from mnemosyne.safekeeping.backup_errors import BackupDamagedError
from mnemosyne.safekeeping.store import KnownBackup


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of each record, and which backups at hand could not be read."""

    records: tuple[RecordReport, ...]
    unread: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong anywhere."""
        return all(each.whole for each in self.records)


class RecordVerification:
    """Needs no person: their record outlives them."""

    def __init__(self, database: Database, root: RootKey) -> None:
        self._database = database
        self._root = root
        self._records = Records(database, accounts.everybody, _pseudonyms)

    async def verify(self, files: Sequence[KeptFile], *, backups: bool = True) -> Verified:
        """Examine every record against ``files`` and, with ``backups``, what those hold.

        Raises:
            UnreadableEvidenceError: a file is nothing that a record can be compared with.
        """
        kept: list[KeptFile] = []
        unread: tuple[str, ...] = ()
        if backups:
            kept, unread = await self._kept_in_backups()
        return Verified(await self._records.verify([*files, *kept]), unread)

    async def verify_of(self, principal: Principal, files: Sequence[KeptFile]) -> Verified:
        """Examine the record of one person, also against ``files`` that they kept.

        Raises:
            UnreadableEvidenceError: a file is nothing that a record can be compared with.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        return Verified(await self._records.verify(files, principal.person), ())

    async def _kept_in_backups(self) -> tuple[list[KeptFile], tuple[str, ...]]:
        def look(tx: Connection) -> tuple[list[KnownBackup], Sequence[RootKey]]:
            return store.known(tx), store.unwrapped_roots(tx, self._root)

        known, earlier = await self._database.read(look)
        return await asyncio.to_thread(_read, known, [self._root, *earlier])


def _pseudonyms(tx: Connection) -> Sequence[Identifier]:
    """Return under which names the records of erased people stay."""
    return [each.pseudonym for each in erased_people.everyone(tx)]


def _read(
    known: Sequence[KnownBackup], roots: Sequence[RootKey]
) -> tuple[list[KeptFile], tuple[str, ...]]:
    kept: list[KeptFile] = []
    unread: list[str] = []
    for each in known:
        try:
            if each.path.exists():
                kept.extend(_of_backup(each, roots))
        except (BackupDamagedError, SealedFileDamagedError, OSError):
            unread.append(str(each.path))
    return kept, tuple(unread)


def _of_backup(known: KnownBackup, roots: Sequence[RootKey]) -> Iterator[KeptFile]:
    header = sealed_backup.header_of(known.path)
    fits = (each for each in roots if sealed_backup.written_under(header, each))
    manifest = sealed_backup.manifest_at(known.path, next(fits, roots[0]))
    for state in manifest.contents.people.values():
        if state.audit_checkpoint:
            yield KeptFile(str(known.path), state.audit_checkpoint.encode())
