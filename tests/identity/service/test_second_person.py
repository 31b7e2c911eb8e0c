"""Somebody who came later has a DID, a phrase and a copy of their own beside the same vault."""

from pathlib import Path

import pytest

from mnemosyne.accounts import store as accounts
from mnemosyne.identity.log import lines
from mnemosyne.identity.model import Rotated
from mnemosyne.identity.refusals import (
    CopyDamagedError,
    DidBesideError,
    DidTakenError,
    DidUnconfirmedError,
    NewerKnownError,
    NoDidError,
    PhraseNeededError,
    PhraseUnfitError,
)
from mnemosyne.identity.service.recovery_case import RecoveryRequest
from mnemosyne.identity.sources import Source
from mnemosyne.kit.principal import MissingScopeError
from mnemosyne.kit.vault.phrase import Phrase, generate_phrase, parse_phrase
from mnemosyne.kit.vault.slot_errors import WrongKeyError
from tests.identity.people import NEW_PHRASE, Someone
from tests.identity.thief import thief_of
from tests.requirements import requirement

BOBS = parse_phrase(
    "legal winner thank year wave sausage worth useful " * 2 + "legal winner thank "
    "year wave sausage worth title"
)
HOT = frozenset({Rotated.HOT})


@pytest.fixture
async def bob(ada: Someone) -> Someone:
    return await ada.joined_by("Bob", BOBS)


async def with_dids(*people: Someone) -> None:
    for who in people:
        needed = await who.identities.needs_phrase(who.principal)
        await who.identities.create(who.principal, who.phrase if needed else None)


async def hash_of(who: Someone) -> str:
    return await who.database.read(lambda tx: accounts.recovery_key_hash(tx, who.principal.person))


@requirement("identity.people")
async def test_a_second_person_makes_a_did_with_a_phrase_of_their_own(
    ada: Someone, bob: Someone
) -> None:
    assert not await ada.identities.needs_phrase(ada.principal)
    assert await bob.identities.needs_phrase(bob.principal)
    with pytest.raises(PhraseNeededError) as refused:
        await bob.identities.create(bob.principal)
    assert refused.value.code == "did-phrase-needed"
    with pytest.raises(NoDidError):
        await bob.identities.mine(bob.principal)
    await with_dids(ada, bob)

    mine = await bob.identities.mine(bob.principal)

    assert mine.did != (await ada.identities.mine(ada.principal)).did
    assert mine.history.in_force.recovery_key_hashes == (BOBS.recovery_key_hash(0),)
    assert await hash_of(bob) == BOBS.recovery_key_hash(0)
    assert not await bob.identities.needs_phrase(bob.principal)
    recovered = await bob.recovery.recover(bob.principal, BOBS)
    assert recovered.mine.history.epoch == 1
    assert (await ada.identities.mine(ada.principal)).history.epoch == 0


async def test_the_phrase_of_the_vault_is_not_exchanged_by_making_a_did(ada: Someone) -> None:
    with pytest.raises(PhraseUnfitError):
        await ada.identities.create(ada.principal, NEW_PHRASE)

    assert await hash_of(ada) == ada.phrase.recovery_key_hash(0)
    await ada.identities.create(ada.principal, ada.phrase)  # their own is no other one


@requirement("identity.people")
async def test_each_person_has_a_copy_of_their_own_beside_the_vault(
    ada: Someone, bob: Someone
) -> None:
    await with_dids(bob, ada)

    logs = {path.name for path in ada.home.path.glob("did-log*")}

    assert logs == {"did-log.jsonl", f"did-log-{bob.principal.person}.jsonl"}
    for who in (ada, bob):
        mine = await who.identities.mine(who.principal)
        assert who.copy.look().entries == who.copies.of(who.principal.person).look().entries
        assert who.copies.of(who.principal.person).look().entries == mine.history.entries
        assert who.copies.of(who.principal.person).path.stat().st_mode & 0o777 == 0o600


async def test_a_copy_stays_whose_it_is_when_the_first_person_is_gone(
    ada: Someone, bob: Someone
) -> None:
    await with_dids(ada, bob)
    mine = await bob.identities.mine(bob.principal)

    alone = Someone(bob.database, bob.clock, bob.principal, bob.home, BOBS)  # as the next start

    assert alone.copies.first == bob.principal.person
    assert alone.copies.of(bob.principal.person).look().entries == mine.history.entries


@requirement("identity.people", "identity.restored")
async def test_a_restored_vault_writes_no_rival_for_any_of_its_people(
    ada: Someone, bob: Someone, tmp_path: Path
) -> None:
    await with_dids(ada, bob)
    before = await ada.backup(tmp_path / "before.db")
    await bob.identities.rotate(bob.principal, HOT)
    newest = (await bob.identities.mine(bob.principal)).history.entries
    await ada.restored(before)
    bob.database = ada.database
    bob.__post_init__()

    with pytest.raises(DidUnconfirmedError) as refused:
        await bob.identities.rotate(bob.principal, HOT)
    with pytest.raises(NewerKnownError):
        await bob.following.confirm(bob.principal, None)
    assert refused.value.ahead == 1
    assert (await ada.identities.mine(ada.principal)).ahead == 0
    confirmed = await bob.following.confirm_copy(bob.principal)

    assert confirmed.mine.confirmed
    assert confirmed.mine.history.entries == newest
    assert not (await ada.identities.mine(ada.principal)).confirmed  # theirs is another matter
    recovered = await bob.recovery.recover(bob.principal, BOBS)
    assert not recovered.mine.history.equivocation


async def test_what_the_vault_lost_of_a_person_is_taken_back_from_their_copy(
    ada: Someone, bob: Someone, tmp_path: Path
) -> None:
    before = await ada.backup(tmp_path / "before.db")
    await with_dids(ada, bob)
    did = (await bob.identities.mine(bob.principal)).did
    await ada.restored(before)
    bob.database = ada.database
    bob.__post_init__()

    with pytest.raises(DidBesideError) as refused:
        await bob.identities.create(bob.principal, BOBS)
    assert refused.value.did == did
    source = await bob.following.copied(bob.principal)
    recovered = await bob.recovery.recover(bob.principal, BOBS, RecoveryRequest(source=source))

    assert (recovered.mine.did, recovered.plan.adopted) == (did, True)


async def test_a_copy_that_cannot_be_read_is_not_taken_over(ada: Someone, bob: Someone) -> None:
    with pytest.raises(NoDidError):
        await bob.following.copied(bob.principal)
    await with_dids(ada, bob)
    with bob.copies.of(bob.principal.person).path.open("ab") as file:
        file.write(b"{")

    with pytest.raises(CopyDamagedError):
        await bob.following.confirm_copy(bob.principal)


async def test_entries_that_others_push_reach_the_copy_of_their_person(
    ada: Someone, bob: Someone
) -> None:
    await with_dids(ada, bob)
    did = (await bob.identities.mine(bob.principal)).did
    thief = await thief_of(bob)

    await bob.hosting.submit(did, lines([thief.writes()]))

    assert len(bob.copies.of(bob.principal.person).look().entries) == 2
    assert len(ada.copy.look().entries) == 1
    assert (await bob.acts())[0] == "did-extended-elsewhere"
    assert "did-extended-elsewhere" not in await ada.acts()


@requirement("identity.people")
async def test_a_second_phrase_opens_no_vault_and_exchanging_it_leaves_the_vault_alone(
    ada: Someone, bob: Someone
) -> None:
    await with_dids(ada, bob)
    slots = ada.home.slots.read_bytes()

    rehearsed = await bob.recovery.rehearse(bob.principal, BOBS)
    of_the_vault = await bob.recovery.rehearse(bob.principal, ada.phrase)
    fresh = generate_phrase()
    closed = await bob.recovery.replace_phrase(bob.principal, fresh, BOBS)

    assert (rehearsed.fits, rehearsed.opens) == (True, False)
    assert (of_the_vault.fits, of_the_vault.opens) == (False, False)  # no way to try it either
    assert closed is None
    assert ada.home.slots.read_bytes() == slots
    for phrase in (BOBS, fresh):
        with pytest.raises(WrongKeyError):
            ada.slots.unlock(phrase)
    assert (await bob.recovery.rehearse(bob.principal, fresh)).fits
    assert (await ada.recovery.rehearse(ada.principal, ada.phrase)).opens


async def test_the_key_of_the_node_is_not_a_second_persons_to_exchange(
    ada: Someone, bob: Someone
) -> None:
    await with_dids(ada, bob)

    with pytest.raises(MissingScopeError):
        await bob.identities.rotate(bob.principal, frozenset({Rotated.NODE}))
    await ada.identities.rotate(ada.principal, frozenset({Rotated.NODE}))

    assert not (await bob.identities.mine(bob.principal)).names_node
    await bob.identities.rotate(bob.principal, HOT)
    assert (await bob.identities.mine(bob.principal)).names_node


async def test_nobody_takes_over_the_did_of_another_person_of_the_node(
    ada: Someone, bob: Someone
) -> None:
    await ada.identities.create(ada.principal)
    card = await ada.identities.card(ada.principal)
    request = RecoveryRequest(source=Source(card.did, card.entries))

    with pytest.raises(DidTakenError) as refused:
        await bob.recovery.recover(bob.principal, ada.phrase, request)

    assert refused.value.code == "did-taken"
    with pytest.raises(NoDidError):
        await bob.identities.mine(bob.principal)
    assert (await ada.identities.mine(ada.principal)).history.epoch == 0


async def test_people_of_one_node_know_each_other_by_cards_like_everybody(
    ada: Someone, bob: Someone
) -> None:
    await with_dids(ada, bob)
    card = await ada.identities.card(ada.principal)
    await bob.following.accept(bob.principal, card, "Ada")
    await ada.identities.rotate(ada.principal, HOT)

    behind = await bob.identities.find(bob.principal, card.did)
    newer = await ada.identities.card(ada.principal)
    accepted = await bob.following.accept(bob.principal, newer, "")

    assert behind is not None
    assert len(behind.path) == 1
    assert len(accepted.fresh) == 1
    assert await ada.identities.find(ada.principal, await _did(bob)) is None


async def _did(who: Someone) -> str:
    return (await who.identities.mine(who.principal)).did


def test_a_phrase_shows_nowhere() -> None:
    assert "legal" not in repr(Phrase(BOBS.words))
