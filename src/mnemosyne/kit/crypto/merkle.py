"""Merkle trees over hashed leaves, with inclusion and consistency proofs (RFC 6962, RFC 9162).

A tree is given by the hashes of its leaves in their order; nothing here reads or stores anything.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from mnemosyne.kit.crypto.digests import sha256

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = sha256(b"")

# RFC 6962 §2.1: without the prefixes a node could be passed off as a leaf.
_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf that holds ``data``."""
    return sha256(_LEAF + data)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two subtrees."""
    return hashlib.sha256(_NODE + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree over these leaf hashes."""
    return Frontier.of(leaves).root()


def roots(leaves: Sequence[bytes]) -> list[bytes]:
    """Return the root after each leaf, from the tree of one leaf to that of all."""
    found: list[bytes] = []
    subtrees: list[bytes] = []
    for size, leaf in enumerate(leaves):
        _grow(subtrees, size, leaf)
        found.append(_folded(subtrees))
    return found


@dataclass(frozen=True, slots=True)
class Frontier:
    """What a growing tree has to keep: the roots of its full subtrees, the largest first."""

    size: int = 0
    subtrees: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, leaves: Sequence[bytes]) -> Self:
        """Return the frontier of the tree over these leaf hashes."""
        subtrees: list[bytes] = []
        for size, leaf in enumerate(leaves):
            _grow(subtrees, size, leaf)
        return cls(len(leaves), tuple(subtrees))

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Self:
        """Return the frontier that ``to_bytes`` wrote.

        Raises:
            ValueError: a tree of that size has another number of full subtrees.
        """
        if size < 0 or len(data) != HASH_SIZE * size.bit_count():
            raise ValueError("this is no frontier of a tree of that size")
        starts = range(0, len(data), HASH_SIZE)
        return cls(size, tuple(data[start : start + HASH_SIZE] for start in starts))

    def to_bytes(self) -> bytes:
        """Return the subtrees one after the other; the size is kept beside them."""
        return b"".join(self.subtrees)

    def grown(self, leaf: bytes) -> Self:
        """Return the frontier of the tree with one more leaf hash."""
        subtrees = list(self.subtrees)
        _grow(subtrees, self.size, leaf)
        return type(self)(self.size + 1, tuple(subtrees))

    def root(self) -> bytes:
        """Return the root of the tree."""
        return _folded(self.subtrees) if self.subtrees else EMPTY_ROOT


def _grow(subtrees: list[bytes], size: int, leaf: bytes) -> None:
    """Add a leaf to the full subtrees of a tree of ``size`` leaves."""
    while size & 1:  # two full subtrees of one height become one
        leaf = node_hash(subtrees.pop(), leaf)
        size >>= 1
    subtrees.append(leaf)


def _folded(subtrees: Sequence[bytes]) -> bytes:
    found = subtrees[-1]
    for subtree in subtrees[-2::-1]:
        found = node_hash(subtree, found)
    return found


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of the leaf at ``index``, from the leaf upwards (RFC 9162 §2.1.3.1).

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    path: list[bytes] = []
    start, end = 0, len(leaves)
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(root(leaves[middle:end]))
            end = middle
        else:
            path.append(root(leaves[start:middle]))
            start = middle
    return path[::-1]


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], head: bytes) -> bool:
    """Say whether ``path`` proves the leaf hash in the tree of ``head`` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for each in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(each, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, each)
        node, last = node >> 1, last >> 1
    return last == 0 and found == head


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """Prove that the tree begins with the tree of ``earlier`` leaves (RFC 9162 §2.1.4.1).

    Raises:
        IndexError: there is no such earlier tree.
    """
    if not 0 < earlier <= len(leaves):
        raise IndexError(earlier)
    proof: list[bytes] = []
    start, end, whole = 0, len(leaves), True
    while earlier != end:
        middle = start + _split(end - start)
        if earlier <= middle:
            proof.append(root(leaves[middle:end]))
            end = middle
        else:
            proof.append(root(leaves[start:middle]))
            start, whole = middle, False
    if not whole:
        proof.append(root(leaves[start:end]))
    return proof[::-1]


def is_consistent(
    earlier: int, later: int, proof: Sequence[bytes], earlier_head: bytes, later_head: bytes
) -> bool:
    """Say whether ``proof`` shows that the later tree only added to the earlier one.

    RFC 9162 §2.1.4.2. The sizes are ``earlier`` and ``later``.
    """
    if not 0 < earlier <= later:
        return False
    if earlier == later:
        return not proof and earlier_head == later_head
    hashes = [earlier_head, *proof] if earlier & (earlier - 1) == 0 else list(proof)
    if not hashes:
        return False
    node, last = earlier - 1, later - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            first, second = node_hash(each, first), node_hash(each, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, each)
        node, last = node >> 1, last >> 1
    return last == 0 and first == earlier_head and second == later_head


def _split(size: int) -> int:
    """Return the largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1
