"""Erase: gone from every table and every page of the file, final, by the person only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.events import outbox
from mnemosyne.events.dispatcher import Apply, Handler, NotYetError
from mnemosyne.events.outbox import Event
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.crypto.digests import keyed_hash
from mnemosyne.kit.database import Database
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.errors import ErasureNotFoundError
from mnemosyne.memories.model import Memory
from mnemosyne.memories.ports import BackupCopy, Copies, place_for
from mnemosyne.memories.store import erasing, reading

ERASED: Final = "memory.erased"


@dataclass(frozen=True, slots=True)
class ErasePreview:
    """What an erase would remove here, and what it cannot reach at once."""

    memories: tuple[Memory, ...]
    copies: dict[str, int]
    backups: tuple[BackupCopy, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of an erase.

    ``entry`` is the number of the act in the person's record, whose receipt proves the erase, or
    None while another process still reads the old pages: then the state is *erasing*. ``request``
    names the erase, to ask later what became of it.
    """

    count: int
    entry: int | None
    backups: tuple[BackupCopy, ...] = field(default=())
    unreached: tuple[str, ...] = field(default=())
    request: Identifier = ""


class Erasure:
    """Preview and carry out an erase, over everything that any feature keeps."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        providers: Sequence[DerivedData],
        copies: Copies,
    ) -> None:
        self._database = database
        self._clock = clock
        self._providers = providers
        self._copies = copies

    async def preview(self, principal: Principal, references: Sequence[str]) -> ErasePreview:
        """Return what would go, and which backups would still hold it.

        Raises:
            MemoryNotFoundError, AmbiguousReferenceError
        """
        principal.require(Scope.MEMORY_ERASE)

        def read(tx: Connection) -> tuple[list[Memory], dict[str, int]]:
            owner = principal.person
            found = reading.require_all(tx, owner, references, binned=True)
            ids = [memory.id for memory in found]
            counted: dict[str, int] = {}
            for provider in self._providers:
                counted.update(provider.preview(tx, owner, ids))
            return found, counted

        memories, copies = await self._database.read(read)
        return ErasePreview(tuple(memories), copies, await self._holding(memories))

    async def erase(self, principal: Principal, references: Sequence[str]) -> Erased:
        """Erase memories, all or none; ask the person before.

        Raises:
            NeedsSecretError: they are several, and a key holder opened the vault.
            MemoryNotFoundError, AmbiguousReferenceError
        """
        principal.require(Scope.MEMORY_ERASE)
        if len(references) > 1:
            principal.require_secret()
        at = self._clock()
        request = new_id(at)

        def write(tx: Connection) -> list[Memory]:
            owner = principal.person
            found = reading.require_all(tx, owner, references, binned=True)
            self._remove(tx, owner, [memory.id for memory in found])
            erasing.enter(tx, owner, [memory.id for memory in found], request, at)
            payload = self._payload(tx, principal, found, at)
            audit.append(tx, _act(principal.person, "erase", payload, principal), at)
            oldest = min((memory.created_at for memory in found), default=at)
            asked = payload | {"oldest": oldest.isoformat()}
            outbox.record(tx, owner=owner, topic=ERASED, subject=request, at=at, payload=asked)
            return found

        memories = await self._database.write(write)
        backups = await self._holding(memories)
        unreached = await self._copies.publish_erasures()
        entry = await self._try_to_finish(principal.person, request, unreached)
        return Erased(len(memories), entry, backups, unreached, request)

    async def standing(self, principal: Principal, request: Identifier) -> Erased:
        """Return what became of an erase that was asked for before.

        Raises:
            ErasureNotFoundError: this person asked for none of that name.
        """
        principal.require(Scope.MEMORY_ERASE)

        def read(tx: Connection) -> Erased:
            owner = principal.person
            if not (count := erasing.asked(tx, owner, request)):
                raise ErasureNotFoundError(request)
            return Erased(count, audit.find(tx, owner, "erased", request), request=request)

        return await self._database.read(read)

    def handler(self) -> Handler:
        """Return the handler that completes an erase once nobody reads the old pages."""
        return Handler(ERASED, self._prepare)

    def _remove(self, tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> None:
        for provider in self._providers:
            provider.erase(tx, owner, ids)

    async def _holding(self, memories: Sequence[Memory]) -> tuple[BackupCopy, ...]:
        if not memories:
            return ()
        return await self._copies.holding(min(memory.created_at for memory in memories))

    def _payload(
        self, tx: Connection, principal: Principal, memories: Sequence[Memory], at: datetime
    ) -> dict[str, object]:
        """Name the memories by pseudonyms: without the person's salt they are nobody's."""
        salt = accounts.salt(tx, principal.person)
        return {
            "memories": [keyed_hash(salt, memory.id.encode()).hex() for memory in memories],
            "requested_at": at.isoformat(),
            "credential": principal.credential,
            "channel": principal.channel,
        }

    async def _prepare(self, events: Sequence[Event]) -> Apply:
        await self._empty_log()
        complete = await self._completion(events[0], await self._copies.publish_erasures())

        def apply(tx: Connection) -> None:
            complete(tx)

        return apply

    async def _empty_log(self) -> None:
        """Empty the write-ahead log, in which the old pages may still stand.

        Raises:
            NotYetError: another process still reads them.
        """
        if not await self._database.checkpoint():
            raise NotYetError("another process still reads what was erased")

    async def _completion(
        self, event: Event, unreached: Sequence[str]
    ) -> Callable[[Connection], int | None]:
        backups = await self._copies.holding(datetime.fromisoformat(str(event.payload["oldest"])))
        return lambda tx: self._complete(tx, event, backups, unreached)

    def _complete(
        self,
        tx: Connection,
        event: Event,
        backups: Sequence[BackupCopy],
        unreached: Sequence[str],
    ) -> int | None:
        at = self._clock()
        if not erasing.complete(tx, event.owner, event.subject, at):
            return audit.find(tx, event.owner, "erased", event.subject)
        first = accounts.first(tx)
        runs_node = first is not None and first.id == event.owner
        asked = {name: value for name, value in event.payload.items() if name != "oldest"}
        payload = {
            **asked,
            "completed_at": at.isoformat(),
            "gone_from": "rows, full text, vectors, earlier wordings, write-ahead log",
            "backups": [
                {
                    "path": place_for(copy.path, runs_node=runs_node),
                    "taken_at": copy.taken_at.isoformat(),
                    "expires_at": copy.expires_at.isoformat(),
                }
                for copy in backups
            ],
            "ledgers_not_reached": [place_for(each, runs_node=runs_node) for each in unreached],
        }
        return audit.append(tx, _act(event.owner, "erased", payload, subject=event.subject), at)

    async def _try_to_finish(
        self, owner: Identifier, request: Identifier, unreached: Sequence[str]
    ) -> int | None:
        def look(tx: Connection) -> tuple[Event | None, int | None]:
            event = outbox.find(tx, owner, ERASED, request)
            return event, audit.find(tx, owner, "erased", request)

        event, entry = await self._database.read(look)
        if event is None:  # the process that leads the work was faster
            return entry
        try:
            await self._empty_log()
        except NotYetError:
            return None
        complete = await self._completion(event, unreached)

        def write(tx: Connection) -> int | None:
            finished = complete(tx)
            outbox.finish(tx, [event])
            return finished

        return await self._database.write(write)


def _act(
    owner: Identifier,
    kind: str,
    payload: dict[str, object],
    principal: Principal | None = None,
    subject: str = "",
) -> Act:
    return Act(
        owner=owner,
        type=kind,
        credential=principal.credential if principal else str(payload["credential"]),
        channel=principal.channel if principal else str(payload["channel"]),
        subject=subject,
        payload=payload,
    )
