"""What strangers may ask of the DIDs of this node's people, and hand in for them."""

import asyncio
from contextlib import suppress

from sqlalchemy import Connection

from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.identity import store
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import History, read_log
from mnemosyne.identity.public_copy import PublicCopies
from mnemosyne.identity.refusals import CopyNotWrittenError, UnknownDidError
from mnemosyne.identity.service.standing import evaluated, extended, unknown
from mnemosyne.identity.store import OwnDid
from mnemosyne.identity.syntax import require_did
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier


class Hosting:
    """The logs of this node's people. Logs that somebody follows are never among them."""

    def __init__(self, database: Database, clock: Clock, copies: PublicCopies) -> None:
        self._database = database
        self._clock = clock
        # A push of strangers can be thousands of signatures; others are served meanwhile.
        self._checking = asyncio.Lock()
        self._copies = copies

    async def find(self, did: str) -> History | None:
        """Return the history of a DID of this node's people, None for any other."""

        def read(tx: Connection) -> History | None:
            own = store.host(tx, did)
            if own is None:
                return None
            return evaluated(did, store.entries(tx, own.owner, did), self._clock())

        return await self._database.read(read)

    async def submit(self, did: str, data: bytes) -> History:
        """Take entries that validly extend a hosted log and return what it says with them.

        Nothing that was seen first gives way: a rival is kept beside it and reported. An entry
        that this vault did not write is entered in its person's record: somebody has their keys.

        Raises:
            InvalidDidError: it is no DID of this method.
            UnknownDidError: nobody here has this DID.
            LogError: the entries are malformed, or do not extend the log.
        """
        wanted = require_did(did)
        async with self._checking:
            given = await asyncio.to_thread(read_log, data)

        def write(tx: Connection) -> tuple[History, Identifier | None]:
            own = store.host(tx, wanted)
            if own is None:
                raise UnknownDidError(wanted)
            known = store.entries(tx, own.owner, wanted)
            history = extended(wanted, known, given, self._clock())
            if fresh := unknown(known, history.entries):
                store.put(tx, own.owner, wanted, history.entries)
                self._record(tx, own, fresh, history)
            return history, own.owner if fresh else None

        history, whose = await self._database.write(write)
        if whose:  # a restored backup does not know them, and the copy then tells
            with suppress(CopyNotWrittenError):  # no stranger's matter; it catches up when shown
                await self._keep_up(whose, history)
        return history

    async def _keep_up(self, whose: Identifier, history: History) -> None:
        copy = self._copies.of(whose)
        await asyncio.to_thread(copy.catch_up, history.did, history.entries)
        if await self._database.read(lambda tx: store.own(tx, whose)) is None:
            copy.remove()  # the person was erased meanwhile, and their copy comes back to no one

    def _record(
        self, tx: Connection, own: OwnDid, fresh: tuple[Entry, ...], history: History
    ) -> None:
        facts: dict[str, object] = {
            "did": own.did,
            "versions": [entry.version_id for entry in fresh][:20],
            "equivocation": history.equivocation,
        }
        act = Act(own.owner, "did-extended-elsewhere", "anonymous", "push", payload=facts)
        audit.append(tx, act, self._clock())
