"""The doctor finds what does not agree, and repairs it from the rows alone."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from mnemosyne.safekeeping.backup import OpenVault
from mnemosyne.safekeeping.doctor import Doctor, Finding, Severity
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import Vault


def doctor(vault: Vault, problem: str = "") -> Doctor:
    facts = OpenVault(vault.home, vault.root, vault.identity)
    return Doctor(vault.database, facts, vault.clock, embedder_problem=lambda: problem)


async def troubles(vault: Vault) -> list[Finding]:
    found = await doctor(vault).examine(vault.principal)
    return [each for each in found if each.severity is not Severity.OK]


async def test_a_sound_vault_lacks_nothing_but_a_backup(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    await vault.remember("The quince tree blooms.")
    assert [each.what for each in await troubles(vault)] == ["there is no verified backup"]

    await vault.back_up(shelf)
    assert await troubles(vault) == []

    clock.advance(timedelta(hours=27))
    late = await troubles(vault)
    assert any("newest verified backup" in each.what for each in late)


@requirement("doctor.integrity")
async def test_a_changed_page_is_found(vault: Vault) -> None:
    for number in range(40):
        await vault.remember(f"The quince tree blooms for the {number}th time.")
    await vault.database.checkpoint()
    vault.close()
    content = bytearray(vault.home.database.read_bytes())
    content[4096 * 8 + 77] ^= 1
    vault.home.database.write_bytes(content)

    found = await troubles(vault)

    assert found
    assert all(each.severity is Severity.BAD for each in found)
    assert "restore" in found[0].hint


@requirement("doctor.integrity")
async def test_indexes_that_lost_touch_with_the_rows_are_found_and_rebuilt(vault: Vault) -> None:
    lost = await vault.remember("The quince tree blooms.")
    other = await vault.remember("The plum tree does not.")
    binned = await vault.remember("Nobody needs this.")
    await vault.bin.forget(vault.principal, [binned.id])
    erased = await vault.remember("Nobody sees this again.")
    await vault.erase(erased)

    def derange(tx: Connection) -> None:
        owner = vault.person.id
        tx.execute(
            text("DELETE FROM memory_text WHERE rowid = :seq AND owner = :owner"),
            {"seq": lost.seq, "owner": owner},
        )
        tx.execute(
            text("UPDATE memory_text SET body = 'other' WHERE rowid = :seq AND owner = :owner"),
            {"seq": other.seq, "owner": owner},
        )
        tx.execute(
            text(
                "INSERT INTO memory_text(rowid, owner, title, body, context, bigrams)"
                " VALUES (:seq, :owner, '', 'stray', '', '')"
            ),
            {"seq": erased.seq + 100, "owner": owner},
        )

    await vault.database.write(derange)
    assert len([each for each in await troubles(vault) if each.severity is Severity.BAD]) == 3

    repaired = await doctor(vault).repair(vault.principal)

    assert (repaired.indexed, repaired.orphans_dropped) == (2, 1)
    assert [each for each in await troubles(vault) if each.severity is Severity.BAD] == []
    indexed = await vault.database.read(
        lambda tx: (
            tx.execute(
                text("SELECT rowid FROM memory_text WHERE owner = :owner ORDER BY rowid"),
                {"owner": vault.person.id},
            )
            .scalars()
            .all()
        )
    )
    assert indexed == [lost.seq, other.seq]


async def test_open_permissions_leftovers_and_the_embedder_are_named(vault: Vault) -> None:
    vault.home.database.chmod(0o644)
    (vault.home.path / "temporary-abc").mkdir(mode=0o700)

    found = await doctor(vault, "there are no weights").examine(vault.principal)

    said = [each.what for each in found if each.severity is not Severity.OK]
    assert any("others can look at" in each for each in said)
    assert any("temporary-abc" in each for each in said)
    assert "there are no weights" in said
