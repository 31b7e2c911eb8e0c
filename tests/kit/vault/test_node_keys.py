"""A new node key takes over; both say so, and of the old one the public half alone is left."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from mnemosyne.kit.crypto.signing import BadSignatureError, SigningKey, verify
from mnemosyne.kit.database.connections import create_file, open_engine
from mnemosyne.kit.vault import identity, node_keys
from mnemosyne.kit.vault.identity import VaultUnfinishedError, vault
from tests.clock import START
from tests.requirements import requirement

LATER = START + timedelta(days=1)
LATEST = START + timedelta(days=2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_file(tmp_path / "vault.db")
    return tmp_path / "vault.db"


@pytest.fixture
def tx(path: Path) -> Iterator[Connection]:
    engine = open_engine(path, None, read_only=False)
    with engine.begin() as connection:
        vault.create(connection)
        node_keys.node_key.create(connection)
        identity.create(connection, START)
        yield connection
    engine.dispose()


@requirement("vault.node-key-rotation")
def test_a_new_key_takes_over_and_the_earlier_public_halves_stay(tx: Connection) -> None:
    first = identity.load(tx).node_key

    succession = node_keys.rotate(tx, LATER)
    second = identity.load(tx).node_key
    node_keys.rotate(tx, LATEST)
    third = identity.load(tx).node_key

    assert len({first.public, second.public, third.public}) == 3
    assert succession.previous == first.public
    assert succession.next == second.public
    assert node_keys.publics(tx) == (first.public, second.public, third.public)
    assert [(e.public, e.since, e.until) for e in node_keys.earlier(tx)] == [
        (first.public, START, LATER),
        (second.public, LATER, LATEST),
    ]
    verify(third.public, third.sign(b"new"), b"new")


@requirement("vault.node-key-rotation")
def test_both_keys_sign_the_succession_and_a_forged_one_is_refused(tx: Connection) -> None:
    made = node_keys.rotate(tx, LATER)
    thief = SigningKey.generate()

    assert node_keys.earlier(tx)[0].succession == made
    made.check()
    for forged in (
        replace(made, next=thief.public),
        replace(made, next=thief.public, accepted=thief.sign(made.statement)),
        replace(made, at=LATEST),
        replace(made, vault_id="0" * 32),
        replace(made, signature=made.accepted),
    ):
        with pytest.raises(BadSignatureError):
            forged.check()
        with pytest.raises(BadSignatureError):
            node_keys.reached([made.previous], [forged])


def test_a_chain_leads_from_a_trusted_key_and_from_no_other(tx: Connection) -> None:
    chain = [node_keys.rotate(tx, LATER), node_keys.rotate(tx, LATEST)]
    stranger = SigningKey.generate().public

    assert node_keys.reached([chain[0].previous], chain) == set(node_keys.publics(tx))
    assert node_keys.reached([chain[0].next], chain) == {chain[1].previous, chain[1].next}
    assert node_keys.reached([stranger], chain) == {stranger}


@requirement("vault.node-key-rotation")
def test_a_key_whose_succession_does_not_hold_is_believed_no_more_than_those_before_it(
    tx: Connection,
) -> None:
    node_keys.rotate(tx, LATER)
    second = identity.load(tx).node_key.public
    node_keys.rotate(tx, LATEST)
    today = identity.load(tx).node_key.public
    tx.execute(
        update(node_keys.node_key)
        .where(node_keys.node_key.c.public == second)
        .values(signature=bytes(64))
    )

    assert node_keys.publics(tx) == (today,)


@requirement("vault.node-key-rotation")
def test_the_private_half_of_an_earlier_key_is_nowhere_in_the_file(path: Path) -> None:
    engine = open_engine(path, None, read_only=False)
    with engine.begin() as tx:
        vault.create(tx)
        node_keys.node_key.create(tx)
        identity.create(tx, START)
        private = bytes(tx.execute(select(vault.c.node_key)).scalar_one())
    engine.dispose()
    assert private in path.read_bytes()

    engine = open_engine(path, None, read_only=False)
    with engine.begin() as tx:
        node_keys.rotate(tx, LATER)
    engine.dispose()

    assert private not in path.read_bytes()


def test_a_vault_without_a_name_has_no_key_to_rotate(path: Path) -> None:
    engine = open_engine(path, None, read_only=False)
    with engine.begin() as tx:
        vault.create(tx)
        node_keys.node_key.create(tx)
        for use in (lambda tx: node_keys.rotate(tx, LATER), node_keys.publics):
            with pytest.raises(VaultUnfinishedError):
                use(tx)
    engine.dispose()
