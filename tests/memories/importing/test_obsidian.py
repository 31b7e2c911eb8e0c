"""A vault of Obsidian: links, aliases, embeds, inline tags, daily notes, hidden settings."""

from pathlib import Path

import pytest

from mnemosyne.memories.importing.detect import Format, detect
from mnemosyne.memories.importing.entry import ProblemKind, ReadOptions
from tests.memories.importing.builders import archive, entries, folder, kinds, problems
from tests.requirements import requirement

FRONT = """---
aliases: [Grandmother, Oma]
tags:
  - family/elders
  - recipes
related: "[[Village]]"
---
"""
BODY = """Her [[Plum cake|famous cake]] and [[Recipes#Dough]] and [[People/Aunt Ida^b1]].
![[Photo of 1962.jpg]] ![[Letters]] [site](https://example.org/a.md) [note](../Tools/Knife.md#edge)
#story/childhood #2023 (#brackets) a#b `#code`
[[St. Gallen]] [[Map.pdf]]
"""
VAULT = {
    "People/Rosa.md": FRONT + BODY,
    "Daily/2024-02-29.md": "Leap day.",
    "board.canvas": "{}",
    "notes.txt": "no note of a vault",
    ".obsidian/app.json": "{}",
    ".trash/old.md": "gone",
}


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    return folder(tmp_path / "vault", VAULT)


@requirement("import.obsidian")
def test_links_aliases_embeds_and_inline_tags_are_understood(vault: Path) -> None:
    _, rosa = entries(vault, Format.OBSIDIAN)

    assert rosa.attributes["aliases"] == ["Grandmother", "Oma"]
    assert rosa.tags == ("family/elders", "recipes", "story/childhood")
    assert rosa.links == (
        "Village",
        "Plum cake",
        "Recipes",
        "People/Aunt Ida",
        "Letters",
        "St. Gallen",
        "../Tools/Knife",
    )
    assert rosa.text == BODY


@requirement("import.obsidian")
def test_a_daily_note_is_dated_by_its_name(vault: Path) -> None:
    daily, _ = entries(vault, Format.OBSIDIAN)

    assert daily.occurred is not None
    assert daily.occurred.at.date().isoformat() == "2024-02-29"


def test_a_vault_is_detected_and_its_hidden_folders_are_not_read(vault: Path) -> None:
    found = problems(vault, Format.OBSIDIAN)

    assert detect(vault, ReadOptions()) is Format.OBSIDIAN
    assert kinds(found) == [ProblemKind.SKIPPED, ProblemKind.ATTACHMENT]
    assert [problem.count for problem in found] == [2, 2]


def test_a_packed_vault_is_read_like_its_folder(vault: Path, tmp_path: Path) -> None:
    packed = archive(tmp_path / "export.zip", [(f"vault/{n}", c) for n, c in VAULT.items()])

    assert detect(packed, ReadOptions()) is Format.OBSIDIAN
    assert [(e.source_id, e.text, e.tags) for e in entries(packed, Format.OBSIDIAN)] == [
        (e.source_id, e.text, e.tags) for e in entries(vault, Format.OBSIDIAN)
    ]


@pytest.mark.parametrize("name", ["daily.md", "./daily.md"])
def test_a_vault_packed_from_inside_is_named_after_its_archive(tmp_path: Path, name: str) -> None:
    packed = archive(tmp_path / "vault.zip", [(name, "x"), (".obsidian/app.json", "{}")])

    assert [entry.source_id for entry in entries(packed, Format.OBSIDIAN)] == ["vault/daily.md"]


def test_links_are_told_once_and_bounded(tmp_path: Path) -> None:
    text = "[[Same]] [[Same]] " + " ".join(f"[[Note {number}]]" for number in range(400))
    (found,) = entries(folder(tmp_path / "vault", {"a.md": text}), Format.OBSIDIAN)

    assert found.links[:2] == ("Same", "Note 0")
    assert len(found.links) == 200
