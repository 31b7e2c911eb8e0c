"""Random logs and random damage: nothing but the listed codes comes out."""

import json
from typing import Any, Final

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mnemosyne.identity.errors import LogCode, LogError
from mnemosyne.identity.log import History, evaluate, lines, read_log
from mnemosyne.kit.canonical_json import NotCanonicalError
from tests.identity.logs import (
    COLD,
    DID,
    GENESIS,
    NOW,
    SECOND,
    THIRD,
    Raw,
    deactivate,
    recover,
    seal,
    spelled,
    tombstone,
    update,
)
from tests.requirements import requirement

_BACK: Final = recover(SECOND, 50)
LOG: Final[list[Raw]] = [
    GENESIS,
    SECOND,
    THIRD,
    deactivate(THIRD, 4),
    update(SECOND, 3, 100),
    _BACK,
    update(_BACK, 51),
    tombstone(_BACK, COLD[1]),
]
SIGNERS: Final = [1, 2, 3, 4, 50, 51, 100, *COLD[:2]]
JUNK: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["create", "update", "recover", "deactivate", DID, "z6Mk", "bciq"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


def outcome(data: bytes) -> History | LogCode:
    """Return what a reader makes of ``data``; any other exception fails the test."""
    try:
        return evaluate(DID, read_log(data), NOW)
    except LogError as refused:
        return refused.log_code


@requirement("identity.hardening")
@settings(max_examples=40)
@given(st.data())
def test_damaged_bytes_are_refused_or_change_nothing(data: st.DataObject) -> None:
    sound = spelled(*LOG)
    at = data.draw(st.integers(0, len(sound) - 1))
    length = data.draw(st.integers(0, 3))
    damaged = sound[:at] + data.draw(st.binary(max_size=3)) + sound[at + length :]

    found = outcome(damaged)

    if isinstance(found, History):
        # Lines may be lost, or be spelled otherwise. None says anything that was not signed.
        assert {entry.line for entry in found.entries} <= set(sound.splitlines())


@requirement("identity.hardening")
@settings(max_examples=40)
@given(st.data())
def test_a_member_replaced_by_junk_is_refused_also_when_it_is_signed_again(
    data: st.DataObject,
) -> None:
    values: list[Raw] = json.loads(json.dumps(LOG))
    number = data.draw(st.integers(0, len(values) - 1))
    place: Any = values[number]
    name: Any = data.draw(st.sampled_from(sorted(place)))
    while isinstance(place[name], dict | list) and place[name] and data.draw(st.booleans()):
        place = place[name]
        name = data.draw(
            st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
        )
    junk = data.draw(JUNK)
    assume(junk != place[name])
    place[name] = junk
    try:
        signed = {k: v for k, v in values[number].items() if k not in {"proof", "versionId"}}
        again = seal(signed, number + 1, data.draw(st.sampled_from(SIGNERS)))
    except NotCanonicalError:  # and so cannot be signed
        again = values[number]
    values[number] = data.draw(st.sampled_from([again, values[number]]))

    found = outcome("\n".join(json.dumps(value) for value in values).encode())

    if isinstance(found, History):
        assert found.path[0].version_id == GENESIS["versionId"]


@settings(max_examples=40)
@given(st.lists(st.integers(0, len(LOG) - 1), max_size=12))
def test_lines_in_any_order_with_any_left_out_are_judged(order: list[int]) -> None:
    found = outcome(spelled(*(LOG[index] for index in order)))

    if isinstance(found, History):
        assert found.path[0].version_id == GENESIS["versionId"]
        assert {entry.version_id for entry in found.entries} == {
            LOG[index]["versionId"] for index in order
        }
        assert found == outcome(lines(found.entries))


@settings(max_examples=40)
@given(
    st.binary(max_size=200)
    | st.lists(JUNK, max_size=4).map(lambda values: "\n".join(map(json.dumps, values)).encode())
)
def test_what_is_no_log_at_all_is_refused(data: bytes) -> None:
    assert isinstance(outcome(data), LogCode)
