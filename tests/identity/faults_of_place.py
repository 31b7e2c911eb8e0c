"""Faults in where an entry stands, when it was made, and how it is signed."""

from datetime import timedelta
from typing import Final

from mnemosyne.identity.entry import write_time
from mnemosyne.identity.rules import FUTURE
from tests.identity.faults import (
    SMALL_ORDER,
    C,
    Row,
    proven,
    put,
    updated,
    with_proof,
)
from tests.identity.logs import (
    DID,
    GENESIS,
    NOW,
    SECOND,
    THIRD,
    did_key,
    multikey,
)

PLACE: Final[list[Row]] = [
    # Place and time
    (C.NO_PARENT, "a missing middle", lambda: [GENESIS, THIRD]),
    (C.NO_PARENT, "a child before its parent", lambda: [GENESIS, THIRD, SECOND]),
    (C.NO_PARENT, "no genesis", lambda: [SECOND]),
    (C.NO_PARENT, "an update that follows nothing", updated(put("previous", to=None))),
    (C.NO_PARENT, "an update that follows a number", updated(put("previous", to=1))),
    (C.NO_PARENT, "an update that follows a list", updated(put("previous", to=["x"]))),
    (C.ORDER, "a number left out", updated(lambda _: None, step=2)),
    (C.ORDER, "a number repeated", updated(lambda _: None, step=0)),
    (C.ORDER, "the time of the parent", updated(lambda _: None, later=0)),
    (C.ORDER, "a time before the parent", updated(lambda _: None, later=-1)),
    (C.ORDER, "a time zone", updated(put("versionTime", to="2026-11-22T10:11:00+01:00"))),
    (C.ORDER, "a fraction of a second", updated(put("versionTime", to="2026-11-22T09:11:00.5Z"))),
    (C.ORDER, "a day that is none", updated(put("versionTime", to="2026-02-30T09:11:00Z"))),
    (C.ORDER, "a leap second", updated(put("versionTime", to="2026-11-22T09:11:60Z"))),
    (C.ORDER, "a small z", updated(put("versionTime", to="2026-11-22T09:11:00z"))),
    (C.ORDER, "digits of another script", updated(put("versionTime", to="２026-11-22T09:11:00Z"))),
    (C.ORDER, "a time that is a number", updated(put("versionTime", to=1))),
    (
        C.FUTURE,
        "five minutes and a second ahead",
        updated(put("versionTime", to=write_time(NOW + FUTURE + timedelta(seconds=1)))),
    ),
    # Proofs
    (C.PROOF_COUNT, "no proof", with_proof(lambda v: v.pop("proof"))),
    (C.PROOF_COUNT, "an empty list of proofs", with_proof(lambda v: v.update(proof=[]))),
    (C.PROOF_COUNT, "two proofs", with_proof(lambda v: v.update(proof=v["proof"] * 2))),
    (C.PROOF_COUNT, "a proof outside a list", with_proof(lambda v: v.update(proof=v["proof"][0]))),
    (
        C.PROOF_COUNT,
        "an object with one proof",
        with_proof(lambda v: v.update(proof={"0": v["proof"][0]})),
    ),
    (C.BAD_PROOF, "a time of signing that is a number", proven(put("created", to=1))),
    (C.BAD_PROOF, "a fraction of a second", proven(put("created", to="2026-11-22T09:10:00.5Z"))),
    (C.BAD_PROOF, "a proof that is a text", with_proof(lambda v: v.update(proof=["x"]))),
    (C.BAD_PROOF, "another type", with_proof(put("proof", 0, "type", to="Ed25519Signature2020"))),
    (
        C.BAD_PROOF,
        "another cryptosuite",
        with_proof(put("proof", 0, "cryptosuite", to="eddsa-rdfc-2022")),
    ),
    (C.BAD_PROOF, "another purpose", proven(put("proofPurpose", to="authentication"))),
    (
        C.BAD_PROOF,
        "a did:key whose fragment is another key",
        proven(put("verificationMethod", to=f"{did_key(1)}#{multikey(2)}")),
    ),
    (C.BAD_PROOF, "a did:key without fragment", proven(put("verificationMethod", to=did_key(1)))),
    (
        C.BAD_PROOF,
        "a verification method of the DID",
        proven(put("verificationMethod", to=f"{DID}#sig-1")),
    ),
    (
        C.BAD_PROOF,
        "a verification method that is a number",
        with_proof(put("proof", 0, "verificationMethod", to=1)),
    ),
    (
        C.BAD_PROOF,
        "a did:key of small order",
        proven(put("verificationMethod", to=f"did:key:{SMALL_ORDER}#{SMALL_ORDER}")),
    ),
    (C.BAD_PROOF, "the signature of another key", proven(lambda _: None, signer=2)),
    (
        C.BAD_PROOF,
        "the signature of another entry",
        with_proof(lambda v: v["proof"][0].update(proofValue=SECOND["proof"][0]["proofValue"])),
    ),
    (
        C.BAD_PROOF,
        "a signature that is no multibase",
        with_proof(put("proof", 0, "proofValue", to="0")),
    ),
    (
        C.BAD_PROOF,
        "a time of signing that is none",
        proven(put("created", to="now")),
    ),
    (
        C.BAD_PROOF,
        "a time of signing in another zone",
        proven(put("created", to="2026-11-22T10:10:00+01:00")),
    ),
]
