"""Verify records: each by itself, and against what was kept outside of the vault."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection

from mnemosyne.audit import checkpoints, evidence, rows, trees
from mnemosyne.audit.evidence import Evidence
from mnemosyne.audit.examination import Examined, StoredEntry, StoredTree, Whose, examine
from mnemosyne.audit.faults import Fault, Finding, in_order
from mnemosyne.audit.kept_files import KeptFile, read
from mnemosyne.kit.crypto.merkle import leaf_hash
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault import identity, node_keys

People = Callable[[Connection], Sequence[Identifier]]


def nobody(_tx: Connection) -> Sequence[Identifier]:
    """Return no people."""
    return ()


@dataclass(frozen=True, slots=True)
class Compared:
    """A file that a record was compared with: how far it reaches, and whether the two agree."""

    source: str
    size: int
    agrees: bool


@dataclass(frozen=True, slots=True)
class RecordReport:
    """What the examination of one record found; ``findings`` begin with the first bad entry.

    ``erased`` says that its person was erased; ``without_details`` counts the entries whose details
    are gone, which an erase, an old read and an attacker do alike.
    """

    pseudonym: str
    erased: bool
    size: int
    root: bytes
    without_details: int
    compared: tuple[Compared, ...]
    findings: tuple[Finding, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def first(self) -> Finding | None:
        """The finding that names the first bad entry."""
        return self.findings[0] if self.findings else None


@dataclass(frozen=True, slots=True)
class _Vault:
    """What verification knows of the vault before it looks at a record."""

    id: Identifier
    keys: tuple[bytes, ...]
    forged_keys: int
    records: Mapping[Identifier, Whose]


@dataclass(frozen=True, slots=True)
class _Stored:
    """A record as it is stored, with the numbers of details that belong to no entry."""

    owner: Identifier
    whose: Whose
    tree: StoredTree | None = None
    entries: Sequence[StoredEntry] = ()
    strays: Sequence[int] = ()

    @property
    def name(self) -> str:
        """By which checkpoints call the person; an empty text where that is lost."""
        if self.whose is Whose.ERASED:
            return self.owner
        return "" if self.tree is None else str(self.tree.pseudonym)


class Records:
    """The records of a vault, of people and of those who were erased.

    ``people`` says who has an account: each of them has a record since they joined. ``erased``
    gives the pseudonyms of those who had one: their records stay.
    """

    def __init__(self, database: Database, people: People, erased: People = nobody) -> None:
        self._database = database
        self._people = people
        self._erased = erased

    async def verify(
        self, files: Iterable[KeptFile] = (), owner: Identifier | None = None
    ) -> tuple[RecordReport, ...]:
        """Examine every record, or that of ``owner``, and compare it with what was kept.

        A vault without any is reported as one whose record is gone: `init` begins the first.

        Raises:
            UnreadableEvidenceError: a file is nothing that a record can be compared with.
        """
        vault = await self._database.read(self._vault)
        owners = [each for each in vault.records if owner in {None, each}]
        stored = [await self._stored(each, vault.records[each]) for each in owners]
        stored = stored or [_Stored("", Whose.NOBODY)]
        kept = [each for file in files for each in read(file, vault.keys)]
        return await asyncio.to_thread(_reports, vault, stored, kept)

    def _vault(self, tx: Connection) -> _Vault:
        records = dict.fromkeys(self._people(tx), Whose.LIVING)
        for whose, owners in ((Whose.ERASED, self._erased), (Whose.NOBODY, trees.everyone)):
            records |= {each: whose for each in owners(tx) if each not in records}
        keys = node_keys.publics(tx)
        forged = len(node_keys.earlier(tx)) + 1 - len(keys)
        return _Vault(identity.load(tx).vault_id, keys, forged, records)

    async def _stored(self, owner: Identifier, whose: Whose) -> _Stored:
        """Read a record in pages: a snapshot may not be held for as long as all of it takes."""
        entries: list[StoredEntry] = []
        while True:
            after = entries[-1].seq if entries else None
            page, end = await self._database.read(partial(_page, owner=owner, after=after))
            entries.extend(page)
            if end is not None:
                return _Stored(owner, whose, end.tree, entries, end.strays)


@dataclass(frozen=True, slots=True)
class _End:
    """What is read with the last page: the tree as it was when there were no more entries."""

    tree: StoredTree | None
    strays: Sequence[int]


def _page(
    tx: Connection, owner: Identifier, after: object
) -> tuple[Sequence[StoredEntry], _End | None]:
    page = rows.page(tx, owner, after)
    if len(page) == rows.PAGE:
        return page, None
    return page, _End(rows.tree(tx, owner), rows.strays(tx, owner))


def _reports(
    vault: _Vault, stored: Sequence[_Stored], kept: Sequence[Evidence]
) -> tuple[RecordReport, ...]:
    examined = [_examined(each) for each in stored]
    if vault.forged_keys:
        detail = f"both keys signed no such succession: {vault.forged_keys} of the earlier keys"
        examined[0].findings.append(Finding(Fault.KEYS, None, detail))
    brought: dict[int, list[Evidence]] = defaultdict(list)
    for each in kept:
        brought[_place_of(each, vault, stored, examined)].append(each)
    return tuple(
        _report(vault, record, found, brought[number])
        for number, (record, found) in enumerate(zip(stored, examined, strict=True))
    )


def _examined(stored: _Stored) -> Examined:
    found = examine(stored.entries, stored.tree, stored.whose)
    found.findings.extend(
        Finding(Fault.DETAILS, number, "details lie there that belong to no entry")
        for number in stored.strays
    )
    return found


def _place_of(
    kept: Evidence, vault: _Vault, stored: Sequence[_Stored], examined: Sequence[Examined]
) -> int:
    """Return which record a file is held against.

    One that speaks of none of them is held against one that lost its name, or else the first:
    whoever rewrites all can give the vault and its person another name as well.
    """
    if kept.head is not None:
        named = checkpoints.named_in(kept.head.origin)
        fits = [named == (vault.id, each.name) for each in stored]
    else:  # an old receipt names nobody
        leaves = {number: leaf_hash(entry) for number, entry in kept.entries.items()}
        fits = [
            all(found.leaves[number - 1 : number] == [leaf] for number, leaf in leaves.items())
            for found in examined
        ]
    nameless = [not each.name for each in stored]
    return next((each.index(True) for each in (fits, nameless) if True in each), 0)


def _report(
    vault: _Vault, stored: _Stored, found: Examined, kept: Sequence[Evidence]
) -> RecordReport:
    named = [_believed(each, vault, stored.name) for each in kept]
    differing = evidence.compare(found, named)
    bad = {each.source for each in differing}
    return RecordReport(
        pseudonym=stored.name,
        erased=stored.whose is Whose.ERASED,
        size=found.size,
        root=found.root,
        without_details=found.without_details,
        compared=tuple(Compared(e.source, e.size, e.source not in bad) for e in named),
        findings=in_order([*found.findings, *differing]),
    )


def _believed(kept: Evidence, vault: _Vault, name: str) -> Evidence:
    named = checkpoints.named_in(kept.head.origin) if kept.head else None
    if kept.problem or kept.head is None:
        return kept
    if named is not None and named[0] == vault.id and name in {"", named[1]}:
        return kept
    other = "of another vault" if named is None or named[0] != vault.id else "of another person"
    return replace(kept, problem=f"it is {other}, or this one was given another name")
