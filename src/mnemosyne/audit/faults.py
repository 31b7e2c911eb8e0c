"""What is found when a record is examined: which entry is bad first, and in which way."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """How a record differs from what it was."""

    MISSING = "missing"
    """An entry is gone."""
    INSERTED = "inserted"
    """An entry stands where none was made."""
    MOVED = "moved"
    """In the place of an entry stands another one of this record."""
    CHANGED = "changed"
    """An entry does not say what it said, or its head is not that of the entries up to it."""
    DETAILS = "details"
    """The details beside an entry are not those it was made for."""
    TREE = "tree"
    """The row of the tree (size, frontier, pseudonym, salt) does not fit the entries."""
    REWRITTEN = "rewritten"
    """The record is sound in itself, and not the one that was signed or handed out before."""
    TRUNCATED = "truncated"
    """Entries that were signed or handed out before are gone from the end."""
    KEYS = "keys"
    """Among the earlier keys of the node stands one that took no part in a succession."""
    FORGED = "forged"
    """A file that was brought is not signed by this node, or contradicts itself."""
    SPLIT = "split"
    """Two files, both signed by this node, tell different histories."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. The first bad entry is ``entry``, or lies between it and ``last``.

    ``entry`` is None where no entry is meant; ``source`` names the file that shows it, or is empty
    where the vault itself does.
    """

    fault: Fault
    entry: int | None
    detail: str
    source: str = ""
    last: int | None = None

    @property
    def range(self) -> tuple[int, int] | None:
        """The first and the last entry that can be the first bad one."""
        return None if self.entry is None else (self.entry, self.last or self.entry)


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return the findings with the earliest entry first, and an exact one before a range."""

    def place(finding: Finding) -> tuple[bool, int, int]:
        first, last = finding.range or (0, 0)
        return finding.entry is None, last, first

    return tuple(sorted(findings, key=place))
