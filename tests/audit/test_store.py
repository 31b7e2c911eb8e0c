import hashlib
import json
import secrets
from pathlib import Path

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from mnemosyne.accounts.model import Person
from mnemosyne.audit import pseudonyms, store, tables, trees
from mnemosyne.audit.model import Act, Entry
from mnemosyne.audit.receipt import check_payload
from mnemosyne.kit.canonical_json import NotCanonicalError, canonical_json
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import new_id
from tests.clock import START
from tests.house.tree import ROOT
from tests.requirements import requirement

WORD = "bergamot"


def act(owner: str, kind: str = "forget", subject: str = "", **payload: object) -> Act:
    return Act(owner, kind, "local", "shell", subject, payload)


def salt_of(tx: Connection, owner: str) -> bytes:
    tree = trees.find(tx, owner)
    assert tree is not None
    assert tree.salt is not None
    return tree.salt


def one(tx: Connection, owner: str, seq: int) -> Entry:
    found = store.entry(tx, owner, seq)
    assert found is not None
    return found


@requirement("audit.append-only")
def test_each_persons_acts_are_numbered_without_a_gap(
    tx: Connection, person: Person, somebody_else: Person
) -> None:
    numbers = [store.append(tx, act(person.id), START) for _ in range(3)]
    others = [store.append(tx, act(somebody_else.id), START) for _ in range(2)]
    numbers.append(store.append(tx, act(person.id), START))

    assert numbers == [1, 2, 3, 4]
    assert others == [1, 2]
    assert [entry.seq for entry in store.entries(tx, person.id)] == [4, 3, 2, 1]


@requirement("audit.append-only", "audit.acts")
async def test_an_act_that_failed_leaves_neither_an_entry_nor_a_gap(
    database: Database, person: Person
) -> None:
    def fail(tx: Connection) -> None:
        store.append(tx, act(person.id), START)
        raise LookupError("the act did not happen")

    await database.write(lambda tx: store.append(tx, act(person.id), START))
    with pytest.raises(LookupError):
        await database.write(fail)

    assert await database.write(lambda tx: store.append(tx, act(person.id), START)) == 2


@requirement("audit.append-only")
def test_no_statement_of_the_package_changes_or_removes_an_entry() -> None:
    table = tables.audit_entry.name
    changing = [f"{verb}({table})" for verb in ("update", "delete")]
    changing += [f"{table}.update(", f"{table}.delete("]
    # When its person is erased, a record passes to a pseudonym: whose it is stands in no entry.
    gives_up = "update(audit_entry).where(audit_entry.c.owner == owner).values(owner=pseudonym)"

    for path in sorted((ROOT / "src").rglob("*.py")):
        source = path.read_text("utf-8")
        if path.name == "giving_up.py":
            assert source.count(gives_up) == 1
            source = source.replace(gives_up, "")
        assert not any(change in source for change in changing), path


@requirement("audit.canonical")
def test_an_entry_is_canonical_bytes_that_name_payload_credential_and_channel(
    tx: Connection, person: Person
) -> None:
    at = START.replace(microsecond=0)
    seq = store.append(tx, Act(person.id, "erase", "token-7", "http", "", {"count": 3}), at)

    entry = one(tx, person.id, seq)
    stated = json.loads(entry.canonical)

    assert canonical_json(stated) == entry.canonical
    assert stated == {
        "seq": 1,
        "type": "erase",
        "time": "2026-03-14T15:09:26.000000+00:00",
        "credential": pseudonyms.of_credential(salt_of(tx, person.id), "token-7"),
        "channel": "http",
        "payload_hash": entry.payload_hash.hex(),
        "subject_hash": store.subject_hash(entry.salt or b"", ""),
    }
    assert (entry.type, entry.at, entry.payload) == ("erase", at, {"count": 3})
    assert entry.salt is not None
    assert store.payload_hash(entry.salt, {"count": 3}) == entry.payload_hash


@requirement("audit.canonical")
def test_two_entries_of_one_payload_have_different_salts_and_hashes(
    tx: Connection, person: Person
) -> None:
    first, second = (store.append(tx, act(person.id, word=WORD), START) for _ in range(2))

    assert one(tx, person.id, first).salt != one(tx, person.id, second).salt
    assert one(tx, person.id, first).payload_hash != one(tx, person.id, second).payload_hash


def test_without_its_salt_a_hash_answers_to_no_guess() -> None:
    payload = {"word": WORD}
    stored = store.payload_hash(secrets.token_bytes(32), payload)

    assert stored != hashlib.sha256(canonical_json(payload)).digest()
    assert stored != store.payload_hash(bytes(32), payload)


def test_erasing_what_an_entry_speaks_of_leaves_it_verifying(
    tx: Connection, person: Person, somebody_else: Person
) -> None:
    subject, other = new_id(START), new_id(START)
    seq = store.append(tx, act(person.id, subject=subject, title=WORD), START)
    kept = store.append(tx, act(person.id, subject=other, title="kept"), START)
    theirs = store.append(tx, act(somebody_else.id, subject=subject, title="theirs"), START)
    before, head = one(tx, person.id, seq), store.head(tx, person.id)

    assert store.forget_subject(tx, person.id, subject) == 1

    after = one(tx, person.id, seq)
    assert (after.canonical, after.payload_hash) == (before.canonical, before.payload_hash)
    assert (after.payload, after.salt) == (None, None)
    check_payload(after)
    assert store.head(tx, person.id) == head
    assert one(tx, person.id, kept).payload == {"title": "kept"}
    assert one(tx, somebody_else.id, theirs).payload == {"title": "theirs"}
    assert store.forget_subject(tx, person.id, subject) == 0


def test_nothing_of_an_erased_payload_is_left_in_any_row(tx: Connection, person: Person) -> None:
    subject = new_id(START)
    store.append(tx, act(person.id, subject=subject, title=WORD), START)
    store.forget_subject(tx, person.id, subject)

    for table in (tables.audit_entry, tables.audit_payload):
        assert WORD not in repr(tx.execute(select(table)).all())
        assert subject not in repr(tx.execute(select(table)).all())


def test_entries_are_read_newest_first_in_pages(tx: Connection, person: Person) -> None:
    for number in range(5):
        store.append(tx, act(person.id, number=number), START)

    assert [e.seq for e in store.entries(tx, person.id, limit=2)] == [5, 4]
    assert [e.seq for e in store.entries(tx, person.id, before=4, limit=2)] == [3, 2]
    assert [e.seq for e in store.entries(tx, person.id, before=1)] == []


def test_nobody_reads_the_acts_of_somebody_else(
    tx: Connection, person: Person, somebody_else: Person
) -> None:
    store.append(tx, act(somebody_else.id), START)

    assert store.entries(tx, person.id) == []
    assert store.entry(tx, person.id, 1) is None
    assert store.entry(tx, somebody_else.id, 2) is None


def test_the_head_covers_every_entry(tx: Connection, person: Person) -> None:
    assert store.head(tx, person.id) == store.Head(0, hashlib.sha256().hexdigest())
    heads = set()
    for number in range(1, 4):
        store.append(tx, act(person.id, number=number), START)
        assert store.head(tx, person.id).seq == number
        heads.add(store.head(tx, person.id).digest)

    assert len(heads) == 3


def test_a_payload_without_canonical_form_is_refused_with_its_act(
    tx: Connection, person: Person
) -> None:
    with pytest.raises(NotCanonicalError):
        store.append(tx, act(person.id, number=2**60), START)

    assert store.entries(tx, person.id) == []


@requirement("audit.append-only")
def test_the_database_refuses_a_second_entry_of_one_number(
    tx: Connection, person: Person, database_path: Path
) -> None:
    del database_path
    store.append(tx, act(person.id), START)
    row = tx.execute(select(tables.audit_entry)).mappings().one()

    with pytest.raises(IntegrityError), tx.begin_nested():
        tx.execute(tables.audit_entry.insert().values(**row))
