"""What follows the removal of a person's rows: ledgers, files, free pages, and the receipt.

Each step can be done again, so an erase that was interrupted anywhere is carried on from its start.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.audit.service import receipt_of
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.durable_file import sync_folder
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.memories.ports import BackupCopy, Copies, place_for
from mnemosyne.migrations import runner
from mnemosyne.safekeeping import erased_people
from mnemosyne.safekeeping.copies import BackupCopies
from mnemosyne.safekeeping.erased_people import ErasedPerson, Pending, PersonErasedError

_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class PersonErased:
    """What became of it. The receipt is nowhere but here: what it says is not kept.

    ``complete`` is False while another process still reads old pages.
    """

    receipt: Mapping[str, Any]
    rows: Mapping[str, int]
    pseudonym: str
    complete: bool
    backups: tuple[BackupCopy, ...]
    unreached: tuple[str, ...]


class ErasureCompletion:
    """Completes erases, those that were interrupted as well; it needs no person."""

    def __init__(self, database: Database, copies: Copies, home: VaultHome, clock: Clock) -> None:
        self._database = database
        self._copies = copies
        self._home = home
        self._clock = clock

    async def carry_on(self) -> None:
        """Do what interrupted erases left to do, all but their receipts.

        While somebody else lives on the node nobody can ask for the receipt of who is gone, so what
        it would have said goes too.
        """
        for pending in await self._database.read(erased_people.unfinished):
            complete = pending.cleared or (await self._clear(pending))[0]
            others = await self._database.read(accounts.everybody)
            if complete and others:
                gone = pending.gone
                await self._database.write(partial(erased_people.forget_rest, gone=gone))

    async def complete(self, pending: Pending) -> PersonErased:
        """Do everything that is left, and make the receipt."""
        complete, unreached = await self._clear(pending)
        backups = await self._copies.holding(pending.since)
        facts = _facts(pending, backups, unreached, complete=complete)
        gone = pending.gone
        act = Act(gone.pseudonym, "person-erased", "local", pending.channel, "", facts)

        def finish(tx: Connection) -> dict[str, Any]:
            # What it says goes to the person alone: of the entry nothing stays but its hash.
            entry = audit.record(tx, act, self._clock(), keep_payload=False)
            return receipt_of(tx, entry, self._clock)

        receipt = await self._database.write(finish)
        return PersonErased(
            receipt, pending.rows, gone.pseudonym, complete, backups, tuple(unreached)
        )

    async def waiting(self) -> Pending:
        """Return the erase whose receipt nobody got.

        Raises:
            PersonErasedError: there is none: it was handed out.
        """
        waiting = await self._database.read(erased_people.unfinished)
        if not waiting:
            gone = await self._database.read(erased_people.everyone)
            raise PersonErasedError(gone[-1])
        return waiting[-1]

    async def handed_out(self, erased: PersonErased) -> None:
        """Forget what the receipt says, now that whoever asked for it has it.

        While another process still reads old pages it stays, and so does what is left to do.
        """

        def forget(tx: Connection) -> None:
            for each in erased_people.unfinished(tx):
                if each.cleared and each.gone.pseudonym == erased.pseudonym:
                    erased_people.forget_rest(tx, each.gone)

        await self._database.write(forget)

    async def _clear(self, pending: Pending) -> tuple[bool, Sequence[str]]:
        """Remove what is not in the tables; return whether all is, and the ledgers out of reach."""
        unreached = await self._copies.publish_erasures()
        vault = await self._database.read(identity.load)
        await asyncio.to_thread(
            remove_files, self._home, vault.vault_id, [pending.gone], first=pending.first
        )
        complete = await self._overwrite()
        if complete:
            done = replace(pending, cleared=True)
            await self._database.write(lambda tx: erased_people.await_rest(tx, done))
        return complete, unreached

    async def _overwrite(self) -> bool:
        """Rewrite the file without its free pages and empty the log; False while it is read."""
        await self._database.maintain(lambda driver: driver.execute("VACUUM"))
        for _ in range(_TRIES):
            if await self._database.checkpoint():
                return True
        return False


async def completion_of(
    database: Database, root: RootKey, home: VaultHome, clock: Clock
) -> ErasureCompletion:
    """Return what completes the erases of an open vault.

    Raises:
        VaultUnfinishedError: the vault has no name yet.
    """
    vault = await database.read(identity.load)
    return ErasureCompletion(database, BackupCopies(database, root, vault, clock), home, clock)


async def carry_on_interrupted(
    database: Database, root: RootKey, home: VaultHome, clock: Clock
) -> None:
    """Do what an interrupted erase of a person left, before anything else is done with a vault.

    Raises:
        NewerVaultError, OlderVaultError: its tables are not those of this version.
        NeedsSecretError: ledgers have to be sealed, and only the key of the database is here.
    """

    def look(tx: Connection) -> bool:
        runner.check(tx)
        others = bool(accounts.everybody(tx))
        return any(others or not each.cleared for each in erased_people.unfinished(tx))

    if await database.read(look):
        await (await completion_of(database, root, home, clock)).carry_on()


def remove_files(
    home: VaultHome, vault_id: Identifier, gone: Sequence[ErasedPerson], *, first: bool
) -> None:
    """Remove what lies beside the database of those who are ``gone``; ``first`` was among them."""
    later = home.later_did_logs()
    logs = [later[person] for person in erased_people.among(later, vault_id, gone)]
    every = [home.did_log, *logs] if first else logs
    found = [
        path for log in every for path in (log, log.with_name(f"{log.name}.new")) if path.exists()
    ]
    for path in found:
        path.unlink()
    if found:
        sync_folder(home.path)


def _facts(
    pending: Pending, backups: Sequence[BackupCopy], unreached: Sequence[str], *, complete: bool
) -> dict[str, object]:
    return {
        "erased_at": pending.gone.erased_at.isoformat(),
        "rows": dict(pending.rows),
        "gone_from": "every table, full text, vectors, keys, free pages"
        + (", write-ahead log" if complete else ""),
        "record": pending.gone.pseudonym,
        "backups": [
            {
                "path": place_for(copy.path, runs_node=pending.first),
                "taken_at": copy.taken_at.isoformat(),
                "expires_at": copy.expires_at.isoformat(),
            }
            for copy in backups
        ],
        "ledgers_not_reached": [place_for(each, runs_node=pending.first) for each in unreached],
    }
