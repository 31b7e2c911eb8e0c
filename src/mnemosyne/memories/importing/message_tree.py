"""Conversations that are trees: every edit and every new answer begins a branch.

The branch a person saw last runs from the current leaf to the root. Exports are damaged now and
then (cycles, missing parents), so every walk remembers where it has been.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tree:
    """Parents by node, in the order of the export; ``times`` are seconds, where known."""

    parents: Mapping[str, str]
    times: Mapping[str, float]

    def current_path(self, current: str) -> tuple[str, ...]:
        """Return the nodes from the root to ``current``, or to the newest leaf without it."""
        path: dict[str, None] = {}
        node = current if current in self.parents else self._newest_leaf()
        while node in self.parents and node not in path:
            path[node] = None
            node = self.parents[node]
        return tuple(reversed(path))

    def lanes(self, path: Iterable[str]) -> dict[str, str]:
        """Name, for each node off ``path``, the branch it is on: its first node off the path."""
        on_path = set(path)
        lanes: dict[str, str] = {}
        for start in self.parents:
            climbed: dict[str, None] = {}
            node = start
            while node in self.parents and not (
                node in on_path or node in lanes or node in climbed
            ):
                climbed[node] = None
                node = self.parents[node]
            if climbed:
                root = lanes.get(node) or next(reversed(climbed))
                lanes.update(dict.fromkeys(climbed, root))
        return lanes

    def by_time(self, nodes: Iterable[str]) -> list[str]:
        """Return ``nodes`` oldest first; those without a time follow the order of the export."""
        return sorted(nodes, key=lambda node: self.times.get(node, 0.0))

    def _newest_leaf(self) -> str:
        inner = set(self.parents.values())
        leaves = [node for node in self.parents if node not in inner] or list(self.parents)
        # Of equal times the later one in the export counts as newer.
        return max(reversed(leaves), key=lambda node: self.times.get(node, 0.0), default="")
