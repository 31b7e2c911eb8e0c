"""Plan some files or conversations together: what would become of each of their entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from sqlalchemy import Connection

from mnemosyne.kit.crypto.digests import keyed_hash, sha256
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.importing.entry import Unit
from mnemosyne.memories.importing.planning import (
    Asked,
    Fate,
    Known,
    Step,
    Wanted,
    decide,
    occurs,
    text_as_imported,
)
from mnemosyne.memories.importing.repeats import DistinctKeys
from mnemosyne.memories.store import imports
from mnemosyne.memories.store.imports import Likeness, Twin

_WRITTEN = frozenset({Fate.NEW, Fate.CHANGED, Fate.CONFLICT})


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit with the fate of each of its entries, and how its checkpoint knows it."""

    unit: Unit
    unit_key: bytes
    digest: str
    done: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """Units of one source on their way into the vault of ``owner``, in one transaction.

    No two of them share an entry. ``salt`` keys the hashes by which they are known again.
    """

    units: tuple[Unit, ...]
    owner: Identifier
    salt: bytes
    asked: Asked
    at: datetime
    zone: tzinfo

    @property
    def source(self) -> str:
        """The name of the source; that of units which only report something does not count."""
        return next((unit.source for unit in self.units if unit.digest), "")

    def plan(self, tx: Connection) -> list[PlannedUnit]:
        """Return what would become of each unit; write nothing."""
        wanted = [self._wanted(unit) for unit in self.units]
        unit_keys = [keyed_hash(self.salt, f"unit\0{unit.key}".encode()) for unit in self.units]
        digests = [keyed_hash(self.salt, unit.digest.encode()).hex() for unit in self.units]
        checkpoints = imports.checkpoints(tx, self.owner, self.source, unit_keys)
        source_keys = [each.source_key for several in wanted for each in several]
        known = imports.known(tx, self.owner, self.source, source_keys)
        planned = []
        for unit, key, digest, several in zip(self.units, unit_keys, digests, wanted, strict=True):
            done = not unit.digest or checkpoints.get(key) == digest
            steps = tuple(self._step(each, known.get(each.source_key), done) for each in several)
            planned.append(PlannedUnit(unit, key, digest, done, steps))
        return self._beside_twins(tx, planned)

    def _wanted(self, unit: Unit) -> list[Wanted]:
        """Return the entries by their keys; what is there twice in every word counts once."""
        keys = DistinctKeys()
        found: dict[bytes, Wanted] = {}
        for entry in unit.entries:
            text_hash = keyed_hash(self.salt, text_as_imported(entry).encode())
            source_id = keys.key(entry.source_id, text_hash.hex())
            source_key = keyed_hash(self.salt, source_id.encode())
            known_as = (
                entry if source_id == entry.source_id else replace(entry, source_id=source_id)
            )
            found.setdefault(source_key, Wanted(known_as, source_key, text_hash))
        return list(found.values())

    def _step(self, wanted: Wanted, known: Known | None, done: object) -> Step:
        # What the checkpoint says is unchanged is unchanged, whoever reads it today.
        said = known.text_hash if done and known else wanted.text_hash
        return Step(wanted, known, decide(known, said, self.asked))

    def _beside_twins(self, tx: Connection, planned: Sequence[PlannedUnit]) -> list[PlannedUnit]:
        """Look for memories that say exactly this already, though no record of them says so."""
        like = dict(_likenesses(step for each in planned for step in each.steps))
        twins = imports.twins(tx, self.owner, self.source, list(like.values()))
        if not twins:
            return list(planned)
        return [
            replace(each, steps=tuple(self._twin_or(step, like, twins) for step in each.steps))
            for each in planned
        ]

    def _twin_or(
        self, step: Step, like: dict[bytes, Likeness], twins: dict[Likeness, Twin]
    ) -> Step:
        likeness = like.get(step.wanted.source_key)
        twin = twins.get(likeness) if likeness else None
        own = twin and step.known and step.known.memory_id == twin.memory_id
        if twin is None or (own and step.fate is Fate.CHANGED):  # its front matter alone changed
            return step
        text_hash = step.wanted.text_hash
        known = Known(
            twin.memory_id, text_hash, twin.version, twin.version, twin.in_bin, twin.occurred_at
        )
        return Step(step.wanted, known, decide(known, text_hash, self.asked), fresh=True)


def _likenesses(steps: Iterable[Step]) -> Iterable[tuple[bytes, Likeness]]:
    for step in steps:
        entry = step.wanted.entry
        at = occurs(entry, step.known if step.fate is Fate.CHANGED else None)
        if at is not None and step.fate in _WRITTEN:
            digest = sha256(entry.text.encode())
            yield step.wanted.source_key, Likeness(digest, entry.source_id, at)
