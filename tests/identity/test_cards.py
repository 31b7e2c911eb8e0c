import json
import zlib
from base64 import b32encode
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemosyne.identity import authoring, cards
from mnemosyne.identity.cards import Card, CardError
from mnemosyne.identity.document import VerificationMethod, build_document
from mnemosyne.identity.errors import InvalidDidError, LogCode, LogError
from mnemosyne.identity.log import lines
from mnemosyne.identity.parameters import key_hash
from mnemosyne.identity.sources import Source, read_source
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.signing import SigningKey
from mnemosyne.kit.errors import MnemosyneError
from tests.requirements import requirement

KEYS = [SigningKey(bytes([number]) * 32) for number in range(1, 5)]
PUBLIC = [encode_multikey(key.public) for key in KEYS]


def build(did: str) -> dict[str, object]:
    return build_document(did, signing=[VerificationMethod("sig-1", PUBLIC[3])])


GENESIS = authoring.create(
    KEYS[0],
    next_key_hashes=[key_hash(PUBLIC[1])],
    recovery_key_hashes=[key_hash(PUBLIC[2])],
    document=build,
    time=datetime(2026, 11, 24, 9, tzinfo=UTC),
)
CARD = Card(str(GENESIS.did), (GENESIS,))
FRAMES = cards.frames(CARD, 300)


@requirement("identity.card-qr")
def test_a_card_is_the_same_after_every_way_there_and_back() -> None:
    named = Card(CARD.did, CARD.entries, (), "Ada", "https://ada.example/")

    for card in (CARD, named):
        assert cards.decode(cards.encode(card)) == card
        for size in (100, cards.TERMINAL_FRAME, cards.IMAGE_FRAME):
            frames = cards.frames(card, size)
            assert all(len(frame) <= size for frame in frames)
            assert cards.decode("\n".join(frames).encode()) == card


@requirement("identity.card-qr")
def test_codes_are_read_in_any_order_any_case_and_more_than_once() -> None:
    assert len(FRAMES) > 2
    typed = "  ".join([*reversed(FRAMES), FRAMES[0]]).lower()

    assert cards.decode(typed.encode()) == CARD


@requirement("identity.card-qr")
def test_a_code_holds_what_every_phone_reads() -> None:
    codes = cards.codes(cards.frames(CARD, cards.TERMINAL_FRAME))

    assert {code.mode for code in codes} == {"alphanumeric"}
    assert max(code.symbol_size()[0] for code in codes) <= 80  # a terminal of 80 columns


@requirement("identity.card-qr")
def test_a_card_names_nobody_unless_asked() -> None:
    assert set(json.loads(cards.encode(CARD))) == {"format", "did", "log", "receipts"}


def packed(content: bytes) -> bytes:
    return b"MNEM1:1/1:" + b32encode(zlib.compress(content)).rstrip(b"=")


DOCUMENT = json.loads(cards.encode(CARD))


def test_a_receipt_that_no_witness_signed_is_refused() -> None:
    forged = {"did": DOCUMENT["did"], "versionId": "1-x", "proof": {}}

    with pytest.raises(LogError) as refused:
        cards.decode(json.dumps({**DOCUMENT, "receipts": [forged]}).encode())

    assert refused.value.log_code is LogCode.WITNESS


@requirement("identity.card-qr")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"no card",
        b'{"format":"mnemosyne-card/2"}',
        json.dumps({**DOCUMENT, "more": 1}).encode(),
        json.dumps({**DOCUMENT, "log": []}).encode(),
        json.dumps({**DOCUMENT, "log": "x"}).encode(),
        json.dumps({**DOCUMENT, "log": [{}] * 2_001}).encode(),
        json.dumps({**DOCUMENT, "log": ["x"]}).encode(),
        json.dumps({**DOCUMENT, "receipts": 1}).encode(),
        json.dumps({**DOCUMENT, "receipts": [{"did": "x"}] * 50}).encode(),
        json.dumps({**DOCUMENT, "name": 1}).encode(),
        json.dumps({**DOCUMENT, "name": "Ada\u202e\x1b[31m"}).encode(),
        json.dumps({**DOCUMENT, "name": "x" * 129}).encode(),
        json.dumps({**DOCUMENT, "hint": "file:///etc"}).encode(),
        json.dumps({name: DOCUMENT[name] for name in ("format", "did", "log")}).encode(),
        cards.encode(CARD)[:-3],
        b'{"format":"mnemosyne-card/1","format":"mnemosyne-card/1"}',
        b"MNEM1:1/1:",
        b"MNEM1:1/1:A",
        b"MNEM1:0/1:AAAA",
        b"MNEM1:2/1:AAAA",
        b"MNEM1:1/99999:AAAA",
        b"MNEM1:1/1:AAAA MNEM1:1/2:AAAA",
        b"MNEM1:1/2:AAAA MNEM1:1/2:AAAB",
        b"MNEM1:1/1:AAAA something",
        FRAMES[0].encode(),
        packed(b"{}") + b"AAAAAAAA",
        packed(bytes(16 * 1024 * 1024)),  # a bomb: 16 MiB out of 16 KiB
    ],
)
def test_what_is_no_whole_card_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(CardError) as refused:
        cards.decode(content)

    assert refused.value.code == "bad-card"
    assert refused.value.why
    assert refused.value.hint


def test_a_did_that_is_misspelt_and_an_entry_that_is_none_are_refused() -> None:
    with pytest.raises(InvalidDidError):
        cards.decode(json.dumps({**DOCUMENT, "did": 7}).encode())
    with pytest.raises(LogError):
        cards.decode(json.dumps({**DOCUMENT, "log": [{}]}).encode())


@requirement("identity.card-qr")
@settings(max_examples=40)
@given(position=st.integers(0, len("".join(FRAMES)) - 1), letter=st.sampled_from("A7Z2:"))
def test_a_misread_letter_is_never_another_card(position: int, letter: str) -> None:
    text = "\n".join(FRAMES)
    changed = text[:position] + letter + text[position + 1 :]

    try:
        assert cards.decode(changed.encode()) == CARD
    except MnemosyneError as refused:
        assert refused.code in {"bad-card", "did-log"}  # noqa: PT017 - either is an answer


def test_a_log_and_a_card_are_both_a_source() -> None:
    source = Source(CARD.did, CARD.entries)

    assert read_source(cards.encode(CARD)) == source
    assert read_source("\n".join(FRAMES).encode()) == source
    assert read_source(lines(CARD.entries)) == source
    with pytest.raises(CardError):
        read_source(b"")
    with pytest.raises(LogError):
        read_source(b"what is this")
