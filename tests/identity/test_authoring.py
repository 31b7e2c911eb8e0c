"""Writing a log with the functions of the package, and reading it as a stranger."""

from datetime import timedelta
from typing import Any

import pytest

from mnemosyne.identity import authoring
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.errors import LogCode, LogError
from mnemosyne.identity.log import History, evaluate, extend, lines, read_log
from tests.identity.logs import BEGIN, COLD, document, hash_of, key, multikey
from tests.requirements import requirement


def begin(**more: Any) -> History:  # noqa: ANN401 - parameters of the log
    entry = authoring.create(
        key(1),
        next_key_hashes=[hash_of(2)],
        recovery_key_hashes=[hash_of(COLD[0])],
        document=document,
        time=BEGIN,
        **more,
    )
    assert entry.did is not None
    return evaluate(entry.did, (entry,), BEGIN)


def with_entry(history: History, entry: Entry) -> History:
    """Return what a stranger reads who is given the lines alone."""
    extended = extend(history, (entry,), BEGIN + timedelta(hours=1))
    return evaluate(history.did, read_log(lines(extended.entries)), BEGIN + timedelta(hours=1))


@requirement("identity.did-mnem")
def test_a_did_lives_through_every_kind_of_entry() -> None:
    first = begin(ttl=3600, mirrors=["https://m.example/"])
    second = with_entry(
        first,
        authoring.update(
            first,
            key(2),
            next_key_hashes=[hash_of(3)],
            document=document(first.did, sig=5005),
            time=BEGIN + timedelta(minutes=1),
        ),
    )
    end = with_entry(
        second, authoring.deactivate(second, key(3), time=BEGIN + timedelta(minutes=2))
    )
    back = with_entry(
        end,
        authoring.recover(
            end,
            second.head.version_id,
            key(COLD[0]),
            update_keys=[multikey(50)],
            next_key_hashes=[hash_of(51)],
            recovery_key_hashes=[hash_of(COLD[1])],
            document=document(first.did),
            time=BEGIN + timedelta(minutes=3),
        ),
    )
    final = with_entry(
        back,
        authoring.tombstone(
            back, back.head.version_id, key(COLD[1]), time=BEGIN + timedelta(minutes=4)
        ),
    )

    assert (first.in_force.ttl, second.in_force.ttl) == (3600, 3600)
    assert second.document == document(first.did, sig=5005)
    assert end.document is None
    assert (back.epoch, back.document) == (1, document(first.did))
    assert [entry.number for entry in back.path] == [1, 2, 3]
    assert (final.epoch, final.deactivated, len(final.nullified)) == (2, True, 1)


def test_two_entries_within_a_second_are_dated_a_second_apart() -> None:
    first = begin()
    entry = authoring.update(
        first, key(2), next_key_hashes=[hash_of(3)], document=document(first.did), time=BEGIN
    )

    assert entry.time == BEGIN + timedelta(seconds=1)


def test_a_clock_that_is_set_back_far_writes_nothing() -> None:
    first = begin()

    with pytest.raises(LogError) as refused:
        authoring.update(
            first,
            key(2),
            next_key_hashes=[hash_of(3)],
            document=document(first.did),
            time=BEGIN - timedelta(days=1),
        )

    assert refused.value.log_code is LogCode.FUTURE


@pytest.mark.parametrize(
    ("signer", "promised", "code"),
    [
        (1, 3, LogCode.PRE_ROTATION),
        (100, 3, LogCode.PRE_ROTATION),
        (2, 2, LogCode.NEXT_KEYS),
        (2, COLD[0], LogCode.RECOVERY_TIER),
    ],
)
def test_what_readers_would_refuse_is_not_written(
    signer: int, promised: int, code: LogCode
) -> None:
    first = begin()

    with pytest.raises(LogError) as refused:
        authoring.update(
            first,
            key(signer),
            next_key_hashes=[hash_of(promised)],
            document=document(first.did),
            time=BEGIN + timedelta(minutes=1),
        )

    assert refused.value.log_code is code


def test_several_keys_may_write() -> None:
    entry = authoring.create(
        key(1),
        update_keys=[multikey(1), multikey(4)],
        next_key_hashes=[hash_of(2), hash_of(3)],
        recovery_key_hashes=[hash_of(COLD[0])],
        document=document,
        time=BEGIN,
    )

    assert entry.parameters.update_keys == (multikey(1), multikey(4))


def test_a_recovery_from_an_entry_that_is_not_there_is_refused() -> None:
    first = begin()

    with pytest.raises(LogError) as refused:
        authoring.tombstone(first, "2-" + hash_of(1), key(COLD[0]), time=BEGIN)

    assert refused.value.log_code is LogCode.NO_PARENT


def test_the_same_words_and_keys_make_the_same_did() -> None:
    assert begin().did == begin().did
    assert begin(ttl=60).did != begin().did
