from datetime import timedelta

import pytest

from mnemosyne.identity import authoring
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.errors import EquivocationError, LogError
from mnemosyne.identity.log import History, lines, require_trust
from mnemosyne.identity.model import Rotated, Standing
from mnemosyne.identity.parameters import key_hash
from mnemosyne.identity.refusals import (
    DidEndedError,
    ForeignLogError,
    KeysElsewhereError,
    NoDidError,
    PhraseUnfitError,
    UnknownVersionError,
)
from mnemosyne.identity.service.recovery_case import RecoveryRequest
from mnemosyne.identity.sources import Source
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.vault.keyring import KeyKind, Keyring
from tests.identity.people import NEW_PHRASE, Someone
from tests.identity.thief import Thief, other_document, thief_of
from tests.requirements import requirement

HOT = frozenset({Rotated.HOT})


@requirement("identity.recovery")
async def test_recovery_beats_a_thief_of_both_hot_keys(ada: Someone, mira: Someone) -> None:
    mine = await ada.identities.create(ada.principal)
    card = await ada.identities.card(ada.principal)
    await mira.following.accept(mira.principal, card, "Ada")
    thief = await thief_of(ada)
    assert len(thief.keys) == 2
    written = [thief.writes(other_document(mine.history)), thief.writes()]
    await ada.hosting.submit(mine.did, lines(written))
    robbed = await ada.identities.mine(ada.principal)
    assert robbed.history.head == written[-1]
    assert robbed.elsewhere == tuple(written)
    assert not robbed.writable
    assert (await ada.acts())[0] == "did-extended-elsewhere"

    recovered = await ada.recovery.recover(ada.principal, ada.phrase)

    assert recovered.plan.previous == mine.history.head
    assert recovered.plan.nullified == tuple(written)
    history = recovered.mine.history
    assert (history.epoch, history.equivocation, len(history.path)) == (1, False, 2)
    require_trust(history)
    names = {each["id"].rsplit("#")[1] for each in (history.document or {})["verificationMethod"]}
    assert names == {"sig-2", "enc-2", "node-1"}
    assert [line.standing for line in recovered.mine.log] == [
        Standing.CURRENT,
        Standing.NULLIFIED,
        Standing.NULLIFIED,
        Standing.CURRENT,
    ]
    assert (await ada.acts())[0] == "did-recovered"
    # Nothing that the thief holds is of any use any more, whatever is written and wherever.
    with pytest.raises(LogError):
        _from(thief, history)
    late = [thief.writes(), thief.writes()]
    after = await ada.hosting.submit(mine.did, lines(late))
    assert (after.head, after.equivocation) == (history.head, False)
    # A follower who saw the thief's entries first comes to the same end.
    await mira.following.accept(mira.principal, await ada.identities.card(ada.principal), "Ada")
    known = await mira.identities.find(mira.principal, mine.did)
    assert known is not None
    assert (known.head, known.equivocation) == (history.head, False)


def _from(thief: Thief, history: History) -> Entry:
    """Try to write on after the recovery with what was stolen."""
    return authoring.update(
        history,
        thief.keys[1],
        next_key_hashes=[key_hash(encode_multikey(thief.keys[0].public))],
        document=thief.history.document or {},
        time=thief.history.head.time + timedelta(minutes=1),
    )


@requirement("identity.recovery")
async def test_after_a_recovery_the_person_goes_on_with_new_keys(ada: Someone) -> None:
    await ada.identities.create(ada.principal)
    stolen = {key.public for key in await ada.stolen_keys()}
    await ada.recovery.recover(ada.principal, ada.phrase)

    changed = await ada.identities.rotate(ada.principal, HOT)

    assert changed.mine is not None
    assert changed.mine.history.epoch == 1
    assert stolen.isdisjoint({key.public for key in await ada.stolen_keys()})


@requirement("identity.recovery")
async def test_a_full_log_of_a_thief_does_not_keep_the_recovery_out(ada: Someone) -> None:
    mine = await ada.identities.create(ada.principal)
    thief = await thief_of(ada)
    written = [thief.writes() for _ in range(12)]
    await ada.hosting.submit(mine.did, lines(written))

    recovered = await ada.recovery.recover(ada.principal, ada.phrase)

    assert len(recovered.mine.history.path) == 2
    assert len(await ada.stored(mine.did)) == 14


@requirement("identity.recovery")
async def test_the_same_phrase_recovers_again_and_again(ada: Someone) -> None:
    await ada.identities.create(ada.principal)
    for epoch in (1, 2, 3):
        recovered = await ada.recovery.recover(ada.principal, ada.phrase)
        assert recovered.mine.history.epoch == epoch
        assert recovered.mine.history.in_force.recovery_key_hashes == (
            ada.phrase.recovery_key_hash(epoch),
        )


@requirement("identity.recovery")
async def test_another_phrase_recovers_nothing(ada: Someone) -> None:
    await ada.identities.create(ada.principal)

    for attempt in (
        ada.recovery.recover(ada.principal, NEW_PHRASE),
        ada.recovery.end_for_ever(ada.principal, NEW_PHRASE),
        ada.recovery.replace_phrase(ada.principal, ada.phrase, NEW_PHRASE),
        ada.recovery.replace_phrase(ada.principal, NEW_PHRASE),
        ada.recovery.require_fit(ada.principal, NEW_PHRASE),
    ):
        with pytest.raises(PhraseUnfitError) as refused:
            await attempt
        assert refused.value.code == "did-phrase"
        assert "rehearse" in refused.value.hint
    assert len((await ada.identities.mine(ada.principal)).history.path) == 1
    assert await ada.acts() == ["did-created"]


@requirement("identity.rehearsal")
async def test_recovery_can_be_rehearsed_without_writing(ada: Someone) -> None:
    mine = await ada.identities.create(ada.principal)

    right = await ada.recovery.rehearse(ada.principal, ada.phrase)
    wrong = await ada.recovery.rehearse(ada.principal, NEW_PHRASE)

    assert (right.did, right.fits, right.opens) == (mine.did, True, True)
    assert (wrong.fits, wrong.opens) == (False, False)
    assert len(await ada.stored(mine.did)) == 1
    assert await ada.acts() == ["did-created"]


async def test_a_plan_shows_what_would_be_dropped_and_writes_nothing(ada: Someone) -> None:
    mine = await ada.identities.create(ada.principal)
    await ada.identities.rotate(ada.principal, HOT)

    plain = await ada.recovery.plan(ada.principal, RecoveryRequest())
    earlier = await ada.recovery.plan(ada.principal, RecoveryRequest(version="1"))

    assert (plain.previous.number, plain.nullified) == (2, ())
    assert earlier.previous == mine.history.head
    assert [entry.number for entry in earlier.nullified] == [2]
    assert len(await ada.stored(mine.did)) == 2


async def test_recovery_starts_at_an_entry_that_nothing_beats(ada: Someone) -> None:
    mine = await ada.identities.create(ada.principal)
    await ada.recovery.recover(ada.principal, ada.phrase)

    for version, why in (
        ("1", "Another recovery"),
        (mine.history.head.version_id, "Another recovery"),
        ("7", "no such entry"),
    ):
        with pytest.raises(UnknownVersionError) as refused:
            await ada.recovery.plan(ada.principal, RecoveryRequest(version=version))
        assert refused.value.code == "did-version"
        assert why in refused.value.why
        assert "did log" in refused.value.hint


@requirement("identity.deactivate")
async def test_the_phrase_undoes_a_deactivation(ada: Someone) -> None:
    before = await ada.identities.create(ada.principal)
    await ada.identities.deactivate(ada.principal)

    recovered = await ada.recovery.recover(ada.principal, ada.phrase)

    assert not recovered.mine.history.deactivated
    assert (recovered.mine.history.document or {})["id"] == before.did
    await ada.identities.rotate(ada.principal, HOT)


@requirement("identity.deactivate")
async def test_a_tombstone_is_undone_by_nothing(ada: Someone) -> None:
    await ada.identities.create(ada.principal)

    ended = await ada.recovery.end_for_ever(ada.principal, ada.phrase)

    assert ended.mine.history.deactivated
    assert (await ada.acts())[0] == "did-ended"
    owner = ada.principal.person
    assert await ada.database.read(lambda tx: Keyring().held(tx, owner, KeyKind.HOT)) == ()
    assert await ada.database.read(lambda tx: Keyring().held(tx, owner, KeyKind.SIGNING)) == ()
    with pytest.raises(DidEndedError) as refused:
        await ada.recovery.recover(ada.principal, ada.phrase)
    assert refused.value.code == "did-ended"
    assert refused.value.hint
    with pytest.raises(DidEndedError):  # not a hint that the phrase could take it back
        await ada.identities.rotate(ada.principal, HOT)


@requirement("identity.recovery")
async def test_a_forked_log_is_reported_and_blocks_until_it_is_recovered(ada: Someone) -> None:
    mine = await ada.identities.create(ada.principal)
    thief = await thief_of(ada)
    own = await ada.identities.rotate(ada.principal, HOT)
    rival = thief.writes()

    forked = await ada.hosting.submit(mine.did, lines([rival]))

    assert own.mine is not None
    assert forked.equivocation
    assert forked.head == own.mine.history.head  # first seen, first
    with pytest.raises(EquivocationError) as refused:
        require_trust(forked)
    assert refused.value.code == "did-equivocation"
    with pytest.raises(EquivocationError):
        await ada.identities.rotate(ada.principal, HOT)
    recovered = await ada.recovery.recover(ada.principal, ada.phrase)
    assert not recovered.mine.history.equivocation
    assert rival in recovered.plan.nullified


async def test_where_the_keys_are_elsewhere_it_is_said(ada: Someone) -> None:
    mine = await ada.identities.create(ada.principal)
    thief = await thief_of(ada)
    await ada.hosting.submit(mine.did, lines([thief.writes()]))

    with pytest.raises(KeysElsewhereError) as refused:
        await ada.identities.rotate(ada.principal, HOT)

    assert refused.value.code == "did-keys-missing"
    assert "did recover" in refused.value.hint


@requirement("identity.recovery")
async def test_a_did_is_recovered_into_a_vault_that_never_had_it(
    ada: Someone, mira: Someone
) -> None:
    mine = await ada.identities.create(ada.principal)
    source = Source(mine.did, mine.history.entries)
    with pytest.raises(NoDidError):
        await mira.recovery.plan(mira.principal, RecoveryRequest())

    request = RecoveryRequest(source=source)
    plan = await mira.recovery.plan(mira.principal, request)
    recovered = await mira.recovery.recover(mira.principal, ada.phrase, request)

    assert plan.adopted
    assert recovered.mine.did == mine.did
    assert (await mira.identities.mine(mira.principal)).writable
    await mira.identities.rotate(mira.principal, frozenset(Rotated))


async def test_the_log_of_another_did_recovers_nothing(ada: Someone, mira: Someone) -> None:
    await ada.identities.create(ada.principal)
    other = await mira.identities.create(mira.principal)
    source = Source(other.did, other.history.entries)

    with pytest.raises(ForeignLogError) as refused:
        await ada.recovery.plan(ada.principal, RecoveryRequest(source=source))

    assert refused.value.code == "did-foreign"


@requirement("vault.slots.phrase-replace")
async def test_before_there_is_a_did_a_new_phrase_takes_slot_and_hash(ada: Someone) -> None:
    closed = await ada.recovery.replace_phrase(ada.principal, NEW_PHRASE)

    assert closed is not None
    assert "Backups made until now still open with the old phrase" in closed.statement
    mine = await ada.identities.create(ada.principal)
    assert mine.history.in_force.recovery_key_hashes == (NEW_PHRASE.recovery_key_hash(0),)
    assert (await ada.recovery.rehearse(ada.principal, NEW_PHRASE)).opens
    assert not (await ada.recovery.rehearse(ada.principal, ada.phrase)).opens
    assert (await ada.acts())[1] == "phrase-replaced"


@requirement("vault.slots.phrase-replace")
async def test_with_a_did_the_old_phrase_signs_for_the_new_one(ada: Someone) -> None:
    await ada.identities.create(ada.principal)

    await ada.recovery.replace_phrase(ada.principal, NEW_PHRASE, ada.phrase)

    old = await ada.recovery.rehearse(ada.principal, ada.phrase)
    new = await ada.recovery.rehearse(ada.principal, NEW_PHRASE)
    assert (old.fits, old.opens) == (False, False)
    assert (new.fits, new.opens) == (True, True)
    assert (await ada.acts())[:2] == ["phrase-replaced", "did-recovered"]
    again = await ada.recovery.recover(ada.principal, NEW_PHRASE)
    assert again.mine.history.epoch == 2


@requirement("vault.slots.phrase-replace")
async def test_an_interrupted_exchange_leaves_both_phrases_with_something_and_can_be_finished(
    ada: Someone,
) -> None:
    await ada.identities.create(ada.principal)
    root = ada.slots.unlock(ada.phrase)
    # The slot was exchanged, and the transaction around it was lost with the power.
    ada.slots.replace_phrase(root, NEW_PHRASE, at=ada.clock())

    old = await ada.recovery.rehearse(ada.principal, ada.phrase)
    new = await ada.recovery.rehearse(ada.principal, NEW_PHRASE)
    assert (old.fits, old.opens, new.fits, new.opens) == (True, False, False, True)
    await ada.recovery.replace_phrase(ada.principal, NEW_PHRASE, ada.phrase)

    new = await ada.recovery.rehearse(ada.principal, NEW_PHRASE)
    assert (new.fits, new.opens) == (True, True)
