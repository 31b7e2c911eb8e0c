"""Faults in what an entry says by itself: members, limits, hashes, the genesis."""

import json
from typing import Final

from tests.identity.faults import (
    SMALL_ORDER,
    WITNESS_SET,
    C,
    Row,
    after,
    begun,
    drop,
    given,
    methods,
    mirror_url,
    proven,
    put,
    recovered,
    services,
    updated,
    with_proof,
)
from tests.identity.logs import (
    DID,
    GENESIS,
    SECOND,
    did_key,
    genesis,
    hash_of,
    multikey,
)

FORM: Final[list[Row]] = [
    # What is not in the lists
    (C.UNKNOWN_MEMBER, "a member that is not listed", updated(put("note", to="x"))),
    (C.UNKNOWN_MEMBER, "a member that is missing", updated(drop("versionTime"))),
    (C.UNKNOWN_MEMBER, "no parameters", updated(drop("parameters"))),
    (C.UNKNOWN_MEMBER, "a parameter that is not listed", updated(given("x", "note"))),
    (C.UNKNOWN_MEMBER, "a type that is not listed", updated(put("type", to="rotate"))),
    (C.UNKNOWN_MEMBER, "a type that is no text", updated(put("type", to=["update"]))),
    (C.UNKNOWN_MEMBER, "parameters that are no object", updated(put("parameters", to=[]))),
    (C.UNKNOWN_MEMBER, "no updateKeys", updated(drop("parameters", "updateKeys"))),
    (C.UNKNOWN_MEMBER, "a genesis without method", begun(drop("parameters", "method"))),
    (
        C.UNKNOWN_MEMBER,
        "a genesis without recovery list",
        begun(drop("parameters", "recoveryKeyHashes")),
    ),
    (
        C.UNKNOWN_MEMBER,
        "a recovery without next list",
        recovered(drop("parameters", "nextKeyHashes")),
    ),
    (C.UNKNOWN_MEMBER, "a list that is a text", updated(given("z6Mk", "updateKeys"))),
    (C.UNKNOWN_MEMBER, "a list of numbers", updated(given([1], "nextKeyHashes"))),
    (C.UNKNOWN_MEMBER, "a ttl that is a text", updated(given("60", "ttl"))),
    (C.UNKNOWN_MEMBER, "a ttl that is true", updated(put("parameters", "ttl", to=True))),
    (C.UNKNOWN_MEMBER, "a ttl below zero", updated(given(-1, "ttl"))),
    (C.UNKNOWN_MEMBER, "a ttl above a year", updated(given(31_536_001, "ttl"))),
    (
        C.UNKNOWN_MEMBER,
        "a witness parameter without list",
        updated(given({"threshold": 1}, "witness")),
    ),
    (
        C.UNKNOWN_MEMBER,
        "a witness parameter that is null in a genesis",
        begun(given(None, "witness")),
    ),
    (
        C.UNKNOWN_MEMBER,
        "a threshold that is true",
        updated(given({**WITNESS_SET, "threshold": True}, "witness")),
    ),
    (
        C.UNKNOWN_MEMBER,
        "witnesses that are numbers",
        updated(given({"threshold": 1, "witnesses": [1]}, "witness")),
    ),
    (
        C.UNKNOWN_MEMBER,
        "witnesses that are a text",
        updated(given({"threshold": 1, "witnesses": "z"}, "witness")),
    ),
    (C.UNKNOWN_MEMBER, "a proof with one member more", proven(put("domain", to="x"))),
    (
        C.UNKNOWN_MEMBER,
        "a proof with one member less",
        with_proof(lambda v: v["proof"][0].pop("created")),
    ),
    # Other versions
    (C.METHOD_VERSION, "another version", begun(given("did:mnem:2", "method"))),
    (
        C.METHOD_VERSION,
        "another version with members of its own",
        begun(lambda v: (given("did:mnem:2", "method")(v), put("novelty", to=1)(v))),
    ),
    (C.METHOD_VERSION, "a version that is no text", begun(given(1, "method"))),
    (C.FIXED_PARAM, "method after the genesis", updated(given("did:mnem:1", "method"))),
    (C.FIXED_PARAM, "scid after the genesis", updated(given(DID[9:], "scid"))),
    (C.FIXED_PARAM, "scid in a recovery", recovered(given(DID[9:], "scid"))),
    # Limits of an entry
    (
        C.ENTRY_TOO_LARGE,
        "more than 16 KiB",
        updated(put("state", "alsoKnownAs", to=[mirror_url(2048 - n) for n in range(9)])),
    ),
    (
        C.ENTRY_TOO_LARGE,
        "17 levels",
        updated(put("state", "x", to=json.loads("[" * 15 + "]" * 15))),
    ),
    (
        C.ENTRY_TOO_LARGE,
        "11 update keys",
        updated(given([multikey(n) for n in range(2, 13)], "updateKeys")),
    ),
    (
        C.ENTRY_TOO_LARGE,
        "11 next keys",
        updated(given([hash_of(n) for n in range(20, 31)], "nextKeyHashes")),
    ),
    (
        C.ENTRY_TOO_LARGE,
        "11 recovery keys",
        begun(given([hash_of(n) for n in range(20, 31)], "recoveryKeyHashes")),
    ),
    (
        C.ENTRY_TOO_LARGE,
        "11 witnesses",
        updated(given({"threshold": 1, "witnesses": [did_key(n) for n in range(11)]}, "witness")),
    ),
    (
        C.ENTRY_TOO_LARGE,
        "11 mirrors",
        updated(given([f"https://a.example/{n}" for n in range(11)], "mirrors")),
    ),
    (C.ENTRY_TOO_LARGE, "a mirror of 2,049 bytes", updated(given([mirror_url(2049)], "mirrors"))),
    (C.ENTRY_TOO_LARGE, "21 verification methods", updated(methods(21))),
    (C.ENTRY_TOO_LARGE, "21 services", updated(services(21))),
    (C.ENTRY_TOO_LARGE, "an endpoint of 2,049 bytes", updated(services(1, mirror_url(2049)))),
    # Hashes and the genesis
    (
        C.BAD_HASH,
        "a state changed afterwards",
        after(
            lambda v: v["state"]["service"][0].update(serviceEndpoint="https://mallory.example/")
        ),
    ),
    (
        C.BAD_HASH,
        "a genesis changed afterwards",
        after(lambda v: v["parameters"].update(nextKeyHashes=[hash_of(100)]), number=1),
    ),
    (
        C.BAD_HASH,
        "a versionId without number",
        after(lambda v: v.update(versionId=v["versionId"][2:])),
    ),
    (
        C.BAD_HASH,
        "a versionId that starts with 0",
        after(lambda v: v.update(versionId="0" + v["versionId"])),
    ),
    (C.BAD_HASH, "a versionId that is a number", after(lambda v: v.update(versionId=2))),
    (C.SCID, "a genesis that says another scid", begun(given(hash_of(1), "scid"))),
    (C.SCID, "an scid that is no hash", begun(given("x", "scid"))),
    (C.SCID, "an scid that is a number", begun(given(1, "scid"))),
    (C.SCID, "a second genesis", lambda: [GENESIS, genesis(given(60, "ttl"))]),
    (C.GENESIS, "a genesis numbered 2", begun(lambda _: None, number=2)),
    (C.GENESIS, "a genesis that follows something", begun(put("previous", to=SECOND["versionId"]))),
    (C.GENESIS, "an empty log", list),
    (C.GENESIS_KEYS, "a genesis signed by a stranger", begun(lambda _: None, signer=100)),
    (C.GENESIS_KEYS, "a genesis without update keys", begun(given([], "updateKeys"))),
    (C.GENESIS_KEYS, "a genesis without next keys", begun(given([], "nextKeyHashes"))),
    (C.GENESIS_KEYS, "a genesis without recovery keys", begun(given([], "recoveryKeyHashes"))),
    (
        C.GENESIS_KEYS,
        "a genesis that promises its own key",
        begun(given([hash_of(1)], "nextKeyHashes")),
    ),
    (C.GENESIS_KEYS, "a recovery key that is hot", begun(given([hash_of(1)], "recoveryKeyHashes"))),
    (
        C.GENESIS_KEYS,
        "a recovery key that is promised",
        begun(given([hash_of(2)], "recoveryKeyHashes")),
    ),
    (C.GENESIS_KEYS, "a key twice", begun(given([multikey(1)] * 2, "updateKeys"))),
    (C.GENESIS_KEYS, "a hash twice", begun(given([hash_of(2)] * 2, "nextKeyHashes"))),
    (C.GENESIS_KEYS, "a next key that is no hash", begun(given(["x"], "nextKeyHashes"))),
    (C.GENESIS_KEYS, "a recovery key that is no hash", begun(given(["x"], "recoveryKeyHashes"))),
    (
        C.GENESIS_KEYS,
        "an update key of small order",
        begun(given([multikey(1), SMALL_ORDER], "updateKeys")),
    ),
]
