"""Create the tables of identities and keys, and make the record of acts a tree."""

import hashlib
import hmac
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _tables()
    _grow_trees(op.get_bind())


def _tables() -> None:
    """Create what is new and widen what was there."""
    op.create_table(
        "audit_tree",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_audit_tree")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_audit_tree_pseudonym")),
    )
    op.create_table(
        "did_entry",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("did", sa.String(length=65), nullable=False),
        sa.Column("seen", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "did", "seen", name=op.f("pk_did_entry")),
        sa.UniqueConstraint(
            "owner", "did", "version_id", name=op.f("uq_did_entry_owner_did_version_id")
        ),
    )
    op.create_table(
        "earlier_root",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(length=60), nullable=False),
        sa.Column("ledger_key", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_earlier_root")),
    )
    op.create_table(
        "erased_person",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=False),
        sa.Column("memories_erased", sa.Integer(), nullable=False),
        sa.Column("pending", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_erased_person")),
    )
    op.create_table(
        "node_key",
        sa.Column("public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("successor", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("accepted", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("public", name=op.f("pk_node_key")),
    )
    op.create_table(
        "private_key",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("public", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("private", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "public", name=op.f("pk_private_key")),
    )
    op.create_table(
        "did",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("did", sa.String(length=65), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("own_head", sa.String(length=64), nullable=False),
        sa.Column("confirmed_incarnation", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["person.id"], name=op.f("fk_did_owner")),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_did")),
        sa.UniqueConstraint("did", name=op.f("uq_did_did")),
    )
    op.add_column(
        "audit_entry",
        sa.Column(
            "head", sa.LargeBinary(length=32), server_default=sa.text("(x'')"), nullable=False
        ),
    )
    op.create_index(
        op.f("ix_audit_entry_owner_type_seq"), "audit_entry", ["owner", "type", "seq"], unique=False
    )
    op.add_column("contact", sa.Column("did", sa.String(length=65), nullable=True))
    op.create_index(op.f("ix_contact_owner_did"), "contact", ["owner", "did"], unique=True)


def _grow_trees(connection: sa.Connection) -> None:
    """Lay the tree over the entries made so far: a head for each, and a row for each person."""
    owners = connection.execute(sa.text("SELECT DISTINCT owner FROM audit_entry ORDER BY owner"))
    for owner in owners.scalars().all():
        _grow_tree(connection, owner)


def _grow_tree(connection: sa.Connection, owner: str) -> None:
    rows = connection.execute(
        sa.text("SELECT seq, canonical FROM audit_entry WHERE owner = :owner ORDER BY seq"),
        {"owner": owner},
    ).all()
    subtrees: list[bytes] = []
    heads: list[dict[str, object]] = []
    for number, (seq, canonical) in enumerate(rows):
        found, size = hashlib.sha256(b"\x00" + canonical).digest(), number  # RFC 6962 §2.1
        while size & 1:
            found = _node(subtrees.pop(), found)
            size >>= 1
        subtrees.append(found)
        root = subtrees[-1]
        for subtree in reversed(subtrees[:-1]):
            root = _node(subtree, root)
        heads.append({"owner": owner, "seq": seq, "head": root})
    connection.execute(
        sa.text("UPDATE audit_entry SET head = :head WHERE owner = :owner AND seq = :seq"), heads
    )
    salt = secrets.token_bytes(32)
    name = hmac.digest(salt, f"person:{owner}".encode(), "sha256")[:16].hex()
    connection.execute(
        sa.text(
            "INSERT INTO audit_tree (owner, size, frontier, pseudonym, salt)"
            " VALUES (:owner, :size, :frontier, :name, :salt)"
        ),
        {
            "owner": owner,
            "size": len(rows),
            "frontier": b"".join(subtrees),
            "name": name,
            "salt": salt,
        },
    )


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
