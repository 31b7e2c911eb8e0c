"""Logs for tests: sound ones, and ones with exactly one thing wrong, hashed and signed as if sound.

What is changed before signing leaves every other check satisfied, so that the guard under test is
the only one that can refuse. Keys are fixed: key ``n`` is always the same.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

import base58

from mnemosyne.identity.document import build_document
from mnemosyne.identity.entry import (
    PLACEHOLDER,
    entry_hash,
    replace_text,
    scid_of,
    write_time,
)
from mnemosyne.identity.log import History, evaluate, read_log
from mnemosyne.identity.parameters import key_hash
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.data_integrity import did_key_method, hash_data, sign_document
from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.signing import SigningKey

Raw = dict[str, Any]
Change = Callable[[Raw], object]

NOW: Final = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
BEGIN: Final = datetime(2026, 11, 22, 9, 10, tzinfo=UTC)

# Hot keys count from 1 in the order they are used; a thief's from 100.
COLD: Final = (900, 901, 902, 903)
WITNESSES: Final = (700, 701, 702)
SIG: Final = 5000
NODE: Final = 5001


@cache
def key(number: int) -> SigningKey:
    """Return the key of this number, always the same."""
    return SigningKey(sha256(f"mnemosyne test key {number}".encode()))


def multikey(number: int) -> str:
    return encode_multikey(key(number).public)


def hash_of(number: int) -> str:
    return key_hash(multikey(number))


def did_key(number: int) -> str:
    return f"did:key:{multikey(number)}"


def document(did: str, *, sig: int = SIG) -> Raw:
    return build_document(
        did,
        signing=[("sig-1", multikey(sig))],
        node=[("node-1", multikey(NODE))],
        services=[("node", "MnemosyneNode", "https://ada.example/")],
    )


def seal(value: Raw, number: int, signer: int) -> Raw:
    """Hash and sign an entry, whatever it says."""
    stated = {**value, "versionId": f"{number}-{entry_hash(value)}"}
    signing = key(signer)
    proof = sign_document(
        stated,
        signing,
        verification_method=did_key_method(signing.public),
        created=BEGIN,
    )
    return {**stated, "proof": [proof]}


def resign(value: Raw, signer: int, change: Change) -> Raw:
    """Change the options of the proof, and sign with them."""
    options: Raw = {n: v for n, v in value["proof"][0].items() if n != "proofValue"}
    change(options)
    signature = key(signer).sign(hash_data(value, options))
    proof = {**options, "proofValue": "z" + base58.b58encode(signature).decode("ascii")}
    return {**value, "proof": [proof]}


def genesis(change: Change | None = None, *, signer: int = 1, number: int = 1) -> Raw:
    """Return a genesis; ``change`` is made before scid, hash and signature."""
    value: Raw = {
        "versionTime": write_time(BEGIN),
        "type": "create",
        "previous": None,
        "parameters": {
            "method": "did:mnem:1",
            "updateKeys": [multikey(1)],
            "nextKeyHashes": [hash_of(2)],
            "recoveryKeyHashes": [hash_of(COLD[0])],
        },
        "state": document(f"did:mnem:{PLACEHOLDER}"),
    }
    if change:
        change(value)
    scid = scid_of(value)
    value = replace_text(value, PLACEHOLDER, scid)
    value["parameters"].setdefault("scid", scid)
    return seal(value, number, signer)


def follow(
    parent: Raw,
    kind: str,
    parameters: Mapping[str, Any],
    *,
    signer: int,
    change: Change | None = None,
    state: Raw | None = None,
    later: int = 60,
    step: int = 1,
) -> Raw:
    """Return an entry behind ``parent``; ``change`` is made before hash and signature."""
    number, _, _ = parent["versionId"].partition("-")
    time = datetime.fromisoformat(parent["versionTime"]) + timedelta(seconds=later)
    value: Raw = {
        "versionTime": write_time(time),
        "type": kind,
        "previous": parent["versionId"],
        "parameters": dict(parameters),
        "state": document(DID) if state is None else copy.deepcopy(state),
    }
    if change:
        change(value)
    return seal(value, int(number) + step, signer)


def hot(hot_key: int, next_key: int) -> Raw:
    return {"updateKeys": [multikey(hot_key)], "nextKeyHashes": [hash_of(next_key)]}


def update(
    parent: Raw,
    hot_key: int,
    next_key: int | None = None,
    *,
    change: Change | None = None,
    **more: Any,  # noqa: ANN401 - what follow takes
) -> Raw:
    """Return an update by ``hot_key``, which promises ``next_key``, the following one."""
    stated = hot(hot_key, hot_key + 1 if next_key is None else next_key)
    more.setdefault("signer", hot_key)
    return follow(parent, "update", stated, change=change, **more)


def deactivate(parent: Raw, hot_key: int, *, change: Change | None = None) -> Raw:
    stated = {"updateKeys": [multikey(hot_key)]}
    return follow(parent, "deactivate", stated, signer=hot_key, change=change, state={})


def recover(
    parent: Raw,
    hot_key: int,
    cold_key: int = COLD[0],
    next_cold: int = COLD[1],
    *,
    change: Change | None = None,
    **more: Any,  # noqa: ANN401 - what follow takes
) -> Raw:
    stated = {**hot(hot_key, hot_key + 1), "recoveryKeyHashes": [hash_of(next_cold)]}
    more.setdefault("signer", cold_key)
    return follow(parent, "recover", stated, change=change, **more)


def tombstone(parent: Raw, cold_key: int) -> Raw:
    none: Raw = {"updateKeys": [], "nextKeyHashes": [], "recoveryKeyHashes": []}
    return follow(parent, "recover", none, signer=cold_key, state={})


def receipt(entry: Raw, witness: int, did: str | None = None) -> Raw:
    stated = {"did": did or DID, "versionId": entry["versionId"]}
    signing = key(witness)
    proof = sign_document(
        stated, signing, verification_method=did_key_method(signing.public), created=BEGIN
    )
    return {**stated, "proof": proof}


def spelled(*values: Raw) -> bytes:
    """Return the lines of a log."""
    return b"".join(canonical_json(value) + b"\n" for value in values)


def judge(*values: Raw, did: str | None = None, receipts: Sequence[Any] = ()) -> History:
    """Read and judge a log of these entries."""
    return evaluate(did or DID, read_log(spelled(*values)), NOW, receipts)


GENESIS: Final = genesis()
DID: Final = f"did:mnem:{GENESIS['parameters']['scid']}"
SECOND: Final = update(GENESIS, 2)
THIRD: Final = update(SECOND, 3)
