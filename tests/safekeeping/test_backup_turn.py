"""Backups that are begun at once are made one after another, and each is whole."""

import asyncio
from pathlib import Path

import pytest

from mnemosyne.safekeeping.backup import MadeBackup
from mnemosyne.safekeeping.backup_turn import turn
from tests.requirements import requirement
from tests.safekeeping.vault import Vault


@requirement("backup.turns")
async def test_backups_that_are_begun_at_once_are_both_proven(vault: Vault, shelf: Path) -> None:
    await vault.remember("Walked around the lake.")
    made = await asyncio.gather(vault.back_up(shelf), vault.back_up(shelf))

    assert {type(each) for each in made} == {MadeBackup}
    assert sorted(each.backup.counter for each in made) == [1, 2]
    assert all(each.backup.path.is_relative_to(shelf) for each in made)


async def test_whoever_stops_waiting_for_their_turn_keeps_nobody_out(vault: Vault) -> None:
    end_first = await turn(vault.home)
    waiting = asyncio.ensure_future(turn(vault.home))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    end_first()

    (await turn(vault.home))()


async def test_a_backup_that_is_cancelled_lets_the_next_one_begin_when_it_has_ended(
    vault: Vault, shelf: Path
) -> None:
    begun = asyncio.Event()
    making = asyncio.ensure_future(
        vault.backups.make(vault.principal, shelf, lambda _step: begun.set())
    )
    await begun.wait()
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making

    assert (await vault.back_up(shelf)).backup.counter == 2
