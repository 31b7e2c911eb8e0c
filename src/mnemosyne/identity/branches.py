"""Which branch of a log counts, from the order first seen alone: no clock, no length.

Every entry belongs to an epoch, the number of recoveries on the way to it. The choice goes from
recovery to recovery: of all recoveries that follow what is chosen so far, the one first seen is
taken, and so on until none follows; from there the hot entry first seen, and so on to the head.

So a recovery beats every hot entry, however many there are, and the branch of the highest epoch
wins wherever recoveries build on each other. Recoveries that compete for the same epoch are settled
by who was seen first, **for good**: whoever holds a spent recovery key can sign a rival recovery
from an older entry and stack as many more upon it as they like, and thereby raises the alarm, but
takes nothing over from anyone who saw the true log. One recovery, seen later and of a higher epoch
than the rival's own, ends the alarm, however high the stack is.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """An entry's place in the tree: its parent's index, its epoch, and whether a recovery made it.

    Nodes stand in the order first seen, so parents come before their children.
    """

    parent: int | None
    epoch: int
    recovers: bool


@dataclass(frozen=True, slots=True)
class Branches:
    """Indices of nodes: the chosen path from genesis to head, its rivals, and what is nullified."""

    path: tuple[int, ...]
    rivals: tuple[int, ...]
    nullified: tuple[int, ...]


def choose(nodes: Sequence[Node]) -> Branches:
    """Return the branches of a tree that is not empty and whose first node is its root.

    Beside the path, a branch of hot entries is a rival in the epoch of the head, and nullified in a
    lower one. A branch that began with a recovery competes with a recovery of the path, and is a
    rival until the path has a recovery that came later and is of a higher epoch than that first
    one. How many recoveries are stacked upon it does not matter, neither way: stacking costs
    nothing, so its height may neither silence the alarm nor keep it ringing.
    """
    path = _path(nodes, _head(nodes))
    chosen = set(path)
    recoveries = [index for index in path if nodes[index].recovers]
    last = recoveries[-1] if recoveries else 0
    begun: list[int | None] = []  # for each node, the recovery with which its branch left the path
    rivals: list[int] = []
    nullified: list[int] = []
    for index, node in enumerate(nodes):
        above = None if node.parent is None else begun[node.parent]
        began = index if above is None and node.recovers and index not in chosen else above
        begun.append(began)
        if index in chosen:
            continue
        if began is None:
            rival = node.epoch == nodes[last].epoch
        else:
            rival = not (began < last and nodes[began].epoch < nodes[last].epoch)
        (rivals if rival else nullified).append(index)
    return Branches(path, tuple(rivals), tuple(nullified))


def _head(nodes: Sequence[Node]) -> int:
    starts: list[int] = []  # for each node, the genesis or recovery that began its epoch
    recovery: dict[int, int] = {}  # which recovery was first seen to follow such a start
    follower: dict[int, int] = {}  # which hot entry was first seen to follow a node
    for index, node in enumerate(nodes):
        if node.parent is None:
            starts.append(index)
        elif node.recovers:
            starts.append(index)
            recovery.setdefault(starts[node.parent], index)
        else:
            starts.append(starts[node.parent])
            follower.setdefault(node.parent, index)
    return _last(follower, _last(recovery, 0))


def _last(following: dict[int, int], at: int) -> int:
    while at in following:
        at = following[at]
    return at


def _path(nodes: Sequence[Node], head: int) -> tuple[int, ...]:
    path, at = [], nodes[head].parent
    path.append(head)
    while at is not None:
        path.append(at)
        at = nodes[at].parent
    return tuple(reversed(path))
