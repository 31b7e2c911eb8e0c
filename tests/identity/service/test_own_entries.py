"""Which entries of one's own log count as one's own, and what is said of the others."""

import pytest

from mnemosyne.identity.errors import OwnEquivocationError
from mnemosyne.identity.log import lines
from mnemosyne.identity.model import Rotated, Standing
from mnemosyne.identity.refusals import AmbiguousVersionError, UnknownVersionError
from mnemosyne.identity.service.recovery_case import RecoveryRequest
from mnemosyne.identity.sources import Source
from tests.identity.people import Someone
from tests.identity.thief import thief_of

HOT = frozenset({Rotated.HOT})


async def test_what_came_before_an_entry_that_lost_stays_ones_own(
    ada: Someone, tmp_path_factory: pytest.TempPathFactory
) -> None:
    mine = await ada.identities.create(ada.principal)
    backup = await ada.backup(tmp_path_factory.mktemp("backup") / "backup.db")
    recovered = await ada.recovery.recover(ada.principal, ada.phrase)
    source = Source(mine.did, recovered.mine.history.entries)
    ada.home.did_log.unlink()
    await ada.restored(backup)
    await ada.following.confirm(ada.principal, None)
    await ada.identities.rotate(ada.principal, HOT)
    found = await ada.following.confirm(ada.principal, source)

    told = [(each.entry.number, each.standing, each.own) for each in found.mine.log]

    assert told == [
        (1, Standing.CURRENT, True),
        (2, Standing.NULLIFIED, True),
        (2, Standing.CURRENT, False),
    ]
    assert [entry.number for entry in found.mine.elsewhere] == [2]


async def test_an_entry_is_named_by_its_number_or_its_ending(ada: Someone) -> None:
    mine = await ada.identities.create(ada.principal)
    thief = await thief_of(ada)
    await ada.identities.rotate(ada.principal, HOT)
    rival = thief.writes()
    await ada.hosting.submit(mine.did, lines([rival]))

    async def goes_back_to(version: str) -> str:
        plan = await ada.recovery.plan(ada.principal, RecoveryRequest(version))
        return plan.previous.version_id

    assert await goes_back_to("1") == mine.history.head.version_id
    assert await goes_back_to(rival.version_id[-8:]) == rival.version_id
    assert await goes_back_to(rival.version_id[:20]) == rival.version_id
    with pytest.raises(AmbiguousVersionError) as unclear:
        await goes_back_to("2")
    assert rival.version_id[-8:] in unclear.value.why
    assert unclear.value.hint
    with pytest.raises(UnknownVersionError):
        await goes_back_to("9")
    with pytest.raises(OwnEquivocationError) as refused:
        await ada.identities.rotate(ada.principal, HOT)
    assert refused.value.code == "did-equivocation"
    assert "your DID" in str(refused.value)
    assert "restored backup" in refused.value.why
    assert "did recover" in refused.value.hint


async def test_a_contact_who_recovered_is_told_as_settled(ada: Someone, mira: Someone) -> None:
    mine = await mira.identities.create(mira.principal)
    thief = await thief_of(mira)
    await mira.identities.rotate(mira.principal, HOT)
    card = await mira.identities.card(mira.principal)
    first = await ada.following.accept(ada.principal, card, "Mira")
    await mira.hosting.submit(mine.did, lines([thief.writes()]))
    forked = Source(mine.did, (await mira.identities.mine(mira.principal)).history.entries)
    card = await mira.identities.card(mira.principal)
    rival = await ada.following.accept(
        ada.principal, type(card)(mine.did, forked.entries, name=""), ""
    )
    known = await ada.identities.histories(ada.principal, [mine.did, "did:mnem:none"])
    await mira.recovery.recover(mira.principal, mira.phrase)
    after = await ada.following.accept(
        ada.principal, await mira.identities.card(mira.principal), ""
    )

    assert (first.settled, rival.settled, after.settled) == (False, False, True)
    assert [found.equivocation for found in known.values()] == [True]
