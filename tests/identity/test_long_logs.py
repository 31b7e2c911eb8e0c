"""Limits of a whole log, and who can use them to keep a recovery out: nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mnemosyne.identity.entry import Entry, parse_entry
from mnemosyne.identity.errors import LogCode, LogError
from mnemosyne.identity.log import MOST_ENTRIES, History, evaluate, extend, read_log
from mnemosyne.identity.parameters import key_hash
from mnemosyne.kit.canonical_json import canonical_json
from tests.identity.logs import DID, GENESIS, NOW, SECOND, judge, multikey, recover, spelled
from tests.requirements import requirement

RECOVERY = recover(GENESIS, 50)

# A log is judged by its entries alone, whose proofs were checked when they were read. So long logs
# are put together here from entries that nobody signed.

FIRST, MODEL = (parse_entry(canonical_json(value)) for value in (GENESIS, SECOND))


def behind(parent: Entry, hot: int, following: int, *, size: int = 1_700) -> Entry:
    presented, promised = (multikey(2) if n == 2 else f"key {n}" for n in (hot, following))
    return replace(
        MODEL,
        version_id=f"{parent.number + 1}-{presented}-{promised}",
        number=parent.number + 1,
        time=parent.time + timedelta(seconds=1),
        previous=parent.version_id,
        parameters=replace(
            MODEL.parameters,
            update_keys=(presented,),
            next_key_hashes=(key_hash(promised),),
        ),
        line=bytes(size),
    )


def chain(start: Entry, first: int, last: int, *, size: int = 1_700) -> list[Entry]:
    entries = [start]
    for number in range(first, last + 1):
        entries.append(behind(entries[-1], number, number + 1, size=size))
    return entries


@pytest.fixture(scope="module")
def full() -> History:
    """Return a log that a thief of the next hot key filled up: 500 entries behind, 499 beside."""
    entries = chain(FIRST, 2, 501)
    entries += [behind(FIRST, 2, 2000 + n) for n in range(MOST_ENTRIES - len(entries))]
    return evaluate(DID, entries, NOW)


@requirement("identity.branch")
def test_a_full_log_takes_a_recovery_and_leaves_out_what_it_nullified(full: History) -> None:
    assert len(full.entries) == MOST_ENTRIES

    history = extend(full, read_log(spelled(RECOVERY)), NOW)

    assert [entry.version_id for entry in history.entries] == [
        GENESIS["versionId"],
        RECOVERY["versionId"],
    ]


@requirement("identity.branch")
def test_a_full_log_goes_on_and_keeps_one_rival_as_evidence(full: History) -> None:
    following = behind(full.head, 502, 503)

    history = extend(full, [following], NOW)

    assert history.head == following
    assert history.rivals == full.rivals[:1]
    assert len(history.entries) == len(full.path) + 2


@pytest.mark.parametrize(("count", "size"), [(1000, 1), (256, 16 * 1024)])
def test_a_path_that_is_too_long_by_itself_is_refused_and_what_was_known_stays(
    count: int, size: int
) -> None:
    known = judge(GENESIS)
    more = chain(FIRST, 2, count + 1, size=size)

    assert len(extend(known, more[:-2], NOW).path) == count - 1
    with pytest.raises(LogError) as refused:
        extend(known, more, NOW)

    assert refused.value.log_code is LogCode.LOG_TOO_LONG
    assert extend(known, (), NOW) == known
