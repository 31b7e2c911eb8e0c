from sqlalchemy import Connection

from mnemosyne.accounts import store
from mnemosyne.accounts.model import Person
from tests.clock import SetClock


def test_an_empty_node_has_no_person(tx: Connection) -> None:
    assert store.first(tx) is None


def test_the_first_person_is_read_back_as_stored(
    person: Person, somebody_else: Person, tx: Connection
) -> None:
    assert store.first(tx) == person
    assert somebody_else != person


def test_the_salt_of_a_persons_pseudonyms_is_their_own(tx: Connection, clock: SetClock) -> None:
    for number in (1, 2):
        who = Person(f"{number:032x}", "Ada", clock(), recovery_key_hash="")
        store.add(tx, who, salt=bytes([number]) * 32)

    assert store.salt(tx, f"{2:032x}") == b"\x02" * 32
