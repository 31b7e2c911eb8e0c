"""What the memory feature keeps of a person, for erase, archive and verification."""

from mnemosyne.kit.derived_data import Kept, OwnedTable, Provider
from mnemosyne.memories.store import erasing
from mnemosyne.memories.store.tables import (
    domain_example,
    embedding,
    erasure,
    idempotency,
    import_checkpoint,
    import_record,
    memory,
    memory_date,
    memory_domain,
    memory_link,
    memory_mention,
    memory_tag,
    memory_validity,
    memory_version,
    thread,
)

MEMORIES = Provider(
    tables=(
        OwnedTable(memory, ("id",), omitted=frozenset({"seq"})),
        OwnedTable(memory_version, ("memory_id", "version")),
        OwnedTable(memory_validity, ("memory_id", "known_from", "known_until")),
        OwnedTable(memory_tag, ("memory_id", "tag")),
        OwnedTable(memory_domain, ("memory_id", "domain")),
        OwnedTable(domain_example, ("domain", "text")),
        OwnedTable(memory_mention, ("memory_id", "name")),
        OwnedTable(memory_date, ("memory_id", "start")),
        OwnedTable(memory_link, ("memory_id", "kind", "target")),
        OwnedTable(thread, ("id",)),
        OwnedTable(import_record, ("source", "source_key")),
        OwnedTable(import_checkpoint, ("source", "unit_key")),
        OwnedTable(idempotency, ("operation", "key")),
        OwnedTable(erasure, ("memory_id",), omitted=frozenset({"counter"})),
        OwnedTable(embedding, ("memory_seq", "chunk"), kept=Kept.REBUILT),
    ),
    preview=erasing.preview,
    erase=erasing.erase,
)
