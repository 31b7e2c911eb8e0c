"""What docs/importing.md says of formats, fields and limits is what the code does."""

import re
from itertools import takewhile

import pytest

from mnemosyne.memories.importing import json_records
from mnemosyne.memories.importing.detect import Format
from mnemosyne.memories.importing.limits import Limits
from tests.house.tree import ROOT
from tests.requirements import requirement

PAGE = (ROOT / "docs" / "importing.md").read_text("utf-8")


def table(heading: str) -> list[list[str]]:
    """Return the rows of the first table below ``heading``, without its head."""
    lines = iter(PAGE.partition(f"\n## {heading}\n")[2].splitlines())
    first = next(line for line in lines if line.startswith("|"))
    rows = [first, *takewhile(lambda line: line.startswith("|"), lines)]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_every_format_is_documented_and_exists() -> None:
    assert [row[0].strip("`") for row in table("Formats")] == [known.value for known in Format]


@requirement("import.jsonl")
@pytest.mark.parametrize(
    ("meaning", "fields"),
    [
        ("text", json_records._TEXT),
        ("when", json_records._DATE),
        ("id", json_records._ID),
        ("tags", json_records._TAGS),
        ("speaker", json_records._SPEAKER),
        ("thread", json_records._THREAD),
        ("title", json_records._TITLE),
        ("address", json_records._URL),
        ("position", json_records._POSITION),
    ],
)
def test_every_field_is_documented_in_its_order(meaning: str, fields: tuple[str, ...]) -> None:
    documented = dict(table("Fields of a JSON line"))

    assert tuple(re.findall(r"`(\w+)`", documented[meaning])) == fields


def test_every_limit_has_its_documented_value() -> None:
    limits = Limits()
    documented = [int(row[1].split()[0].replace(",", "")) for row in table("Limits")]

    assert documented == [
        limits.total,
        limits.text_file,
        limits.conversation,
        limits.line,
        limits.front_matter,
        limits.memory,
        limits.archive_entries,
        limits.ratio,
        limits.json_depth,
    ]
    assert f"{limits.ratio_from:,} bytes came out" in PAGE
