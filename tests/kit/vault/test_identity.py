"""One row names the vault and holds the key with which its node signs."""

import copy
import pickle
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from mnemosyne.kit.crypto.signing import verify
from mnemosyne.kit.database.connections import create_file, open_engine
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.identity import VaultUnfinishedError, vault
from tests.clock import START


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[Connection]:
    create_file(tmp_path / "vault.db")
    engine = open_engine(tmp_path / "vault.db", bytes(32), read_only=False)
    with engine.begin() as connection:
        vault.create(connection)
        yield connection
    engine.dispose()


def test_a_new_vault_gets_a_name_and_a_key(tx: Connection) -> None:
    made = identity.create(tx, START)

    assert identity.load(tx) == made
    assert made.created_at == START
    assert made.backup_counter == 0
    assert len(made.vault_id) == 32
    assert len(made.incarnation) == 32


def test_the_private_half_of_the_node_key_is_in_no_attribute_and_in_no_copy(
    tx: Connection,
) -> None:
    made = identity.create(tx, START)
    key = made.node_key
    private = bytes(tx.execute(select(vault.c.node_key)).scalar_one())
    shown = [repr(getattr(key, name)) for name in dir(key)]

    assert not any(repr(private) in each or private.hex() in each for each in shown)
    assert not is_dataclass(key)
    assert not hasattr(key, "__dict__")
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not copied"):
            take(key)
    with pytest.raises(TypeError, match="not copied"):
        asdict(made)
    assert {key, identity.load(tx).node_key} == {key}


def test_there_is_one_row_and_no_second(tx: Connection) -> None:
    first = identity.create(tx, START)

    for only in (1, 2):
        with pytest.raises(IntegrityError), tx.begin_nested():
            tx.execute(
                insert(vault).values(
                    only=only,
                    vault_id="0" * 32,
                    incarnation="0" * 32,
                    node_key=bytes(32),
                    created_at=START + timedelta(days=1),
                    backup_counter=0,
                )
            )

    assert tx.execute(select(func.count()).select_from(vault)).scalar_one() == 1
    assert identity.load(tx) == first


def test_an_unfinished_vault_is_reported(tx: Connection) -> None:
    for act in (identity.load, identity.new_incarnation, identity.next_backup_counter):
        with pytest.raises(VaultUnfinishedError) as refused:
            act(tx)
        assert refused.value.code == "vault-unfinished"
        assert "mnemosyne init" in refused.value.hint


def test_a_new_incarnation_changes_nothing_else(tx: Connection) -> None:
    before = identity.create(tx, START)

    begun = identity.new_incarnation(tx)

    after = identity.load(tx)
    assert after.incarnation == begun != before.incarnation
    assert after.vault_id == before.vault_id
    assert after.node_key == before.node_key


def test_backups_are_numbered_from_one_without_a_gap(tx: Connection) -> None:
    identity.create(tx, START)

    assert [identity.next_backup_counter(tx) for _ in range(3)] == [1, 2, 3]
    assert identity.load(tx).backup_counter == 3


def test_the_node_key_signs_for_its_public_half(tx: Connection) -> None:
    key = identity.create(tx, START).node_key

    verify(key.public, key.sign(b"a receipt"), b"a receipt")


def test_the_private_half_shows_nowhere(tx: Connection) -> None:
    made = identity.create(tx, START)
    private = bytes(tx.execute(select(vault.c.node_key)).scalar_one())

    for shown in (repr(made), str(made), repr(made.node_key), made.node_key.fingerprint):
        assert private.hex() not in shown
        assert repr(private) not in shown
    assert len(made.node_key.fingerprint.split()) == 8
