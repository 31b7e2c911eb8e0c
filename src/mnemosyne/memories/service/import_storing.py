"""Carry out the plan of an import: each file or conversation wholly or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.memories.composing import NewMemory, Text, here_and_now, storable
from mnemosyne.memories.enrichment.importance import importance_of
from mnemosyne.memories.importing.entry import Entry
from mnemosyne.memories.importing.planning import Fate, Step, occurs
from mnemosyne.memories.importing.report import Conflict
from mnemosyne.memories.model import Memory, Origin, Pin, Place, Validity
from mnemosyne.memories.service.import_batch import ImportBatch, PlannedUnit
from mnemosyne.memories.store import imports, labels, reading, threads, writing
from mnemosyne.memories.store.imports import Imported
from mnemosyne.memories.store.threads import Thread

Places = Mapping[str, Identifier]


@dataclass(frozen=True, slots=True)
class Storing:
    """Writes a batch in the transaction ``tx``, in which its plan was made."""

    tx: Connection
    batch: ImportBatch

    def store(self, planned: Sequence[PlannedUnit]) -> dict[bytes, Conflict]:
        """Store all of it; return the conflicts by the source key of the entry."""
        batch, tx = self.batch, self.tx
        steps = [step for each in planned for step in each.steps]
        self._return([step for step in steps if step.returns])
        added = [step for step in steps if step.fate in {Fate.NEW, Fate.CONFLICT}]
        changed = [step for step in steps if step.fate is Fate.CHANGED]
        places = self._threads(planned)
        memories = self._add(added, places)
        imported = [
            Imported(step.wanted.source_key, step.wanted.text_hash, new.id, 1)
            for new, step in zip(memories, added, strict=True)
        ]
        imported += self._update(changed, places)
        imported += [each for step in steps for each in _as_it_is(step)]
        imports.remember(tx, batch.owner, batch.source, imported)
        checkpoints = {each.unit_key: each.digest for each in planned if _is_done_now(each)}
        imports.mark_done(tx, batch.owner, batch.source, checkpoints, batch.at)
        return {
            step.wanted.source_key: Conflict(step.known.memory_id, new.id)
            for new, step in zip(memories, added, strict=True)
            if step.known and step.fate is Fate.CONFLICT
        }

    def _return(self, steps: Sequence[Step]) -> None:
        ids = [step.known.memory_id for step in steps if step.known]
        if ids:
            writing.unhide(self.tx, reading.by_ids(self.tx, self.batch.owner, ids))

    def _threads(self, planned: Sequence[PlannedUnit]) -> Places:
        """Make the threads that something is written to."""
        wanted: dict[str, Thread] = {}
        for each in planned:
            for step in each.steps:
                entry = step.wanted.entry
                if entry.thread and step.fate in {Fate.NEW, Fate.CONFLICT, Fate.CHANGED}:
                    wanted.setdefault(entry.thread, Thread(entry.title, each.unit.digest))
        batch = self.batch
        return threads.ensure(self.tx, batch.owner, batch.source, wanted, batch.at)

    def _add(self, steps: Sequence[Step], places: Places) -> list[NewMemory]:
        memories = [self._new(step.wanted.entry, places) for step in steps]
        writing.insert_all(self.tx, memories)
        links = [
            link
            for new, step in zip(memories, steps, strict=True)
            for link in _links(new.id, step.wanted.entry)
        ]
        labels.add_links(self.tx, self.batch.owner, links)
        return memories

    def _new(self, entry: Entry, places: Places) -> NewMemory:
        batch = self.batch
        return NewMemory(
            id=new_id(batch.at),
            owner=batch.owner,
            text=Text(entry.text, entry.title, 0),
            type=entry.type,
            occurred=entry.occurred or here_and_now(batch.at, batch.zone),
            created_at=batch.at,
            origin=Origin(batch.source, entry.source_id, entry.url),
            place=_place(entry, places),
            validity=Validity(),
            importance=importance_of(len(entry.text)),
            importance_override=None,
            pin=Pin.NORMAL,
            never_share=False,
            tags=entry.tags,
            domains=(),
            attributes=entry.attributes,
        )

    def _update(self, steps: Sequence[Step], places: Places) -> list[Imported]:
        """Make a new version of each memory whose source changed; the one before is kept."""
        owner = self.batch.owner
        by_id = {step.known.memory_id: step for step in steps if step.known}
        if not by_id:
            return []
        done = []
        for current in reading.by_ids(self.tx, owner, list(by_id)):
            step = by_id[current.id]
            self._renew(current, step, _place(step.wanted.entry, places))
            wanted, version = step.wanted, current.version + 1
            done.append(Imported(wanted.source_key, wanted.text_hash, current.id, version))
        writing.reindex(self.tx, reading.by_ids(self.tx, owner, list(by_id)))
        return done

    def _renew(self, current: Memory, step: Step, place: Place) -> None:
        tx, at, entry = self.tx, self.batch.at, step.wanted.entry
        stays = entry.occurred is None or occurs(entry, step.known) == current.occurred.at
        occurred = current.occurred if stays else entry.occurred
        text = Text(entry.text, entry.title, 0)
        writing.new_version(tx, current, text, occurred or current.occurred, at)
        columns = {
            "thread_id": place.thread_id,
            "position": place.position,
            "speaker": place.speaker,
            "type": entry.type,
            "source_url": entry.url,
            "attributes": storable(entry.attributes),
        }
        writing.set_columns(tx, current, columns)
        if current.importance_override is None:
            found = importance_of(len(entry.text), opens=current.use.count)
            writing.set_importance(tx, current, found, None)
        fresh = [(current.id, tag) for tag in entry.tags if tag not in current.tags]
        labels.add_tags(tx, current.owner, fresh)
        labels.remove_links(tx, current.owner, labels.NOTE_LINK, current.id)
        labels.add_links(tx, current.owner, _links(current.id, entry))


def _is_done_now(planned: PlannedUnit) -> bool:
    """Tell whether all of a unit is stored; what is in the bin may be asked for another day."""
    gone = any(step.fate in {Fate.FORGOTTEN, Fate.ERASED} for step in planned.steps)
    return not planned.done and not gone


def _place(entry: Entry, places: Places) -> Place:
    return Place(places.get(entry.thread, ""), entry.position, entry.speaker)


def _links(memory_id: Identifier, entry: Entry) -> list[tuple[Identifier, str, str]]:
    return [(memory_id, labels.NOTE_LINK, target) for target in entry.links]


def _as_it_is(step: Step) -> Iterator[Imported]:
    """Yield the record of a memory that was there without one."""
    known, wanted = step.known, step.wanted
    if step.fresh and step.fate is Fate.SAME and known and known.current is not None:
        yield Imported(wanted.source_key, wanted.text_hash, known.memory_id, known.current)
