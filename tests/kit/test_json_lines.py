"""Lines of JSON: one form for each row, and readable by anybody."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.kit.json_lines import json_line

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def test_a_line_is_sorted_packed_and_not_escaped() -> None:
    row = {"b": "Grüße\n", "a": [1, 0.5, None, True], "ä": {"z": 1, "y": 2}}

    line = json_line(row)

    expected = '{"a":[1,0.5,null,true],"b":"Grüße\\n","ä":{"y":2,"z":1}}\n'
    assert line == expected.encode()


@given(st.dictionaries(NAMES, st.integers() | st.floats(allow_nan=False, allow_infinity=False)))
def test_a_line_reads_back_equal_and_does_not_depend_on_the_order(row: dict[str, float]) -> None:
    line = json_line(row)

    assert json.loads(line) == row
    assert json_line(dict(reversed(row.items()))) == line
    assert line.count(b"\n") == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_no_reader_understands_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        json_line({"value": value})


def test_a_foreign_type_is_refused() -> None:
    with pytest.raises(TypeError):
        json_line({"value": object()})
