"""The tables of the memory feature."""

from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.memories.model import (
    DomainSource,
    MemoryType,
    Pin,
    Precision,
    SecretState,
    Status,
)


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


memory = Table(
    "memory",
    metadata,
    # AUTOINCREMENT: a number is never used twice, so an old vector can never meet a new row.
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("owner", String(32), ForeignKey("person.id"), nullable=False),
    Column("content", Text, nullable=False),
    Column("content_hash", LargeBinary(32), nullable=False),
    Column("title", String(255), nullable=False, default=""),
    Column("type", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("occurred_precision", String(8), nullable=False),
    Column("occurred_offset", Integer),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    # Empty rather than NULL: NULLs are distinct to a unique index and would defeat it.
    Column("source", String(64), nullable=False, default=""),
    Column("source_id", Text, nullable=False, default=""),
    Column("source_url", Text, nullable=False, default=""),
    Column("thread_id", String(32), nullable=False, default=""),
    Column("position", Integer, nullable=False, default=0),
    Column("speaker", Text, nullable=False, default=""),
    Column("valid_from", UtcDateTime),
    Column("valid_to", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("importance", Float, nullable=False),
    Column("importance_reasons", JSON, nullable=False),
    Column("importance_override", Float),
    Column("pin", String(16), nullable=False),
    Column("never_share", Boolean, nullable=False),
    Column("secrets", String(16), nullable=False),
    Column("language", String(8), nullable=False, default=""),
    Column("access_count", Integer, nullable=False, default=0),
    Column("last_accessed_at", UtcDateTime),
    Column("deleted_at", UtcDateTime),
    Column("deleted_by", Text, nullable=False, default=""),
    Column("attributes", JSON, nullable=False),
    UniqueConstraint("owner", "content_hash", "source", "source_id", "occurred_at"),
    _one_of("type", MemoryType),
    _one_of("status", Status),
    _one_of("occurred_precision", Precision),
    _one_of("pin", Pin),
    _one_of("secrets", SecretState),
    CheckConstraint("importance BETWEEN 0 AND 1", name="importance"),
    CheckConstraint("length(content) > 0", name="content"),
    Index(None, "owner", "occurred_at", "seq"),
    Index(None, "owner", "thread_id", "position"),
    Index(None, "owner", "deleted_at"),
    sqlite_autoincrement=True,
)

memory_version = Table(
    "memory_version",
    metadata,
    Column("owner", String(32), nullable=False),
    Column("memory_id", String(32), ForeignKey("memory.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("title", String(255), nullable=False),
    Column("content", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)

# What was recorded of a memory's end and later corrected: with the columns of the memory itself,
# it answers what was known at any earlier moment.
memory_validity = Table(
    "memory_validity",
    metadata,
    Column("owner", String(32), nullable=False),
    Column("memory_id", String(32), ForeignKey("memory.id"), primary_key=True),
    Column("known_from", UtcDateTime, primary_key=True),
    Column("known_until", UtcDateTime, primary_key=True),
    Column("valid_to", UtcDateTime, nullable=False),
    Index(None, "owner", "memory_id"),
)

memory_tag = Table(
    "memory_tag",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("memory_id", String(32), ForeignKey("memory.id"), primary_key=True),
    Column("tag", String(128), primary_key=True),
    Index(None, "owner", "tag"),
)

memory_domain = Table(
    "memory_domain",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("memory_id", String(32), ForeignKey("memory.id"), primary_key=True),
    Column("domain", String(32), primary_key=True),
    Column("weight", Float, nullable=False),
    Column("source", String(8), nullable=False),
    Column("confidence", Float, nullable=False),
    # A domain that the person removed stays as a row of weight 0, so that no rule brings it back.
    Column("suppressed", Boolean, nullable=False, default=False),
    Index(None, "owner", "domain"),
    # What the person said is a handful among all that rules found, and is asked for all the time.
    Index("ix_memory_domain_said", "owner", "domain", sqlite_where=text("source = 'user'")),
    _one_of("source", DomainSource),
)

domain_example = Table(
    "domain_example",
    metadata,
    Column("owner", String(32), ForeignKey("person.id"), primary_key=True),
    Column("domain", String(32), primary_key=True),
    Column("text", Text, primary_key=True),
)

memory_mention = Table(
    "memory_mention",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("memory_id", String(32), ForeignKey("memory.id"), primary_key=True),
    Column("name", String(128), primary_key=True),
    Index(None, "owner", "name"),
)

memory_date = Table(
    "memory_date",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("memory_id", String(32), ForeignKey("memory.id"), primary_key=True),
    Column("start", Integer, primary_key=True),
    Column("end", Integer, nullable=False),
    Column("after", UtcDateTime, nullable=False),
    Column("before", UtcDateTime, nullable=False),
    Column("precision", String(8), nullable=False),
    Index(None, "owner", "after"),
    _one_of("precision", Precision),
)

memory_link = Table(
    "memory_link",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("memory_id", String(32), ForeignKey("memory.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("target", Text, primary_key=True),
    Index(None, "owner", "target"),
)

thread = Table(
    "thread",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(32), nullable=False),
    Column("source", String(64), nullable=False),
    Column("key", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("original_digest", String(64), nullable=False),
    UniqueConstraint("owner", "source", "key"),
)

embedder = Table(
    "embedder",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("identity", JSON, nullable=False),
    Column("dimensions", Integer, nullable=False),
    Column("first_used_at", UtcDateTime, nullable=False),
    Column("serving", Boolean, nullable=False),
    Column("probe", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

embedding = Table(
    "embedding",
    metadata,
    Column("memory_seq", Integer, ForeignKey("memory.seq"), primary_key=True),
    Column("embedder_id", Integer, ForeignKey("embedder.id"), primary_key=True),
    Column("chunk", Integer, primary_key=True),
    Column("owner", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Index(None, "owner", "embedder_id", "memory_seq"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("operation", String(32), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("request_hash", LargeBinary(32), nullable=False),
    Column("result_id", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "owner", "created_at"),
)

import_record = Table(
    "import_record",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("source", String(64), primary_key=True),
    # Keyed hashes: they outlive an erase, and tell nothing of what was erased.
    Column("source_key", LargeBinary(32), primary_key=True),
    Column("text_hash", LargeBinary(32), nullable=False),
    Column("memory_id", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "owner", "memory_id"),
)

import_checkpoint = Table(
    "import_checkpoint",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("unit_key", LargeBinary(32), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("done_at", UtcDateTime, nullable=False),
)

erasure = Table(
    "erasure",
    metadata,
    Column("counter", Integer, primary_key=True, autoincrement=True),
    Column("owner", String(32), nullable=False),
    Column("memory_id", String(32), nullable=False, unique=True),
    Column("request", String(32), nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("completed_at", UtcDateTime),
    Index(None, "owner", "request"),
    sqlite_autoincrement=True,
)

FULL_TEXT_TABLE = """
CREATE VIRTUAL TABLE memory_text USING fts5(
    owner, title, body, context, bigrams,
    tokenize = 'porter unicode61 remove_diacritics 2'
)
"""
SECURE_DELETE_FULL_TEXT = "INSERT INTO memory_text(memory_text, rank) VALUES ('secure-delete', 1)"
