from datetime import timedelta

from sqlalchemy import Connection

from mnemosyne.accounts.model import Person
from mnemosyne.identity import authoring, store
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import evaluate
from mnemosyne.identity.parameters import key_hash
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.signing import SigningKey
from tests.identity.test_cards import CARD, GENESIS, KEYS


def update(minutes: int) -> Entry:
    """Return an entry that follows the genesis: any two of them are rivals."""
    time = GENESIS.time + timedelta(minutes=minutes)
    following = key_hash(encode_multikey(SigningKey.generate().public))
    return authoring.update(
        evaluate(CARD.did, [GENESIS], time),
        KEYS[1],
        next_key_hashes=[following],
        document=dict(GENESIS.state),
        time=time,
    )


def test_entries_keep_the_order_first_seen_and_what_is_left_out_goes(
    tx: Connection, person: Person, somebody_else: Person
) -> None:
    one, two, three = update(1), update(2), update(3)
    store.put(tx, person.id, CARD.did, [GENESIS, two])
    store.put(tx, somebody_else.id, CARD.did, [GENESIS])
    store.put(tx, person.id, CARD.did, [GENESIS, one, two])
    assert store.entries(tx, person.id, CARD.did) == (GENESIS, two, one)

    store.put(tx, person.id, CARD.did, [GENESIS, one, three])

    assert store.entries(tx, person.id, CARD.did) == (GENESIS, one, three)
    assert store.entries(tx, somebody_else.id, CARD.did) == (GENESIS,)
    assert store.known(tx, person.id) == [CARD.did]
    store.forget_log(tx, person.id, CARD.did)
    assert store.known(tx, person.id) == []
