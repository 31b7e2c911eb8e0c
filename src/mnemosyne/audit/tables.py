"""The tables of the record: what was done, the details of it, and the tree over it."""

from sqlalchemy import (
    JSON,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    text,
)

from mnemosyne.kit.database import UtcDateTime, metadata

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("type", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
    Column("payload_hash", LargeBinary(32), nullable=False),
    # The root of the tree that ends here: by it the first bad entry is found without a checkpoint.
    Column("head", LargeBinary(32), nullable=False, server_default=text("x''")),
    Index(None, "owner", "type", "seq"),
)

audit_payload = Table(
    "audit_payload",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("subject", String(32), nullable=False),
    Column("salt", LargeBinary(32), nullable=False),
    Column("payload", JSON, nullable=False),
    ForeignKeyConstraint(["owner", "seq"], ["audit_entry.owner", "audit_entry.seq"]),
    Index(None, "owner", "subject"),
)

audit_tree = Table(
    "audit_tree",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("size", Integer, nullable=False),
    # The roots of the full subtrees, the largest first: with them an entry is added in O(log n).
    Column("frontier", LargeBinary, nullable=False),
    # By which checkpoints name the person; what stays their name in the record after an erase.
    Column("pseudonym", String(32), nullable=False, unique=True),
    # Every pseudonym of the record is an HMAC under it. Erasing the person removes it.
    Column("salt", LargeBinary(32)),
)
