from sqlalchemy import Connection, func, insert, select

from mnemosyne.accounts.model import Person
from mnemosyne.events import change_log
from mnemosyne.events.change_log import Changes


def test_nothing_has_changed_in_a_new_vault(tx: Connection, person: Person) -> None:
    assert change_log.head(tx) == 0
    assert change_log.since(tx, person.id, 0) == Changes(0, (), gap=False)


def test_what_was_put_and_removed_is_named_once_after_a_position(
    tx: Connection, person: Person
) -> None:
    change_log.put(tx, person.id, [1, 2])
    position = change_log.head(tx)
    change_log.put(tx, person.id, [2, 3])
    change_log.removed(tx, person.id, [3])
    change_log.put(tx, person.id, [])

    changes = change_log.since(tx, person.id, position)

    assert sorted(changes.memory_seqs) == [2, 3]
    assert (changes.head, changes.gap) == (5, False)
    assert change_log.since(tx, person.id, changes.head) == Changes(5, (), gap=False)


def test_changes_of_somebody_else_move_the_head_and_name_nothing(
    tx: Connection, person: Person, somebody_else: Person
) -> None:
    change_log.put(tx, somebody_else.id, [7])

    assert change_log.since(tx, person.id, 0) == Changes(1, (), gap=False)


def _changes(tx: Connection, owner: str, *seqs: int) -> None:
    rows = [{"seq": s, "owner": owner, "memory_seq": s, "operation": "put"} for s in seqs]
    tx.execute(insert(change_log.change_log), rows)


def test_a_log_that_no_longer_reaches_back_is_a_gap(tx: Connection, person: Person) -> None:
    _changes(tx, person.id, 10, 11, 12)

    assert change_log.since(tx, person.id, 8) == Changes(12, (), gap=True)
    assert change_log.since(tx, person.id, 9) == Changes(12, (10, 11, 12), gap=False)


def test_a_head_that_moved_backwards_is_a_gap(tx: Connection, person: Person) -> None:
    _changes(tx, person.id, 1, 2)

    assert change_log.since(tx, person.id, 3) == Changes(2, (), gap=True)


def test_a_log_that_was_emptied_is_a_gap(tx: Connection, person: Person) -> None:
    assert change_log.since(tx, person.id, 3) == Changes(0, (), gap=True)


def test_only_the_newest_entries_are_kept(tx: Connection, person: Person) -> None:
    newest = change_log.KEPT + 5
    _changes(tx, person.id, 1, 5, 6, newest)

    change_log.prune(tx)

    left = select(change_log.change_log.c.seq).order_by(change_log.change_log.c.seq)
    assert list(tx.execute(left).scalars()) == [6, newest]
    assert change_log.since(tx, person.id, 4).gap is True


def test_a_position_is_never_used_again(tx: Connection, person: Person) -> None:
    change_log.put(tx, person.id, [1])
    tx.execute(change_log.change_log.delete())

    change_log.put(tx, person.id, [1])

    assert tx.execute(select(func.min(change_log.change_log.c.seq))).scalar_one() == 2
