"""Limits of a whole log, and who can use them to keep a recovery or a rival out: nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mnemosyne.identity.entry import Entry, parse_entry
from mnemosyne.identity.errors import EquivocationError, LogCode, LogError
from mnemosyne.identity.log import (
    MOST_ENTRIES,
    MOST_LINES,
    History,
    evaluate,
    extend,
    read_log,
    require_trust,
)
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
    """Return a log that a thief of the next hot key filled up: 999 entries behind, 1,000 beside."""
    return evaluate(DID, padded(MOST_ENTRIES), NOW)


def padded(count: int) -> list[Entry]:
    """Return a path of ``count`` entries, and as many rivals of its second as may stand beside."""
    entries = chain(FIRST, 2, count)
    return entries + [behind(FIRST, 2, 2000 + n) for n in range(MOST_ENTRIES)]


@requirement("identity.branch")
def test_a_full_log_takes_a_recovery_and_leaves_out_what_it_nullified(full: History) -> None:
    assert len(full.entries) == MOST_LINES

    history = extend(full, read_log(spelled(RECOVERY)), NOW)

    assert [entry.version_id for entry in history.entries] == [
        GENESIS["versionId"],
        RECOVERY["versionId"],
    ]


@requirement("identity.branch")
def test_a_full_log_keeps_one_rival_as_evidence(full: History) -> None:
    history = extend(full, read_log(spelled(SECOND)), NOW)

    assert history.path == full.path
    assert history.rivals == full.rivals[:1]
    assert evaluate(DID, history.entries, NOW) == history


@requirement("identity.branch")
@pytest.mark.parametrize(
    ("count", "size"), [(998, 1), (999, 1), (1000, 1), (254, 16 * 1024), (255, 16 * 1024)]
)
def test_no_path_is_so_long_that_a_rival_of_it_is_not_told(count: int, size: int) -> None:
    thief = evaluate(DID, chain(FIRST, 2, count, size=size), NOW)
    own = chain(behind(FIRST, 2, 5000), 5000, 5997, size=1)

    history = extend(thief, own, NOW)

    assert history.path == thief.path
    assert history.rivals == tuple(own)
    assert evaluate(DID, history.entries, NOW) == history
    with pytest.raises(EquivocationError):
        require_trust(history)
    assert extend(evaluate(DID, [FIRST, *own], NOW), thief.entries, NOW).rivals == thief.path[1:]


@requirement("identity.branch")
def test_a_recovery_from_far_beside_a_full_path_is_told_with_all_that_it_follows() -> None:
    stolen = parse_entry(canonical_json(recover(GENESIS, 50)))
    promise = replace(stolen.parameters, next_key_hashes=(key_hash("key 51"),))
    thief = [FIRST, *(behind(FIRST, 2, 6000 + n) for n in range(10))]
    thief += chain(replace(stolen, parameters=promise), 51, 1048, size=1)
    own = chain(behind(FIRST, 2, 4000), 4000, 4996, size=1)
    rescue = replace(
        parse_entry(canonical_json(recover(GENESIS, 60))),
        version_id="1000-own",
        number=1000,
        time=own[-1].time + timedelta(seconds=1),
        previous=own[-1].version_id,
    )

    history = extend(evaluate(DID, thief, NOW), [*own, rescue], NOW)

    assert len(history.path) == MOST_ENTRIES
    assert history.rivals == (rescue,)
    assert history.nullified == tuple(own)
    assert evaluate(DID, history.entries, NOW) == history


@requirement("identity.branch")
def test_an_entry_whose_branch_is_too_long_is_kept_by_nobody_not_even_beside_a_path() -> None:
    # Else it could be hidden in an honest log, to be refused where its branch was seen first.
    branch = chain(FIRST, 2, 1001, size=1)
    known = evaluate(DID, [FIRST, behind(FIRST, 2, 5000)], NOW)

    assert len(extend(known, branch[:-1], NOW).rivals) == MOST_ENTRIES - 1
    with pytest.raises(LogError) as refused:
        extend(known, branch, NOW)

    assert refused.value.log_code is LogCode.LOG_TOO_LONG
    assert refused.value.entry == MOST_ENTRIES + 2


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
