"""The DIDs of others, and what others know of one's own: cards and logs from outside."""

import asyncio

from sqlalchemy import Connection

from mnemosyne.accounts.restriction import require_unrestricted
from mnemosyne.contacts import store as contacts
from mnemosyne.contacts.model import ById, Contact, Who
from mnemosyne.contacts.service import ContactDidError, add_contact, require
from mnemosyne.identity import store
from mnemosyne.identity.cards import Card, decode
from mnemosyne.identity.log import require_trust
from mnemosyne.identity.model import Accepted, Confirmed
from mnemosyne.identity.public_copy import PublicCopies
from mnemosyne.identity.refusals import (
    CopyDamagedError,
    ForeignLogError,
    NewerKnownError,
    NoDidError,
    OwnCardError,
)
from mnemosyne.identity.service import standing as standings
from mnemosyne.identity.service import writing
from mnemosyne.identity.service.standing import (
    ahead_in,
    extended,
    mine_of,
    require_as_new,
    unknown,
)
from mnemosyne.identity.service.writing import Written
from mnemosyne.identity.sources import Source, read_source
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope


class Following:
    """Takes cards and logs. Each is checked against its DID before anything is stored."""

    def __init__(self, database: Database, clock: Clock, copies: PublicCopies) -> None:
        self._database = database
        self._clock = clock
        self._copies = copies
        # A card can hold thousands of signatures; others are served meanwhile.
        self._checking = asyncio.Lock()

    async def known_contact(self, principal: Principal, did: str) -> Contact | None:
        """Return who on the list is known by a DID.

        Raises:
            OwnCardError: it is one's own.
        """
        principal.require(Scope.MEMORY_READ)

        def read(tx: Connection) -> Contact | None:
            _refuse_own(tx, principal.person, did)
            return contacts.find_did(tx, principal.person, did)

        return await self._database.read(read)

    async def read_card(self, content: bytes) -> Card:
        """Return the card that ``content`` is, beside other work and one at a time.

        Raises:
            CardError, LogError, InvalidDidError: as ``cards.decode``.
        """
        async with self._checking:
            return await asyncio.to_thread(decode, content)

    async def read_source(self, content: bytes) -> Source:
        """Return the log that ``content`` shows in any form, in the same manner.

        Raises:
            CardError, LogError, InvalidDidError: as ``sources.read_source``.
        """
        async with self._checking:
            return await asyncio.to_thread(read_source, content)

    async def accept(self, principal: Principal, card: Card, name: Who) -> Accepted:
        """Learn somebody's DID from their card; a card of a known DID extends what is known.

        A card that is behind changes nothing. Of somebody who is known, a rival log is kept beside
        the one seen first and reported, and nothing new is entrusted to its DID until its owner
        settles it. Somebody new is not known by a DID to which nothing may be entrusted.

        Raises:
            OwnCardError: it is one's own.
            LogError: its log does not hold.
            EquivocationError, DeactivatedDidError: it is of somebody new, and names nobody now.
            ContactDidError: the contact has another DID, or another contact has this one.
            ContactNotFoundError: the identifier is nobody's on the list.
            NameLengthError: the name is empty or too long.
            ProcessingRestrictedError: the person wants nothing done with what is theirs.
        """
        principal.require(Scope.MEMORY_WRITE)

        def write(tx: Connection) -> Accepted:
            owner, at = principal.person, self._clock()
            require_unrestricted(tx, owner)
            _refuse_own(tx, owner, card.did)
            known = store.entries(tx, owner, card.did)
            history = extended(card.did, known, card.entries, at)
            if contacts.find_did(tx, owner, card.did) is None:
                require_trust(history)
            fresh = unknown(known, history.entries)
            forked = bool(known) and standings.evaluated(card.did, known, at).equivocation
            store.put(tx, owner, card.did, history.entries)
            contact = self._named(tx, owner, card.did, name)
            facts = {
                "did": card.did,
                "contact": contact.id,
                "entries": len(fresh),
                "equivocation": history.equivocation,
            }
            writing.record(tx, Written(principal, "card-accepted", facts), {}, at)
            return Accepted(contact, history, fresh, forked and not history.equivocation)

        return await self._database.write(write)

    async def confirm_copy(self, principal: Principal) -> Confirmed:
        """Compare one's own DID with the copy beside the vault, which is ahead, and take it over.

        Raises:
            NoDidError: there is no DID.
            CopyDamagedError: it cannot be read to its end.
            NothingNewError, LogError: as ``confirm``.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        return await self.confirm(principal, await self.copied(principal))

    async def copied(self, principal: Principal) -> Source:
        """Return what the copy beside the vault says of one's own DID.

        Raises:
            NoDidError: there is none.
            CopyDamagedError: it cannot be read to its end.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        copy = self._copies.of(principal.person)
        own = await self._database.read(lambda tx: store.own(tx, principal.person))
        beside = await asyncio.to_thread(copy.look)
        if beside.damaged:
            raise CopyDamagedError(copy.path)
        did = beside.did if own is None else own.did
        if did is None or not beside.of(did):
            raise NoDidError
        return Source(did, beside.of(did))

    async def confirm(self, principal: Principal, source: Source | None) -> Confirmed:
        """Compare one's own DID with the newest log or card from outside.

        None for ``source`` states that there is nothing newer than what this vault knows.

        Entries that are ahead are taken over. Entries that rival what is known are kept and
        reported: a recovery settles that.

        Raises:
            NoDidError: there is no DID.
            ForeignLogError: the log is another one's.
            LogError: the log does not hold.
            NothingNewError: it ends before what this vault knows.
            NewerKnownError: the copy beside the vault is ahead of what was stated or given.
            CopyDamagedError: nothing as new as the copy was given, which cannot be read to its end.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        confirmed = await self._database.write(lambda tx: self._confirm(tx, principal, source))
        mine, copy = confirmed.mine, self._copies.of(principal.person)
        await asyncio.to_thread(copy.write, mine.did, mine.history.entries)
        return confirmed

    def _confirm(self, tx: Connection, principal: Principal, source: Source | None) -> Confirmed:
        owner, at = principal.person, self._clock()
        copy = self._copies.of(owner)
        standing = standings.look(tx, owner, copy, at)
        did, known = standing.own.did, standing.history.entries
        if source is not None and source.did != did:
            raise ForeignLogError(did, source.did)
        history = extended(did, known, source.entries if source is not None else (), at)
        fresh = unknown(known, history.entries)
        missing = ahead_in(standing.beside, did, (*known, *fresh), at)
        if standing.beside.damaged and (source is None or missing):
            raise CopyDamagedError(copy.path)
        if source is not None and not fresh:
            require_as_new(standing.history, source)
        if missing:
            raise NewerKnownError(copy.path, len(missing), "did confirm")
        store.put(tx, owner, did, history.entries)
        if not standing.confirmed:
            # The person says that what holds now is theirs: recovery would start from here.
            head = standing.own.own_head if history.equivocation else history.head.version_id
            store.set_own_head(tx, owner, head, standing.incarnation)
        facts = {
            "nothing_newer": source is None,
            "adopted": [entry.version_id for entry in fresh][:20],
            "equivocation": history.equivocation,
        }
        writing.record(tx, Written(principal, "did-confirmed", facts), {"did": did}, at)
        return Confirmed(mine_of(tx, standings.look(tx, owner, copy, at)), fresh)

    def _named(self, tx: Connection, owner: Identifier, did: str, name: Who) -> Contact:
        holder = contacts.find_did(tx, owner, did)
        called = require(tx, owner, name).name if isinstance(name, ById) else name.strip()
        who = contacts.find(tx, owner, called) if called else holder
        if holder is not None and who is not None and who.id == holder.id:
            return holder
        if holder is not None:
            raise ContactDidError.taken(did, holder.name)
        if who is not None and who.did is not None:
            raise ContactDidError.second(did, who.name)
        who = add_contact(tx, owner, called, self._clock(), source="card")
        contacts.set_did(tx, owner, who.id, did)
        return next(each for each in contacts.everyone(tx, owner) if each.id == who.id)


def _refuse_own(tx: Connection, owner: Identifier, did: str) -> None:
    own = store.own(tx, owner)
    if own is not None and own.did == did:
        raise OwnCardError(did)
