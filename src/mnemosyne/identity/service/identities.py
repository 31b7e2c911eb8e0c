"""One's own DID: make it, look at it, change its document and its keys, end it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.restriction import require_unrestricted
from mnemosyne.identity import authoring, cards, own_document, store
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.errors import OwnDeactivatedDidError, OwnEquivocationError
from mnemosyne.identity.log import History
from mnemosyne.identity.model import Changed, DocumentChange, Mine, Rotated
from mnemosyne.identity.own_document import (
    Parts,
    applied,
    applied_mirrors,
    parts_of,
)
from mnemosyne.identity.parameters import key_hash
from mnemosyne.identity.public_copy import PublicCopies
from mnemosyne.identity.refusals import (
    CopyDamagedError,
    CopyNotWrittenError,
    DidBesideError,
    DidEndedError,
    DidExistsError,
    PhraseNeededError,
    PhraseUnfitError,
)
from mnemosyne.identity.service import standing as standings
from mnemosyne.identity.service import writing
from mnemosyne.identity.service.standing import (
    Standing,
    entry_time,
    evaluated,
    mine_of,
    require_next_key,
)
from mnemosyne.identity.service.writing import KEYRING, Written
from mnemosyne.identity.store import OwnDid
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.crypto.signing import Signer
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault import identity as vault
from mnemosyne.kit.vault.keyring import KeyKind
from mnemosyne.kit.vault.phrase import Phrase

_EVERY_KEY = frozenset({Rotated.HOT, Rotated.SIGNING, Rotated.AGREEMENT})
Reshape = Callable[[Connection, Standing, Parts], Parts]


class Identities:
    """The DIDs of people of this node. ``copies`` lie beside the vault, outside the database."""

    def __init__(self, database: Database, clock: Clock, copies: PublicCopies) -> None:
        self._database = database
        self._clock = clock
        self._copies = copies

    async def needs_phrase(self, principal: Principal) -> bool:
        """Return whether ``create`` takes a new phrase: whoever made the vault has one already."""
        principal.require(Scope.ACCOUNT_MANAGE)
        owner = principal.person
        return not await self._database.read(lambda tx: accounts.recovery_key_hash(tx, owner))

    async def create(self, principal: Principal, phrase: Phrase | None = None) -> Mine:
        """Make the DID of the person: its first entry is signed here, and exists from then on.

        ``phrase`` recovers it where ``needs_phrase``; of it the hash stays here and nothing else.

        Raises:
            DidExistsError: the person has one.
            DidBesideError: the copy beside the vault is that of a DID which the vault lost.
            CopyDamagedError: there is one, and nobody can say whose it is.
            PhraseNeededError: a phrase is needed and was not given.
            PhraseUnfitError: another one was given than the vault has.
            ProcessingRestrictedError: the person wants nothing done with what is theirs.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        mine = await self._database.write(lambda tx: self._create(tx, principal, phrase))
        return await self._kept(principal, mine)

    async def mine(self, principal: Principal) -> Mine:
        """Return one's own DID.

        A copy beside the vault that a crash has left behind catches up before anybody is shown
        what it lacks.

        Raises:
            NoDidError: there is none.
        """
        principal.require(Scope.MEMORY_READ)
        mine = await self._database.read(lambda tx: mine_of(tx, self._look(tx, principal)))
        with suppress(CopyNotWrittenError):  # told when the DID was changed; looking goes on
            copy = self._copies.of(principal.person)
            await asyncio.to_thread(copy.catch_up, mine.did, mine.history.entries)
        return mine

    async def preview(self, principal: Principal, change: DocumentChange) -> Changed:
        """Return what ``update`` would make different, and write nothing.

        Raises:
            NoDidError, DidUnconfirmedError, EquivocationError, DeactivatedDidError,
            DocumentChangeError: as ``update``.
        """
        principal.require(Scope.ACCOUNT_MANAGE)

        def read(tx: Connection) -> Changed:
            standing = self._look(tx, principal)
            self._require_writable(tx, principal, standing)
            head = standing.history.head
            parts = applied(parts_of(head.state), change)
            before = standing.history.in_force.mirrors
            mirrors = applied_mirrors(before, change)
            return Changed(
                own_document.differences(head.state, _built(standing, parts), before, mirrors),
                None,
            )

        return await self._database.read(read)

    async def update(self, principal: Principal, change: DocumentChange) -> Changed:
        """Write an entry with another document. What stood in earlier ones stays readable.

        Raises:
            NoDidError: there is no DID.
            DidUnconfirmedError: the vault was restored, and nothing was compared since.
            EquivocationError, DeactivatedDidError: nothing may follow the newest entry.
            KeysElsewhereError: the keys for the next entry are not here.
            DocumentChangeError: the change cannot be made as it was asked for.
            ProcessingRestrictedError: the person wants nothing done with what is theirs.
        """

        def reshape(tx: Connection, _standing: Standing, parts: Parts) -> Parts:
            require_unrestricted(tx, principal.person)  # keys may be exchanged all the same
            return applied(parts, change)

        return await self._extended(principal, "did-updated", reshape, change)

    async def rotate(self, principal: Principal, which: frozenset[Rotated]) -> Changed:
        """Put new keys in the place of the old ones, which stay readable in the log.

        Raises:
            NoDidError, DidUnconfirmedError, EquivocationError, DeactivatedDidError,
            KeysElsewhereError: as ``update``.
            NeedsSecretError: a key holder opened the vault.
            MissingScopeError: the node's key is everybody's, and not this person's to exchange.
        """
        principal.require_secret()
        if Rotated.NODE in which:
            principal.require(Scope.ADMIN)

        def reshape(tx: Connection, standing: Standing, parts: Parts) -> Parts:
            seen = writing.every_entry(standing)
            return writing.with_new_keys(tx, principal.person, parts, seen, self._clock(), which)

        return await self._extended(principal, "did-rotated", reshape, DocumentChange())

    async def deactivate(self, principal: Principal) -> Mine:
        """Write that the DID is used no more. The recovery phrase can take it back.

        Raises:
            NoDidError, DidUnconfirmedError, EquivocationError, DeactivatedDidError,
            KeysElsewhereError: as ``update``.
            NeedsSecretError: a key holder opened the vault.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        principal.require_secret()

        def write(tx: Connection) -> Mine:
            standing, signer, _ = self._next(tx, principal)
            now = self._clock()
            entry = authoring.deactivate(
                standing.history,
                signer,
                time=entry_time(standing.history.head.time, now),
            )
            self._keep(tx, principal, standing, entry, "did-deactivated")
            writing.forget_hot_keys_but(tx, principal.person, frozenset())
            writing.forget_signing_keys(tx, principal.person)
            return mine_of(tx, self._look(tx, principal))

        return await self._kept(principal, await self._database.write(write))

    async def card(
        self, principal: Principal, name: str | None = None, hint: str | None = None
    ) -> cards.Card:
        """Return one's own card. It names nobody unless a ``name`` is given.

        Raises:
            NoDidError: there is none.
            CardTextError: whoever reads the card would refuse the name or the hint.
        """
        principal.require(Scope.MEMORY_READ)
        mine = await self.mine(principal)
        return cards.with_texts(cards.Card(mine.did, mine.history.path), name, hint)

    async def histories(self, principal: Principal, dids: Sequence[str]) -> dict[str, History]:
        """Return the histories of those of ``dids`` that are known here, by DID."""
        principal.require(Scope.MEMORY_READ)
        owner, now = principal.person, self._clock()

        def read(tx: Connection) -> dict[str, History]:
            logs = {did: store.entries(tx, owner, did) for did in dids}
            return {did: evaluated(did, log, now) for did, log in logs.items() if log}

        return await self._database.read(read)

    async def find(self, principal: Principal, did: str) -> History | None:
        """Return the history of one's own DID, or of one that was learned from a card."""
        principal.require(Scope.MEMORY_READ)

        def read(tx: Connection) -> History | None:
            known = store.entries(tx, principal.person, did)
            return evaluated(did, known, self._clock()) if known else None

        return await self._database.read(read)

    def _create(self, tx: Connection, principal: Principal, phrase: Phrase | None) -> Mine:
        owner, now = principal.person, self._clock()
        require_unrestricted(tx, owner)
        if (before := store.own(tx, owner)) is not None:
            raise DidExistsError(before.did)
        copy = self._copies.of(owner)
        beside = copy.look()
        if beside.did is not None:
            raise DidBesideError(beside.did, copy.path)
        if beside.damaged:
            raise CopyDamagedError(copy.path)
        current, following = (KEYRING.generate(tx, owner, KeyKind.HOT, now) for _ in range(2))
        parts = writing.with_new_keys(tx, owner, Parts(), (), now, _EVERY_KEY)
        entry = authoring.create(
            KEYRING.signer(tx, owner, current),
            next_key_hashes=[key_hash(following)],
            recovery_key_hashes=[_recovered_by(tx, owner, phrase)],
            document=lambda did: own_document.built(did, parts),
            time=now.replace(microsecond=0),
        )
        did = str(entry.did)
        incarnation = vault.load(tx).incarnation
        store.insert_own(tx, OwnDid(owner, did, now, entry.version_id, incarnation))
        writing.keep(tx, None, entry, incarnation, Written(principal, "did-created", {}), now)
        return mine_of(tx, self._look(tx, principal))

    async def _extended(
        self, principal: Principal, kind: str, reshape: Reshape, change: DocumentChange
    ) -> Changed:
        principal.require(Scope.ACCOUNT_MANAGE)

        def write(tx: Connection) -> Changed:
            standing, signer, fresh = self._next(tx, principal)
            head, owner = standing.history.head, principal.person
            parts = reshape(tx, standing, parts_of(head.state))
            seen = [entry.state for entry in writing.every_entry(standing)]
            state = _built(standing, writing.naming_the_node(tx, parts, seen))
            before = standing.history.in_force.mirrors
            mirrors = applied_mirrors(before, change)
            entry = authoring.update(
                standing.history,
                signer,
                next_key_hashes=[key_hash(fresh)],
                document=state,
                time=entry_time(head.time, self._clock()),
                **({} if mirrors == before else {"mirrors": list(mirrors)}),
            )
            self._keep(tx, principal, standing, entry, kind)
            used = require_next_key(tx, owner, standing.history)
            writing.forget_hot_keys_but(tx, owner, frozenset({used, fresh}))
            differences = own_document.differences(head.state, state, before, mirrors)
            return Changed(differences, mine_of(tx, self._look(tx, principal)))

        changed = await self._database.write(write)
        if changed.mine is not None:
            await self._kept(principal, changed.mine)
        return changed

    def _next(self, tx: Connection, principal: Principal) -> tuple[Standing, Signer, str]:
        """Return where the DID stands, what signs its next entry, and the key of the one after."""
        standing = self._look(tx, principal)
        self._require_writable(tx, principal, standing)
        owner = principal.person
        public = require_next_key(tx, owner, standing.history)
        fresh = KEYRING.generate(tx, owner, KeyKind.HOT, self._clock())
        return standing, KEYRING.signer(tx, owner, public), fresh

    def _require_writable(self, tx: Connection, principal: Principal, standing: Standing) -> None:
        standing.require_confirmed()
        _require_open(standing.history)
        require_next_key(tx, principal.person, standing.history)

    def _keep(
        self, tx: Connection, principal: Principal, standing: Standing, entry: Entry, kind: str
    ) -> None:
        written = Written(principal, kind, {})
        writing.keep(tx, standing.history, entry, standing.incarnation, written, self._clock())

    def _look(self, tx: Connection, principal: Principal) -> Standing:
        copy = self._copies.of(principal.person)
        return standings.look(tx, principal.person, copy, self._clock())

    async def _kept(self, principal: Principal, mine: Mine) -> Mine:
        """Write the copy beside the vault, now that the database has what it says."""
        copy = self._copies.of(principal.person)
        await asyncio.to_thread(copy.write, mine.did, mine.history.entries)
        return mine


def _recovered_by(tx: Connection, owner: Identifier, phrase: Phrase | None) -> str:
    """Return the hash of the key that will recover the DID of ``owner``, and keep a new one.

    Raises:
        PhraseNeededError, PhraseUnfitError: as ``Identities.create``.
    """
    known = accounts.recovery_key_hash(tx, owner)
    given = phrase.recovery_key_hash(0) if phrase is not None else known
    if not given:
        raise PhraseNeededError
    if known and given != known:
        raise PhraseUnfitError("")
    if not known:
        accounts.set_recovery_key_hash(tx, owner, given)
    return given


def _require_open(history: History) -> None:
    """Refuse to write on where nothing may follow the newest entry, in words for its owner."""
    if history.rivals:
        kept, rival = history.head.version_id, history.rivals[0].version_id
        raise OwnEquivocationError(history.did, kept, rival)
    if history.deactivated and not history.in_force.recovery_key_hashes:
        raise DidEndedError(history.did)
    if history.deactivated:
        raise OwnDeactivatedDidError(history.did)


def _built(standing: Standing, parts: Parts) -> dict[str, Any]:
    return own_document.built(standing.own.did, parts)
