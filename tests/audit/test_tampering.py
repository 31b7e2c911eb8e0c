"""Whoever has the key can change every table; each way of it is named, at the first bad entry."""

# ruff: noqa: S608 - the statements of an attacker, put together from our own words

import pytest

from mnemosyne.audit import checkpoints, store
from mnemosyne.audit.faults import Fault
from mnemosyne.audit.kept_files import KeptFile
from mnemosyne.audit.model import READ, Act
from mnemosyne.audit.service import RecordDamagedError
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto import merkle
from mnemosyne.kit.crypto.signed_note import Checkpoint
from mnemosyne.kit.crypto.signing import SigningKey
from mnemosyne.kit.vault import identity
from tests.audit.records import SIZE, Record, as_file, as_note
from tests.clock import START
from tests.requirements import requirement

BY_OWNER = "WHERE owner = :owner AND seq"


@requirement("audit.tampering")
async def test_a_record_that_nobody_touched_is_whole(record: Record) -> None:
    signed = await record.checkpoint()

    for kept in ((), (as_file(signed),), (as_note(signed),)):
        report = await record.report(*kept)
        assert (report.whole, report.size, report.first) == (True, SIZE, None)
        assert [each.agrees for each in report.compared] == [True] * len(kept)


CLUMSY: dict[str, tuple[str, int, Fault]] = {
    "a byte of an entry": (
        f"UPDATE audit_entry SET canonical = replace(canonical, 'forget', 'forgot') {BY_OWNER} = 5",
        5,
        Fault.CHANGED,
    ),
    "an entry made nonsense": (
        f"UPDATE audit_entry SET canonical = 'text' {BY_OWNER} = 5",
        5,
        Fault.CHANGED,
    ),
    "the type beside it": (f"UPDATE audit_entry SET type = 'x' {BY_OWNER} = 7", 7, Fault.CHANGED),
    "the time beside it": (f"UPDATE audit_entry SET at = at + 1 {BY_OWNER} = 7", 7, Fault.CHANGED),
    "a time that is none": (f"UPDATE audit_entry SET at = 'x' {BY_OWNER} = 7", 7, Fault.CHANGED),
    "the hash beside it": (
        f"UPDATE audit_entry SET payload_hash = zeroblob(32) {BY_OWNER} = 2",
        2,
        Fault.CHANGED,
    ),
    "a head": (f"UPDATE audit_entry SET head = zeroblob(32) {BY_OWNER} = 9", 9, Fault.CHANGED),
    "details": (
        f"""UPDATE audit_payload SET payload = '{{"number": 99}}' {BY_OWNER} = 4""",
        4,
        Fault.DETAILS,
    ),
    "details that are none": (
        f"UPDATE audit_payload SET payload = '[[' {BY_OWNER} = 4",
        4,
        Fault.DETAILS,
    ),
    "the salt of details": (
        f"UPDATE audit_payload SET salt = zeroblob(32) {BY_OWNER} = 4",
        4,
        Fault.DETAILS,
    ),
    "what details speak of": (
        f"UPDATE audit_payload SET subject = 'x' {BY_OWNER} = 4",
        4,
        Fault.DETAILS,
    ),
    "what they speak of, where it was nothing": (
        f"UPDATE audit_payload SET subject = 'x' {BY_OWNER} = 2",
        2,
        Fault.DETAILS,
    ),
    "what they speak of, as if it were reading": (
        f"UPDATE audit_payload SET subject = 'read' {BY_OWNER} = 2",
        2,
        Fault.DETAILS,
    ),
    "a number in the table": (
        f"UPDATE audit_entry SET seq = 99 {BY_OWNER} = {SIZE}",
        SIZE,
        Fault.MISSING,
    ),
    "the size of the tree": (
        "UPDATE audit_tree SET size = size - 1 WHERE owner = :owner",
        0,
        Fault.TREE,
    ),
    "the frontier": (
        "UPDATE audit_tree SET frontier = zeroblob(96) WHERE owner = :owner",
        0,
        Fault.TREE,
    ),
    "the pseudonym": (
        "UPDATE audit_tree SET pseudonym = 'x' WHERE owner = :owner",
        0,
        Fault.TREE,
    ),
    "the salt of the pseudonyms": (
        "UPDATE audit_tree SET salt = zeroblob(32) WHERE owner = :owner",
        0,
        Fault.TREE,
    ),
    "the salt taken away": (
        "UPDATE audit_tree SET salt = NULL WHERE owner = :owner",
        0,
        Fault.TREE,
    ),
    "the look of somebody erased": (
        "UPDATE audit_tree SET salt = NULL, pseudonym = owner WHERE owner = :owner",
        0,
        Fault.TREE,
    ),
    "the tree taken away": ("DELETE FROM audit_tree WHERE owner = :owner", 0, Fault.TREE),
}


@requirement("audit.tampering")
async def test_a_changed_row_is_named_without_any_help(record: Record) -> None:
    # One test for all of them: each is undone, and the record is whole again.
    for what, (statement, entry, fault) in CLUMSY.items():
        found = await record.first_after(statement)

        assert (found.fault, found.entry or 0) == (fault, entry), what
        assert found.detail


@requirement("audit.tampering")
async def test_a_row_that_is_none_any_more_is_named_and_nothing_stumbles_over_it(
    record: Record,
) -> None:
    await record.attack_unbound(f"UPDATE audit_entry SET seq = 'eleven' {BY_OWNER} = {SIZE}")
    found = await record.first()
    assert (found.fault, found.entry) == (Fault.INSERTED, SIZE)
    nonsense = {
        f"UPDATE audit_entry SET canonical = 'text' {BY_OWNER} = 5": (Fault.CHANGED, 5),
        f"UPDATE audit_payload SET payload = '[[' {BY_OWNER} = 4": (Fault.DETAILS, 4),
    }
    for statement, named in nonsense.items():
        await record.attack_unbound(statement)
        found = await record.first()
        assert (found.fault, found.entry) == named
        for asked in (record.audit.entries, record.audit.export):
            with pytest.raises(RecordDamagedError):
                await asked(record.principal)
    act = Act(record.owner, "later", "local", "shell")
    assert await record.database.write(lambda tx: store.append(tx, act, START)) > SIZE


@requirement("audit.tampering")
async def test_a_deleted_entry_is_named(record: Record) -> None:
    for table in ("audit_payload", "audit_entry"):
        await record.attack(f"DELETE FROM {table} {BY_OWNER} = 6")

    found = await record.first()

    assert (found.fault, found.entry) == (Fault.MISSING, 6)


@requirement("audit.tampering")
async def test_a_deleted_entry_is_named_when_the_rest_moves_up(record: Record) -> None:
    await record.attack_unbound(f"DELETE FROM audit_payload {BY_OWNER} >= 6")
    await record.attack_unbound(f"DELETE FROM audit_entry {BY_OWNER} = 6")
    for number in range(7, SIZE + 1):
        await record.attack_unbound(f"UPDATE audit_entry SET seq = seq - 1 {BY_OWNER} = {number}")

    found = await record.first()

    assert (found.fault, found.entry) == (Fault.MOVED, 6)


@requirement("audit.tampering")
@pytest.mark.parametrize("number", [0, -3, SIZE + 1, SIZE + 5])
async def test_an_inserted_entry_is_named(record: Record, number: int) -> None:
    await record.attack(
        "INSERT INTO audit_entry SELECT owner, :number, type, at, canonical, payload_hash, head"
        f" FROM audit_entry {BY_OWNER} = 3",
        number=number,
    )

    found = await record.first()

    if number <= 0:  # it stands before the first one
        assert (found.fault, found.entry) == (Fault.INSERTED, 1)
    elif number == SIZE + 1:
        assert (found.fault, found.entry) == (Fault.MOVED, number)
    else:
        assert (found.fault, found.entry) == (Fault.MISSING, SIZE + 1)


@requirement("audit.tampering")
async def test_an_entry_inserted_in_the_middle_is_named(record: Record) -> None:
    await record.attack_unbound("DELETE FROM audit_payload WHERE owner = :owner")
    for number in range(SIZE, 4, -1):
        await record.attack_unbound(f"UPDATE audit_entry SET seq = seq + 1 {BY_OWNER} = {number}")
    await record.attack_unbound(
        "INSERT INTO audit_entry SELECT owner, 5, type, at, canonical, payload_hash, head"
        f" FROM audit_entry {BY_OWNER} = 4"
    )

    found = await record.first()

    assert (found.fault, found.entry) == (Fault.MOVED, 5)


@requirement("audit.tampering")
async def test_two_entries_that_changed_places_are_named(record: Record) -> None:
    for old, new in ((3, -1), (8, 3), (-1, 8)):
        for table in ("audit_entry", "audit_payload"):
            await record.attack_unbound(f"UPDATE {table} SET seq = {new} {BY_OWNER} = {old}")

    found = await record.first()

    assert (found.fault, found.entry) == (Fault.MOVED, 3)


@requirement("audit.tampering")
async def test_details_moved_to_another_entry_are_named(record: Record) -> None:
    await record.attack(f"DELETE FROM audit_payload {BY_OWNER} = 8")
    await record.attack(f"UPDATE audit_payload SET seq = 8 {BY_OWNER} = 2")

    found = await record.first()

    assert (found.fault, found.entry) == (Fault.DETAILS, 8)


@requirement("audit.tampering")
async def test_details_of_no_entry_are_named(record: Record) -> None:
    await record.attack_unbound(f"UPDATE audit_payload SET seq = 77 {BY_OWNER} = 2")

    found = await record.first()

    assert (found.fault, found.entry) == (Fault.DETAILS, 77)


@requirement("audit.tampering")
async def test_an_entry_of_another_person_is_named(record: Record) -> None:
    await record.attack(f"DELETE FROM audit_payload {BY_OWNER} = 6")
    await record.attack(f"DELETE FROM audit_entry {BY_OWNER} = 6")
    await record.attack(
        "INSERT INTO audit_entry SELECT :owner, seq, type, at, canonical, payload_hash, head"
        " FROM audit_entry WHERE owner = :other AND seq = 6",
        other=record.stranger.person,
    )

    found = await record.first()

    assert (found.fault, found.entry) == (Fault.CHANGED, 6)


@requirement("audit.tampering")
async def test_entries_cut_off_are_named_while_the_tree_remembers_them(record: Record) -> None:
    for table in ("audit_payload", "audit_entry"):
        await record.attack(f"DELETE FROM {table} {BY_OWNER} > 8")

    found = await record.first()

    assert (found.fault, found.entry) == (Fault.MISSING, 9)


@requirement("audit.tampering")
async def test_a_record_that_is_gone_is_named(record: Record) -> None:
    for table in ("audit_payload", "audit_entry", "audit_tree"):
        await record.attack(f"DELETE FROM {table} WHERE owner = :owner")

    found = await record.first()

    assert (found.fault, found.entry) == (Fault.MISSING, 1)


@requirement("audit.tampering")
async def test_a_record_that_is_gone_under_an_empty_tree_is_named(record: Record) -> None:
    for table in ("audit_payload", "audit_entry"):
        await record.attack(f"DELETE FROM {table} WHERE owner = :owner")
    await record.attack("UPDATE audit_tree SET size = 0, frontier = x'' WHERE owner = :owner")

    found = await record.first()

    assert (found.fault, found.entry) == (Fault.MISSING, 1)


@requirement("audit.tampering")
async def test_the_details_of_a_read_are_filed_as_such(record: Record) -> None:
    act = Act(record.owner, READ, "local", "shell", READ, {"how": "get"})
    await record.database.write(lambda tx: store.append(tx, act, START))
    assert (await record.report()).whole

    found = await record.first_after(f"UPDATE audit_payload SET subject = '' {BY_OWNER} > {SIZE}")

    assert (found.fault, found.entry) == (Fault.DETAILS, SIZE + 1)


@requirement("audit.tampering")
async def test_a_record_of_nobody_is_named(record: Record) -> None:
    await record.attack_unbound("DELETE FROM person WHERE id = :owner")

    theirs, mine = await record.reports()

    assert theirs.whole
    assert [(each.fault, each.entry) for each in mine.findings] == [(Fault.TREE, None)]
    assert not mine.erased


@requirement("audit.tampering")
async def test_an_earlier_node_key_that_signed_no_succession_is_named_and_not_believed(
    record: Record,
) -> None:
    genuine, forger = await record.checkpoint(), SigningKey.generate()
    kept = KeptFile("forged", checkpoints.signed(genuine.head, forger).encode())
    await record.attack(
        "INSERT INTO node_key SELECT :public, 1, 2, :today, zeroblob(64), zeroblob(64)",
        public=forger.public,
        today=genuine.key,
    )

    mine, theirs = await record.reports(kept)

    assert {each.fault for each in (*mine.findings, *theirs.findings)} == {
        Fault.KEYS,
        Fault.FORGED,
    }


@requirement("audit.tampering", "audit.checkpoint")
async def test_a_clean_cut_is_named_by_a_checkpoint(record: Record) -> None:
    signed = await record.checkpoint()
    await record.rewrite({}, length=7)

    assert (await record.report()).whole
    for kept in (as_file(signed), as_note(signed)):
        found = await record.first(kept)
        assert (found.fault, found.entry) == (Fault.TRUNCATED, 8)
        assert found.source == kept.source


@requirement("audit.tampering", "audit.checkpoint")
async def test_a_full_rewrite_signed_by_the_node_itself_is_named_exactly(record: Record) -> None:
    signed = await record.checkpoint()
    await record.rewrite({5: await record.lie(5), 9: await record.lie(9)})
    forged = await record.checkpoint()  # by the key that lies in the vault

    assert (await record.report(as_file(forged))).whole
    found = await record.first(as_file(signed))
    assert (found.fault, found.range) == (Fault.REWRITTEN, (5, 5))


@requirement("audit.tampering", "audit.checkpoint")
async def test_bare_notes_name_the_range_in_which_a_rewrite_begins(record: Record) -> None:
    early, late = await _checkpoint_at(record, 3), await record.checkpoint()
    await record.rewrite({5: await record.lie(5)})

    alone = await record.first(as_note(late))
    together = await record.first(as_note(late), KeptFile("early", early.encode()))

    assert (alone.fault, alone.range) == (Fault.REWRITTEN, (1, SIZE))
    assert (together.fault, together.range) == (Fault.REWRITTEN, (4, SIZE))


async def _checkpoint_at(record: Record, size: int) -> str:
    signed = await record.checkpoint()
    head = Checkpoint(signed.head.origin, size, merkle.root(signed.leaves[:size]))
    key = await record.database.read(lambda tx: identity.load(tx).node_key)
    return checkpoints.signed(head, key)


@requirement("audit.tampering", "audit.checkpoint")
async def test_a_checkpoint_by_another_key_is_named_as_forged(record: Record) -> None:
    genuine = await record.checkpoint()
    forger = SigningKey.generate()
    same = checkpoints.signed(genuine.head, forger)
    other = Checkpoint(genuine.head.origin, 4, bytes(32))

    found = await record.first(KeptFile("forged", same.encode()))
    assert (found.fault, found.entry, found.source) == (Fault.FORGED, None, "forged")
    found = await record.first(KeptFile("forged", checkpoints.signed(other, forger).encode()))
    assert (found.fault, found.range) == (Fault.FORGED, (1, 4))


@requirement("audit.tampering", "audit.checkpoint")
async def test_a_changed_checkpoint_is_named_as_forged(record: Record) -> None:
    signed = await record.checkpoint()
    changed = signed.note.replace(f"\n{SIZE}\n", f"\n{SIZE - 1}\n")
    swapped = checkpoints.document(signed.note, [*signed.leaves[:-1], bytes(32)])

    assert (await record.first(KeptFile("x", changed.encode()))).fault is Fault.FORGED
    swapped_file = KeptFile("y", canonical_json(swapped))
    assert (await record.first(swapped_file)).fault is Fault.FORGED


@requirement("audit.tampering", "audit.checkpoint")
async def test_two_histories_signed_by_the_node_are_a_split_view(record: Record) -> None:
    vault = await record.database.read(identity.load)
    genuine = await record.checkpoint()
    other = Checkpoint(genuine.head.origin, 6, bytes(32))
    wrong = KeptFile("wrong", checkpoints.signed(other, vault.node_key).encode())

    report = await record.report(as_note(genuine), wrong)

    assert report.first is not None
    assert (report.first.fault, report.first.range) == (Fault.REWRITTEN, (1, 6))
    assert Fault.SPLIT in {each.fault for each in report.findings}
    alone = await record.first(wrong)
    assert (alone.fault, alone.range) == (Fault.REWRITTEN, (1, 6))


@requirement("audit.tampering")
async def test_a_vault_under_another_name_does_not_agree_with_its_old_checkpoints(
    record: Record,
) -> None:
    signed = await record.checkpoint()
    await record.attack("UPDATE vault SET vault_id = :id", id="0" * 32)

    assert (await record.report()).whole
    found = await record.first(as_file(signed))
    assert found.fault is Fault.FORGED
    assert "another vault" in found.detail
