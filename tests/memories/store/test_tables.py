"""What the database refuses by itself, whatever a program asks of it."""

from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, select
from sqlalchemy.exc import IntegrityError

from mnemosyne.accounts.model import Person
from mnemosyne.events.change_log import change_log
from mnemosyne.kit.ids import new_id
from mnemosyne.memories.store.tables import (
    embedding,
    erasure,
    memory,
    memory_domain,
    memory_link,
    memory_mention,
    memory_tag,
    memory_version,
)
from tests.clock import START
from tests.requirements import requirement


def row(owner: str, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - the columns of a row
    whole = {
        "id": new_id(START),
        "owner": owner,
        "content": "The kettle sings.",
        "content_hash": bytes(32),
        "type": "note",
        "status": "pending",
        "occurred_at": START,
        "occurred_precision": "instant",
        "created_at": START,
        "updated_at": START,
        "version": 1,
        "importance": 0.5,
        "importance_reasons": {},
        "pin": "normal",
        "never_share": False,
        "secrets": "unchecked",
        "attributes": {},
    }
    return whole | changed


def refused(tx: Connection, table: Table, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), tx.begin_nested():
        tx.execute(insert(table).values(values))


@requirement("schema.constraints")
def test_a_row_without_its_person_or_its_memory_is_refused(tx: Connection, person: Person) -> None:
    nobody, nothing = "0" * 32, "f" * 32
    common = {"owner": person.id, "memory_id": nothing}

    refused(tx, memory, row(nobody))
    refused(tx, memory_tag, common | {"tag": "tea"})
    refused(tx, memory_mention, common | {"name": "ada"})
    refused(tx, memory_link, common | {"kind": "wiki", "target": "Tea"})
    refused(
        tx,
        memory_domain,
        common | {"domain": "home", "weight": 1.0, "source": "user", "confidence": 1.0},
    )
    refused(
        tx,
        memory_version,
        common | {"version": 1, "title": "", "content": "x", "recorded_at": START},
    )
    vector = {"memory_seq": 7, "embedder_id": 1, "chunk": 0, "owner": person.id, "version": 1}
    refused(tx, embedding, vector | {"start": 0, "end": 1, "vector": b"x"})


@requirement("schema.constraints")
def test_a_memory_that_still_has_a_tag_cannot_vanish_alone(tx: Connection, person: Person) -> None:
    values = row(person.id)
    tx.execute(insert(memory).values(values))
    tag = {"owner": person.id, "memory_id": values["id"], "tag": "tea"}
    tx.execute(insert(memory_tag).values(tag))

    with pytest.raises(IntegrityError), tx.begin_nested():
        tx.execute(delete(memory))


@requirement("schema.constraints")
def test_a_second_exact_duplicate_is_refused(
    tx: Connection, person: Person, somebody_else: Person
) -> None:
    tx.execute(insert(memory).values(row(person.id)))

    refused(tx, memory, row(person.id))
    for different in (
        {"owner": somebody_else.id},
        {"content_hash": bytes([1]) * 32},
        {"source": "claude"},
        {"source_id": "42"},
        {"occurred_at": START.replace(microsecond=0)},
    ):
        tx.execute(insert(memory).values(row(person.id) | different))


@requirement("schema.constraints")
@pytest.mark.parametrize(
    "changed",
    [
        {"type": "poem"},
        {"status": "lost"},
        {"occurred_precision": "century"},
        {"pin": "glued"},
        {"secrets": "maybe"},
        {"importance": 1.01},
        {"importance": -0.01},
        {"content": ""},
    ],
)
def test_a_value_outside_its_list_is_refused(
    tx: Connection, person: Person, changed: dict[str, Any]
) -> None:
    refused(tx, memory, row(person.id, **changed))


@requirement("schema.constraints")
def test_a_domain_given_by_nobody_known_is_refused(tx: Connection, person: Person) -> None:
    values = row(person.id)
    tx.execute(insert(memory).values(values))
    domain = {"owner": person.id, "memory_id": values["id"], "domain": "home", "weight": 1.0}

    refused(tx, memory_domain, domain | {"source": "rumour", "confidence": 1.0})
    tx.execute(insert(memory_domain).values(domain | {"source": "rule", "confidence": 1.0}))


@requirement("schema.numbers-once")
def test_the_number_of_an_erased_memory_is_never_given_again(
    tx: Connection, person: Person
) -> None:
    given: list[int] = []
    for _ in range(3):
        tx.execute(insert(memory).values(row(person.id)))
        given.append(tx.execute(select(memory.c.seq)).scalar_one())
        tx.execute(delete(memory))

    assert given == [1, 2, 3]


@pytest.mark.parametrize("table", [memory, change_log, erasure])
def test_tables_whose_numbers_are_remembered_elsewhere_never_reuse_one(table: Table) -> None:
    assert table.dialect_options["sqlite"]["autoincrement"] is True
