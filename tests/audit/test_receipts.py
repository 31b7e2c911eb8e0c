import base64
import json
import random
from typing import Any

import pytest
from sqlalchemy import Connection, update

from mnemosyne.accounts.model import Person
from mnemosyne.audit import store
from mnemosyne.audit.model import Act
from mnemosyne.audit.receipt import (
    FIRST_FORMAT,
    MalformedReceiptError,
    NotInTreeError,
    ReceiptPayloadError,
    check,
)
from mnemosyne.audit.service import Audit, EntryNotFoundError, RecordDamagedError, verify_receipt
from mnemosyne.audit.tables import audit_payload, audit_tree
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.data_integrity import BadProofError, did_key_method, sign_document
from mnemosyne.kit.crypto.merkle import leaf_hash, node_hash
from mnemosyne.kit.crypto.signed_note import parse_checkpoint, text_of
from mnemosyne.kit.crypto.signing import BadSignatureError, Signer, SigningKey, fingerprint
from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import MissingScopeError, Principal
from mnemosyne.kit.vault.identity import VaultIdentity
from tests.clock import START, SetClock
from tests.requirements import requirement

SUBJECT = new_id(START)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@pytest.fixture
def audit(database: Database, vault: VaultIdentity, clock: SetClock) -> Audit:
    assert vault.vault_id
    return Audit(database, clock)


@pytest.fixture
async def receipt(database: Database, audit: Audit, principal: Principal) -> dict[str, Any]:
    """Make the receipt of one act with a payload, among others."""
    payload = {"memories": 3, "day": "2026-04-13"}
    act = Act(principal.person, "erased", "local", "shell", SUBJECT, payload)

    def write(tx: Connection) -> int:
        store.append(tx, Act(principal.person, "init", "local", "shell"), START)
        seq = store.append(tx, act, START)
        store.append(tx, Act(principal.person, "backup", "local", "shell"), START)
        return seq

    return await audit.receipt(principal, await database.write(write))


def first_form(receipt: dict[str, Any], key: SigningKey) -> dict[str, Any]:
    """Return a receipt as it was made before there was a tree."""
    kept = {name: receipt[name] for name in ("entry", "payload", "salt")}
    unsigned = {"format": FIRST_FORMAT, "facts": {}, **kept}

    def encode(data: bytes) -> str:
        return base64.b64encode(data).decode("ascii")

    signature = key.sign(canonical_json(unsigned))
    return unsigned | {"key": encode(key.public), "signature": encode(signature)}


def signed_again(receipt: dict[str, Any], signer: Signer, **changes: object) -> dict[str, Any]:
    """Return a changed receipt with a proof that holds."""
    unsigned = {k: v for k, v in (receipt | changes).items() if k != "proof" and v is not None}
    method = did_key_method(signer.public)
    proof = sign_document(unsigned, signer, verification_method=method, created=START)
    return unsigned | {"proof": proof}


@requirement("audit.receipt", "audit.receipt-inclusion")
def test_a_receipt_verifies_with_nothing_but_itself(
    receipt: dict[str, Any], vault: VaultIdentity
) -> None:
    as_file = json.loads(json.dumps(receipt, indent=2))

    assert verify_receipt(as_file) == vault.node_key.fingerprint
    assert receipt["payload"] == {"memories": 3, "day": "2026-04-13"}
    checked = check(as_file)
    assert (checked.seq, checked.key) == (2, vault.node_key.public)
    assert parse_checkpoint(text_of(checked.note or "")).size == 3


@requirement("audit.receipt")
def test_a_receipt_fails_with_any_changed_byte(receipt: dict[str, Any]) -> None:
    whole = canonical_json(receipt)
    chance = random.Random(6)

    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(7)
        with pytest.raises((MnemosyneError, ValueError)):
            verify_receipt(json.loads(changed))


@requirement("audit.receipt")
def test_a_receipt_from_before_the_tree_still_verifies_and_fails_with_any_changed_byte(
    receipt: dict[str, Any],
) -> None:
    key = SigningKey(bytes(range(32)))
    old = first_form(receipt, key)
    whole = canonical_json(old)
    chance = random.Random(6)

    assert verify_receipt(old) == fingerprint(key.public)
    for place in range(0, len(whole), 3):
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(7)
        with pytest.raises((MnemosyneError, ValueError)):
            verify_receipt(json.loads(changed))
    with pytest.raises(ReceiptPayloadError):
        verify_receipt(first_form(receipt | {"payload": {"memories": 4}}, key))
    with pytest.raises(BadSignatureError):
        verify_receipt(old | {"key": base64.b64encode(SigningKey.generate().public).decode()})


@requirement("audit.receipt")
def test_no_other_spelling_of_key_or_signature_passes(receipt: dict[str, Any]) -> None:
    old = first_form(receipt, SigningKey(bytes(range(32))))
    # The last digits before the padding hold bits that belong to no byte.
    for name, digit in (("signature", -3), ("key", -2)):
        text = old[name]
        other = ALPHABET[ALPHABET.index(text[digit]) ^ 1]
        changed = text[:digit] + other + text[digit + 1 :]
        with pytest.raises(MalformedReceiptError):
            verify_receipt(old | {name: changed})


@requirement("audit.receipt-inclusion")
def test_an_entry_that_is_not_in_the_tree_is_refused_even_when_signed(
    receipt: dict[str, Any], vault: VaultIdentity
) -> None:
    stated = json.loads(base64.b64decode(receipt["entry"]))
    entry = base64.b64encode(canonical_json(stated | {"type": "nothing"})).decode()

    with pytest.raises(NotInTreeError):
        verify_receipt(signed_again(receipt, vault.node_key, inclusion=receipt["inclusion"][:1]))
    with pytest.raises(NotInTreeError) as refused:
        verify_receipt(signed_again(receipt, vault.node_key, entry=entry))

    assert refused.value.code == "receipt-not-in-tree"
    assert refused.value.why
    assert refused.value.hint


@requirement("audit.receipt-inclusion")
def test_the_path_leads_from_the_entry_to_the_root_that_was_signed(
    receipt: dict[str, Any],
) -> None:
    entry, path = base64.b64decode(receipt["entry"]), receipt["inclusion"]
    first, third = (base64.b64decode(each) for each in path)

    found = node_hash(node_hash(first, leaf_hash(entry)), third)
    assert found == parse_checkpoint(text_of(receipt["checkpoint"])).root


def test_a_receipt_signed_by_another_key_shows_another_fingerprint(
    receipt: dict[str, Any], vault: VaultIdentity
) -> None:
    forger = SigningKey.generate()

    # The checkpoint in it is still of the node, so the two do not fit.
    with pytest.raises(MnemosyneError) as refused:
        verify_receipt(signed_again(receipt, forger))
    assert refused.value.code == "unknown-signer"
    method = did_key_method(vault.node_key.public)
    forged = signed_again(receipt, forger)
    with pytest.raises(BadProofError):
        verify_receipt(forged | {"proof": forged["proof"] | {"verificationMethod": method}})


def test_a_payload_that_is_not_the_entrys_is_refused_even_when_signed(
    receipt: dict[str, Any], vault: VaultIdentity
) -> None:
    with pytest.raises(ReceiptPayloadError) as refused:
        verify_receipt(signed_again(receipt, vault.node_key, payload={"memories": 4}))

    assert refused.value.code == "receipt-payload"
    assert refused.value.why
    assert refused.value.hint


async def test_after_an_erase_the_receipt_shows_no_payload_and_verifies(
    database: Database,
    audit: Audit,
    principal: Principal,
    receipt: dict[str, Any],
    vault: VaultIdentity,
) -> None:
    await database.write(lambda tx: store.forget_subject(tx, principal.person, SUBJECT))

    later = await audit.receipt(principal, 2)

    assert "payload" not in later
    assert "salt" not in later
    assert later["entry"] == receipt["entry"]
    assert verify_receipt(later) == vault.node_key.fingerprint


async def test_a_receipt_of_a_tampered_payload_is_not_made(
    database: Database, audit: Audit, principal: Principal, receipt: dict[str, Any]
) -> None:
    assert receipt

    def tamper(tx: Connection) -> None:
        tx.execute(update(audit_payload).values(payload={"memories": 4}))

    await database.write(tamper)

    with pytest.raises(ReceiptPayloadError):
        await audit.receipt(principal, 2)


async def test_nothing_is_signed_over_a_record_that_was_tampered_with(
    database: Database, audit: Audit, principal: Principal, receipt: dict[str, Any]
) -> None:
    assert receipt

    def tamper(tx: Connection) -> None:
        tx.execute(update(audit_tree).values(frontier=bytes(64)))

    await database.write(tamper)

    with pytest.raises(RecordDamagedError):
        await audit.receipt(principal, 1)
    with pytest.raises(RecordDamagedError) as refused:
        await audit.checkpoint(principal)
    assert refused.value.code == "record-damaged"
    assert refused.value.why
    assert refused.value.hint


async def test_an_entry_that_does_not_exist_has_no_receipt(
    audit: Audit, principal: Principal
) -> None:
    with pytest.raises(EntryNotFoundError) as missing:
        await audit.receipt(principal, 7)

    assert missing.value.code == "entry-not-found"
    assert missing.value.seq == 7
    assert "7" in str(missing.value)
    assert missing.value.hint


async def test_the_record_is_shown_to_its_person_with_permission_only(
    audit: Audit, principal: Principal, somebody_else: Person, receipt: dict[str, Any]
) -> None:
    assert receipt
    types = [entry.type for entry in await audit.entries(principal)]
    assert types == ["backup", "erased", "init"]
    assert await audit.entries(Principal.local(somebody_else.id)) == []
    without = Principal(principal.person, frozenset(), "token-1", "http")
    for asked in (audit.entries, audit.checkpoint, audit.export):
        with pytest.raises(MissingScopeError):
            await asked(without)
    with pytest.raises(MissingScopeError):
        await audit.receipt(without, 1)


async def test_what_is_no_receipt_is_refused_with_advice(
    receipt: dict[str, Any], vault: VaultIdentity
) -> None:
    changes: list[dict[str, object]] = [
        {"format": "mnemosyne-receipt/9"},
        {"entry": "not base64!"},
        {"entry": "e30="},
        {"inclusion": None},
        {"inclusion": 7},
        {"checkpoint": "no note"},
        {"salt": None},
        {"more": "than is known"},
    ]
    malformed = [signed_again(receipt, vault.node_key, **change) for change in changes]
    malformed += [{}, {"format": "mnemosyne-receipt/2"}, receipt | {"proof": []}]
    for document in malformed:
        with pytest.raises(MalformedReceiptError) as refused:
            verify_receipt(document)

        assert refused.value.code == "malformed-receipt"
        assert refused.value.why
        assert refused.value.hint
