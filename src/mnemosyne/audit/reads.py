"""Record who read what: one entry for each answer, naming memories by pseudonyms."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Text, delete, func, literal_column, select, type_coerce

from mnemosyne.audit import pseudonyms, store, trees
from mnemosyne.audit.model import READ, Act, Entry, RecordGoneError
from mnemosyne.audit.tables import audit_entry, audit_payload
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import (
    Database,
    DatabaseBusyError,
    StorageFullError,
    WriterStoppedError,
)
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope

KEPT: Final = timedelta(days=400)
"""How long the details of a read are kept; the entry stays."""
MOST_NAMED: Final = 1_000
"""How many memories one entry names; of more it says how many there were."""
SHELL: Final = "shell"
_MOST_PENDING: Final = 20
_BETWEEN_DROPS: Final = 16
_DROPPED_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class Read:
    """What was read at once: when, through what, and which memories, by their pseudonyms."""

    seq: int
    at: datetime
    credential: str
    channel: str
    how: str
    count: int
    memories: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Seen:
    principal: Principal
    how: str
    memories: tuple[Identifier, ...]
    count: int
    at: datetime


class Reads:
    """Records reads, and tells of them.

    Before an answer leaves through any channel but the shell its entry is on the disk, or there is
    no answer. Whoever is at the shell has unlocked the vault: their entry is written while they
    read, before the command ends, and a full disk or a busy vault costs the entry alone.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._pending: list[_Seen] = []

    async def record(self, principal: Principal, how: str, memories: Sequence[Identifier]) -> None:
        """Record that the texts of ``memories`` are given out; nothing where there are none."""
        if not memories:
            return
        named = tuple(dict.fromkeys(memories))
        if self._pending and self._pending[-1].memories == named[:MOST_NAMED]:
            return  # one command looked twice at what it shows once
        seen = _Seen(principal, how, named[:MOST_NAMED], len(named), self._clock())
        if principal.channel != SHELL:
            await self._database.write(lambda tx: _record(tx, seen))
            return
        self._pending.append(seen)
        if len(self._pending) >= _MOST_PENDING:
            await self.settle()

    async def settle(self) -> None:
        """Write what was read at the shell and not recorded yet."""
        pending, self._pending = self._pending, []
        if not pending:
            return

        def write(tx: Connection) -> None:
            for each in pending:
                _record(tx, each)

        with suppress(StorageFullError, DatabaseBusyError, WriterStoppedError, RecordGoneError):
            await self._database.write(write)

    async def of(
        self,
        principal: Principal,
        memory: Identifier | None = None,
        *,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Read]:
        """Return the newest reads, of one memory or of all, the newest first.

        With ``before``, those of entries with a smaller number.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        await self.settle()
        owner = principal.person
        return await self._database.read(lambda tx: _found(tx, owner, memory, before, limit))


def _record(tx: Connection, seen: _Seen) -> None:
    owner = seen.principal.person
    if not trees.has_begun(tx, owner):
        raise RecordGoneError  # erased meanwhile: their name must not come back by an entry
    salt = trees.ensure(tx, owner).salt or b""
    payload: dict[str, object] = {
        "how": seen.how,
        "count": seen.count,
        "memories": [pseudonyms.of_memory(salt, each) for each in seen.memories],
    }
    act = Act(owner, READ, seen.principal.credential, seen.principal.channel, READ, payload)
    if store.append(tx, act, seen.at) % _BETWEEN_DROPS == 0:
        _drop_old(tx, owner, seen.at - KEPT)


def _drop_old(tx: Connection, owner: Identifier, before: datetime) -> None:
    """Drop the details of the oldest reads, a bounded number at a time."""
    details = audit_payload.c
    oldest = (
        select(details.seq)
        .where(details.owner == owner, details.subject == READ)
        # Rows get their number in this order, and the index on the subject ends with it.
        .order_by(literal_column("audit_payload.rowid"))
        .limit(_DROPPED_AT_ONCE)
    )
    entry = audit_entry.c
    candidates = list(tx.execute(oldest).scalars())
    due = select(entry.seq).where(
        entry.owner == owner, entry.seq.in_(candidates), entry.at < before
    )
    if numbers := list(tx.execute(due).scalars()):
        tx.execute(delete(audit_payload).where(details.owner == owner, details.seq.in_(numbers)))


def _found(
    tx: Connection,
    owner: Identifier,
    memory: Identifier | None,
    before: int | None,
    limit: int,
) -> list[Read]:
    entry, details = audit_entry.c, audit_payload.c
    query = (
        select(audit_entry, details.salt, details.payload)
        .join(audit_payload, (details.owner == entry.owner) & (details.seq == entry.seq))
        .where(entry.owner == owner, details.owner == owner, entry.type == READ)
        .order_by(entry.seq.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(entry.seq < before)
    if memory is not None:
        tree = trees.find(tx, owner)
        name = pseudonyms.of_memory((tree.salt if tree else None) or b"", memory)
        query = query.where(func.instr(type_coerce(details.payload, Text), name) > 0)
    return [
        _read(Entry(r.owner, r.seq, r.type, r.at, r.canonical, r.payload_hash, r.salt, r.payload))
        for r in tx.execute(query)
    ]


def _read(entry: Entry) -> Read:
    stated = entry.stated()
    payload = entry.payload or {}
    memories = payload.get("memories")
    return Read(
        seq=entry.seq,
        at=entry.at,
        credential=str(stated["credential"]),
        channel=str(stated["channel"]),
        how=str(payload.get("how", "")),
        count=int(str(payload.get("count", 0))),
        memories=frozenset(memories) if isinstance(memories, list) else frozenset(),
    )
