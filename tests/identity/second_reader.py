"""A second reader of logs, written from the method's page alone: sections 1.4, 3.4 to 3.6, 6, 7.2.

It shares no code with the first one. It looks at what it is given as sound JSON with a sound
document; of section 7.1 it checks what binds an entry to its author: hash, identifier, proof.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HOT: Final = {"update", "deactivate"}


class RefusedError(Exception):
    """A log does not hold; the argument is the code."""


@dataclass(eq=False)
class Seen:
    """An entry that was taken."""

    value: dict[str, Any]
    parent: "Seen | None"
    signer: str
    cold: frozenset[str]
    """The recovery key hashes in force after it."""

    @property
    def way(self) -> list["Seen"]:
        """The way back to genesis, itself included."""
        return [self, *(self.parent.way if self.parent else [])]

    @property
    def recoveries(self) -> list["Seen"]:
        """Those on the way, the last one first."""
        return [each for each in self.way if each.value["type"] == "recover"]


def jcs(value: object) -> bytes:
    """Return the canonical form, for values without fractions and names beyond ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def mh(data: bytes) -> str:
    digest = b"\x12\x20" + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(digest).decode().lower().rstrip("=")


def without(value: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: member for name, member in value.items() if name not in names}


def hashes(keys: list[str]) -> frozenset[str]:
    return frozenset(mh(key.encode()) for key in keys)


def hot_keys(entry: dict[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the hashes of the keys it presents, and of those it promises."""
    stated = entry["parameters"]
    return hashes(stated["updateKeys"]), frozenset(stated.get("nextKeyHashes", []))


def refuse(code: str, *, when: bool) -> None:
    if when:
        raise RefusedError(code)


def signer_of(entry: dict[str, Any]) -> str:
    """Check hash, identifier and proof; return the Multikey of who signed."""
    hashed = without(entry, "versionId", "proof")
    refuse("BAD_HASH", when=entry["versionId"].partition("-")[2] != mh(jcs(hashed)))
    stated = entry["parameters"]
    if entry["type"] == "create":
        text = jcs({**hashed, "parameters": without(stated, "scid")})
        scid = mh(text.replace(stated["scid"].encode(), b"{SCID}"))
        refuse("SCID", when=b"{SCID}" in text or scid != stated["scid"])
    (proof,) = entry["proof"]
    signer: str = proof["verificationMethod"].partition("#")[2]
    refuse("BAD_PROOF", when=proof["verificationMethod"] != f"did:key:{signer}#{signer}")
    options, document = jcs(without(proof, "proofValue")), jcs(without(entry, "proof"))
    message = hashlib.sha256(options).digest() + hashlib.sha256(document).digest()
    try:
        key = Ed25519PublicKey.from_public_bytes(base58.b58decode(signer[1:])[2:])
        key.verify(base58.b58decode(proof["proofValue"][1:]), message)
    except InvalidSignature as error:
        raise RefusedError("BAD_PROOF") from error
    refuse(
        "GENESIS_KEYS" if entry["type"] == "create" else "PRE_ROTATION",
        when=entry["type"] != "recover" and signer not in stated["updateKeys"],
    )
    return signer


def check_place(did: str, entry: dict[str, Any], signer: str, parent: Seen) -> None:
    before, state = parent.value, entry["state"]
    numbers = [int(each["versionId"].partition("-")[0]) for each in (before, entry)]
    times = [datetime.fromisoformat(each["versionTime"]) for each in (before, entry)]
    refuse("ORDER", when=numbers[1] != numbers[0] + 1 or times[1] <= times[0])
    refuse("DEACTIVATED", when=not before["state"] and entry["type"] != "recover")
    refuse("INVALID_STATE", when=bool(state) and state["id"] != did)
    present, promised = hot_keys(entry)
    presented = [hot_keys(each.value)[0] for each in parent.way]
    known = frozenset().union(*presented, *(hot_keys(each.value)[1] for each in parent.way))
    spent = hashes([each.signer for each in parent.recoveries])
    listed = {each["publicKeyMultibase"] for each in state.get("verificationMethod", [])}
    if entry["type"] == "recover":
        cold = frozenset(entry["parameters"]["recoveryKeyHashes"])
        refuse("RECOVERY_KEY", when=not hashes([signer]) <= parent.cold)
        again = (present | promised) & (known | spent) or cold & (spent | known)
        refuse("RECOVERY_KEY", when=bool(again))
        return
    refuse("PRE_ROTATION", when=not present <= hot_keys(before)[1])
    refuse("RECOVERY_TIER", when=bool((present | promised) & parent.cold))
    refuse("NEXT_KEYS", when=bool(promised & frozenset().union(spent, *presented)))
    reserved = parent.cold | hot_keys(before)[1]
    refuse("INVALID_STATE", when=bool(hashes(sorted(listed)) & reserved))


def read(did: str, entries: list[dict[str, Any]], now: datetime) -> tuple[list[str], ...]:
    """Return the versionIds of the path, the rivals and what is nullified."""
    signers = [signer_of(entry) for entry in entries]
    seen: dict[str, Seen] = {}
    for entry, signer in zip(entries, signers, strict=True):
        if entry["versionId"] in seen:
            continue
        ahead = datetime.fromisoformat(entry["versionTime"]) - now
        refuse("FUTURE", when=ahead > timedelta(seconds=300))
        stated, parent = entry["parameters"], seen.get(entry["previous"] or "")
        if entry["type"] == "create":
            refuse("SCID", when=did != "did:mnem:" + stated["scid"])
        elif parent is None:
            raise RefusedError("NO_PARENT")
        else:
            check_place(did, entry, signer, parent)
        kept = parent.cold if parent and entry["type"] in HOT else stated["recoveryKeyHashes"]
        seen[entry["versionId"]] = Seen(entry, parent, signer, frozenset(kept))
    return branches(list(seen.values()))


def branches(seen: list[Seen]) -> tuple[list[str], ...]:
    """Choose among them, by section 6."""
    at = seen[0]
    while True:  # step 2: from recovery to recovery
        last = at.recoveries[:1]
        more = [s for s in seen if s.parent and s.recoveries[:1] == [s]]
        more = [s for s in more if s.parent and s.parent.recoveries[:1] == last]
        if not more:
            break
        at = more[0]
    while more := [s for s in seen if s.parent is at and s.value["type"] != "recover"]:
        at = more[0]
    path = at.way[::-1]
    rivals: list[Seen] = []
    nullified: list[Seen] = []
    for each in (s for s in seen if s not in path):
        beside = [s for s in each.recoveries if s not in path]
        if beside:  # step 4: C is the nearest to the path
            c, last = beside[-1], at.recoveries[:1]
            later = bool(last) and seen.index(last[0]) > seen.index(c)
            settled = later and len(at.recoveries) > len(c.recoveries)
        else:
            settled = len(each.recoveries) != len(at.recoveries)
        (nullified if settled else rivals).append(each)
    return tuple([s.value["versionId"] for s in part] for part in (path, rivals, nullified))
