"""The example logs of did:mnem:1 for other implementers, made anew from fixed seeds.

``python -m tests.identity.vectors`` writes ``tests/vectors/did-mnem/did-mnem-1.json``; a test
compares. One log for each rule of the choice among branches, one refused log for each code.
"""

import json
from pathlib import Path
from typing import Any, Final

from mnemosyne.identity.entry import write_time
from mnemosyne.identity.errors import LogCode
from mnemosyne.identity.witnesses import read_receipts
from mnemosyne.kit.canonical_json import canonical_json
from tests.identity import logs
from tests.identity.logs import (
    COLD,
    GENESIS,
    NOW,
    SECOND,
    THIRD,
    Raw,
    deactivate,
    document,
    genesis,
    hash_of,
    judge,
    key,
    multikey,
    receipt,
    recover,
    tombstone,
    update,
)
from tests.identity.test_log_codes import ROWS

FILE: Final = Path(__file__).parents[1] / "vectors" / "did-mnem" / "did-mnem-1.json"
_NAMED: Final = {
    "hot 1": 1,
    "hot 2": 2,
    "hot 3": 3,
    "recovery 0": COLD[0],
    "recovery 1": COLD[1],
    "after the recovery": 50,
    "of a thief": 100,
    "document, #sig-1": logs.SIG,
    "node, #node-1": logs.NODE,
    "witness": 700,
}


def vectors() -> Raw:
    """Return everything that the file holds."""
    return {
        "method": "did:mnem:1",
        "note": "Each log is judged at `now`, its lines in the order first seen. Seeds are private "
        "keys of Ed25519, for these examples alone.",
        "now": write_time(NOW),
        "keys": [
            {
                "name": name,
                "seed": key(number).private.hex(),
                "multikey": multikey(number),
                "hash": hash_of(number),
            }
            for name, number in _NAMED.items()
        ],
        "logs": [_accepted(name, values) for name, values in _logs()] + [_witnessed()],
        "refused": [_refused(code) for code in LogCode if code is not LogCode.LOG_TOO_LONG],
    }


def text() -> str:
    """Return the file."""
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


def _logs() -> list[tuple[str, list[Raw]]]:
    end = deactivate(SECOND, 3)
    rival = update(GENESIS, 2, 100)
    recovery = recover(GENESIS, 50)
    forged = recover(GENESIS, 100, next_cold=990)
    return [
        ("create", [GENESIS]),
        ("create and two updates", [GENESIS, SECOND, THIRD]),
        ("deactivated by a hot key", [GENESIS, SECOND, end]),
        ("a deactivation undone by a recovery", [GENESIS, SECOND, end, recover(end, 50)]),
        ("deactivated for good", [GENESIS, SECOND, tombstone(SECOND, COLD[0])]),
        ("a hot fork: equivocation, the first seen stays", [GENESIS, SECOND, rival]),
        (
            "a longer fork does not win",
            [GENESIS, SECOND, rival, update(rival, 100)],
        ),
        ("a recovery beats current and next hot keys", [GENESIS, SECOND, THIRD, recovery]),
        ("a recovery settles a fork", [GENESIS, SECOND, rival, recover(SECOND, 50)]),
        ("two recoveries of one epoch: equivocation", [GENESIS, recovery, forged]),
        (
            "recoveries stacked on a spent key take nothing over",
            [GENESIS, recovery, forged, recover(forged, 110, 990, 991)],
        ),
        (
            "the next recovery settles it",
            [GENESIS, recovery, forged, recover(recovery, 60, COLD[1], COLD[2])],
        ),
    ]


def _accepted(name: str, values: list[Raw], receipts: list[Raw] | None = None) -> Raw:
    did = f"did:mnem:{values[0]['parameters']['scid']}"
    given = read_receipts(canonical_json(receipts or []))
    history = judge(*values, did=did, receipts=given)
    return {
        "name": name,
        "did": did,
        "lines": [canonical_json(value).decode("utf-8") for value in values],
        "receipts": receipts or [],
        "expected": {
            "path": [entry.version_id for entry in history.path],
            "rivals": [entry.version_id for entry in history.rivals],
            "nullified": [entry.version_id for entry in history.nullified],
            "epoch": history.epoch,
            "equivocation": history.equivocation,
            "deactivated": history.deactivated,
            "witnessed": history.witnessed,
            "document": history.document,
        },
    }


def _witnessed() -> Raw:
    called: Raw = {"threshold": 1, "witnesses": [logs.did_key(700)]}
    first = genesis(lambda value: value["parameters"].update(witness=called))
    did = f"did:mnem:{first['parameters']['scid']}"
    following = update(first, 2, state=document(did))
    return _accepted("sealed by a witness", [first, following], [receipt(following, 700, did)])


def _refused(code: LogCode) -> Raw:
    """Return the first log of the table for ``code``."""
    name, values = next((name, make()) for row, name, make in ROWS if row is code)
    stated: Any = logs.DID
    if code is not LogCode.SCID and values[0]["type"] == "create":
        stated = f"did:mnem:{values[0]['parameters']['scid']}"
    return {
        "name": name,
        "did": stated,
        "lines": [canonical_json(value).decode("utf-8") for value in values],
        "code": code.value,
    }


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")
