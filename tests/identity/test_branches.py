"""Who wins when a log has branches, and what is reported."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemosyne.identity.branches import Branches, Node, choose
from mnemosyne.identity.entry import parse_entry
from mnemosyne.identity.errors import (
    DeactivatedDidError,
    EquivocationError,
    LogError,
)
from mnemosyne.identity.log import (
    History,
    document_of,
    evaluate,
    extend,
    lines,
    merge,
    read_log,
    require_trust,
)
from mnemosyne.kit.canonical_json import canonical_json
from tests.identity.logs import (
    BEGIN,
    COLD,
    DID,
    GENESIS,
    NOW,
    SECOND,
    THIRD,
    Raw,
    deactivate,
    judge,
    recover,
    resign,
    spelled,
    tombstone,
    update,
)
from tests.requirements import requirement

RIVAL = update(GENESIS, 2, 100)  # a thief of key 2 promises a key of their own
RECOVERY = recover(GENESIS, 50)


def head_of(history: History) -> str:
    return history.head.version_id


@requirement("identity.branch")
def test_a_log_without_branches_has_its_last_entry_as_head() -> None:
    history = judge(GENESIS, SECOND, THIRD)

    assert head_of(history) == THIRD["versionId"]
    assert [entry.number for entry in history.path] == [1, 2, 3]
    assert (history.epoch, history.equivocation, history.nullified) == (0, False, ())
    assert history.created == BEGIN
    assert history.document == THIRD["state"]
    require_trust(history)


@requirement("identity.branch")
def test_a_hot_fork_is_flagged_and_what_was_seen_first_stays() -> None:
    history = judge(GENESIS, SECOND, RIVAL)

    assert head_of(history) == SECOND["versionId"]
    assert history.equivocation
    assert [entry.version_id for entry in history.rivals] == [RIVAL["versionId"]]
    assert head_of(judge(GENESIS, RIVAL, SECOND)) == RIVAL["versionId"]


@requirement("identity.branch")
def test_a_longer_fork_never_wins() -> None:
    longer = [RIVAL, second := update(RIVAL, 100), update(second, 101)]

    history = judge(GENESIS, SECOND, *longer)

    assert head_of(history) == SECOND["versionId"]
    assert len(history.rivals) == 3


@requirement("identity.branch")
def test_an_equivocation_blocks_new_trust_and_says_what_to_do() -> None:
    with pytest.raises(EquivocationError) as refused:
        require_trust(judge(GENESIS, SECOND, RIVAL))

    assert refused.value.code == "did-equivocation"
    assert (refused.value.kept, refused.value.rival) == (SECOND["versionId"], RIVAL["versionId"])
    assert "phrase" in refused.value.hint
    assert refused.value.did == DID


@requirement("identity.branch")
def test_a_recovery_settles_a_hot_fork() -> None:
    history = judge(GENESIS, SECOND, RIVAL, recover(SECOND, 50))

    require_trust(history)
    assert [entry.version_id for entry in history.nullified] == [RIVAL["versionId"]]
    assert history.epoch == 1


@requirement("identity.branch")
@pytest.mark.parametrize(
    "theft",
    [
        pytest.param(lambda: [RIVAL], id="a fork"),
        pytest.param(
            lambda: [SECOND, stolen := update(SECOND, 3, 100), update(stolen, 100)],
            id="entries behind the head",
        ),
        pytest.param(lambda: [SECOND, deactivate(SECOND, 3)], id="a deactivation"),
        pytest.param(
            lambda: [SECOND, end := update(SECOND, 3, 100), deactivate(end, 100)],
            id="a rotation and a deactivation",
        ),
    ],
)
def test_a_recovery_beats_a_thief_of_the_current_and_the_next_hot_key(
    theft: Callable[[], list[Raw]],
) -> None:
    stolen = theft()

    history = judge(GENESIS, *stolen, RECOVERY)

    assert head_of(history) == RECOVERY["versionId"]
    assert history.path == tuple(parse_entry(canonical_json(e)) for e in (GENESIS, RECOVERY))
    assert len(history.nullified) == len(stolen)
    require_trust(history)


@requirement("identity.branch")
def test_a_thief_who_writes_on_after_a_recovery_does_not_come_back() -> None:
    known = judge(GENESIS, RIVAL, RECOVERY)
    behind = [first := update(RIVAL, 100), update(first, 101)]

    history = extend(known, read_log(spelled(*behind)), NOW)

    assert head_of(history) == RECOVERY["versionId"]
    require_trust(history)


@requirement("identity.branch")
def test_a_recovery_may_follow_any_entry_also_a_nullified_or_rival_one() -> None:
    from_rival = recover(RIVAL, 50)
    history = judge(GENESIS, SECOND, RIVAL, from_rival)
    again = judge(GENESIS, SECOND, RIVAL, from_rival, recover(from_rival, 60, COLD[1], COLD[2]))

    assert [entry.version_id for entry in history.path] == [
        value["versionId"] for value in (GENESIS, RIVAL, from_rival)
    ]
    assert (again.epoch, again.equivocation) == (2, False)


@requirement("identity.branch")
def test_rivals_inside_a_nullified_part_are_no_equivocation() -> None:
    history = judge(GENESIS, SECOND, THIRD, update(SECOND, 3, 100), RIVAL, RECOVERY)

    assert not history.equivocation
    assert len(history.nullified) == 4


@requirement("identity.branch")
def test_two_recoveries_of_one_epoch_are_an_equivocation_and_the_first_seen_stays() -> None:
    forged = recover(SECOND, 100, next_cold=990)

    history = judge(GENESIS, SECOND, RECOVERY, forged)

    assert head_of(history) == RECOVERY["versionId"]
    assert [entry.version_id for entry in history.rivals] == [forged["versionId"]]
    assert head_of(judge(GENESIS, SECOND, forged, RECOVERY)) == forged["versionId"]


@requirement("identity.branch")
def test_a_spent_key_takes_nothing_over_however_many_recoveries_are_stacked_on_it() -> None:
    # With "the highest epoch wins" and nothing else, this thief of a spent key would win.
    forged = [first := recover(GENESIS, 100, next_cold=990)]
    forged.append(second := recover(first, 110, 990, 991))
    forged.append(recover(second, 120, 991, 992))

    history = judge(GENESIS, RECOVERY, *forged)

    assert head_of(history) == RECOVERY["versionId"]
    assert history.epoch == 1
    assert len(history.rivals) == 3
    with pytest.raises(EquivocationError):
        require_trust(history)


@requirement("identity.branch")
def test_a_next_recovery_settles_a_rival_by_a_spent_key() -> None:
    forged = recover(GENESIS, 100, next_cold=990)

    history = judge(GENESIS, RECOVERY, forged, recover(RECOVERY, 60, COLD[1], COLD[2]))

    assert (history.epoch, history.equivocation) == (2, False)
    assert [entry.version_id for entry in history.nullified] == [forged["versionId"]]


@requirement("identity.branch")
def test_a_stack_of_recoveries_by_a_thief_of_the_phrase_does_not_silence_the_alarm() -> None:
    # Who has the phrase recovers twice at once; the true owner's one recovery comes too late.
    stolen = [first := recover(GENESIS, 100, next_cold=990), recover(first, 110, 990, 991)]

    history = judge(GENESIS, *stolen, RECOVERY)

    assert [entry.version_id for entry in history.rivals] == [RECOVERY["versionId"]]
    with pytest.raises(EquivocationError):
        require_trust(history)


@requirement("identity.branch")
def test_one_recovery_settles_a_whole_stack_by_a_spent_key_and_what_is_added_to_it() -> None:
    stack = [first := recover(GENESIS, 100, next_cold=990)]
    for number in range(4):
        stack.append(recover(stack[-1], 110 + 10 * number, 990 + number, 991 + number))
    settled = judge(GENESIS, RECOVERY, *stack[:4], recover(RECOVERY, 60, COLD[1], COLD[2]))
    assert (settled.epoch, settled.equivocation, len(settled.nullified)) == (2, False, 4)

    later = extend(settled, read_log(spelled(stack[4])), NOW)
    another = extend(later, read_log(spelled(recover(GENESIS, 300, next_cold=980))), NOW)

    assert first["versionId"] in {entry.version_id for entry in later.nullified}
    assert not later.equivocation
    assert another.equivocation  # a rival that came after the settling one is news


@requirement("identity.branch")
def test_a_tombstone_is_not_undone_by_an_older_key() -> None:
    end = tombstone(SECOND, COLD[0])
    undone = recover(GENESIS, 100, next_cold=990)
    further = recover(undone, 110, 990, 991)

    history = judge(GENESIS, SECOND, end, undone, further)

    assert history.deactivated
    assert history.document is None
    assert history.equivocation


@requirement("identity.branch")
def test_a_hot_deactivation_is_undone_by_a_recovery_and_a_tombstone_is_final() -> None:
    end = deactivate(SECOND, 3)
    assert judge(GENESIS, SECOND, end).deactivated

    back = judge(GENESIS, SECOND, end, recover(end, 50))
    assert not back.deactivated
    assert back.head.number == 4

    with pytest.raises(DeactivatedDidError) as refused:
        require_trust(judge(GENESIS, SECOND, tombstone(SECOND, COLD[0])))
    assert refused.value.code == "did-deactivated"
    assert refused.value.did == DID
    assert refused.value.hint


@requirement("identity.branch")
def test_another_spelling_or_another_proof_makes_no_second_entry() -> None:
    line = canonical_json(SECOND)
    wider = line.replace(b'":', b'" : ').replace(b'"sig', b'"\\u0073ig')
    resigned = resign(SECOND, 2, lambda options: options)
    copied = resign(SECOND, 100, lambda o: o)
    data = spelled(GENESIS, SECOND) + wider.replace(b"https : ", b"https:") + b"\n"

    history = evaluate(DID, read_log(data + spelled(resigned)), NOW)

    assert wider != line
    assert len(history.entries) == 2
    assert not history.equivocation
    assert history.head.line == line
    # A stranger's signature neither enters nor replaces.
    with pytest.raises(LogError):
        parse_entry(canonical_json(copied))


def test_what_is_seen_first_keeps_its_place_when_logs_are_merged() -> None:
    mine = read_log(spelled(GENESIS, SECOND))
    theirs = read_log(spelled(GENESIS, RIVAL, SECOND, THIRD))

    merged = merge(mine, theirs)

    assert [entry.version_id for entry in merged] == [
        value["versionId"] for value in (GENESIS, SECOND, RIVAL, THIRD)
    ]
    assert head_of(evaluate(DID, merged, NOW)) == THIRD["versionId"]
    assert lines(merged) == spelled(GENESIS, SECOND, RIVAL, THIRD)


def test_a_known_entry_is_not_refused_when_the_clock_is_set_back() -> None:
    history = judge(GENESIS, SECOND)

    again = extend(history, (), BEGIN - timedelta(days=30))

    assert again.head == history.head
    with pytest.raises(LogError):
        extend(history, read_log(spelled(THIRD)), BEGIN - timedelta(days=30))


def test_a_version_is_found_by_its_identifier_and_by_a_moment() -> None:
    history = judge(GENESIS, SECOND, RIVAL, THIRD)

    second = history.version(SECOND["versionId"])
    assert second is not None
    assert history.version(RIVAL["versionId"]) is None
    assert history.at(BEGIN + timedelta(seconds=119)) == second
    assert history.at(BEGIN + timedelta(seconds=120)) == history.head
    assert history.at(BEGIN - timedelta(seconds=1)) is None
    assert document_of(second) == SECOND["state"]


def test_a_document_that_is_handed_out_is_a_copy() -> None:
    history = judge(GENESIS)
    document = history.document
    assert document is not None

    document["id"] = "did:example:mallory"

    assert history.document == GENESIS["state"]


def test_parameters_that_an_entry_does_not_state_stay_in_force() -> None:
    stated = update(
        GENESIS, 2, change=lambda v: v["parameters"].update(ttl=60, mirrors=["https://m.example/"])
    )
    silent = update(stated, 3)
    none = update(silent, 4, change=lambda v: v["parameters"].update(mirrors=[], ttl=0))

    assert judge(GENESIS, stated, silent).in_force.ttl == 60
    assert judge(GENESIS, stated, silent).in_force.mirrors == ("https://m.example/",)
    assert judge(GENESIS, stated, silent, none).in_force.mirrors == ()
    assert judge(GENESIS, stated, silent, none).in_force.ttl == 0


# The rules of the choice alone, on trees of numbers.


def tree(*parents: int | None, recoveries: frozenset[int] = frozenset()) -> list[Node]:
    nodes: list[Node] = []
    for index, parent in enumerate(parents):
        epoch = 0 if parent is None else nodes[parent].epoch + (index in recoveries)
        nodes.append(Node(parent, epoch, index in recoveries))
    return nodes


@st.composite
def trees(draw: st.DrawFn) -> list[Node]:
    size = draw(st.integers(1, 14))
    parents: list[int | None] = [None]
    parents += [draw(st.integers(0, index - 1)) for index in range(1, size)]
    recoveries = draw(st.frozensets(st.integers(1, max(1, size - 1)), max_size=size // 2))
    return tree(*parents, recoveries=recoveries)


@settings(max_examples=60)
@given(trees(), st.data())
def test_what_comes_later_never_takes_over_but_by_a_recovery_that_builds_on_the_path(
    nodes: list[Node], data: st.DataObject
) -> None:
    before = choose(nodes)
    parent = data.draw(st.integers(0, len(nodes) - 1))
    recovers = data.draw(st.booleans())
    added = Node(parent, nodes[parent].epoch + recovers, recovers)

    after = choose([*nodes, added])

    assert sorted((*after.path, *after.rivals, *after.nullified)) == list(range(len(nodes) + 1))
    if after.path != before.path:
        assert after.path[-1] == len(nodes)
        extends = parent == before.path[-1] and not recovers
        assert extends or (recovers and added.epoch == nodes[before.path[-1]].epoch + 1)


def test_of_two_recoveries_the_one_seen_first_is_chosen_whosever_parent_was_seen_first() -> None:
    nodes = tree(None, 0, 0, 1, recoveries=frozenset({2, 3}))

    assert choose(nodes) == Branches(path=(0, 2), rivals=(3,), nullified=(1,))
