import base64
import json
import random
from typing import Any

import pytest
from sqlalchemy import Connection, update

from mnemosyne.accounts.model import Person
from mnemosyne.audit import store
from mnemosyne.audit.model import Act
from mnemosyne.audit.receipt import ReceiptPayloadError
from mnemosyne.audit.service import (
    Audit,
    EntryNotFoundError,
    MalformedReceiptError,
    verify_receipt,
)
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.signing import BadSignatureError, SigningKey, fingerprint
from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import MissingScopeError, Principal
from tests.clock import START
from tests.requirements import requirement

NODE = SigningKey(bytes(range(32)))
SUBJECT = new_id(START)


@pytest.fixture
def audit(database: Database) -> Audit:
    return Audit(database, NODE)


@pytest.fixture
async def receipt(database: Database, audit: Audit, principal: Principal) -> dict[str, Any]:
    """Make the receipt of one act with a payload."""
    payload = {"memories": 3, "day": "2026-04-13"}
    act = Act(principal.person, "erased", "local", "shell", SUBJECT, payload)
    seq = await database.write(lambda tx: store.append(tx, act, START))
    return await audit.receipt(principal, seq)


@requirement("audit.receipt")
async def test_a_receipt_verifies_with_nothing_but_itself(receipt: dict[str, Any]) -> None:
    as_file = json.dumps(receipt, indent=2)

    assert verify_receipt(json.loads(as_file)) == fingerprint(NODE.public)
    assert receipt["payload"] == {"memories": 3, "day": "2026-04-13"}


@requirement("audit.receipt")
async def test_a_receipt_fails_with_any_changed_byte(receipt: dict[str, Any]) -> None:
    whole = canonical_json(receipt)
    chance = random.Random(6)

    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(7)
        with pytest.raises((MnemosyneError, ValueError)):
            verify_receipt(json.loads(changed))


@requirement("audit.receipt")
async def test_no_other_spelling_of_key_or_signature_passes(receipt: dict[str, Any]) -> None:
    # The last digits before the padding hold bits that belong to no byte.
    for name, digit in (("signature", -3), ("key", -2)):
        text = receipt[name]
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        other = alphabet[alphabet.index(text[digit]) ^ 1]
        changed = text[:digit] + other + text[digit + 1 :]
        with pytest.raises(MalformedReceiptError):
            verify_receipt(receipt | {name: changed})


async def test_a_receipt_signed_by_another_key_shows_another_fingerprint(
    receipt: dict[str, Any],
) -> None:
    forger = SigningKey.generate()
    unsigned = {k: v for k, v in receipt.items() if k not in {"key", "signature"}}
    forged = await _signed(unsigned, forger)

    assert verify_receipt(forged) == fingerprint(forger.public) != fingerprint(NODE.public)
    with pytest.raises(BadSignatureError):
        verify_receipt(forged | {"key": receipt["key"]})


async def _signed(unsigned: dict[str, Any], key: SigningKey) -> dict[str, Any]:
    def encode(data: bytes) -> str:
        return base64.b64encode(data).decode("ascii")

    signature = key.sign(canonical_json(unsigned))
    return unsigned | {"key": encode(key.public), "signature": encode(signature)}


async def test_a_payload_that_is_not_the_entrys_is_refused_even_when_signed(
    receipt: dict[str, Any],
) -> None:
    unsigned = {k: v for k, v in receipt.items() if k not in {"key", "signature"}}
    forged = await _signed(unsigned | {"payload": {"memories": 4}}, NODE)

    with pytest.raises(ReceiptPayloadError) as refused:
        verify_receipt(forged)

    assert refused.value.code == "receipt-payload"
    assert refused.value.why
    assert refused.value.hint


async def test_after_an_erase_the_receipt_shows_no_payload_and_verifies(
    database: Database, audit: Audit, principal: Principal, receipt: dict[str, Any]
) -> None:
    await database.write(lambda tx: store.forget_subject(tx, principal.person, SUBJECT))

    later = await audit.receipt(principal, 1)

    assert "payload" not in later
    assert "salt" not in later
    assert later["entry"] == receipt["entry"]
    assert verify_receipt(later) == fingerprint(NODE.public)


async def test_a_receipt_of_a_tampered_payload_is_not_made(
    database: Database, audit: Audit, principal: Principal, receipt: dict[str, Any]
) -> None:
    assert receipt

    def tamper(tx: Connection) -> None:
        tx.execute(update(store.audit_payload).values(payload={"memories": 4}))

    await database.write(tamper)

    with pytest.raises(ReceiptPayloadError):
        await audit.receipt(principal, 1)


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
    assert [entry.type for entry in await audit.entries(principal)] == ["erased"]
    assert await audit.entries(Principal.local(somebody_else.id)) == []
    without = Principal(principal.person, frozenset(), "token-1", "http")
    with pytest.raises(MissingScopeError):
        await audit.entries(without)
    with pytest.raises(MissingScopeError):
        await audit.receipt(without, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "mnemosyne-receipt/2"},
        {"signature": None},
        {"signature": "not base64!"},
        {"key": 7},
        {"entry": "not base64!"},
        {"facts": {"number": 2**60}},
    ],
)
async def test_what_is_no_receipt_is_refused_with_advice(
    receipt: dict[str, Any], change: dict[str, Any]
) -> None:
    unsigned = {k: v for k, v in (receipt | change).items() if k not in {"key", "signature"}}
    document = receipt | change
    if "entry" in change:
        document = await _signed(unsigned, NODE)

    with pytest.raises(MalformedReceiptError) as refused:
        verify_receipt(document)

    assert refused.value.code == "malformed-receipt"
    assert refused.value.why
    assert refused.value.hint
    with pytest.raises(MalformedReceiptError):
        verify_receipt({})
