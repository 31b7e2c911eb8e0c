"""Archive everything of a person in an open format, and take an archive over into a new vault."""

import asyncio
import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Final, TypeVar
from zipfile import LargeZipFile

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.restriction import require_unrestricted
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.events import change_log, outbox
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.crypto.spool import Spool
from mnemosyne.kit.crypto.stream import Writable
from mnemosyne.kit.database import Database
from mnemosyne.kit.derived_data import DerivedData, Kept, OwnedTable, checksum, load
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.passphrase import (
    Argon2Parameters,
    Passphrase,
    calibrate,
    check_strength,
)
from mnemosyne.memories.importing.uploads import Source, Upload
from mnemosyne.memories.store import reading, writing
from mnemosyne.memories.store.tables import memory
from mnemosyne.safekeeping import archive_reading, snapshot
from mnemosyne.safekeeping.archive_errors import (
    ArchiveContentError,
    ArchiveNotWrittenError,
    VaultNotEmptyError,
)
from mnemosyne.safekeeping.archive_reading import ArchiveVerdict, OpenArchive, Opens
from mnemosyne.safekeeping.archive_writing import (
    Archiving,
    archived_tables,
    sealing,
    write_archive,
)
from mnemosyne.safekeeping.backup import OpenVault
from mnemosyne.safekeeping.destination import gone_unless_recorded, write_whole
from mnemosyne.safekeeping.manifest import TableState
from mnemosyne.safekeeping.temporary import temporary_folder

T = TypeVar("T")

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class MadeArchive:
    """An archive that was written and read again: what is in it, and the entry of the act."""

    verdict: ArchiveVerdict
    entry: int


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What came out of an archive: its verdict, how many rows of each table, and the entry."""

    verdict: ArchiveVerdict
    rows: dict[str, int]
    entry: int


@dataclass(frozen=True, slots=True)
class _Sealing:
    """With what an archive is sealed, if it is."""

    passphrase: Passphrase | None
    argon2: Argon2Parameters | None


class Archives:
    """The whole of what a person keeps, out of the vault and into a new one."""

    def __init__(
        self,
        database: Database,
        vault: OpenVault,
        providers: Sequence[DerivedData],
        clock: Clock,
        argon2: Argon2Parameters | None = None,
    ) -> None:
        self._database = database
        self._vault = vault
        self._providers = providers
        self._clock = clock
        self._argon2 = argon2

    async def write(
        self,
        principal: Principal,
        path: Path,
        passphrase: Passphrase | None = None,
        argon2: Argon2Parameters | None = None,
    ) -> MadeArchive:
        """Write everything of the person to the new file ``path`` and check every byte of it.

        Without ``passphrase`` whoever has the file can read it: say so before.

        Raises:
            WeakPassphraseError: the passphrase can be guessed.
            ArchiveNotWrittenError: the system refused, or there is a file already.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        principal.require_secret()
        if passphrase is not None:
            check_strength(passphrase)
        sealing = _Sealing(passphrase, argon2 or self._argon2)
        place = partial(write_whole, path)
        await asyncio.to_thread(self._write, principal.person, path, sealing, place)
        with gone_unless_recorded(path):
            verdict = await asyncio.to_thread(self.verify, path, passphrase)
            facts = {"path": str(path), "sealed": verdict.sealed}
            return MadeArchive(verdict, await self._enter(principal, "archive", facts))

    async def write_to(
        self, principal: Principal, spool: Spool, name: str, passphrase: Passphrase | None = None
    ) -> MadeArchive:
        """Write everything of the person to ``spool`` and check every byte of it.

        It is entered in the record before it returns: what is handed on from there is known.

        Raises:
            WeakPassphraseError: the passphrase can be guessed.
            ArchiveNotWrittenError: the system refused, or it would be larger than 2 GiB.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        principal.require_secret()
        if passphrase is not None:
            check_strength(passphrase)

        def place(content: Callable[[Writable], None]) -> None:
            content(spool)
            spool.finish()

        sealing = _Sealing(passphrase, self._argon2)
        await asyncio.to_thread(self._write, principal.person, Path(name), sealing, place)
        made = Upload(PurePosixPath(name), spool.size, spool.open)
        verdict = await asyncio.to_thread(self.verify, made, passphrase)
        facts: dict[str, object] = {"sealed": verdict.sealed}
        return MadeArchive(verdict, await self._enter(principal, "archive", facts))

    def verify(self, source: Source, opens: Opens = None) -> ArchiveVerdict:
        """Check every byte of an archive and say whose it is; nothing is written.

        Raises:
            ArchiveSealedError, SealedFileDamagedError, ArchiveDamagedError,
            UnsafeArchiveError, DamagedArchiveError
        """
        return verify_archive(source, opens)

    async def take_over(
        self, principal: Principal, source: Source, opens: Opens = None
    ) -> TakenOver:
        """Check an archive, then take over all of it in one transaction, or nothing.

        Raises:
            VaultNotEmptyError: the person has something here already.
            ArchiveContentError: its rows do not fit, or belong to somebody on this node.
            ArchiveSealedError, SealedFileDamagedError, ArchiveDamagedError,
            UnsafeArchiveError, DamagedArchiveError
        """
        principal.require(Scope.ACCOUNT_MANAGE)

        with ExitStack() as held:
            # Checked before the one writer is asked: to open a sealed one takes a while.
            opening = archive_reading.opened(source, opens)
            archive = await asyncio.to_thread(held.enter_context, opening)
            return await self._database.write(lambda tx: self._load(tx, principal, archive))

    def _write(
        self,
        owner: Identifier,
        path: Path,
        sealing_with: _Sealing,
        place: Callable[[Callable[[Writable], None]], None],
    ) -> None:
        key = self._vault.root.database_key()
        passphrase = sealing_with.passphrase
        if passphrase is not None and self._argon2 is None:
            self._argon2 = calibrate()  # once: the machine stays as fast as it is
        cost = (sealing_with.argon2 or self._argon2) if passphrase is not None else None
        try:
            with temporary_folder(self._vault.home.path) as folder:
                copy = folder / "vault.db"
                # A snapshot of the vault, since writing takes longer than a reader may hold one.
                snapshot.take(self._database.path, key, copy)
                now = snapshot.look(copy, key, identity.load)
                archiving = Archiving(now, owner, self._clock())

                def content(sink: Writable) -> None:
                    def read(tx: Connection) -> None:
                        if passphrase is None or cost is None:
                            write_archive(sink, tx, self._providers, archiving)
                            return
                        with sealing(sink, passphrase, cost) as sealed:
                            write_archive(sealed, tx, self._providers, archiving)

                    snapshot.look(copy, key, read)

                place(content)
        except LargeZipFile as error:
            raise ArchiveNotWrittenError(path, "An archive holds up to 2 GiB") from error
        except OSError as error:
            raise ArchiveNotWrittenError(path, error.strerror or str(error)) from error

    async def _enter(self, principal: Principal, kind: str, facts: dict[str, object]) -> int:
        at = self._clock()
        act = Act(
            owner=principal.person,
            type=kind,
            credential=principal.credential,
            channel=principal.channel,
            payload=facts,
        )
        return await self._database.write(lambda tx: audit.append(tx, act, at))

    def _load(self, tx: Connection, principal: Principal, archive: OpenArchive) -> TakenOver:
        owner = principal.person
        require_unrestricted(tx, owner)
        tables = [t for t in archived_tables(self._providers) if t.kept is Kept.ARCHIVED]
        _require_empty(tx, owner, tables)
        stated = archive_reading.tables_of(archive, [each.table.name for each in tables])
        self._take_salt(tx, owner, archive)
        for owned in tables:
            _load_table(tx, owner, owned, archive, stated[owned.table.name])
        try:
            self._rebuild(tx, owner)
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            detail = f"A memory cannot be read ({type(error).__name__})"
            raise ArchiveContentError("memory", detail) from error
        rows = {name: state.rows for name, state in stated.items() if state.rows}
        act = Act(
            owner=owner,
            type="archive-import",
            credential=principal.credential,
            channel=principal.channel,
            payload={"signer": archive.verdict.fingerprint, "rows": rows},
        )
        return TakenOver(archive.verdict, rows, audit.append(tx, act, self._clock()))

    def _take_salt(self, tx: Connection, owner: Identifier, archive: OpenArchive) -> None:
        """Import records and idempotency keys are hashes under the salt, so it comes along."""
        try:
            for row in archive.rows("person"):
                salt = base64.b64decode(row["salt"], validate=True)
                accounts.take_over_salt(tx, owner, salt)
        except (KeyError, TypeError, ValueError) as error:
            raise ArchiveContentError("person", "Its salt is missing") from error

    def _rebuild(self, tx: Connection, owner: Identifier) -> None:
        """Rebuild what no archive holds: full text now, vectors and the rest by enrichment."""
        at = self._clock()
        ids = tx.execute(select(memory.c.id).where(memory.c.owner == owner).order_by(memory.c.seq))
        for some in _batches(list(ids.scalars())):
            memories = reading.by_ids(tx, owner, some)
            shown = [each for each in memories if not each.in_bin]
            writing.reindex(tx, shown)
            change_log.put(tx, owner, [each.seq for each in shown])
            outbox.record_all(tx, owner=owner, topic=writing.ENRICH, subjects=some, at=at)


def verify_archive(source: Source, opens: Opens = None) -> ArchiveVerdict:
    """Check every byte of an archive, with or without a vault at hand; nothing is written.

    Raises:
        ArchiveSealedError, SealedFileDamagedError, ArchiveDamagedError,
        UnsafeArchiveError, DamagedArchiveError
    """
    with archive_reading.opened(source, opens) as archive:
        return archive.verdict


def _require_empty(tx: Connection, owner: Identifier, tables: Sequence[OwnedTable]) -> None:
    for owned in tables:
        mine = owned.table.c[owned.owner_column] == owner
        rows = tx.execute(select(func.count()).select_from(owned.table).where(mine)).scalar_one()
        if rows:
            raise VaultNotEmptyError(owned.table.name, rows)


def _load_table(
    tx: Connection,
    owner: Identifier,
    owned: OwnedTable,
    archive: OpenArchive,
    stated: TableState,
) -> None:
    name = owned.table.name
    columns = {c.name for c in owned.table.c} - owned.omitted - {owned.owner_column}
    try:
        for rows in _batches(archive.rows(name)):
            if strange := next((set(row) ^ columns for row in rows if set(row) != columns), None):
                raise ArchiveContentError(name, f"Its columns differ in {', '.join(strange)}")
            load(tx, owned, owner, rows)
    except (
        SQLAlchemyError,
        KeyError,
        TypeError,
        ValueError,
        OverflowError,
        RecursionError,
    ) as error:
        raise ArchiveContentError(
            name, f"The database refused a row ({type(error).__name__})"
        ) from error
    found = checksum(tx, owned, owner)
    if (found.rows, found.digest) != (stated.rows, stated.digest):
        raise ArchiveContentError(name, "What was stored has another checksum than the archive")


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while some := list(islice(iterator, _AT_ONCE)):
        yield some
