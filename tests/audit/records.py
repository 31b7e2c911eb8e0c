"""Records of two people, the files that were kept of them, and an attacker with the key."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, text

from mnemosyne.accounts import store as accounts
from mnemosyne.audit import checkpoints, rows, store
from mnemosyne.audit.examination import examine
from mnemosyne.audit.faults import Finding, in_order
from mnemosyne.audit.kept_files import KeptFile
from mnemosyne.audit.model import Act
from mnemosyne.audit.service import Audit, SignedHead
from mnemosyne.audit.verification import RecordReport, Records
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.merkle import Frontier, leaf_hash
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault import identity
from tests.clock import START, SetClock

SIZE = 11


@dataclass
class Record:
    """The record of a person with eleven entries, beside that of somebody else."""

    database: Database
    principal: Principal
    stranger: Principal
    audit: Audit
    records: Records

    @property
    def owner(self) -> str:
        return self.principal.person

    async def attack(self, statement: str, **values: object) -> None:
        """Change the tables as whoever holds the key of the database can."""

        def write(tx: Connection) -> None:
            tx.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            tx.execute(text(statement), {"owner": self.owner, **values})

        await self.database.write(write)

    async def attack_unbound(self, statement: str, **values: object) -> None:
        """Do the same where references between the tables are not looked at."""
        await self.database.maintain(lambda driver: driver.execute("PRAGMA foreign_keys = OFF"))
        await self.attack(statement, **values)
        await self.database.maintain(lambda driver: driver.execute("PRAGMA foreign_keys = ON"))

    async def first_after(self, statement: str, **values: object) -> Finding:
        """Return what is found after an attack that is undone again."""

        def write(tx: Connection) -> Finding:
            tx.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            with tx.begin_nested() as attack:
                tx.execute(text(statement), {"owner": self.owner, **values})
                found = examine(rows.page(tx, self.owner, None), rows.tree(tx, self.owner))
                attack.rollback()
            return in_order(found.findings)[0]

        return await self.database.write(write)

    async def rewrite(self, changes: dict[int, bytes], length: int | None = None) -> None:
        """Replace canonical bytes and make all that is derived fit again, as a full attacker."""

        def write(tx: Connection) -> None:
            stored = tx.execute(
                text("SELECT seq, canonical FROM audit_entry WHERE owner = :o ORDER BY seq"),
                {"o": self.owner},
            ).all()
            frontier = Frontier()
            for row in stored[:length]:
                canonical = changes.get(row.seq, row.canonical)
                frontier = frontier.grown(leaf_hash(canonical))
                stated = json.loads(canonical)
                tx.execute(
                    text(
                        "UPDATE audit_entry SET canonical = :c, head = :h, type = :t,"
                        " payload_hash = :p WHERE owner = :o AND seq = :s"
                    ),
                    {"c": canonical, "h": frontier.root(), "t": stated["type"], "s": row.seq}
                    | {"p": bytes.fromhex(stated["payload_hash"]), "o": self.owner},
                )
                if row.seq in changes:
                    gone = text("DELETE FROM audit_payload WHERE owner = :o AND seq = :s")
                    tx.execute(gone, {"o": self.owner, "s": row.seq})
            for table in ("audit_payload", "audit_entry"):
                cut = text(f"DELETE FROM {table} WHERE owner = :o AND seq > :n")  # noqa: S608
                tx.execute(cut, {"o": self.owner, "n": frontier.size})
            tx.execute(
                text("UPDATE audit_tree SET size = :n, frontier = :f WHERE owner = :o"),
                {"n": frontier.size, "f": frontier.to_bytes(), "o": self.owner},
            )

        await self.database.write(write)

    async def canonical(self, seq: int) -> bytes:
        entry = await self.database.read(lambda tx: store.entry(tx, self.owner, seq))
        assert entry is not None
        return entry.canonical

    async def lie(self, seq: int) -> bytes:
        """Return what an attacker would like an entry to have said."""
        stated = json.loads(await self.canonical(seq))
        return canonical_json(stated | {"type": "nothing"})

    async def reports(self, *kept: KeptFile) -> tuple[RecordReport, ...]:
        return await self.records.verify(kept)

    async def report(self, *kept: KeptFile) -> RecordReport:
        """Return what is found of the record of the person."""
        reports = await self.reports(*kept)
        mine, theirs = reports
        assert theirs.whole
        return mine

    async def first(self, *kept: KeptFile) -> Finding:
        """Return the finding that names the first bad entry."""
        found = (await self.report(*kept)).first
        assert found is not None
        return found

    async def checkpoint(self) -> SignedHead:
        return await self.audit.checkpoint(self.principal)


def as_file(signed: SignedHead, source: str = "checkpoint.json") -> KeptFile:
    """Return a checkpoint as its file, leaves and all."""
    document = checkpoints.document(signed.note, signed.leaves)
    return KeptFile(source, json.dumps(document).encode())


def as_note(signed: SignedHead, source: str = "checkpoint.txt") -> KeptFile:
    """Return a checkpoint as a bare note."""
    return KeptFile(source, signed.note.encode())


async def fill(database: Database, people: Sequence[Principal]) -> None:
    """Make the vault and the records."""

    def write(tx: Connection) -> None:
        identity.create(tx, START)
        for number in range(SIZE):
            at = START + timedelta(minutes=number)
            for each in people:
                subject = new_id(at) if number % 3 == 0 else ""
                act = Act(each.person, "forget", "local", "shell", subject, {"number": number})
                store.append(tx, act, at)

    await database.write(write)


def record_of(database: Database, people: Sequence[Principal], clock: SetClock) -> Record:
    """Return the record of the first of ``people``."""
    records = Records(database, accounts.everybody)
    return Record(database, people[0], people[1], Audit(database, clock), records)
