"""The manifest of a backup: what the snapshot holds, counted and summed when it was taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection, text

from mnemosyne.accounts import store as accounts
from mnemosyne.audit import checkpoints
from mnemosyne.audit import store as audit
from mnemosyne.kit.derived_data import Checksum, DerivedData, Kept, checksum
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.migrations import runner

FORMAT: Final = "mnemosyne-backup/1"


class TableState(BaseModel):
    """How many rows a person has in a table, and the digest of all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    digest: str


class PersonState(BaseModel):
    """What a person has: a checksum for each table, and how far their record of acts reaches."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tables: Mapping[str, TableState]
    audit_seq: int
    audit_digest: str
    audit_checkpoint: str = ""
    """The head of that record, signed by the node. The same record gives the same note."""


class Contents(BaseModel):
    """What a database holds, as it can be computed again from the database alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vault_id: str
    node_key: str = Field(pattern="^[0-9a-f]{64}$")
    """The public half, which the signature of the manifest is of."""
    incarnation: str
    counter: int
    schema_revision: str
    rows: Mapping[str, int]
    people: Mapping[str, PersonState]


class Manifest(BaseModel):
    """What a backup is and what is in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["mnemosyne-backup/1"] = FORMAT
    taken_at: AwareDatetime
    expires_at: AwareDatetime
    app_version: str
    database_size: int
    database_digest: str
    contents: Contents


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where a database is not what its manifest says."""

    what: str
    expected: object
    found: object


def app_version() -> str:
    """Return the version of this program."""
    return version("mnemosyne-protocol")


def contents_of(tx: Connection, providers: Sequence[DerivedData]) -> Contents:
    """Count and sum everything in the vault that ``tx`` reads.

    Of a vault whose tables an earlier version wrote, the rows are counted and not summed.
    """
    vault = identity.load(tx)
    revision = runner.revision_of(tx) or ""
    people = accounts.everybody(tx) if revision == runner.HEAD else []
    return Contents(
        vault_id=vault.vault_id,
        node_key=vault.node_key.public.hex(),
        incarnation=vault.incarnation,
        counter=vault.backup_counter,
        schema_revision=revision,
        rows=_rows(tx),
        people={each: _person(tx, providers, each, vault) for each in people},
    )


def differences(expected: Contents, found: Contents) -> list[Difference]:
    """Return every leaf in which two contents differ."""
    return list(_compared("", expected.model_dump(), found.model_dump()))


def checksums(
    tx: Connection, providers: Sequence[DerivedData], owner: Identifier
) -> dict[str, Checksum]:
    """Return the checksum of each of a person's tables that is not rebuilt from others."""
    return {
        owned.table.name: checksum(tx, owned, owner)
        for provider in providers
        for owned in provider.tables
        if owned.kept is not Kept.REBUILT
    }


def _person(
    tx: Connection, providers: Sequence[DerivedData], owner: Identifier, vault: VaultIdentity
) -> PersonState:
    head = audit.head(tx, owner)
    signed = checkpoints.head_of(tx, owner, vault.vault_id)
    return PersonState(
        tables={
            name: TableState(rows=found.rows, digest=found.digest)
            for name, found in checksums(tx, providers, owner).items()
        },
        audit_seq=head.seq,
        audit_digest=head.digest,
        audit_checkpoint="" if signed is None else checkpoints.signed(signed, vault.node_key),
    )


def _rows(tx: Connection) -> dict[str, int]:
    names = tx.execute(
        text("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY name")
    ).scalars()
    return {name: _count(tx, name) for name in names.all()}


def _count(tx: Connection, table: str) -> int:
    # The name stands in the schema and was given by a migration, not by a person.
    return int(tx.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one())  # noqa: S608


def _compared(name: str, expected: Any, found: Any) -> list[Difference]:  # noqa: ANN401 - JSON
    if not isinstance(expected, Mapping) or not isinstance(found, Mapping):
        return [] if expected == found else [Difference(name, expected, found)]
    keys = dict.fromkeys([*expected, *found])
    return [
        difference
        for key in keys
        for difference in _compared(f"{name}.{key}".lstrip("."), expected.get(key), found.get(key))
    ]
