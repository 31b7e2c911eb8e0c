"""Backups: sealed, proven, kept as long as promised, and nothing half of one."""

import os
import random
import resource
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import move

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.audit.service import verify_receipt
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.slot_errors import NoPortableSlotError
from mnemosyne.safekeeping import destination, retention, snapshot, store
from mnemosyne.safekeeping.backup_errors import (
    BackupDestinationError,
    BackupExchangedError,
    BackupNotWrittenError,
)
from mnemosyne.safekeeping.verify import Verification
from tests.clock import START, SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import CANARY, PASSPHRASE, Vault, make_vault, open_vault

HOUR = timedelta(hours=1)
VERIFICATION = Verification(PROVIDERS)


@requirement("backup.sealed")
async def test_a_backup_shows_nothing_of_what_is_in_it(vault: Vault, shelf: Path) -> None:
    await vault.remember(CANARY, tags=("garden",))

    made = await vault.back_up(shelf)

    raw = made.backup.path.read_bytes()
    assert made.backup.path.name == "mnemosyne-2026-03-14-0001.backup"
    assert made.backup.path.stat().st_mode & 0o777 == 0o600
    for form in (CANARY.encode(), CANARY.lower().encode(), CANARY.encode("utf-16-le"), b"SQLite"):
        assert form not in raw


async def test_the_snapshot_in_it_stays_encrypted(vault: Vault, tmp_path: Path) -> None:
    await vault.remember(CANARY)

    snapshot.take(vault.home.database, vault.root.database_key(), tmp_path / "copy.db")

    raw = (tmp_path / "copy.db").read_bytes()
    assert CANARY.encode() not in raw
    assert not raw.startswith(b"SQLite format 3")


async def test_a_backup_is_proven_recorded_and_says_what_it_holds(
    vault: Vault, shelf: Path
) -> None:
    await vault.remember("The quince tree blooms.")

    made = await vault.back_up(shelf)

    known = await vault.backups.known(vault.principal)
    entry = (await vault.audit.entries(vault.principal))[0]
    assert known == [made.backup]
    assert made.backup.verified_at == vault.clock()
    assert made.verdict.rows["memory"] == 1
    assert (entry.seq, entry.type) == (made.entry, "backup")
    assert not [path for path in files_in(vault.home.path) if path.name.startswith("temporary-")]


@requirement("verify.damage")
async def test_damage_anywhere_is_found(vault: Vault, shelf: Path) -> None:
    await vault.remember("The quince tree blooms.")
    made = await vault.back_up(shelf)
    path, whole = made.backup.path, made.backup.path.read_bytes()
    chance = random.Random(11)
    damaged = [flipped(whole, bit) for bit in chance.sample(range(len(whole) * 8), 60)]
    damaged += [flipped(whole, bit) for bit in chance.sample(range(2000 * 8), 60)]
    damaged += [whole[:cut] for cut in chance.sample(range(len(whole)), 40)]
    damaged += [whole[:-1], whole + b"\0"]

    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(MnemosyneError):
            VERIFICATION.verify(path, vault.root)
    path.write_bytes(whole)
    assert VERIFICATION.verify(path, PASSPHRASE).counter == 1


@requirement("verify.damage")
async def test_exchanged_chunks_headers_and_files_are_found(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    await vault.remember("The quince tree blooms.")
    first = (await vault.back_up(shelf)).backup.path
    clock.advance(HOUR)
    second = (await vault.back_up(shelf)).backup.path
    a, b = first.read_bytes(), second.read_bytes()

    for content in (b[:4096] + a[4096:], a[:-70000] + b[-70000:]):
        first.write_bytes(content)
        with pytest.raises(MnemosyneError):
            VERIFICATION.verify(first, vault.root)
    first.write_bytes(b)
    with pytest.raises(BackupExchangedError):
        VERIFICATION.verify(first, vault.root)


async def test_a_full_disk_leaves_nothing_that_looks_complete(vault: Vault, shelf: Path) -> None:
    await vault.remember("The quince tree blooms.")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = vault.home.database.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 2000, hard))
    try:
        with pytest.raises(BackupNotWrittenError) as refused:
            await vault.back_up(shelf)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert "Nothing that looks like a backup" in refused.value.why
    assert {path.suffix for path in files_in(shelf)} <= {".ledger"}
    assert await vault.backups.known(vault.principal) == []
    assert await vault.texts() == ["The quince tree blooms."]


async def test_the_vaults_own_folder_is_no_destination(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(BackupDestinationError):
        await vault.back_up(vault.home.path / "backups")
    with pytest.raises(BackupDestinationError):
        await vault.back_up(tmp_path / "a medium" / "that is away")


async def test_a_destination_that_vanished_is_named(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    memory = await vault.remember("The quince tree blooms.")
    made = await vault.back_up(shelf)
    move(shelf, tmp_path / "away")
    clock.advance(HOUR)

    erased = await vault.erase(memory)

    assert erased.unreached == (str(shelf),)
    assert [copy.path for copy in erased.backups] == [str(made.backup.path)]


@requirement("backup.retention")
async def test_due_backups_go_and_the_newest_stays(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    first = await vault.back_up(shelf)
    clock.advance(HOUR)
    second = await vault.back_up(shelf)
    clock.advance(timedelta(days=8))
    third = await vault.back_up(shelf)
    planned = await vault.pruning.prune(vault.principal, dry_run=True)

    pruned = await vault.pruning.prune(vault.principal)

    assert planned.removed == pruned.removed == (second.backup,)
    assert not second.backup.path.exists()
    assert first.backup.path.exists()
    assert third.backup.path.exists()
    clock.advance(timedelta(days=400))
    last = await vault.pruning.prune(vault.principal)
    assert last.kept == (third.backup,)
    assert third.backup.path.exists()


@requirement("backup.retention")
async def test_backups_that_hold_a_memory_go_at_once(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    before = await vault.back_up(shelf)
    clock.advance(HOUR)
    memory = await vault.remember("The quince tree blooms.")
    clock.advance(HOUR)
    holding = await vault.back_up(shelf)
    clock.advance(HOUR)
    await vault.erase(memory)
    clock.advance(HOUR)
    after = await vault.back_up(shelf)

    pruned = await vault.pruning.prune_containing(vault.principal, memory.id[-8:])

    assert pruned.removed == (holding.backup,)
    assert before.backup.path.exists()
    assert after.backup.path.exists()


@requirement("backup.retention")
async def test_a_backup_whose_snapshot_was_begun_before_an_erase_goes_as_well(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    memory = await vault.remember("The quince tree blooms.")
    made = await vault.back_up(shelf)
    clock.advance(HOUR)
    await vault.erase(memory)
    clock.advance(HOUR)
    slow = replace(made.backup, taken_at=clock())  # the moment at which the snapshot was done
    await vault.database.write(lambda tx: store.take_over(tx, [slow]))

    pruned = await vault.pruning.prune_containing(vault.principal, memory.id)

    assert pruned.removed == (slow,)


async def test_partial_files_of_other_programs_are_left_alone(vault: Vault, shelf: Path) -> None:
    await vault.back_up(shelf)
    foreign = shelf / ".holiday.mp4.partial"
    foreign.write_bytes(b"half a film")
    os.mkfifo(shelf / ".mnemosyne-2026-01-01-0001.backup.partial")

    await vault.back_up(shelf)

    assert foreign.read_bytes() == b"half a film"


def test_what_a_killed_export_left_goes_before_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    destination.unfinished(path).write_bytes(b"half of a diary")

    destination.write_whole(path, lambda sink: sink.write(b"all of it"))

    assert [each.name for each in tmp_path.iterdir()] == ["all.jsonl"]
    assert path.read_bytes() == b"all of it"


@given(st.lists(st.integers(0, 24 * 400), max_size=120, unique=True).map(sorted))
def test_every_day_week_and_month_keeps_one_for_as_long_as_promised(hours: list[int]) -> None:
    taken = [START + each * HOUR for each in hours]
    kept = [(at, retention.expires(at, taken[:number])) for number, at in enumerate(taken)]

    for at, due in kept:
        assert due >= at + retention.DAILY
        month = [(t, d) for t, d in kept if (t.year, t.month) == (at.year, at.month)]
        assert any(d - t == retention.MONTHLY for t, d in month)
        week = [(t, d) for t, d in kept if t.isocalendar()[:2] == at.isocalendar()[:2]]
        assert any(d - t >= retention.WEEKLY for t, d in week)


@requirement("erase.receipt")
async def test_the_receipt_of_an_erase_names_the_backups_that_still_hold_it(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    memory = await vault.remember("The quince tree blooms.")
    made = await vault.back_up(shelf)
    clock.advance(HOUR)

    erased = await vault.erase(memory)

    assert erased.entry is not None
    receipt = await vault.audit.receipt(vault.principal, erased.entry)
    assert verify_receipt(receipt) == vault.identity.node_key.fingerprint
    assert receipt["payload"]["completed_at"] == clock().isoformat()
    assert "full text" in receipt["payload"]["gone_from"]
    assert receipt["payload"]["backups"] == [
        {
            "path": str(made.backup.path),
            "taken_at": made.backup.taken_at.isoformat(),
            "expires_at": made.backup.expires_at.isoformat(),
        }
    ]


async def test_a_vault_that_opens_with_a_key_file_alone_makes_no_backup(
    shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    key_file = KeyFile(bytes(range(32)))
    home = make_vault(tmp_path / "key file vault", clock, key_file)
    there = open_vault(home, clock, key_file)

    with pytest.raises(NoPortableSlotError):
        await there.back_up(shelf)

    assert files_in(shelf) == []
    there.close()


def flipped(content: bytes, bit: int) -> bytes:
    """Return ``content`` with one bit changed."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def files_in(folder: Path) -> list[Path]:
    """Return what lies in a folder."""
    return sorted(folder.iterdir())
