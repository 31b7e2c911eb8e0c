"""Get a DID back with the recovery phrase, rehearse it, end a DID for good, replace the phrase."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.identity import authoring, own_document, recovering, store
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.model import Recovered, RecoveryPlan, Rehearsal, Rotated
from mnemosyne.identity.own_document import parts_of
from mnemosyne.identity.parameters import key_hash
from mnemosyne.identity.public_copy import PublicCopies
from mnemosyne.identity.refusals import DidTakenError, PhraseUnfitError, VaultPhraseError
from mnemosyne.identity.service import recovery_case, writing
from mnemosyne.identity.service import standing as standings
from mnemosyne.identity.service.recovery_case import Case, RecoveryRequest, fits, require_fit
from mnemosyne.identity.service.standing import entry_time, mine_of
from mnemosyne.identity.service.writing import KEYRING, Written
from mnemosyne.identity.store import OwnDid
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault import identity as vault
from mnemosyne.kit.vault.keyring import KeyKind
from mnemosyne.kit.vault.phrase import Phrase
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slot_errors import WrongKeyError
from mnemosyne.kit.vault.slots import ClosedSlot, KeySlots

_FROM_ONES_OWN: Final = RecoveryRequest()
_EVERY_KEY = frozenset({Rotated.HOT, Rotated.SIGNING, Rotated.AGREEMENT})


class Recovery:
    """The cold tier: keys that are in no vault, only on paper."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        copies: PublicCopies,
        slots: KeySlots,
        root: RootKey,
    ) -> None:
        self._database = database
        self._clock = clock
        self._copies = copies
        self._slots = slots
        self._root = root

    async def plan(self, principal: Principal, request: RecoveryRequest) -> RecoveryPlan:
        """Return what a recovery would go back to and what it would drop; nothing is written.

        Raises:
            NoDidError: there is no DID here, and no log was given.
            RecoveryUnconfirmedError, NewerKnownError, NothingNewError, CopyDamagedError: the vault
                may be of an earlier day, and has to be compared with the newest log first.
            UnknownVersionError: recovery cannot go back to the version.
            ForeignLogError: the log is another one's.
            DidBesideError: the DID is new here, and beside the vault lies the log of another one.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        case = await self._database.read(lambda tx: self._case(tx, principal, request))
        return case.plan

    async def recover(
        self,
        principal: Principal,
        phrase: Phrase,
        request: RecoveryRequest = _FROM_ONES_OWN,
    ) -> Recovered:
        """Write an entry that beats every other: new keys, and the next recovery key committed.

        Raises:
            PhraseUnfitError: the phrase recovers another DID.
            DidTakenError: it is new here, and another person of this node has it.
            NoDidError, RecoveryUnconfirmedError, NewerKnownError, UnknownVersionError,
            ForeignLogError: as ``plan``.
        """
        principal.require(Scope.ACCOUNT_MANAGE)

        def write(tx: Connection) -> Recovered:
            case = self._case(tx, principal, request)
            return self._recover(tx, principal, case, phrase, phrase)

        return await self._copied(principal, await self._database.write(write))

    async def rehearse(self, principal: Principal, phrase: Phrase) -> Rehearsal:
        """Say whether a phrase would recover one's own DID and opens the vault; write nothing.

        The phrase of whoever made the vault does both, that of everybody else the first alone.

        Raises:
            NoDidError: there is none.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        owner = principal.person

        def read(tx: Connection) -> tuple[Rehearsal, bool]:
            found = standings.look(tx, owner, self._copies.of(owner), self._clock())
            fit = fits(found.history, phrase)
            return Rehearsal(found.own.did, fit, opens=False), _has_slot(tx, owner)

        rehearsal, has_slot = await self._database.read(read)
        if not has_slot:
            return rehearsal
        opens = await asyncio.to_thread(_opens, self._slots, phrase)
        return replace(rehearsal, opens=opens)

    async def end_for_ever(self, principal: Principal, phrase: Phrase) -> Recovered:
        """Write the tombstone of one's DID, after which no key can write anything.

        Raises:
            PhraseUnfitError: the phrase recovers another DID.
            NoDidError, RecoveryUnconfirmedError, NewerKnownError: as ``plan``.
        """
        principal.require(Scope.ACCOUNT_MANAGE)

        def write(tx: Connection) -> Recovered:
            case = self._case(tx, principal)
            require_fit(case, phrase)
            entry = authoring.tombstone(
                case.history,
                case.plan.previous.version_id,
                phrase.recovery_signer(case.plan.epoch - 1),
                time=self._time(case),
            )
            ended = self._kept(tx, principal, case, entry, "did-ended")
            writing.forget_hot_keys_but(tx, principal.person, frozenset())
            writing.forget_signing_keys(tx, principal.person)
            return ended

        return await self._copied(principal, await self._database.write(write))

    async def needs_old_phrase(self, principal: Principal) -> bool:
        """Return whether the phrase recovers a DID, so that replacing it takes the old one.

        Raises:
            NeedsSecretError: a key holder opened the vault, and replacing it will ask again.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        principal.require_secret()
        own = await self._database.read(lambda tx: store.own(tx, principal.person))
        return own is not None

    async def require_fit(self, principal: Principal, phrase: Phrase) -> None:
        """Refuse a phrase that cannot recover one's own DID, before anything is made with it.

        Raises:
            PhraseUnfitError, DidEndedError: it cannot.
            NoDidError, RecoveryUnconfirmedError, NewerKnownError: as ``plan``.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        await self._database.read(lambda tx: require_fit(self._case(tx, principal), phrase))

    async def replace_phrase(
        self, principal: Principal, new: Phrase, old: Phrase | None = None
    ) -> ClosedSlot | None:
        """Let ``new`` open the vault and recover the DID, in place of the phrase until now.

        The phrase of somebody who did not make the vault opens none, and so the next one does not.
        Where there is a DID, ``old`` has to sign for it. The slot is exchanged inside the
        transaction, as its last step: at any moment one of the two phrases opens the vault and one
        recovers the DID, so that whoever still has both on paper has lost nothing. Repeating the
        command after an interruption finishes it.

        Raises:
            PhraseUnfitError: ``old`` does not recover the DID, or is missing.
            RecoveryUnconfirmedError, NewerKnownError: as ``plan``.
            SlotsAlteredError, SlotsDamagedError, SlotsNotWrittenError: as ``KeySlots``.
            NeedsSecretError: a key holder opened the vault.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        principal.require_secret()
        owner = principal.person

        def write(tx: Connection) -> tuple[ClosedSlot | None, Recovered | None]:
            recovered = None
            if (own := store.own(tx, owner)) is not None:
                if old is None:
                    raise PhraseUnfitError(own.did)
                case = self._case(tx, principal)
                recovered = self._recover(tx, principal, case, old, new)
            accounts.set_recovery_key_hash(tx, owner, new.recovery_key_hash(0))
            at, closed = self._clock(), None
            if _has_slot(tx, owner):
                closed = self._slots.replace_phrase(self._root, new, at=at)
            written = Written(principal, "phrase-replaced", {})
            writing.record(tx, written, {"slot": closed.slot.id if closed else ""}, at)
            return closed, recovered

        closed, recovered = await self._database.write(write)
        if recovered is not None:
            await self._copied(principal, recovered)
        return closed

    async def replace_own_phrase(
        self, principal: Principal, new: Phrase, old: Phrase | None = None
    ) -> None:
        """Let ``new`` recover the DID of somebody whose phrase opens no vault.

        Raises:
            VaultPhraseError: theirs opens it, and is exchanged in the shell alone.
            PhraseUnfitError, RecoveryUnconfirmedError, NewerKnownError, NeedsSecretError: as
                ``replace_phrase``.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        if await self._database.read(lambda tx: _has_slot(tx, principal.person)):
            raise VaultPhraseError
        await self.replace_phrase(principal, new, old)

    def _case(
        self, tx: Connection, principal: Principal, request: RecoveryRequest = _FROM_ONES_OWN
    ) -> Case:
        copy = self._copies.of(principal.person)
        return recovery_case.look(tx, principal.person, request, copy, self._clock())

    def _recover(
        self, tx: Connection, principal: Principal, case: Case, phrase: Phrase, following: Phrase
    ) -> Recovered:
        """Write the entry; ``following`` is the phrase that recovers from then on."""
        owner, now, previous = principal.person, self._clock(), case.plan.previous
        current, fresh = (KEYRING.generate(tx, owner, KeyKind.HOT, now) for _ in range(2))
        epoch = case.plan.epoch
        require_fit(case, phrase)
        parts = writing.with_new_keys(
            tx,
            owner,
            parts_of(recovering.last_state(case.history, previous)),
            case.history.entries,
            now,
            _EVERY_KEY,
        )
        entry = authoring.recover(
            case.history,
            previous.version_id,
            phrase.recovery_signer(epoch - 1),
            update_keys=[current],
            next_key_hashes=[key_hash(fresh)],
            recovery_key_hashes=[following.recovery_key_hash(epoch)],
            document=own_document.built(case.did, parts),
            time=self._time(case),
        )
        recovered = self._kept(tx, principal, case, entry, "did-recovered")
        writing.forget_hot_keys_but(tx, owner, frozenset({current, fresh}))
        return recovered

    def _kept(
        self, tx: Connection, principal: Principal, case: Case, entry: Entry, kind: str
    ) -> Recovered:
        owner, at = principal.person, self._clock()
        incarnation = vault.load(tx).incarnation
        if case.own is None:
            if store.host(tx, case.did) is not None:
                raise DidTakenError(case.did)
            store.insert_own(tx, OwnDid(owner, case.did, at, entry.version_id, incarnation))
        facts: dict[str, object] = {
            "from": case.plan.previous.version_id,
            "nullified": len(case.plan.nullified),
        }
        written = Written(principal, kind, facts)
        writing.keep(tx, case.history, entry, incarnation, written, at)
        standing = standings.look(tx, owner, self._copies.of(owner), at)
        return Recovered(case.plan, mine_of(tx, standing))

    def _time(self, case: Case) -> datetime:
        # Only its own path bounds the time of an entry: a thief's clock is none of ours.
        return entry_time(case.plan.previous.time, self._clock())

    async def _copied(self, principal: Principal, recovered: Recovered) -> Recovered:
        mine, copy = recovered.mine, self._copies.of(principal.person)
        await asyncio.to_thread(copy.write, mine.did, mine.history.entries)
        return recovered


def _has_slot(tx: Connection, owner: Identifier) -> bool:
    """Return whether the phrase of ``owner`` opens the vault: that of whoever made it does."""
    first = accounts.first(tx)
    return first is not None and first.id == owner


def _opens(slots: KeySlots, phrase: Phrase) -> bool:
    try:
        slots.unlock(phrase)
    except WrongKeyError:
        return False
    return True
