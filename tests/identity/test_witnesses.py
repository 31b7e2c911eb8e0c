"""Receipts: the format is held to from the start, though no witness issues any yet."""

import json
from collections.abc import Callable

import pytest

from mnemosyne.identity.errors import LogCode, LogError
from mnemosyne.identity.log import evaluate, extend, read_log
from mnemosyne.identity.witnesses import Receipt, check_receipt, read_receipts
from mnemosyne.kit.canonical_json import canonical_json
from tests.identity.logs import (
    COLD,
    DID,
    NOW,
    SECOND,
    Change,
    Raw,
    did_key,
    document,
    genesis,
    judge,
    multikey,
    receipt,
    recover,
    resign,
    spelled,
    update,
)
from tests.requirements import requirement

CALLED: Raw = {"threshold": 2, "witnesses": [did_key(700), did_key(701), did_key(702)]}
START = genesis(lambda value: value["parameters"].update(witness=CALLED))
WITNESSED = f"did:mnem:{START['parameters']['scid']}"
NEXT = update(START, 2, state=document(WITNESSED))


def given(*values: Raw) -> tuple[Receipt, ...]:
    return read_receipts(canonical_json(list(values)))


def sealed(entry: Raw, *witnesses: int) -> tuple[Receipt, ...]:
    return given(*(receipt(entry, witness, WITNESSED) for witness in witnesses))


@requirement("identity.witness-format")
def test_receipts_at_the_threshold_seal_an_entry() -> None:
    history = judge(START, NEXT, did=WITNESSED, receipts=sealed(NEXT, 700, 702))

    assert history.witnessed
    assert history.head.version_id == NEXT["versionId"]


@requirement("identity.witness-format")
def test_a_witness_set_takes_effect_after_its_entry() -> None:
    history = judge(START, did=WITNESSED)

    assert not history.witnessed
    assert history.in_force.witness is not None
    assert history.in_force.witness.threshold == 2


@requirement("identity.witness-format")
def test_the_old_set_seals_the_change_to_a_new_one() -> None:
    new: Raw = {"threshold": 1, "witnesses": [did_key(710)]}
    change: Change = lambda value: value["parameters"].update(witness=new)  # noqa: E731
    changed = update(START, 2, change=change, state=document(WITNESSED))
    last = update(changed, 3, state=document(WITNESSED))

    with pytest.raises(LogError) as refused:
        judge(START, changed, did=WITNESSED, receipts=sealed(changed, 710))
    assert refused.value.log_code is LogCode.WITNESS

    receipts = (*sealed(changed, 700, 701), *sealed(last, 710))
    assert judge(START, changed, last, did=WITNESSED, receipts=receipts).witnessed


@requirement("identity.witness-format")
def test_null_ends_witnessing_and_is_itself_witnessed() -> None:
    change: Change = lambda value: value["parameters"].update(witness=None)  # noqa: E731
    ended = update(START, 2, change=change, state=document(WITNESSED))
    last = update(ended, 3, state=document(WITNESSED))

    with pytest.raises(LogError):
        judge(START, ended, did=WITNESSED)
    history = judge(START, ended, last, did=WITNESSED, receipts=sealed(ended, 700, 701))
    assert not history.witnessed
    assert history.in_force.witness is None


@requirement("identity.witness-format")
@pytest.mark.parametrize(
    "receipts",
    [
        pytest.param(lambda: (), id="none"),
        pytest.param(lambda: sealed(NEXT, 700), id="one too few"),
        pytest.param(lambda: sealed(NEXT, 700, 700), id="one of them twice"),
        pytest.param(lambda: sealed(NEXT, 700, 710), id="one by a stranger"),
        pytest.param(lambda: sealed(START, 700, 701), id="for another entry"),
        pytest.param(
            lambda: given(*(receipt(NEXT, witness) for witness in (700, 701))),
            id="for another DID",
        ),
    ],
)
def test_receipts_below_the_threshold_refuse_the_log(
    receipts: Callable[[], tuple[Receipt, ...]],
) -> None:
    with pytest.raises(LogError) as refused:
        judge(START, NEXT, did=WITNESSED, receipts=receipts())

    assert refused.value.log_code is LogCode.WITNESS
    assert "receipts" in refused.value.hint


@requirement("identity.witness-format")
def test_a_recovery_needs_the_witnesses_too_and_a_set_of_its_own_gives_it_no_rank() -> None:
    # The thief of a spent recovery key names friendly witnesses; there is nothing they can seal.
    own: Raw = {"threshold": 1, "witnesses": [did_key(710)]}
    forged = recover(
        START,
        100,
        change=lambda value: value["parameters"].update(witness=own),
        state=document(WITNESSED),
    )

    with pytest.raises(LogError) as refused:
        judge(START, NEXT, forged, did=WITNESSED, receipts=sealed(NEXT, 700, 701))

    assert refused.value.log_code is LogCode.WITNESS


@requirement("identity.witness-format")
def test_a_rival_that_its_own_witnesses_seal_does_not_overtake_what_was_seen_first() -> None:
    own: Raw = {"threshold": 1, "witnesses": [did_key(710)]}
    plain = genesis()
    forged = recover(plain, 100, change=lambda value: value["parameters"].update(witness=own))
    behind = update(forged, 101)

    history = judge(plain, recover(plain, 50), forged, behind, receipts=given(receipt(behind, 710)))

    assert history.path[1].number == 2
    assert history.path[1].signer == multikey(COLD[0])
    assert history.head.parameters.update_keys == (multikey(50),)
    assert len(history.rivals) == 2


def test_receipts_stay_with_a_history_that_is_extended() -> None:
    known = evaluate(WITNESSED, read_log(spelled(START, NEXT)), NOW, sealed(NEXT, 700, 701))
    last = update(NEXT, 3, state=document(WITNESSED))

    history = extend(known, read_log(spelled(last)), NOW, sealed(last, 701, 702))

    assert history.head.version_id == last["versionId"]
    assert len(history.receipts) == 4


GOOD = receipt(SECOND, 700)


def test_a_receipt_says_who_saw_which_entry() -> None:
    assert check_receipt(GOOD) == Receipt(DID, SECOND["versionId"], did_key(700))
    assert read_receipts(b"[]") == ()


@requirement("identity.witness-format")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[1]",
        b"[{}]",
        json.dumps([GOOD | {"more": 1}]).encode(),
        json.dumps([GOOD | {"did": "did:example:1"}]).encode(),
        json.dumps([GOOD | {"did": DID[:-1] + "b"}]).encode(),
        json.dumps([GOOD | {"did": "did:mnem:" + START["versionId"][2:]}]).encode(),
        json.dumps([GOOD | {"versionId": 2}]).encode(),
        json.dumps([GOOD | {"versionId": START["versionId"]}]).encode(),
        json.dumps([GOOD | {"proof": None}]).encode(),
        json.dumps([GOOD | {"proof": [GOOD["proof"]]}]).encode(),
        json.dumps([GOOD | {"proof": {}}]).encode(),
        json.dumps([GOOD | {"proof": GOOD["proof"] | {"proofPurpose": "x"}}]).encode(),
        json.dumps([GOOD | {"proof": GOOD["proof"] | {"verificationMethod": DID}}]).encode(),
        json.dumps(
            [GOOD | {"proof": GOOD["proof"] | {"verificationMethod": did_key(701) + "#x"}}]
        ).encode(),
        b" " * (4 * 1024 * 1024 + 1),
    ],
)
def test_a_malformed_receipt_is_refused(data: bytes) -> None:
    with pytest.raises(LogError) as refused:
        read_receipts(data)

    assert refused.value.log_code is LogCode.WITNESS


def test_more_receipts_than_a_log_can_have_are_not_looked_at() -> None:
    with pytest.raises(LogError) as refused:
        read_receipts(b"[" + b"1," * 10_000 + b"1]")

    assert "10,000" in refused.value.detail


@pytest.mark.parametrize("member", [{"did": "did:example:1"}, {"did": 1}, {"versionId": 2}])
@requirement("identity.witness-format")
def test_a_sound_signature_does_not_make_a_receipt_for_something_else(member: Raw) -> None:
    signed = resign({**GOOD, **member, "proof": [GOOD["proof"]]}, 700, lambda options: options)

    with pytest.raises(LogError) as refused:
        check_receipt({**signed, "proof": signed["proof"][0]})

    assert "not for an entry" in refused.value.detail


def test_a_receipt_whose_method_names_two_keys_is_refused() -> None:
    signed = resign(
        {**{n: v for n, v in GOOD.items() if n != "proof"}, "proof": [GOOD["proof"]]},
        700,
        lambda options: options.update(verificationMethod=f"{did_key(700)}#{multikey(701)}"),
    )

    with pytest.raises(LogError, match="WITNESS") as refused:
        check_receipt({**signed, "proof": signed["proof"][0]})

    assert "another key" in refused.value.detail
