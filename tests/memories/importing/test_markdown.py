"""Markdown notes: their text verbatim, and what is said about it."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mnemosyne.memories.importing.detect import Format
from mnemosyne.memories.importing.entry import Entry, ProblemKind, ReadOptions
from mnemosyne.memories.model import MemoryType, Precision
from tests.memories.importing.builders import Tree, entries, folder, kinds, limited, problems
from tests.requirements import requirement

NOTE = """---
title: The orchard in March
created: 2024-03-09
tags: [Garden, "#fruit trees", garden]
source_url: https://example.org/pruning
---
Pruned the old apple tree. #pruning #2024

```sh
echo "#no-tag [[No link]]"
```
See [how to graft](craft/Grafting%20knife.md) and `#code`.
"""


def read_one(tmp_path: Path, text: str | bytes, name: str = "note.md") -> Entry:
    (found,) = entries(folder(tmp_path / "notes", {name: text}), Format.MARKDOWN)
    return found


@requirement("import.markdown")
def test_a_note_comes_with_its_title_date_tags_link_and_address(tmp_path: Path) -> None:
    found = read_one(tmp_path, NOTE)

    assert found.title == "The orchard in March"
    assert found.tags == ("garden", "fruit", "trees", "pruning")
    assert found.links == ("craft/Grafting knife",)
    assert found.url == "https://example.org/pruning"
    assert found.occurred is not None
    assert found.occurred.at.isoformat() == "2024-03-09T00:00:00+00:00"
    assert found.occurred.precision is Precision.DAY
    assert found.type is MemoryType.NOTE


@requirement("import.markdown")
def test_front_matter_and_text_together_are_the_file(tmp_path: Path) -> None:
    found = read_one(tmp_path, NOTE)

    assert str(found.attributes["front_matter"]) + found.text == NOTE


def test_a_title_is_the_first_heading_or_the_name(tmp_path: Path) -> None:
    files = {"a.md": "text\n\n# Soup #\n", "b.md": "text\n## Lower\n", "c.md": "```\n# no\n```"}
    found = entries(folder(tmp_path / "notes", files), Format.MARKDOWN)

    assert [entry.title for entry in found] == ["Soup", "b", "c"]


def test_a_source_id_is_the_path_below_the_folder(tmp_path: Path) -> None:
    files = {"b/two.md": "2", "a.md": "1", "b/a/three.markdown": "3"}
    found = entries(folder(tmp_path / "notes", files), Format.MARKDOWN)

    assert [(entry.source_id, entry.text) for entry in found] == [
        ("notes/a.md", "1"),
        ("notes/b/two.md", "2"),
        ("notes/b/a/three.markdown", "3"),
    ]


def test_a_file_alone_has_the_same_id_as_in_its_folder(tmp_path: Path) -> None:
    notes = folder(tmp_path / "notes", {"a.md": "1"})

    assert entries(notes / "a.md", Format.MARKDOWN) == entries(notes, Format.MARKDOWN)


@pytest.mark.parametrize(
    ("name", "text", "expected", "said_by"),
    [
        ("2024-05-06 Lake.md", "x", "2024-05-06", "file name"),
        ("2024-05-06.md", "---\ndate: 1 June 2023\n---\nx", "2023-06-01", "front matter: date"),
        ("plain.md", "# 2022-12-24\n\nSnow.", "2022-12-24", "heading"),
    ],
)
def test_a_date_is_looked_for_in_order(
    tmp_path: Path, name: str, text: str, expected: str, said_by: str
) -> None:
    found = read_one(tmp_path, text, name)

    assert found.occurred is not None
    assert found.occurred.at.date().isoformat() == expected
    assert found.attributes["date_from"] == said_by


def test_an_ambiguous_date_is_reported_and_not_guessed(tmp_path: Path) -> None:
    notes = folder(tmp_path / "notes", {"a.md": "---\ndate: 03/04/2025\n---\nx"})

    assert kinds(problems(notes, Format.MARKDOWN)) == [ProblemKind.UNDERSTOOD_AS_TEXT]
    assert entries(notes, Format.MARKDOWN)[0].attributes["date_from"] == "mtime"


def test_the_days_of_a_diary_become_memories_of_one_thread(tmp_path: Path) -> None:
    diary = "# Diary\n\n## 2024-01-01 – New year\n\nCold.\n\n## 2 January 2024\n\nThaw.\n"
    options = ReadOptions(zone=ZoneInfo("Europe/Berlin"))
    found = entries(folder(tmp_path / "notes", {"diary.md": diary}), Format.MARKDOWN, options)

    assert "".join(entry.text for entry in found) == diary
    assert [entry.position for entry in found] == [0, 1, 2]
    assert {entry.thread for entry in found} == {"notes/diary.md"}
    assert [entry.source_id for entry in found][1:] == ["notes/diary.md#2", "notes/diary.md#3"]
    first, *_ = (entry.occurred for entry in found[1:])
    assert first is not None
    assert first.at.isoformat() == "2023-12-31T23:00:00+00:00"
    assert first.utc_offset_minutes == 60


@requirement("capture.split")
def test_a_long_note_is_cut_at_headings_and_gives_itself_back(tmp_path: Path) -> None:
    sections = [f"## Part {number}\n\n" + "A sentence. " * 80 + "\n\n" for number in range(12)]
    text = "# Manual\n\n" + "".join(sections)
    found = entries(folder(tmp_path / "notes", {"manual.md": text}), Format.MARKDOWN)

    assert "".join(entry.text for entry in found) == text
    assert len(found) > 4
    assert all(entry.text.startswith("#") for entry in found)
    assert {entry.type for entry in found} == {MemoryType.DOCUMENT}
    assert {entry.attributes["parts"] for entry in found} == {len(found)}
    assert found[1].title.startswith("Manual – Part ")


def test_a_note_of_front_matter_alone_is_its_text(tmp_path: Path) -> None:
    text = "---\ntitle: Empty\n---\n\n"

    assert read_one(tmp_path, text).text == text


def test_text_files_beside_notes_come_in_and_pictures_are_counted(tmp_path: Path) -> None:
    files: Tree = {"a.md": "a", "b.txt": "#b", "c.png": b"\x89PNG", "d.pdf": b"%PDF"}
    notes = folder(tmp_path / "notes", files)

    assert [entry.tags for entry in entries(notes, Format.MARKDOWN)] == [(), ()]
    (others,) = problems(notes, Format.MARKDOWN)
    assert (others.kind, others.count) == (ProblemKind.ATTACHMENT, 2)


def test_a_file_that_is_too_large_or_no_text_does_not_stop_the_rest(tmp_path: Path) -> None:
    files: Tree = {"a.md": "x" * 101, "b.md": b"\xff\xfe\xfd", "c.md": " \n", "d.md": "kept"}
    notes = folder(tmp_path / "notes", files)
    options = limited(text_file=100)

    assert [entry.text for entry in entries(notes, Format.MARKDOWN, options)] == ["kept"]
    assert kinds(problems(notes, Format.MARKDOWN, options)) == [
        ProblemKind.SKIPPED,
        ProblemKind.UNREADABLE,
        ProblemKind.SKIPPED,
    ]


def test_signs_that_turn_text_around_stay_in_the_title_and_nul_does_not(tmp_path: Path) -> None:
    found = read_one(tmp_path, "# gpj.\u202etxet\x00\n")

    assert found.title == "gpj.\u202etxet\ufffd"  # made visible where it is printed


def test_a_tag_never_outgrows_its_limit(tmp_path: Path) -> None:
    found = read_one(tmp_path, "#" + "İ" * 100 + " #" + "a" * 101 + " #fine")

    assert found.tags == ("fine",)  # “İ” in lower case is two characters


def test_names_that_differ_in_composition_only_are_two_notes(tmp_path: Path) -> None:
    files = {"Caf\u00e9.md": "one", "Cafe\u0301.md": "two"}
    found = entries(folder(tmp_path / "notes", files), Format.MARKDOWN)

    assert sorted(entry.text for entry in found) == ["one", "two"]
    assert len({entry.source_id for entry in found}) == 2
