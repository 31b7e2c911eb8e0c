"""A backup that is interrupted leaves nothing that looks complete, and the next one tidies up."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.contacts.derived import CONTACTS
from mnemosyne.kit.derived_data import OwnedTable
from mnemosyne.safekeeping import destination, retention, temporary
from mnemosyne.safekeeping.backup import Backups, OpenVault
from mnemosyne.safekeeping.backup_errors import BackupNotProvenError
from mnemosyne.safekeeping.verify import Verification
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.dying import Mortals
from tests.safekeeping.vault import Vault, open_vault

_MOST_STEPS = 80


def looking_complete(shelf: Path) -> list[Path]:
    return sorted(shelf.glob("mnemosyne-*.backup"))


@requirement("backup.atomic")
async def test_a_backup_killed_before_any_change_leaves_nothing_that_looks_complete(
    vault: Vault, shelf: Path, mortals: Mortals
) -> None:
    await vault.remember("The quince tree blooms.")
    vault.close()
    verification = Verification(PROVIDERS)
    partials, proven, killed = [], set[Path](), True

    for step in range(_MOST_STEPS):
        killed = mortals.back_up(vault.home, shelf, step).killed
        partials.append(len(destination.leftovers(shelf)))
        # Its name is the last thing that it gets, so what has one was proven.
        for path in set(looking_complete(shelf)) - proven:
            assert verification.verify(path, vault.root).rows["memory"] == 1
            proven.add(path)
        if not killed:
            break

    assert not killed
    assert proven
    assert max(partials) == 1  # each attempt removes what the one before it left
    assert partials[-1] == 0
    assert temporary.leftovers(vault.home.path) == []


@requirement("backup.atomic")
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
async def test_a_backup_killed_while_its_file_grows_is_tidied_up_by_the_next(
    vault: Vault, shelf: Path, mortals: Mortals, share: float
) -> None:
    await vault.remember("The quince tree blooms.")
    await vault.database.checkpoint()
    size = vault.home.database.stat().st_size
    # Below the size of the database its snapshot is what cannot grow; above it, the backup.
    limit = int(share * size) if share < 0.9 else size + 2000

    assert mortals.back_up(vault.home, shelf, size=limit).killed

    assert looking_complete(shelf) == []
    assert len(temporary.leftovers(vault.home.path)) == 1
    assert len(destination.leftovers(shelf)) == 1
    made = await vault.back_up(shelf)
    assert looking_complete(shelf) == [made.backup.path]
    assert destination.leftovers(shelf) == []
    assert temporary.leftovers(vault.home.path) == []


@requirement("erase.receipt", "backup.retention")
async def test_what_is_left_of_a_backup_counts_until_it_is_gone(
    vault: Vault, shelf: Path, mortals: Mortals
) -> None:
    memory = await vault.remember("The quince tree blooms.")
    await vault.database.checkpoint()
    size = vault.home.database.stat().st_size
    assert mortals.back_up(vault.home, shelf, size=size + 2000).killed
    (begun,) = await vault.backups.known(vault.principal)

    erased = await vault.erase(memory)
    pruned = await vault.pruning.prune_containing(vault.principal, memory.id)

    assert [copy.path for copy in erased.backups] == [str(begun.path)]
    assert pruned.removed == (begun,)
    assert destination.leftovers(shelf) == []
    assert await vault.backups.known(vault.principal) == []


async def test_a_backup_that_never_came_neither_shortens_another_nor_stays_in_the_book(
    vault: Vault, shelf: Path, clock: SetClock, mortals: Mortals
) -> None:
    vault.close()
    half = vault.home.database.stat().st_size // 2
    assert mortals.back_up(vault.home, shelf, size=half).killed
    there = open_vault(vault.home, clock)
    begun = await there.backups.known(there.principal)
    assert [each.verified_at for each in begun] == [None]

    clock.advance(timedelta(hours=7))
    made = await there.back_up(shelf)

    assert made.backup.expires_at - clock() == retention.MONTHLY
    assert await there.backups.known(there.principal) == [made.backup]
    there.close()


async def test_a_backup_that_is_called_off_stays_in_the_book_with_what_it_may_leave(
    vault: Vault, shelf: Path
) -> None:
    await vault.remember("The quince tree blooms.")
    begun = asyncio.Event()
    making = asyncio.create_task(
        vault.backups.make(vault.principal, shelf, lambda _step: begun.set())
    )
    await begun.wait()
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    await asyncio.get_running_loop().shutdown_default_executor()

    known = await vault.backups.known(vault.principal)
    assert [each.path for each in known] == looking_complete(shelf)
    assert Verification(PROVIDERS).verify(known[0].path, vault.root).counter == 1


async def test_a_file_in_the_making_has_no_name_until_it_was_proven(
    vault: Vault, shelf: Path
) -> None:
    seen: list[list[Path]] = []

    made = await vault.backups.make(
        vault.principal, shelf, lambda _step: seen.append(looking_complete(shelf))
    )

    assert seen[0] == []
    assert looking_complete(shelf) == [made.backup.path]
    assert made.verdict.path == made.backup.path


class Wavering:
    """Something kept of a person of which a vault seems to hold less each time one looks."""

    def __init__(self) -> None:
        self.left = list(CONTACTS.tables)
        self.preview = CONTACTS.preview
        self.erase = CONTACTS.erase

    @property
    def tables(self) -> tuple[OwnedTable, ...]:
        seen = tuple(self.left)
        self.left = self.left[1:]
        return seen


@requirement("backup.proven")
async def test_a_backup_that_does_not_give_back_what_went_in_is_no_success(
    vault: Vault, shelf: Path
) -> None:
    facts = OpenVault(vault.home, vault.root, vault.identity)
    backups = Backups(vault.database, facts, [Wavering()], vault.clock)

    with pytest.raises(BackupNotProvenError) as refused:
        await backups.make(vault.principal, shelf)

    assert "differ" in refused.value.why
    assert looking_complete(shelf) == []
    assert destination.leftovers(shelf) == []
    assert await backups.known(vault.principal) == []
    assert [entry.type for entry in await vault.audit.entries(vault.principal)] == ["init"]


def test_a_folder_in_use_is_no_leftover(tmp_path: Path) -> None:
    with temporary.temporary_folder(tmp_path) as used:
        assert temporary.leftovers(tmp_path) == []
        temporary.remove_leftovers(tmp_path)
        assert used.is_dir()
    (tmp_path / "temporary-of-the-dead").mkdir()

    temporary.remove_leftovers(tmp_path)

    assert list(tmp_path.iterdir()) == []
