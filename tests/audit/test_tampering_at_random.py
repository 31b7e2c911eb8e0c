"""Random rows of a random record, changed at random: the first of them is named, always."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from mnemosyne.audit.evidence import Evidence, compare
from mnemosyne.audit.examination import Examined, StoredEntry, StoredTree, examine
from mnemosyne.audit.faults import Finding
from mnemosyne.audit.pseudonyms import of_person
from mnemosyne.audit.store import payload_hash
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto import merkle
from mnemosyne.kit.crypto.merkle import Frontier, leaf_hash
from mnemosyne.kit.crypto.signed_note import Checkpoint
from tests.clock import START
from tests.requirements import requirement

OWNER = "a" * 32
SALT = bytes(32)
MICROSECONDS = int(START.timestamp()) * 1_000_000

Change = Callable[[StoredEntry, bytes], StoredEntry]


def made(size: int) -> list[StoredEntry]:
    """Return the rows of a sound record."""
    rows: list[StoredEntry] = []
    for seq in range(1, size + 1):
        payload, salt = {"number": seq}, bytes([seq]) * 32
        digest = payload_hash(salt, payload)
        at = START.replace(microsecond=0) + timedelta(seconds=seq)
        stated = {
            "seq": seq,
            "type": "forget",
            "time": at.isoformat(timespec="microseconds"),
            "credential": "local",
            "channel": "shell",
            "payload_hash": digest.hex(),
        }
        rows.append(
            StoredEntry(
                seq,
                "forget",
                MICROSECONDS + seq * 1_000_000,
                canonical_json(stated),
                digest,
                b"",
                "",
                salt,
                canonical_json(payload).decode(),
            )
        )
    return with_heads(rows)


def with_heads(rows: list[StoredEntry]) -> list[StoredEntry]:
    heads = merkle.roots([leaf_hash(row.canonical) for row in rows])
    return [replace(row, head=head) for row, head in zip(rows, heads, strict=True)]


def tree_over(rows: list[StoredEntry]) -> StoredTree:
    frontier = Frontier.of([leaf_hash(row.canonical) for row in rows])
    return StoredTree(OWNER, frontier.size, frontier.to_bytes(), of_person(SALT, OWNER), SALT)


def first(found: Examined) -> Finding:
    return found.findings[0]


CHANGES: dict[str, Change] = {
    "canonical": lambda row, noise: replace(row, canonical=row.canonical + noise),
    "type": lambda row, noise: replace(row, type=row.type + noise.hex()),
    "time": lambda row, noise: replace(row, at=row.at + 1 + noise[0]),
    "hash": lambda row, noise: replace(row, payload_hash=row.payload_hash + noise),
    "head": lambda row, noise: replace(row, head=row.head + noise),
    "salt": lambda row, noise: replace(row, salt=row.salt + noise),
    "payload": lambda row, noise: replace(row, payload=f'{{"number": -{noise[0] + 1}}}'),
    "subject": lambda row, noise: replace(row, subject=None if noise[0] & 1 else 7),
    "nothing is text": lambda row, _: replace(row, canonical="text", payload_hash="text"),
}


@requirement("audit.tampering")
@given(st.data())
@settings(max_examples=60)
def test_the_first_changed_row_is_named(data: st.DataObject) -> None:
    rows = made(data.draw(st.integers(1, 24)))
    tree = tree_over(rows)
    assert examine(rows, tree).findings == []
    places = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=4, unique=True))
    for place in places:
        change = CHANGES[data.draw(st.sampled_from(sorted(CHANGES)))]
        rows[place] = change(rows[place], data.draw(st.binary(min_size=1, max_size=4)))

    assert first(examine(rows, tree)).range == (min(places) + 1, min(places) + 1)


@requirement("audit.tampering")
@given(st.data())
@settings(max_examples=60)
def test_rows_taken_out_put_in_and_exchanged_are_named(data: st.DataObject) -> None:
    rows = made(data.draw(st.integers(2, 24)))
    tree = tree_over(rows)
    place = data.draw(st.integers(0, len(rows) - 1))
    kind = data.draw(st.sampled_from(["delete", "insert", "swap", "truncate"]))
    moved = data.draw(st.booleans())  # whether the attacker keeps the numbers in order
    expected = place
    if kind == "delete":
        del rows[place]
    elif kind == "insert":
        rows.insert(place, data.draw(st.sampled_from(rows)))
        expected = next(n for n, row in enumerate(rows) if row.seq != n + 1)
        moved = True
    elif kind == "swap":
        other = data.draw(st.integers(0, len(rows) - 1).filter(lambda n: n != place))
        rows[place], rows[other] = rows[other], rows[place]
        expected, moved = min(place, other), True
    else:
        del rows[place:]
    if moved:
        rows = [replace(row, seq=number) for number, row in enumerate(rows, 1)]

    found = first(examine(rows, tree))

    assert found.range is not None
    assert found.range[0] == expected + 1


@requirement("audit.tampering")
@given(st.data())
@settings(max_examples=60)
def test_a_full_rewrite_is_named_by_whatever_was_kept(data: st.DataObject) -> None:
    rows = made(data.draw(st.integers(1, 24)))
    leaves = [leaf_hash(row.canonical) for row in rows]
    sizes = data.draw(st.lists(st.integers(1, len(rows)), min_size=1, max_size=3, unique=True))
    kept = [
        Evidence(str(n), Checkpoint("o", n, merkle.root(leaves[:n])), leaves[:n] if full else ())
        for n in sorted(sizes)
        for full in (data.draw(st.booleans()),)
    ]
    place = data.draw(st.integers(0, len(rows) - 1))
    length = data.draw(st.integers(place, len(rows)))
    rewritten = [
        row if n < place else replace(row, canonical=row.canonical.replace(b"shell", b"SHELL"))
        for n, row in enumerate(rows)
    ][:length]
    found = examine(with_heads(rewritten), tree_over(with_heads(rewritten)))

    differing = compare(found, kept)

    assert found.findings == [] or not length  # that all is gone shows by itself
    reaching = [each for each in kept if each.size > place]
    assert len(differing) >= bool(reaching)
    for finding in differing:
        low, high = finding.range or (0, 0)
        assert low <= place + 1 <= high or low == len(rewritten) + 1
        if finding.source in {e.source for e in reaching if e.leaves}:
            assert (low, high) == (place + 1, place + 1)
