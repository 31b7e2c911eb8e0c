"""What an import did or would do, for each file or conversation and as a whole."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.importing.entry import Problem, ProblemKind, Unit
from mnemosyne.memories.importing.planning import Fate, Step

_REMEMBERED = 1_000  # of problems and conflicts in the final report; each was told when it occurred


class Outcome(StrEnum):
    """How a file or a conversation ended."""

    STORED = "stored"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Counts:
    """Memories by what became of them; ``returned`` came out of the bin."""

    stored: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicts: int = 0
    forgotten: int = 0
    erased: int = 0
    returned: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.stored + other.stored,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.conflicts + other.conflicts,
            self.forgotten + other.forgotten,
            self.erased + other.erased,
            self.returned + other.returned,
        )


@dataclass(frozen=True, slots=True)
class Conflict:
    """The memory that the person edited, and the one with the source's new text beside it."""

    edited: Identifier
    imported: Identifier


@dataclass(frozen=True, slots=True)
class UnitReport:
    """What became of one file or conversation, or of some hundred lines.

    ``key`` and the problems may hold text of the source: make it visible before printing.
    """

    source: str
    key: str
    outcome: Outcome
    counts: Counts
    problems: tuple[Problem, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


@dataclass(slots=True)
class ImportReport:
    """The whole import. ``problems`` and ``conflicts`` hold the first thousand; counts hold all."""

    format: str
    dry_run: bool
    counts: Counts = field(default_factory=Counts)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    problem_counts: Counter[ProblemKind] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    names: int = 0
    """How many people were added to the people list."""

    def take(self, unit: UnitReport) -> None:
        """Count what became of one unit."""
        self.counts += unit.counts
        self.outcomes[unit.outcome] += 1
        for problem in unit.problems:
            self.problem_counts[problem.kind] += problem.count
        self.problems.extend(unit.problems[: _REMEMBERED - len(self.problems)])
        self.conflicts.extend(unit.conflicts[: _REMEMBERED - len(self.conflicts)])


def counted(steps: Iterable[Step]) -> Counts:
    """Count the entries of a unit by their fate."""
    fates: Counter[Fate] = Counter()
    returned = 0
    for step in steps:
        fates[step.fate] += 1
        returned += step.returns
    return Counts(
        stored=fates[Fate.NEW],
        updated=fates[Fate.CHANGED],
        unchanged=fates[Fate.SAME],
        conflicts=fates[Fate.CONFLICT],
        forgotten=fates[Fate.FORGOTTEN],
        erased=fates[Fate.ERASED],
        returned=returned,
    )


def outcome_of(unit: Unit, counts: Counts) -> tuple[Outcome, tuple[Problem, ...]]:
    """Return how a unit ended, and its problems: what stores nothing always says why."""
    gone = counts.forgotten + counts.erased
    if counts.conflicts:
        outcome = Outcome.CONFLICT
    elif counts.updated:
        outcome = Outcome.UPDATED
    elif counts.stored or counts.returned:
        outcome = Outcome.STORED
    elif counts.unchanged:
        outcome = Outcome.UNCHANGED
    elif any(problem.kind is ProblemKind.UNREADABLE for problem in unit.problems):
        outcome = Outcome.REFUSED
    else:
        outcome = Outcome.SKIPPED
    problems = unit.problems
    if gone:
        reason = "in the bin or erased, and not brought back"
        problems = (*problems, Problem(ProblemKind.SKIPPED, unit.key, reason, gone))
    if outcome is Outcome.SKIPPED and not problems:
        problems = (Problem(ProblemKind.SKIPPED, unit.key, "nothing in it to remember"),)
    return outcome, problems
