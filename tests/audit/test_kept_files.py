"""What people keep: checkpoints, notes, receipts old and new, and whole records."""

import base64
import json

import pytest

from mnemosyne.audit import checkpoints
from mnemosyne.audit.faults import Fault
from mnemosyne.audit.kept_files import KeptFile, UnreadableEvidenceError, read
from mnemosyne.audit.receipt import FIRST_FORMAT
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.merkle import root
from mnemosyne.kit.crypto.signed_note import Checkpoint, open_note, parse_checkpoint
from mnemosyne.kit.crypto.signing import SigningKey
from mnemosyne.kit.vault import identity, node_keys
from tests.audit.records import SIZE, Record, as_file, as_note
from tests.clock import START
from tests.requirements import requirement


@requirement("audit.checkpoint")
async def test_a_checkpoint_names_vault_and_person_by_pseudonym_and_is_signed(
    record: Record,
) -> None:
    vault = await record.database.read(identity.load)
    signed = await record.checkpoint()

    text, key = open_note(signed.note, signed.head.origin, [vault.node_key.public])
    head = parse_checkpoint(text)
    named = checkpoints.named_in(head.origin)
    assert key == vault.node_key.public
    assert (head.size, head.root) == (SIZE, root(signed.leaves))
    assert named is not None
    assert named[0] == vault.vault_id
    assert record.owner not in signed.note
    assert (await record.checkpoint()).note == signed.note  # it says no time


@requirement("audit.checkpoint", "audit.tampering")
async def test_checkpoints_signed_by_an_earlier_key_still_count(record: Record) -> None:
    signed = await record.checkpoint()
    await record.database.write(lambda tx: node_keys.rotate(tx, START))
    later = await record.checkpoint()

    assert later.key != signed.key
    report = await record.report(as_file(signed), as_note(later))
    assert [each.agrees for each in report.compared] == [True, True]
    await record.rewrite({2: await record.lie(2)})
    assert (await record.first(as_file(signed))).range == (2, 2)


@requirement("audit.receipt-inclusion", "audit.tampering")
async def test_a_receipt_names_the_entry_that_was_rewritten_since(record: Record) -> None:
    receipt = await record.audit.receipt(record.principal, 5)
    kept = KeptFile("receipt.json", json.dumps(receipt).encode())
    assert (await record.report(kept)).whole
    await record.rewrite({5: await record.lie(5)})

    found = await record.first(kept)

    assert (found.fault, found.range) == (Fault.REWRITTEN, (5, 5))


@requirement("audit.receipt-inclusion", "audit.tampering")
async def test_a_receipt_from_before_the_tree_is_compared_too(record: Record) -> None:
    vault = await record.database.read(identity.load)
    entry = base64.b64encode(await record.canonical(5)).decode()

    def old(signer: SigningKey | identity.NodeKey) -> KeptFile:
        unsigned = {"format": FIRST_FORMAT, "entry": entry, "facts": {}}
        parts = {"key": signer.public, "signature": signer.sign(canonical_json(unsigned))}
        made = unsigned | {name: base64.b64encode(each).decode() for name, each in parts.items()}
        return KeptFile("old.json", json.dumps(made).encode())

    assert (await record.report(old(vault.node_key))).whole
    assert (await record.first(old(SigningKey.generate()))).fault is Fault.FORGED
    await record.rewrite({}, length=3)
    found = await record.first(old(vault.node_key))
    assert (found.fault, found.range) == (Fault.TRUNCATED, (5, 5))


@requirement("audit.checkpoint")
async def test_an_exported_record_can_be_checked_by_itself_and_compared(record: Record) -> None:
    lines = await record.audit.export(record.principal)
    head, *entries = [json.loads(line) for line in lines]
    leaves = [base64.b64decode(each["entry"]) for each in entries]
    kept = KeptFile("record.jsonl", b"".join(lines))

    assert parse_checkpoint(head["checkpoint"].partition("\n\n")[0] + "\n").size == SIZE
    assert [json.loads(each)["seq"] for each in leaves] == list(range(1, SIZE + 1))
    assert entries[4]["payload"] == {"number": 4}
    assert (await record.report(kept)).whole
    await record.rewrite({9: await record.lie(9)})
    assert (await record.first(kept)).range == (9, 9)
    changed = KeptFile("record.jsonl", b"".join([*lines[:3], *lines[4:]]))
    assert (await record.first(changed)).fault is Fault.FORGED


@requirement("audit.tampering")
async def test_a_file_of_another_vault_is_no_proof_for_this_one(record: Record) -> None:
    vault = await record.database.read(identity.load)
    signed = await record.checkpoint()
    theirs = Checkpoint(
        checkpoints.origin_of("0" * 32, "1" * 32), signed.head.size, signed.head.root
    )
    foreign = KeptFile("theirs", checkpoints.signed(theirs, vault.node_key).encode())

    found = await record.first(foreign)

    assert found.fault is Fault.FORGED
    assert "another vault" in found.detail


NOTHING = (
    b"",
    b"nothing of the kind",
    b"\xff\xfe",
    b"{",
    b"{}",
    b"[]",
    b'{"format": "mnemosyne-checkpoint/1"}',
    b'{"format": "mnemosyne-checkpoint/1", "note": "x", "leaves": ""}',
    b'{"format": "mnemosyne-checkpoint/1", "note": "x", "leaves": "AAAA"}',
    b'{"format": "mnemosyne-receipt/2"}',
    b'{"format": "mnemosyne-record/1"}\n{"entry": "AAAA"}\n',
    b'{"format": "mnemosyne-record/1", "checkpoint": "x"}\n{"entry": 7}\n',
    b'{"a": 1, "a": 2}',
    b"[" * 100_000,
)


def test_what_cannot_be_compared_is_refused_with_advice() -> None:
    for content in NOTHING:
        with pytest.raises(UnreadableEvidenceError) as refused:
            read(KeptFile("the file", content), [SigningKey.generate().public])

        assert refused.value.code == "unreadable-evidence"
        assert "the file" in str(refused.value)
        assert refused.value.why
        assert refused.value.hint
