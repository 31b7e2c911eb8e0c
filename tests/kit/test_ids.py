from datetime import UTC, datetime, timedelta, timezone
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.kit.ids import MalformedIdentifierError, made_by, new_id, parse_id
from tests.clock import START
from tests.requirements import requirement

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=365 * 8000)).map(EPOCH.__add__)


@requirement("schema.identifiers")
def test_the_time_part_is_that_of_the_example_of_rfc_9562() -> None:
    # RFC 9562, appendix A.6: 017F22E2-79B0-7CC3-98C4-DC0C0C07398F
    at = datetime(2022, 2, 22, 14, 22, 22, tzinfo=timezone(timedelta(hours=-5)))

    assert new_id(at).startswith("017f22e279b07")


@requirement("schema.identifiers")
@given(MOMENTS)
def test_an_identifier_is_a_uuid_of_version_7_in_32_hex_digits(at: datetime) -> None:
    identifier = new_id(at)

    assert UUID(identifier).version == 7
    assert UUID(identifier).variant == RFC_4122
    assert identifier == UUID(identifier).hex
    assert parse_id(identifier) == identifier


@given(st.integers(0, 253_402_300_799_999))
def test_the_millisecond_of_the_moment_is_exact(milliseconds: int) -> None:
    at = EPOCH + timedelta(milliseconds=milliseconds)

    assert int(new_id(at)[:12], 16) == milliseconds


def test_two_identifiers_of_one_moment_differ_and_later_ones_sort_after_them() -> None:
    same = {new_id(START) for _ in range(1000)}

    assert len(same) == 1000
    assert max(same) < new_id(START + timedelta(milliseconds=1))


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(TypeError, match="naive"):
        new_id(START.replace(tzinfo=None))


def test_an_identifier_tells_whether_it_was_made_by_a_moment() -> None:
    made = new_id(START)

    assert made_by(made, START)
    assert made_by(made, START + timedelta(days=1))
    assert not made_by(made, START - timedelta(milliseconds=1))


def test_dashes_capitals_and_white_space_around_it_are_accepted() -> None:
    spelled = " 017F22E2-79B0-7CC3-98C4-DC0C0C07398F\n"

    assert parse_id(spelled) == "017f22e279b07cc398c4dc0c0c07398f"


@pytest.mark.parametrize("text", ["", "017f", "g" * 32, "0" * 33, "０" * 32, "a note " * 30])
def test_what_is_no_identifier_is_refused_with_advice(text: str) -> None:
    with pytest.raises(MalformedIdentifierError) as refused:
        parse_id(text)

    assert refused.value.code == "malformed-identifier"
    assert refused.value.text == text
    assert text[:40] in str(refused.value)
    assert "32 hexadecimal digits" in refused.value.why
    assert "mnemosyne list" in refused.value.hint
