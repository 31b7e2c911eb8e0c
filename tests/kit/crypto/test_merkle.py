import json
from collections.abc import Sequence
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemosyne.kit.crypto import merkle
from mnemosyne.kit.crypto.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    includes,
    inclusion_proof,
    is_consistent,
    leaf_hash,
    node_hash,
    root,
    roots,
)
from tests.house.tree import ROOT
from tests.requirements import requirement

VECTORS: Final[dict[str, Any]] = json.loads(
    (ROOT / "tests" / "vectors" / "rfc6962" / "certificate-transparency.json").read_text("utf-8")
)
LEAVES: Final = [leaf_hash(bytes.fromhex(each)) for each in VECTORS["leaves"]]
MANY: Final = [leaf_hash(bytes([number])) for number in range(70)]


def by_definition(leaves: Sequence[bytes]) -> bytes:
    """Return MTH as RFC 6962 §2.1 writes it."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


def from_hex(texts: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in texts]


@requirement("audit.tree")
def test_the_published_roots_come_out() -> None:
    expected = from_hex(VECTORS["roots"])

    assert [root(LEAVES[:size]) for size in range(1, 9)] == expected
    assert roots(LEAVES) == expected
    assert root([]) == EMPTY_ROOT == Frontier().root()
    assert EMPTY_ROOT.hex().startswith("e3b0c44298fc1c14")


@requirement("audit.tree")
@pytest.mark.parametrize("vector", VECTORS["inclusion"])
def test_the_published_inclusion_proofs_come_out(vector: dict[str, Any]) -> None:
    index, size, path = vector["index"], vector["size"], from_hex(vector["path"])

    assert inclusion_proof(LEAVES[:size], index) == path
    assert includes(LEAVES[index], index, size, path, root(LEAVES[:size]))


@requirement("audit.tree")
@pytest.mark.parametrize("vector", VECTORS["consistency"])
def test_the_published_consistency_proofs_come_out(vector: dict[str, Any]) -> None:
    earlier, later, proof = vector["earlier"], vector["later"], from_hex(vector["proof"])

    assert consistency_proof(LEAVES[:later], earlier) == proof
    heads = root(LEAVES[:earlier]), root(LEAVES[:later])
    assert is_consistent(earlier, later, proof, *heads)


def test_every_size_gives_the_root_of_the_definition() -> None:
    for size in range(1, len(MANY)):
        assert root(MANY[:size]) == by_definition(MANY[:size])


def test_a_frontier_grows_leaf_by_leaf_and_survives_being_stored() -> None:
    frontier = Frontier()
    for size, leaf in enumerate(MANY, 1):
        frontier = Frontier.from_bytes(frontier.size, frontier.to_bytes()).grown(leaf)
        assert frontier == Frontier.of(MANY[:size])
        assert len(frontier.subtrees) == size.bit_count()
    for size, data in ((1, b""), (2, bytes(64)), (-1, b""), (3, bytes(63))):
        with pytest.raises(ValueError, match="frontier"):
            Frontier.from_bytes(size, data)


@requirement("audit.tree")
def test_every_leaf_of_every_tree_is_proven_and_no_other_place_of_it() -> None:
    for size in range(1, 20):
        head = root(MANY[:size])
        for index in range(size):
            path = inclusion_proof(MANY[:size], index)
            assert includes(MANY[index], index, size, path, head)
            for wrong in {index - 1, index + 1, size}:
                assert not includes(MANY[index], wrong, size, path, head)
            assert not includes(MANY[index + 1], index, size, path, head)


@requirement("audit.tree")
def test_every_tree_is_consistent_with_every_earlier_one() -> None:
    for later in range(1, 20):
        for earlier in range(1, later + 1):
            proof = consistency_proof(MANY[:later], earlier)
            heads = root(MANY[:earlier]), root(MANY[:later])
            assert is_consistent(earlier, later, proof, *heads)
            assert not is_consistent(earlier, later, proof, bytes(32), heads[1])
            assert not is_consistent(earlier, later, proof, heads[0], bytes(32))
            assert not is_consistent(earlier, later, [*proof, bytes(32)], *heads)
            assert earlier == later or not is_consistent(earlier, later, proof[:-1], *heads)


def test_what_is_out_of_range_is_refused() -> None:
    for index in (-1, 8):
        with pytest.raises(IndexError):
            inclusion_proof(LEAVES, index)
    for earlier in (0, -1, 9):
        with pytest.raises(IndexError):
            consistency_proof(LEAVES, earlier)
    assert not includes(LEAVES[0], 0, 0, [], EMPTY_ROOT)
    assert not includes(LEAVES[0], -1, 1, [], LEAVES[0])
    assert not is_consistent(0, 1, [], EMPTY_ROOT, LEAVES[0])
    assert not is_consistent(2, 1, [], LEAVES[0], LEAVES[0])
    assert not is_consistent(3, 5, [], LEAVES[0], LEAVES[1])


@given(st.data())
@settings(max_examples=60)
def test_no_changed_proof_of_inclusion_holds(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 40))
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(MANY[:size], index)
    wrong = list(path)
    change = data.draw(st.sampled_from(["add", "drop", "flip"]))
    place = data.draw(st.integers(0, max(len(path) - 1, 0)))
    if change == "add" or not path:
        wrong.insert(place, data.draw(st.binary(min_size=32, max_size=32)))
    elif change == "drop":
        del wrong[place]
    else:
        wrong[place] = bytes([wrong[place][0] ^ 1]) + wrong[place][1:]

    assert not merkle.includes(MANY[index], index, size, wrong, root(MANY[:size]))


def test_a_node_cannot_be_passed_off_as_a_leaf() -> None:
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != node_hash(LEAVES[0], LEAVES[1])
