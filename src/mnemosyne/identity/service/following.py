"""The DIDs of others, and what others know of one's own: cards and logs from outside."""

from sqlalchemy import Connection

from mnemosyne.contacts import store as contacts
from mnemosyne.contacts.model import Contact
from mnemosyne.contacts.service import ContactDidError, add_contact
from mnemosyne.identity import store
from mnemosyne.identity.cards import Card
from mnemosyne.identity.log import require_trust
from mnemosyne.identity.model import Accepted, Confirmed
from mnemosyne.identity.public_copy import PublicCopy
from mnemosyne.identity.refusals import (
    CopyDamagedError,
    ForeignLogError,
    NewerKnownError,
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
from mnemosyne.identity.sources import Source
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope


class Following:
    """Takes cards and logs. Each is checked against its DID before anything is stored."""

    def __init__(self, database: Database, clock: Clock, copy: PublicCopy) -> None:
        self._database = database
        self._clock = clock
        self._copy = copy

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

    async def accept(self, principal: Principal, card: Card, name: str) -> Accepted:
        """Learn somebody's DID from their card; a card of a known DID extends what is known.

        A card that is behind changes nothing. Of somebody who is known, a rival log is kept beside
        the one seen first and reported, and nothing new is entrusted to its DID until its owner
        settles it. Somebody new is not known by a DID to which nothing may be entrusted.

        Raises:
            OwnCardError: it is one's own.
            LogError: its log does not hold.
            EquivocationError, DeactivatedDidError: it is of somebody new, and names nobody now.
            ContactDidError: the contact has another DID, or another contact has this one.
            NameLengthError: the name is empty or too long.
        """
        principal.require(Scope.MEMORY_WRITE)

        def write(tx: Connection) -> Accepted:
            owner, at = principal.person, self._clock()
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
        self._copy.write(confirmed.mine.did, confirmed.mine.history.entries)
        return confirmed

    def _confirm(self, tx: Connection, principal: Principal, source: Source | None) -> Confirmed:
        owner, at = principal.person, self._clock()
        standing = standings.look(tx, owner, self._copy, at)
        did, known = standing.own.did, standing.history.entries
        if source is not None and source.did != did:
            raise ForeignLogError(did, source.did)
        history = extended(did, known, source.entries if source is not None else (), at)
        fresh = unknown(known, history.entries)
        missing = ahead_in(standing.beside, did, (*known, *fresh), at)
        if standing.beside.damaged and (source is None or missing):
            raise CopyDamagedError(self._copy.path)
        if source is not None and not fresh:
            require_as_new(standing.history, source)
        if missing:
            raise NewerKnownError(self._copy.path, len(missing), "did confirm")
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
        return Confirmed(mine_of(tx, standings.look(tx, owner, self._copy, at)), fresh)

    def _named(self, tx: Connection, owner: Identifier, did: str, name: str) -> Contact:
        holder = contacts.find_did(tx, owner, did)
        who = contacts.find(tx, owner, name.strip()) if name.strip() else holder
        if holder is not None and who is not None and who.id == holder.id:
            return holder
        if holder is not None:
            raise ContactDidError.taken(did, holder.name)
        if who is not None and who.did is not None:
            raise ContactDidError.second(did, who.name)
        who = add_contact(tx, owner, name, self._clock(), source="card")
        contacts.set_did(tx, owner, who.id, did)
        return next(each for each in contacts.everyone(tx, owner) if each.id == who.id)


def _refuse_own(tx: Connection, owner: Identifier, did: str) -> None:
    own = store.own(tx, owner)
    if own is not None and own.did == did:
        raise OwnCardError(did)
