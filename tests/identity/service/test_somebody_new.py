"""A name is bound to a DID only while the DID says who that is; what was bound before stays."""

import pytest

from mnemosyne.identity.cards import Card
from mnemosyne.identity.errors import DeactivatedDidError, EquivocationError
from mnemosyne.identity.model import Rotated
from tests.identity.people import Someone
from tests.identity.thief import thief_of

HOT = frozenset({Rotated.HOT})


async def two_faces_of(who: Someone) -> Card:
    """Return a card that shows both ways in which somebody's log goes on."""
    await who.identities.create(who.principal)
    thief = await thief_of(who)
    changed = await who.identities.rotate(who.principal, HOT)
    assert changed.mine is not None
    return Card(changed.mine.did, (*changed.mine.history.entries, thief.writes()))


async def test_nobody_new_is_known_by_a_did_with_rivals(ada: Someone, mira: Someone) -> None:
    card = await two_faces_of(mira)

    with pytest.raises(EquivocationError) as refused:
        await ada.following.accept(ada.principal, card, "Mira")

    assert "another channel" in refused.value.hint
    assert await ada.following.known_contact(ada.principal, card.did) is None
    assert await ada.stored(card.did) == ()
    assert "card-accepted" not in await ada.acts()


async def test_nobody_new_is_known_by_a_did_that_has_ended(ada: Someone, mira: Someone) -> None:
    await mira.identities.create(mira.principal)
    await mira.identities.deactivate(mira.principal)
    card = await mira.identities.card(mira.principal)

    with pytest.raises(DeactivatedDidError) as refused:
        await ada.following.accept(ada.principal, card, "Mira")

    assert "the DID they use now" in refused.value.hint
    assert await ada.stored(card.did) == ()


async def test_of_somebody_known_the_end_is_taken_and_reported(ada: Someone, mira: Someone) -> None:
    await mira.identities.create(mira.principal)
    await ada.following.accept(ada.principal, await mira.identities.card(mira.principal), "Mira")
    await mira.identities.deactivate(mira.principal)

    accepted = await ada.following.accept(
        ada.principal, await mira.identities.card(mira.principal), ""
    )

    assert accepted.history.deactivated
    assert len(await ada.stored(accepted.history.did)) == 2
