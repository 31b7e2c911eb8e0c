"""A vault of an earlier day, whatever made it so, does not write a rival of its own log."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from mnemosyne.identity.log import lines
from mnemosyne.identity.model import Rotated
from mnemosyne.identity.public_copy import Beside
from mnemosyne.identity.refusals import (
    CopyDamagedError,
    DidBesideError,
    DidUnconfirmedError,
    NewerKnownError,
    NothingNewError,
)
from mnemosyne.identity.service.recovery_case import RecoveryRequest
from mnemosyne.identity.sources import Source
from mnemosyne.kit.database import Database
from tests.identity.people import Someone
from tests.requirements import requirement
from tests.vaults import KEY, copy_file

HOT = frozenset({Rotated.HOT})


async def source_of(who: Someone) -> Source:
    card = await who.identities.card(who.principal)
    return Source(card.did, card.entries)


def put_back(who: Someone, before: Path) -> None:
    """Put an older database file in place, as a snapshot does: nothing in the vault tells it."""
    who.database.close()
    copy_file(before, who.database.path)
    for end in ("-wal", "-shm"):
        who.database.path.with_name(who.database.path.name + end).unlink(missing_ok=True)
    who.database = Database(who.database.path, KEY)
    who.__post_init__()


@requirement("identity.restored")
async def test_a_database_that_was_put_back_is_told_by_the_copy_beside_it(
    ada: Someone, tmp_path: Path
) -> None:
    await ada.identities.create(ada.principal)
    before = await ada.backup(tmp_path / "snapshot.db")
    changed = await ada.identities.rotate(ada.principal, HOT)
    assert changed.mine is not None
    put_back(ada, before)

    with pytest.raises(DidUnconfirmedError) as refused:
        await ada.identities.rotate(ada.principal, HOT)
    with pytest.raises(NewerKnownError):
        await ada.recovery.recover(ada.principal, ada.phrase)
    mine = await ada.identities.mine(ada.principal)

    assert refused.value.ahead == 1
    assert "put back to an earlier day" in refused.value.why
    assert (mine.confirmed, mine.ahead) == (False, 1)
    source = Source(mine.did, ada.copy.read(mine.did))
    confirmed = await ada.following.confirm(ada.principal, source)
    assert confirmed.mine.confirmed
    assert confirmed.mine.history.head == changed.mine.history.head
    recovered = await ada.recovery.recover(ada.principal, ada.phrase)
    assert not recovered.mine.history.equivocation


@requirement("identity.restored")
@pytest.mark.parametrize("end", [b"x\n", b"", None], ids=["garbage", "cut", "empty"])
async def test_over_a_damaged_copy_nothing_is_stated(
    ada: Someone, tmp_path: Path, end: bytes | None
) -> None:
    await ada.identities.create(ada.principal)
    backup = await ada.backup(tmp_path / "backup.db")
    await ada.identities.rotate(ada.principal, HOT)
    newest = await source_of(ada)
    whole = ada.home.did_log.read_bytes()
    first = whole.index(b"\n") + 1
    damaged = b"" if end is None else whole[: first + 9] + end
    ada.home.did_log.write_bytes(damaged)
    await ada.restored(backup)

    assert not (await ada.identities.mine(ada.principal)).confirmed
    with pytest.raises(CopyDamagedError) as refused:
        await ada.following.confirm(ada.principal, None)
    with pytest.raises(CopyDamagedError):
        await ada.recovery.plan(ada.principal, RecoveryRequest(without_log=True))

    assert refused.value.code == "did-copy-damaged"
    assert "did confirm FILE" in refused.value.hint
    assert ada.home.did_log.read_bytes() == damaged  # nothing has hidden it
    assert (await ada.following.confirm(ada.principal, newest)).mine.confirmed
    assert ada.home.did_log.read_bytes() == whole


async def test_what_is_sound_in_a_damaged_copy_still_counts(ada: Someone, tmp_path: Path) -> None:
    await ada.identities.create(ada.principal)
    old = await source_of(ada)
    backup = await ada.backup(tmp_path / "backup.db")
    await ada.identities.rotate(ada.principal, HOT)
    with ada.home.did_log.open("ab") as file:
        file.write(b"{")
    await ada.restored(backup)

    assert (await ada.identities.mine(ada.principal)).ahead == 1
    for stated in (None, old):
        with pytest.raises(CopyDamagedError):
            await ada.following.confirm(ada.principal, stated)
    with pytest.raises(CopyDamagedError):
        await ada.recovery.plan(ada.principal, RecoveryRequest(source=old))
    with pytest.raises(DidUnconfirmedError) as refused:
        await ada.identities.rotate(ada.principal, HOT)
    assert "did confirm FILE" in refused.value.hint  # the copy itself cannot be given


async def test_no_did_is_made_beside_a_damaged_copy(ada: Someone) -> None:
    ada.home.did_log.write_bytes(b"{")

    with pytest.raises(CopyDamagedError):
        await ada.identities.create(ada.principal)


@requirement("identity.restored")
async def test_entries_that_others_push_reach_the_copy(
    ada: Someone, mira: Someone, tmp_path: Path
) -> None:
    mine = await ada.identities.create(ada.principal)
    backup = await ada.backup(tmp_path / "backup.db")
    request = RecoveryRequest(source=await source_of(ada))
    elsewhere = await mira.recovery.recover(mira.principal, ada.phrase, request)

    history = await ada.hosting.submit(mine.did, lines(elsewhere.mine.history.entries))

    assert ada.copy.read(mine.did) == history.entries
    await ada.restored(backup)
    with pytest.raises(NewerKnownError):
        await ada.recovery.recover(ada.principal, ada.phrase, RecoveryRequest(without_log=True))


async def test_a_copy_that_a_crash_left_behind_catches_up_before_a_card_is_shown(
    ada: Someone,
) -> None:
    await ada.identities.create(ada.principal)
    behind = ada.home.did_log.read_bytes()
    await ada.identities.rotate(ada.principal, HOT)
    ada.home.did_log.write_bytes(behind)

    card = await ada.identities.card(ada.principal)

    assert ada.copy.read(card.did) == card.entries


@requirement("identity.restored")
async def test_a_recovery_takes_no_card_that_is_older_than_the_vault(
    ada: Someone, tmp_path: Path
) -> None:
    await ada.identities.create(ada.principal)
    old = await source_of(ada)
    await ada.identities.rotate(ada.principal, HOT)
    same = await source_of(ada)
    await ada.restored(await ada.backup(tmp_path / "backup.db"))

    with pytest.raises(NothingNewError):
        await ada.recovery.recover(ada.principal, ada.phrase, RecoveryRequest(source=old))
    await ada.recovery.recover(ada.principal, ada.phrase, RecoveryRequest(source=same))


async def test_a_did_is_not_adopted_over_the_log_of_another(ada: Someone, mira: Someone) -> None:
    await mira.identities.create(mira.principal)
    await ada.identities.create(ada.principal)
    mira.home.did_log.rename(mira.home.did_log.with_suffix(".away"))
    request = RecoveryRequest(source=await source_of(mira))
    ada.home.did_log.replace(mira.home.did_log)
    await mira.database.write(lambda tx: tx.exec_driver_sql("DELETE FROM did"))

    with pytest.raises(DidBesideError):
        await mira.recovery.recover(mira.principal, mira.phrase, request)


async def test_two_writers_of_the_copy_lose_nothing(ada: Someone) -> None:
    mine = await ada.identities.create(ada.principal)
    for _ in range(2):
        await ada.identities.rotate(ada.principal, HOT)
    every = ada.copy.read(mine.did)
    together = Barrier(2, action=ada.home.did_log.unlink, timeout=30)
    lengths: list[int] = []

    def write(count: int) -> None:
        for _ in range(30):
            together.wait()
            ada.copy.write(mine.did, every[:count])
            together_again.wait()

    together_again = Barrier(
        2, action=lambda: lengths.append(len(ada.copy.read(mine.did))), timeout=30
    )
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (2, 3)))

    assert set(lengths) == {3}
    assert ada.copy.look() == Beside(every)
    assert not list(ada.home.path.glob("*.new"))


async def test_entries_that_others_push_are_taken_though_the_copy_cannot_be_written(
    ada: Someone, mira: Someone
) -> None:
    mine = await ada.identities.create(ada.principal)
    request = RecoveryRequest(source=await source_of(ada))
    elsewhere = await mira.recovery.recover(mira.principal, ada.phrase, request)
    in_the_way = ada.home.did_log.with_name("did-log.jsonl.new")
    in_the_way.mkdir()

    history = await ada.hosting.submit(mine.did, lines(elsewhere.mine.history.entries))

    assert await ada.stored(mine.did) == history.entries
    in_the_way.rmdir()
    await ada.identities.mine(ada.principal)
    assert ada.copy.read(mine.did) == history.entries
