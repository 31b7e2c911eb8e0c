"""Create the tables of memories and their full text."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FULL_TEXT = """
CREATE VIRTUAL TABLE memory_text USING fts5(
    owner, title, body, context, bigrams,
    tokenize = 'porter unicode61 remove_diacritics 2'
)
"""
# Without it deleted words stay readable in the pages of the index.
_SECURE_DELETE = "INSERT INTO memory_text(memory_text, rank) VALUES ('secure-delete', 1)"


def upgrade() -> None:
    op.create_table(
        "embedder",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("identity", sa.JSON(), nullable=False),
        sa.Column("dimensions", sa.Integer(), nullable=False),
        sa.Column("first_used_at", sa.BigInteger(), nullable=False),
        sa.Column("serving", sa.Boolean(), nullable=False),
        sa.Column("probe", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embedder")),
        sa.UniqueConstraint("key", name=op.f("uq_embedder_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "erasure",
        sa.Column("counter", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("memory_id", sa.String(length=32), nullable=False),
        sa.Column("request", sa.String(length=32), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("counter", name=op.f("pk_erasure")),
        sa.UniqueConstraint("memory_id", name=op.f("uq_erasure_memory_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_erasure_owner_request"), "erasure", ["owner", "request"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("result_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "operation", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(
        op.f("ix_idempotency_owner_created_at"),
        "idempotency",
        ["owner", "created_at"],
        unique=False,
    )
    op.create_table(
        "import_checkpoint",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("unit_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "source", "unit_key", name=op.f("pk_import_checkpoint")),
    )
    op.create_table(
        "import_record",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("source_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("memory_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "source", "source_key", name=op.f("pk_import_record")),
    )
    op.create_index(
        op.f("ix_import_record_owner_memory_id"),
        "import_record",
        ["owner", "memory_id"],
        unique=False,
    )
    op.create_table(
        "thread",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("original_digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("owner", "source", "key", name=op.f("uq_thread_owner_source_key")),
    )
    op.create_table(
        "domain_example",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("domain", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["person.id"], name=op.f("fk_domain_example_owner")),
        sa.PrimaryKeyConstraint("owner", "domain", "text", name=op.f("pk_domain_example")),
    )
    op.create_table(
        "memory",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("occurred_precision", sa.String(length=8), nullable=False),
        sa.Column("occurred_offset", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=True),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("importance", sa.Float(), nullable=False),
        sa.Column("importance_reasons", sa.JSON(), nullable=False),
        sa.Column("importance_override", sa.Float(), nullable=True),
        sa.Column("pin", sa.String(length=16), nullable=False),
        sa.Column("never_share", sa.Boolean(), nullable=False),
        sa.Column("secrets", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("access_count", sa.Integer(), nullable=False),
        sa.Column("last_accessed_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_by", sa.Text(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "occurred_precision IN ('instant', 'day', 'month', 'year')",
            name=op.f("ck_memory_occurred_precision"),
        ),
        sa.CheckConstraint(
            "pin IN ('normal', 'protected', 'anchored', 'permanent')", name=op.f("ck_memory_pin")
        ),
        sa.CheckConstraint(
            "secrets IN ('unchecked', 'clear', 'flagged', 'cleared')",
            name=op.f("ck_memory_secrets"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'enriched', 'failed')", name=op.f("ck_memory_status")
        ),
        sa.CheckConstraint(
            "type IN ('note', 'message', 'document', 'reflection', 'consolidation', 'system', 'ritual', 'signal')",
            name=op.f("ck_memory_type"),
        ),
        sa.CheckConstraint("importance BETWEEN 0 AND 1", name=op.f("ck_memory_importance")),
        sa.CheckConstraint("length(content) > 0", name=op.f("ck_memory_content")),
        sa.ForeignKeyConstraint(["owner"], ["person.id"], name=op.f("fk_memory_owner")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_memory")),
        sa.UniqueConstraint("id", name=op.f("uq_memory_id")),
        sa.UniqueConstraint(
            "owner",
            "content_hash",
            "source",
            "source_id",
            "occurred_at",
            name=op.f("uq_memory_owner_content_hash_source_source_id_occurred_at"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_memory_owner_deleted_at"), "memory", ["owner", "deleted_at"], unique=False
    )
    op.create_index(
        op.f("ix_memory_owner_occurred_at_seq"),
        "memory",
        ["owner", "occurred_at", "seq"],
        unique=False,
    )
    op.create_index(
        op.f("ix_memory_owner_thread_id_position"),
        "memory",
        ["owner", "thread_id", "position"],
        unique=False,
    )
    op.create_table(
        "embedding",
        sa.Column("memory_seq", sa.Integer(), nullable=False),
        sa.Column("embedder_id", sa.Integer(), nullable=False),
        sa.Column("chunk", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["embedder_id"], ["embedder.id"], name=op.f("fk_embedding_embedder_id")
        ),
        sa.ForeignKeyConstraint(
            ["memory_seq"], ["memory.seq"], name=op.f("fk_embedding_memory_seq")
        ),
        sa.PrimaryKeyConstraint("memory_seq", "embedder_id", "chunk", name=op.f("pk_embedding")),
    )
    op.create_index(
        op.f("ix_embedding_owner_embedder_id_memory_seq"),
        "embedding",
        ["owner", "embedder_id", "memory_seq"],
        unique=False,
    )
    op.create_table(
        "memory_date",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("memory_id", sa.String(length=32), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("precision", sa.String(length=8), nullable=False),
        sa.CheckConstraint(
            "precision IN ('instant', 'day', 'month', 'year')",
            name=op.f("ck_memory_date_precision"),
        ),
        sa.ForeignKeyConstraint(
            ["memory_id"], ["memory.id"], name=op.f("fk_memory_date_memory_id")
        ),
        sa.PrimaryKeyConstraint("owner", "memory_id", "start", name=op.f("pk_memory_date")),
    )
    op.create_index(
        op.f("ix_memory_date_owner_after"), "memory_date", ["owner", "after"], unique=False
    )
    op.create_table(
        "memory_domain",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("memory_id", sa.String(length=32), nullable=False),
        sa.Column("domain", sa.String(length=32), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("suppressed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "source IN ('user', 'rule', 'model')", name=op.f("ck_memory_domain_source")
        ),
        sa.ForeignKeyConstraint(
            ["memory_id"], ["memory.id"], name=op.f("fk_memory_domain_memory_id")
        ),
        sa.PrimaryKeyConstraint("owner", "memory_id", "domain", name=op.f("pk_memory_domain")),
    )
    op.create_index(
        op.f("ix_memory_domain_owner_domain"), "memory_domain", ["owner", "domain"], unique=False
    )
    op.create_index(
        "ix_memory_domain_said",
        "memory_domain",
        ["owner", "domain"],
        unique=False,
        sqlite_where=sa.text("source = 'user'"),
    )
    op.create_table(
        "memory_link",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("memory_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["memory_id"], ["memory.id"], name=op.f("fk_memory_link_memory_id")
        ),
        sa.PrimaryKeyConstraint(
            "owner", "memory_id", "kind", "target", name=op.f("pk_memory_link")
        ),
    )
    op.create_index(
        op.f("ix_memory_link_owner_target"), "memory_link", ["owner", "target"], unique=False
    )
    op.create_table(
        "memory_mention",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("memory_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["memory_id"], ["memory.id"], name=op.f("fk_memory_mention_memory_id")
        ),
        sa.PrimaryKeyConstraint("owner", "memory_id", "name", name=op.f("pk_memory_mention")),
    )
    op.create_index(
        op.f("ix_memory_mention_owner_name"), "memory_mention", ["owner", "name"], unique=False
    )
    op.create_table(
        "memory_tag",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("memory_id", sa.String(length=32), nullable=False),
        sa.Column("tag", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["memory_id"], ["memory.id"], name=op.f("fk_memory_tag_memory_id")),
        sa.PrimaryKeyConstraint("owner", "memory_id", "tag", name=op.f("pk_memory_tag")),
    )
    op.create_index(op.f("ix_memory_tag_owner_tag"), "memory_tag", ["owner", "tag"], unique=False)
    op.create_table(
        "memory_validity",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("memory_id", sa.String(length=32), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["memory_id"], ["memory.id"], name=op.f("fk_memory_validity_memory_id")
        ),
        sa.PrimaryKeyConstraint(
            "memory_id", "known_from", "known_until", name=op.f("pk_memory_validity")
        ),
    )
    op.create_index(
        op.f("ix_memory_validity_owner_memory_id"),
        "memory_validity",
        ["owner", "memory_id"],
        unique=False,
    )
    op.create_table(
        "memory_version",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("memory_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["memory_id"], ["memory.id"], name=op.f("fk_memory_version_memory_id")
        ),
        sa.PrimaryKeyConstraint("memory_id", "version", name=op.f("pk_memory_version")),
    )
    op.execute(_FULL_TEXT)
    op.execute(_SECURE_DELETE)
