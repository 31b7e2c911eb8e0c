from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import new_id
from mnemosyne.memories.composing import (
    NewMemory,
    check_importance,
    clean,
    compose,
    labels,
    storable,
)
from mnemosyne.memories.errors import (
    ContentSizeError,
    ImportanceRangeError,
    LabelLengthError,
    TitleTooLongError,
    ValidityOrderError,
)
from mnemosyne.memories.model import (
    Draft,
    JsonValue,
    MemoryType,
    Moment,
    Origin,
    Pin,
    Place,
    Precision,
)
from tests.clock import START
from tests.requirements import requirement

ADA = new_id(START)
LISBON = ZoneInfo("Europe/Lisbon")
MIB = 1024 * 1024


def composed(content: str = "Tea at four.", **more: Any) -> NewMemory:  # noqa: ANN401 - a draft's
    return compose(Draft(content, **more), ADA, START, LISBON)


@requirement("capture.defaults")
def test_a_bare_text_becomes_a_note_of_its_person_typed_here_and_now() -> None:
    new = composed()

    assert (new.owner, new.type, new.created_at) == (ADA, MemoryType.NOTE, START)
    assert new.occurred == Moment(START, Precision.INSTANT, 0)
    assert (new.origin, new.place) == (Origin(), Place())
    assert (new.pin, new.never_share) == (Pin.NORMAL, False)
    assert (new.tags, new.domains, new.attributes) == ((), (), {})
    assert new.importance.value > 0
    assert new.validity.valid_from is new.validity.valid_to is new.validity.ended_at is None


@requirement("capture.occurred")
def test_now_carries_the_offset_that_the_clocks_at_home_show_then() -> None:
    summer = datetime(2026, 7, 1, 12, tzinfo=UTC)

    assert compose(Draft("Sun."), ADA, summer, LISBON).occurred.utc_offset_minutes == 60
    assert compose(Draft("Rain."), ADA, START, LISBON).occurred.utc_offset_minutes == 0
    kathmandu = compose(Draft("Hills."), ADA, START, ZoneInfo("Asia/Kathmandu")).occurred
    assert kathmandu.utc_offset_minutes == 345
    assert kathmandu.at == START


@requirement("capture.occurred")
def test_the_moment_it_happened_is_kept_apart_from_the_moment_it_is_stored() -> None:
    day = Moment(datetime(1999, 5, 8, tzinfo=UTC), Precision.DAY, -300)

    new = composed(occurred=day)

    assert (new.occurred, new.created_at) == (day, START)


@requirement("capture.size")
@pytest.mark.parametrize("content", ["x", "é", "🫖", "x" * MIB, "é" * (MIB // 2)])
def test_one_character_to_one_mebibyte_is_stored(content: str) -> None:
    assert composed(content).text.content == content


@requirement("capture.size")
@pytest.mark.parametrize(
    ("content", "size"),
    [("", 0), (" \n\t\r\n ", 0), ("x" * (MIB + 1), MIB + 1), ("é" * (MIB // 2) + "x", MIB + 1)],
)
def test_any_other_length_is_refused_with_what_to_do_instead(content: str, size: int) -> None:
    with pytest.raises(ContentSizeError) as refused:
        composed(content)

    assert (refused.value.code, refused.value.size, refused.value.largest) == (
        "content-size",
        size,
        MIB,
    )
    assert refused.value.hint == "Write something." or "mnemosyne import" in refused.value.hint
    assert "1 MiB" in refused.value.why


@requirement("capture.size")
def test_a_title_has_at_most_255_characters() -> None:
    assert composed(title=f"  {'é' * 255}\n").text.title == "é" * 255
    with pytest.raises(TitleTooLongError) as refused:
        composed(title="é" * 256)
    assert (refused.value.code, refused.value.length) == ("title-too-long", 256)
    assert refused.value.hint


@requirement("capture.verbatim")
def test_a_text_stays_as_it_is_but_for_line_ends_nul_and_lone_surrogates() -> None:
    odd = "  Zoë\u200d \u202eedge\t🫖\x07 \ufeff\u0301\n\n"
    assert clean(odd, "").content == odd
    assert clean("a\r\nb\rc\n", "").content == "a\nb\nc\n"

    broken = clean("a\0b\ud800c", "t\0")
    assert (broken.content, broken.title, broken.replaced) == ("a�b�c", "t�", 3)
    assert clean("\ud83e\uded6", "").content == "🫖"  # two halves of one character


@requirement("capture.verbatim")
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")))
def test_any_text_of_unicode_comes_back_as_it_was(content: str) -> None:
    assume(content.strip())

    assert clean(content, "").content == content


@requirement("capture.labels")
def test_tags_are_lower_case_each_once_in_the_order_given() -> None:
    given_ = (
        "Tea",
        " #TEA ",
        "#Garden shed",
        "garden \n shed",
        "ÉTÉ",
        "e\u0301te\u0301",
        "",
        "#",
        " ",
    )

    assert labels(given_) == ("tea", "garden shed", "été")
    assert composed(tags=("B", "a", "b")).tags == ("b", "a")


@requirement("domains.other", "capture.labels")
def test_a_domain_nobody_knows_becomes_other() -> None:
    assert composed(domains=("Technology", "philately", "technology")).domains == (
        "technology",
        "other",
    )


def test_a_tag_that_is_a_text_is_refused() -> None:
    assert labels(("x" * 128,)) == ("x" * 128,)
    with pytest.raises(LabelLengthError) as refused:
        labels(("fine", "x" * 129))
    assert (refused.value.code, refused.value.label) == ("label-length", "x" * 129)
    assert refused.value.why
    assert refused.value.hint


@requirement("importance.own-value")
@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan"), float("inf")])
def test_an_importance_outside_its_range_is_refused(value: float) -> None:
    for use in (lambda: check_importance(value), lambda: composed(importance=value)):
        with pytest.raises(ImportanceRangeError) as refused:
            use()
        assert refused.value.code == "importance-range"
        assert refused.value.hint


@requirement("importance.own-value")
@pytest.mark.parametrize("value", [0.0, 0.8, 1.0])
def test_the_persons_own_value_is_the_importance(value: float) -> None:
    new = composed(importance=value)

    assert (new.importance.value, new.importance_override) == (value, value)
    assert new.importance.reasons == ("user",)


def test_a_memory_that_would_end_before_it_began_is_refused() -> None:
    for end in (START, START - timedelta(days=1)):
        with pytest.raises(ValidityOrderError) as refused:
            composed(valid_from=START, valid_to=end)
        assert refused.value.code == "validity-order"
        assert refused.value.hint
    whole = composed(valid_from=START, valid_to=START + timedelta(days=1)).validity
    assert whole.ended_at == START


def test_where_it_came_from_holds_nothing_that_cannot_be_stored() -> None:
    new = composed(origin=Origin("a\0", "b\ud800", "c\r\n"), place=Place(speaker=" Ada\0 "))

    assert new.origin == Origin("a�", "b�", "c\n")
    assert new.place.speaker == "Ada�"


@requirement("capture.labels")
def test_sane_attributes_stay_unchanged() -> None:
    sane: dict[str, JsonValue] = {"a": [1, 2.5, None, True, "é", {"b": []}], "2": -(2**53) + 1}

    assert storable(sane) == sane


def test_attributes_that_no_archive_could_hold_become_text() -> None:
    odd: dict[str, Any] = {"n": float("nan"), "i": -float("inf"), "big": 2**53, "s": "\ud800\0"}

    stored = storable(odd)

    assert stored == {"n": "nan", "i": "-inf", "big": "9007199254740992", "s": "��"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(anything)
def test_whatever_the_attributes_are_they_have_a_canonical_form(value: Any) -> None:  # noqa: ANN401
    canonical_json(storable(value))


@given(st.text(), st.text(), st.lists(st.text(max_size=140), max_size=3))
def test_nothing_but_our_own_errors_come_of_any_draft(
    content: str, title: str, tags: list[str]
) -> None:
    try:
        new = composed(content, title=title, tags=tuple(tags))
    except MnemosyneError:
        return
    new.text.content.encode()
    assert len(set(new.tags)) == len(new.tags)
    assert labels(new.tags) == new.tags
