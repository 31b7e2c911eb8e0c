from pathlib import Path

import pytest
from sqlalchemy import Connection

from mnemosyne.contacts import store as contacts
from mnemosyne.contacts.service import ContactDidError, NameLengthError
from mnemosyne.identity import store
from mnemosyne.identity.cards import Card
from mnemosyne.identity.errors import EquivocationError, InvalidDidError, LogCode, LogError
from mnemosyne.identity.log import lines, require_trust
from mnemosyne.identity.model import Rotated
from mnemosyne.identity.refusals import (
    CopyNotWrittenError,
    DidBesideError,
    DidUnconfirmedError,
    ForeignLogError,
    NewerKnownError,
    NothingNewError,
    OwnCardError,
    RecoveryUnconfirmedError,
    UnknownDidError,
)
from mnemosyne.identity.service.recovery_case import RecoveryRequest
from mnemosyne.identity.sources import Source
from mnemosyne.kit.vault import identity as vault
from tests.identity.people import Someone
from tests.identity.thief import thief_of
from tests.requirements import requirement

HOT = frozenset({Rotated.HOT})


async def card_of(who: Someone) -> Card:
    return await who.identities.card(who.principal)


async def source_of(who: Someone) -> Source:
    card = await card_of(who)
    return Source(card.did, card.entries)


@requirement("contacts.card")
async def test_a_card_gives_a_contact_a_did_that_resolves_offline(
    ada: Someone, mira: Someone
) -> None:
    mine = await mira.identities.create(mira.principal)
    await ada.contacts.add(ada.principal, "Mira Lund", ("Mira",))

    accepted = await ada.following.accept(ada.principal, await card_of(mira), "mira")

    assert (accepted.contact.name, accepted.contact.did) == ("Mira Lund", mine.did)
    assert await ada.contacts.everyone(ada.principal) == [accepted.contact]
    found = await ada.identities.find(ada.principal, mine.did)
    assert found is not None
    assert found.document == mine.history.document
    assert await ada.hosting.find(mine.did) is None  # whom a person knows is nobody's business
    assert await ada.acts() == ["card-accepted"]


@requirement("contacts.card")
async def test_a_newer_card_extends_what_is_known_and_an_older_one_changes_nothing(
    ada: Someone, mira: Someone
) -> None:
    await mira.identities.create(mira.principal)
    old = await card_of(mira)
    await mira.identities.rotate(mira.principal, HOT)
    new = await card_of(mira)
    await ada.following.accept(ada.principal, old, "Mira")

    extended = await ada.following.accept(ada.principal, new, "")
    behind = await ada.following.accept(ada.principal, old, "")

    assert [entry.number for entry in extended.fresh] == [2]
    assert (behind.fresh, behind.history.head) == ((), extended.history.head)


@requirement("contacts.card", "identity.recovery")
async def test_a_rival_card_is_kept_beside_the_first_and_blocks_trust(
    ada: Someone, mira: Someone
) -> None:
    mine = await mira.identities.create(mira.principal)
    thief = await thief_of(mira)
    await mira.identities.rotate(mira.principal, HOT)
    first = await ada.following.accept(ada.principal, await card_of(mira), "Mira")
    rival = Card(mine.did, (mine.history.head, thief.writes()))

    accepted = await ada.following.accept(ada.principal, rival, "")

    assert accepted.history.equivocation
    assert accepted.history.head == first.history.head
    with pytest.raises(EquivocationError):
        require_trust(accepted.history)


@requirement("contacts.card")
async def test_one_did_is_one_contact_and_the_reverse(ada: Someone, mira: Someone) -> None:
    mine = await mira.identities.create(mira.principal)
    await ada.following.accept(ada.principal, await card_of(mira), "Mira")

    with pytest.raises(ContactDidError) as taken:
        await ada.following.accept(ada.principal, await card_of(mira), "Somebody else")

    assert taken.value.code == "contact-did"
    assert "Mira" in taken.value.why
    assert taken.value.hint
    assert [who.did for who in await ada.contacts.everyone(ada.principal)] == [mine.did]
    with pytest.raises(NameLengthError):
        await mira.following.accept(mira.principal, await _foreign_card(ada), "")


async def _foreign_card(who: Someone) -> Card:
    await who.identities.create(who.principal)
    return await card_of(who)


@requirement("contacts.card")
async def test_a_contact_has_one_did_and_keeps_it_when_two_become_one(
    ada: Someone, mira: Someone
) -> None:
    await ada.identities.create(ada.principal)
    first = await mira.following.accept(mira.principal, await card_of(ada), "Ada")
    target = await mira.contacts.add(mira.principal, "Countess")

    merged = await mira.contacts.merge(mira.principal, "Ada", into="Countess")

    assert (merged.id, merged.did) == (target.id, first.contact.did)
    other = await mira.contacts.add(mira.principal, "Augusta")
    owner = mira.principal.person
    await mira.database.write(lambda tx: contacts.set_did(tx, owner, other.id, "did:mnem:other"))
    with pytest.raises(ContactDidError) as refused:
        await mira.contacts.merge(mira.principal, "Augusta", into="Countess")
    assert refused.value.code == "contact-did"
    with pytest.raises(ContactDidError):
        await ada_again(mira, await card_of(ada))


async def ada_again(who: Someone, card: Card) -> None:
    """Let somebody be given a card as that of a contact who has another DID."""
    await who.following.accept(who.principal, card, "Augusta")


async def test_who_leaves_the_list_leaves_no_log(ada: Someone, mira: Someone) -> None:
    mine = await mira.identities.create(mira.principal)
    await ada.following.accept(ada.principal, await card_of(mira), "Mira")

    await ada.contacts.remove(ada.principal, "Mira")

    assert await ada.identities.find(ada.principal, mine.did) is None
    assert await ada.stored(mine.did) == ()


async def test_ones_own_card_is_no_contact(ada: Someone) -> None:
    await ada.identities.create(ada.principal)

    with pytest.raises(OwnCardError) as refused:
        await ada.following.accept(ada.principal, await card_of(ada), "Me")

    assert refused.value.code == "own-card"
    assert "did confirm" in refused.value.hint


@requirement("contacts.card")
async def test_a_card_whose_log_does_not_hold_leaves_nothing(ada: Someone, mira: Someone) -> None:
    mine = await mira.identities.create(mira.principal)
    await mira.identities.rotate(mira.principal, HOT)
    card = await card_of(mira)

    with pytest.raises(LogError) as refused:
        await ada.following.accept(ada.principal, Card(mine.did, card.entries[1:]), "Mira")

    assert refused.value.log_code is LogCode.NO_PARENT
    assert await ada.contacts.everyone(ada.principal) == []
    assert await ada.acts() == []


async def test_a_stranger_extends_a_hosted_log_and_no_other(ada: Someone, mira: Someone) -> None:
    mine = await ada.identities.create(ada.principal)
    other = await mira.identities.create(mira.principal)
    await ada.following.accept(ada.principal, await card_of(mira), "Mira")
    acts = await ada.acts()

    same = await ada.hosting.submit(mine.did, lines(mine.history.entries))
    assert same.head == mine.history.head
    assert await ada.acts() == acts  # nothing new, nothing to enter
    with pytest.raises(UnknownDidError) as unknown:
        await ada.hosting.submit(other.did, lines(other.history.entries))
    assert unknown.value.code == "did-unknown"
    with pytest.raises(InvalidDidError):
        await ada.hosting.submit("did:mnem:nothing", b"")
    with pytest.raises(LogError):
        await ada.hosting.submit(mine.did, b"{}\n")


@requirement("identity.restored")
async def test_a_restored_older_backup_writes_nothing_before_it_was_compared(
    ada: Someone, mira: Someone, tmp_path: Path
) -> None:
    await ada.identities.create(ada.principal)
    backup = await ada.backup(tmp_path / "backup.db")
    await ada.identities.rotate(ada.principal, HOT)
    newest = await source_of(ada)
    await mira.following.accept(mira.principal, await card_of(ada), "Ada")
    ada.home.did_log.unlink()  # another machine
    await ada.restored(backup)

    for attempt in (
        ada.identities.rotate(ada.principal, HOT),
        ada.identities.deactivate(ada.principal),
    ):
        with pytest.raises(DidUnconfirmedError) as refused:
            await attempt
        assert refused.value.code == "did-unconfirmed"
        assert "did confirm" in refused.value.hint
    mine = await ada.identities.mine(ada.principal)
    assert not mine.confirmed

    confirmed = await ada.following.confirm(ada.principal, newest)

    assert [entry.number for entry in confirmed.adopted] == [2]
    assert confirmed.mine.confirmed
    assert not confirmed.mine.writable  # its keys were made after the backup
    assert confirmed.mine.elsewhere == ()
    recovered = await ada.recovery.recover(ada.principal, ada.phrase)
    assert recovered.plan.previous.number == 2
    await mira.following.accept(mira.principal, await card_of(ada), "")
    known = await mira.identities.find(mira.principal, recovered.mine.did)
    assert known is not None
    assert not known.equivocation  # no rival was ever made


@requirement("identity.restored")
async def test_the_copy_beside_the_vault_is_compared_by_itself(
    ada: Someone, tmp_path: Path
) -> None:
    await ada.identities.create(ada.principal)
    backup = await ada.backup(tmp_path / "backup.db")
    await ada.identities.rotate(ada.principal, HOT)
    await ada.restored(backup)

    assert (await ada.identities.mine(ada.principal)).ahead == 1
    with pytest.raises(DidUnconfirmedError) as refused:
        await ada.identities.rotate(ada.principal, HOT)
    assert refused.value.ahead == 1
    assert "did-log.jsonl" in refused.value.hint
    with pytest.raises(NewerKnownError) as newer:
        await ada.following.confirm(ada.principal, None)
    assert newer.value.code == "did-newer-known"
    with pytest.raises(NewerKnownError):
        await ada.recovery.plan(ada.principal, RecoveryRequest(without_log=True))

    did = (await ada.identities.mine(ada.principal)).did
    confirmed = await ada.following.confirm(ada.principal, Source(did, ada.copy.read(did)))
    assert [entry.number for entry in confirmed.adopted] == [2]


@requirement("identity.restored")
async def test_a_person_may_state_that_nothing_is_newer(ada: Someone, tmp_path: Path) -> None:
    await ada.identities.create(ada.principal)
    await ada.restored(await ada.backup(tmp_path / "backup.db"))

    confirmed = await ada.following.confirm(ada.principal, None)

    assert confirmed.mine.confirmed
    assert (await ada.acts())[0] == "did-confirmed"
    await ada.identities.rotate(ada.principal, HOT)


@requirement("identity.restored")
async def test_an_older_card_confirms_nothing_and_the_same_one_does(
    ada: Someone, mira: Someone, tmp_path: Path
) -> None:
    await ada.identities.create(ada.principal)
    old = await source_of(ada)
    await ada.identities.rotate(ada.principal, HOT)
    same = await source_of(ada)
    await ada.restored(await ada.backup(tmp_path / "backup.db"))
    other = await mira.identities.create(mira.principal)

    with pytest.raises(NothingNewError) as refused:
        await ada.following.confirm(ada.principal, old)
    assert refused.value.code == "did-older"
    with pytest.raises(ForeignLogError):
        await ada.following.confirm(ada.principal, Source(other.did, other.history.entries))
    assert not (await ada.identities.mine(ada.principal)).confirmed
    assert (await ada.following.confirm(ada.principal, same)).mine.confirmed
    await ada.identities.rotate(ada.principal, HOT)


@requirement("identity.restored")
async def test_a_forced_fork_is_seen_by_who_follows(
    ada: Someone, mira: Someone, tmp_path: Path
) -> None:
    await ada.identities.create(ada.principal)
    backup = await ada.backup(tmp_path / "backup.db")
    await ada.identities.rotate(ada.principal, HOT)
    await mira.following.accept(mira.principal, await card_of(ada), "Ada")
    ada.home.did_log.unlink()
    await ada.restored(backup)
    await ada.following.confirm(ada.principal, None)  # which is not true
    await ada.identities.rotate(ada.principal, HOT)

    accepted = await mira.following.accept(mira.principal, await card_of(ada), "")

    assert accepted.history.equivocation
    assert (await mira.acts())[0] == "card-accepted"


@requirement("identity.restored")
async def test_after_a_restore_a_recovery_asks_for_the_newest_log(
    ada: Someone, tmp_path: Path
) -> None:
    await ada.identities.create(ada.principal)
    backup = await ada.backup(tmp_path / "backup.db")
    await ada.recovery.recover(ada.principal, ada.phrase)
    newest = await source_of(ada)
    ada.home.did_log.unlink()
    await ada.restored(backup)

    with pytest.raises(RecoveryUnconfirmedError) as refused:
        await ada.recovery.recover(ada.principal, ada.phrase)
    assert refused.value.code == "did-recovery-unconfirmed"
    assert "--log" in refused.value.hint
    request = RecoveryRequest(source=newest)
    recovered = await ada.recovery.recover(ada.principal, ada.phrase, request)

    assert recovered.mine.history.epoch == 2
    assert not recovered.mine.history.equivocation
    assert recovered.mine.confirmed


async def test_without_a_log_a_recovery_is_stated_to_be_the_first(
    ada: Someone, tmp_path: Path
) -> None:
    await ada.identities.create(ada.principal)
    await ada.restored(await ada.backup(tmp_path / "backup.db"))

    request = RecoveryRequest(without_log=True)
    recovered = await ada.recovery.recover(ada.principal, ada.phrase, request)

    assert recovered.mine.confirmed
    assert recovered.mine.history.epoch == 1


async def test_a_new_key_of_the_vault_leaves_it_confirmed(ada: Someone) -> None:
    await ada.identities.create(ada.principal)

    def rekeyed(tx: Connection) -> None:
        before = vault.load(tx).incarnation
        store.carry_confirmation(tx, before, vault.new_incarnation(tx))

    await ada.database.write(rekeyed)

    assert (await ada.identities.mine(ada.principal)).confirmed


@requirement("identity.restored")
async def test_a_backup_from_before_the_did_does_not_lead_to_a_second_one(
    ada: Someone, tmp_path: Path
) -> None:
    backup = await ada.backup(tmp_path / "backup.db")
    mine = await ada.identities.create(ada.principal)
    await ada.restored(backup)

    with pytest.raises(DidBesideError) as refused:
        await ada.identities.create(ada.principal)

    assert refused.value.code == "did-beside"
    assert refused.value.did == mine.did
    assert "did recover --log" in refused.value.hint
    request = RecoveryRequest(source=Source(mine.did, ada.copy.read(mine.did)))
    recovered = await ada.recovery.recover(ada.principal, ada.phrase, request)
    assert (recovered.mine.did, recovered.plan.adopted) == (mine.did, True)


async def test_a_copy_that_is_not_whole_is_written_anew_with_the_next_change(ada: Someone) -> None:
    mine = await ada.identities.create(ada.principal)
    ada.home.did_log.write_bytes(b"not a log")
    assert ada.copy.read(mine.did) == ()

    changed = await ada.identities.rotate(ada.principal, HOT)

    assert changed.mine is not None
    assert ada.copy.read(mine.did) == changed.mine.history.entries


async def test_a_copy_that_cannot_be_written_is_told_after_the_change_stands(
    ada: Someone,
) -> None:
    await ada.identities.create(ada.principal)
    ada.home.did_log.with_name("did-log.jsonl.new").mkdir()  # in the way of the new file

    with pytest.raises(CopyNotWrittenError) as refused:
        await ada.identities.rotate(ada.principal, HOT)

    assert refused.value.code == "did-copy"
    assert "was changed" in str(refused.value)
    assert len((await ada.identities.mine(ada.principal)).history.path) == 2
