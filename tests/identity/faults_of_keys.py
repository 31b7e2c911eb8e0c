"""Faults in who may write: hot and cold tier, the end of a DID, its document, its witnesses."""

from typing import Final

from tests.identity import logs
from tests.identity.faults import (
    SMALL_ORDER,
    WITNESS_SET,
    C,
    Row,
    begun,
    drop,
    given,
    put,
    recovered,
    updated,
)
from tests.identity.logs import (
    COLD,
    DID,
    GENESIS,
    SECOND,
    deactivate,
    did_key,
    genesis,
    hash_of,
    multikey,
    recover,
    tombstone,
    update,
)

KEYS: Final[list[Row]] = [
    # The hot tier
    (C.PRE_ROTATION, "the current key without the next", lambda: [GENESIS, update(GENESIS, 1, 3)]),
    (C.PRE_ROTATION, "a stranger's key", lambda: [GENESIS, update(GENESIS, 100)]),
    (
        C.PRE_ROTATION,
        "one key promised and one not",
        updated(given([multikey(2), multikey(100)], "updateKeys")),
    ),
    (
        C.PRE_ROTATION,
        "a promised key signed for by a stranger",
        updated(lambda _: None, signer=100),
    ),
    (C.PRE_ROTATION, "a recovery key in an update", updated(lambda _: None, signer=COLD[0])),
    (C.PRE_ROTATION, "a document key in an update", updated(lambda _: None, signer=logs.SIG)),
    (C.PRE_ROTATION, "an update without keys", updated(given([], "updateKeys"))),
    (C.PRE_ROTATION, "a deactivation by a stranger", lambda: [GENESIS, deactivate(GENESIS, 100)]),
    (
        C.PRE_ROTATION,
        "a deactivation without keys",
        lambda: [GENESIS, deactivate(GENESIS, 2, change=given([], "updateKeys"))],
    ),
    (C.NEXT_KEYS, "an update without next keys", updated(drop("parameters", "nextKeyHashes"))),
    (C.NEXT_KEYS, "an update with no next key", updated(given([], "nextKeyHashes"))),
    (
        C.NEXT_KEYS,
        "an update that promises its own key",
        updated(given([hash_of(2)], "nextKeyHashes")),
    ),
    (C.NEXT_KEYS, "a promise of the parent's key", lambda: [GENESIS, update(GENESIS, 2, 1)]),
    (
        C.NEXT_KEYS,
        "a promise of a key from two entries ago",
        lambda: [GENESIS, SECOND, update(SECOND, 3, 1)],
    ),
    (
        C.NEXT_KEYS,
        "a promise of a spent recovery key",
        lambda: [GENESIS, first := recover(GENESIS, 50), update(first, 51, COLD[0])],
    ),
    (
        C.NEXT_KEYS,
        "a deactivation that promises a key from before",
        lambda: [GENESIS, deactivate(GENESIS, 2, change=given([hash_of(1)], "nextKeyHashes"))],
    ),
    (C.NEXT_KEYS, "a promise that is no hash", updated(given([multikey(3)], "nextKeyHashes"))),
    (
        C.NEXT_KEYS,
        "a promise in another spelling",
        updated(given([hash_of(3)[:-1] + chr(ord(hash_of(3)[-1]) + 1)], "nextKeyHashes")),
    ),
    # The cold tier
    (
        C.RECOVERY_TIER,
        "an update that states recovery keys",
        updated(given([hash_of(100)], "recoveryKeyHashes")),
    ),
    (
        C.RECOVERY_TIER,
        "an update that repeats the recovery keys",
        updated(given([hash_of(COLD[0])], "recoveryKeyHashes")),
    ),
    (
        C.RECOVERY_TIER,
        "a deactivation that states recovery keys",
        lambda: [
            GENESIS,
            deactivate(GENESIS, 2, change=given([hash_of(100)], "recoveryKeyHashes")),
        ],
    ),
    (
        C.RECOVERY_TIER,
        "an update that promises a recovery key",
        updated(given([hash_of(COLD[0])], "nextKeyHashes")),
    ),
    (C.RECOVERY_KEY, "a recovery by a stranger", recovered(lambda _: None, signer=100)),
    (C.RECOVERY_KEY, "a recovery by the hot key", recovered(lambda _: None, signer=2)),
    (C.RECOVERY_KEY, "a recovery by its own new key", recovered(lambda _: None, signer=50)),
    (C.RECOVERY_KEY, "a recovery without update keys", recovered(given([], "updateKeys"))),
    (C.RECOVERY_KEY, "a recovery without next keys", recovered(given([], "nextKeyHashes"))),
    (C.RECOVERY_KEY, "a recovery without recovery keys", recovered(given([], "recoveryKeyHashes"))),
    (
        C.RECOVERY_KEY,
        "the spent key listed again",
        recovered(given([hash_of(COLD[1]), hash_of(COLD[0])], "recoveryKeyHashes")),
    ),
    (
        C.RECOVERY_KEY,
        "the spent key listed as hot",
        recovered(given([multikey(COLD[0])], "updateKeys")),
    ),
    (
        C.RECOVERY_KEY,
        "the spent key promised",
        recovered(given([hash_of(COLD[0])], "nextKeyHashes")),
    ),
    (
        C.RECOVERY_KEY,
        "a key spent before listed again",
        lambda: [
            GENESIS,
            first := recover(GENESIS, 50),
            recover(first, 60, COLD[1], COLD[0]),
        ],
    ),
    (
        C.RECOVERY_KEY,
        "a key spent before promised",
        lambda: [
            GENESIS,
            first := recover(GENESIS, 50),
            recover(first, 60, COLD[1], COLD[2], change=given([hash_of(COLD[0])], "nextKeyHashes")),
        ],
    ),
    (C.RECOVERY_KEY, "a hot key of before", recovered(given([multikey(1)], "updateKeys"))),
    (C.RECOVERY_KEY, "a key promised before", recovered(given([multikey(2)], "updateKeys"))),
    (C.RECOVERY_KEY, "a promise of before", recovered(given([hash_of(2)], "nextKeyHashes"))),
    (
        C.RECOVERY_KEY,
        "a hot key of before among the recovery keys",
        recovered(given([hash_of(1)], "recoveryKeyHashes")),
    ),
    (
        C.RECOVERY_KEY,
        "a recovery key that is hot now",
        recovered(given([hash_of(50)], "recoveryKeyHashes")),
    ),
    (
        C.RECOVERY_KEY,
        "a recovery key twice",
        recovered(given([hash_of(COLD[1])] * 2, "recoveryKeyHashes")),
    ),
    (C.RECOVERY_KEY, "a recovery with a malformed key", recovered(given(["z6Mk"], "updateKeys"))),
    (
        C.RECOVERY_KEY,
        "empty lists with a document",
        recovered(given([], "updateKeys", "nextKeyHashes", "recoveryKeyHashes")),
    ),
    (C.RECOVERY_KEY, "keys without a document", recovered(put("state", to={}))),
    (
        C.RECOVERY_KEY,
        "a recovery after a tombstone",
        lambda: [
            GENESIS,
            end := tombstone(GENESIS, COLD[0]),
            recover(end, 50, COLD[1], COLD[2]),
        ],
    ),
    # After the end
    (
        C.DEACTIVATED,
        "an update after a deactivation",
        lambda: [
            GENESIS,
            end := deactivate(GENESIS, 2, change=given([hash_of(3)], "nextKeyHashes")),
            update(end, 3),
        ],
    ),
    (
        C.DEACTIVATED,
        "a deactivation after a deactivation",
        lambda: [
            GENESIS,
            end := deactivate(GENESIS, 2, change=given([hash_of(3)], "nextKeyHashes")),
            deactivate(end, 3),
        ],
    ),
    (
        C.DEACTIVATED,
        "an update after a tombstone",
        lambda: [GENESIS, end := tombstone(GENESIS, COLD[0]), update(end, 3)],
    ),
    # The document; its own rules have a table of their own
    (C.INVALID_STATE, "a state that is a list", updated(put("state", to=[]))),
    (C.INVALID_STATE, "a state that is a list with something", updated(put("state", to=[1]))),
    (C.INVALID_STATE, "an update without document", updated(put("state", to={}))),
    (C.INVALID_STATE, "a genesis without document", begun(put("state", to={}))),
    (
        C.INVALID_STATE,
        "a deactivation with a document",
        lambda: [GENESIS, deactivate(GENESIS, 2, change=put("state", to=logs.document(DID)))],
    ),
    (
        C.INVALID_STATE,
        "the document of another DID",
        lambda: [
            GENESIS,
            update(GENESIS, 2, state=logs.document("did:mnem:" + hash_of(1))),
        ],
    ),
    (C.INVALID_STATE, "the document of no DID", updated(put("state", "id", to="did:example:1"))),
    (
        C.INVALID_STATE,
        "a genesis with the document of another DID",
        begun(put("state", to=logs.document("did:mnem:" + hash_of(1)))),
    ),
    (
        C.INVALID_STATE,
        "a document that lists the update key",
        updated(put("state", "verificationMethod", 0, "publicKeyMultibase", to=multikey(2))),
    ),
    (
        C.INVALID_STATE,
        "a document that lists the next key",
        updated(put("state", "verificationMethod", 0, "publicKeyMultibase", to=multikey(3))),
    ),
    (
        C.INVALID_STATE,
        "a document that lists the recovery key",
        updated(put("state", "verificationMethod", 0, "publicKeyMultibase", to=multikey(COLD[0]))),
    ),
    (
        C.INVALID_STATE,
        "a genesis that lists the recovery key",
        begun(put("state", "verificationMethod", 0, "publicKeyMultibase", to=multikey(COLD[0]))),
    ),
    (
        C.INVALID_STATE,
        "a document that lists another promised key",
        lambda: [
            first := genesis(given([hash_of(2), hash_of(3)], "nextKeyHashes")),
            update(
                first,
                2,
                4,
                state=logs.document(f"did:mnem:{first['parameters']['scid']}", sig=3),
            ),
        ],
    ),
    (
        C.INVALID_STATE,
        "a recovery that lists the spent key",
        recovered(
            put("state", "verificationMethod", 0, "publicKeyMultibase", to=multikey(COLD[0]))
        ),
    ),
    (C.INVALID_STATE, "a mirror over http", updated(given(["http://a.example/"], "mirrors"))),
    (C.INVALID_STATE, "a mirror twice", updated(given(["https://a.example/"] * 2, "mirrors"))),
    # Witnesses
    (
        C.WITNESS,
        "no receipts",
        lambda: [
            first := genesis(given(WITNESS_SET, "witness")),
            update(first, 2, state=logs.document(f"did:mnem:{first['parameters']['scid']}")),
        ],
    ),
    (C.WITNESS, "a threshold of 0", updated(given({**WITNESS_SET, "threshold": 0}, "witness"))),
    (
        C.WITNESS,
        "a threshold above the number",
        updated(given({**WITNESS_SET, "threshold": 3}, "witness")),
    ),
    (
        C.WITNESS,
        "a witness twice",
        updated(given({"threshold": 1, "witnesses": [did_key(700)] * 2}, "witness")),
    ),
    (
        C.WITNESS,
        "a witness that is no did:key",
        updated(given({"threshold": 1, "witnesses": [DID]}, "witness")),
    ),
    (
        C.WITNESS,
        "a witness of small order",
        updated(given({"threshold": 1, "witnesses": [f"did:key:{SMALL_ORDER}"]}, "witness")),
    ),
]
