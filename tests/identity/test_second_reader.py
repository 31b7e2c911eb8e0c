"""Two readers, one written from the page alone, make the same of the same logs."""

import json
import random
from functools import cache
from typing import Any

import pytest

from mnemosyne.identity.errors import LogError
from mnemosyne.identity.log import evaluate, read_log
from tests.identity import logs
from tests.identity.logs import COLD, DID, GENESIS, NOW, Raw, deactivate, recover, tombstone, update
from tests.identity.second_reader import RefusedError, read
from tests.identity.test_vectors import VECTORS
from tests.requirements import requirement

# What the second reader leaves to the first: sections 7.1 and 5 beyond hash, scid and proof, and
# receipts.
SEEN_BY_BOTH = {
    "BAD_HASH",
    "SCID",
    "NO_PARENT",
    "ORDER",
    "FUTURE",
    "PRE_ROTATION",
    "RECOVERY_KEY",
    "DEACTIVATED",
}
HOT = (*range(2, 7), 50, 51, 52, 100, 101)


def first(did: str, entries: list[Any]) -> tuple[list[str], ...] | str:
    data = b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)
    try:
        found = evaluate(did, read_log(data), NOW)
    except LogError as error:
        return str(error.log_code)
    parts = (found.path, found.rivals, found.nullified)
    return tuple([entry.version_id for entry in part] for part in parts)


def second(did: str, entries: list[Any]) -> tuple[list[str], ...] | str:
    try:
        return read(did, entries, NOW)
    except RefusedError as error:
        return str(error)


@cache
def hash_of(number: int) -> str:
    return logs.hash_of(number)


def promised(chance: random.Random, entry: Raw, name: str, among: tuple[int, ...]) -> int:
    """Return a key that ``entry`` promised, or now and then any."""
    stated = entry["parameters"].get(name, [])
    fitting = [number for number in among if hash_of(number) in stated]
    return fitting[0] if fitting and chance.random() > 0.04 else chance.choice(among)


def some_log(seed: int) -> list[Raw]:
    """Return a tree of up to eight entries, most of them where they may stand."""
    chance = random.Random(seed)
    entries, cold = [GENESIS], {GENESIS["versionId"]: GENESIS}
    for _ in range(chance.randrange(1, 8)):
        parent = chance.choice(entries)
        tier = cold[parent["versionId"]]
        hot = promised(chance, parent, "nextKeyHashes", HOT)
        signer = promised(chance, tier, "recoveryKeyHashes", COLD)
        fresh = chance.choice(HOT)
        kind = chance.choice("uuuurrrdt")
        if kind == "u":
            later = chance.choice([60, 60, 60, 60, 0])
            entry = update(parent, hot, fresh if fresh != hot else 7, later=later)
        elif kind == "r":
            following = COLD[(COLD.index(signer) + chance.choice([1, 1, 1, 2])) % len(COLD)]
            entry = recover(parent, fresh, signer, following)
        elif kind == "d":
            entry = deactivate(parent, hot)
        else:
            entry = tombstone(parent, signer)
        entries.append(entry)
        cold[entry["versionId"]] = tier if kind in "ud" else entry
    if chance.random() < 0.1:
        chance.shuffle(entries)
    return entries


@requirement("identity.branch")
def test_random_trees_are_read_alike() -> None:
    outcomes: dict[str, int] = {}
    for seed in range(150):
        entries = some_log(seed)
        found = first(DID, entries)
        assert second(DID, entries) == found, seed
        names = found if isinstance(found, str) else f"{len(found[1]) > 0} {len(found[2]) > 0}"
        outcomes[names] = outcomes.get(names, 0) + 1

    assert len(outcomes) > 6, outcomes  # else the logs are too tame to tell anything
    assert sum(outcomes[name] for name in outcomes if " " in name) > 40, outcomes


@requirement("identity.did-mnem")
@pytest.mark.parametrize(
    "log",
    [
        log
        for log in [*VECTORS["logs"], *VECTORS["refused"]]
        if not log.get("receipts") and log.get("code", "BAD_HASH") in SEEN_BY_BOTH
    ],
    ids=lambda log: str(log.get("name", log.get("code"))),
)
def test_the_published_logs_are_read_alike(log: dict[str, Any]) -> None:
    entries = [json.loads(line) for line in log["lines"]]

    found = second(log["did"], entries)

    if "code" in log:
        assert found == log["code"]
    else:
        expected = log["expected"]
        assert found == (expected["path"], expected["rivals"], expected["nullified"])
