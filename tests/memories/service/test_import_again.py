"""Importing the same source again: what the source changed, and what the person did since."""

import os
from datetime import UTC
from pathlib import Path

import pytest

from mnemosyne.memories.importing.planning import Asked
from mnemosyne.memories.importing.report import Counts, Outcome
from mnemosyne.memories.model import Draft, Memory, Moment, Origin
from mnemosyne.memories.service.memories import Memories
from mnemosyne.memories.service.revisions import Revisions
from mnemosyne.memories.store import reading
from mnemosyne.memories.store.tables import import_checkpoint, import_record
from tests.memories.importing.builders import chat, export, folder, node
from tests.memories.service.importing import Vault
from tests.requirements import requirement


def notes(at: Path, text: str, name: str = "2024-05-06.md") -> Path:
    return folder(at / "notes", {name: text})


async def edit(vault: Vault, content: str) -> Memory:
    (current,) = await vault.memories()
    revisions = Revisions(vault.database, vault.clock, UTC)
    return await revisions.edit(vault.principal, current.id, content=content)


@requirement("import.resumed")
async def test_the_same_import_again_changes_nothing(vault: Vault, tmp_path: Path) -> None:
    at = notes(tmp_path, "one")
    export(at, [chat(node("a", None, "said"), current="a")])
    await vault.bring(at)
    before = await vault.memories()
    again = await vault.bring(at)

    assert again.counts == Counts(unchanged=2)
    assert {unit.outcome for unit in vault.told} == {Outcome.UNCHANGED}
    assert await vault.memories() == before
    assert await vault.rows("outbox") == await vault.rows("change_log") == 2


@requirement("import.edited")
async def test_an_unchanged_source_leaves_an_edited_memory_alone(
    vault: Vault, tmp_path: Path
) -> None:
    at = notes(tmp_path, "one")
    await vault.bring(at)
    edited = await edit(vault, "one, in my own words")
    os.utime(at / "2024-05-06.md", (2e9, 2e9))
    again = await vault.bring(at)
    # Also where no checkpoint says that the file is the same.
    folder(at, {"2024-05-06.md": b"\xef\xbb\xbfone"})
    once_more = await vault.bring(at)

    assert again.counts == once_more.counts == Counts(unchanged=1)
    assert await vault.memories() == [edited]


@requirement("import.updated")
async def test_a_changed_source_becomes_a_new_version(vault: Vault, tmp_path: Path) -> None:
    await vault.bring(notes(tmp_path, "---\ntags: [old]\n---\none #first [[A]]"))
    report = await vault.bring(notes(tmp_path, "---\ntags: [old]\n---\ntwo #second [[B]]"))
    (current,) = await vault.memories()
    detail = await Memories(vault.database, vault.clock, UTC).detail(vault.principal, current.id)

    assert report.counts == Counts(updated=1)
    assert report.outcomes == {Outcome.UPDATED: 1}
    assert (current.content, current.version) == ("two #second [[B]]", 2)
    assert [wording.content for wording in detail.wordings] == ["one #first [[A]]"]
    assert detail.links == (("note", "B"),)
    assert set(current.tags) == {"old", "first", "second"}
    assert await vault.found("two") == 1
    assert await vault.found("one") == 0
    assert (await vault.bring(notes(tmp_path, current.content))).counts == Counts(updated=1)
    assert (await vault.bring(notes(tmp_path, current.content))).counts == Counts(unchanged=1)


async def test_a_source_may_go_back_to_what_it_said(vault: Vault, tmp_path: Path) -> None:
    for text in ("one", "two", "one"):
        await vault.bring(notes(tmp_path, text))

    assert await vault.texts() == ["one"]
    assert (await vault.memories())[0].version == 3


async def test_other_front_matter_is_a_change(vault: Vault, tmp_path: Path) -> None:
    await vault.bring(notes(tmp_path, "---\ntags: a\n---\none"))
    report = await vault.bring(notes(tmp_path, "---\ntags: b\n---\none"))
    (current,) = await vault.memories()

    assert report.counts == Counts(updated=1)
    assert (current.tags, current.content) == (("a", "b"), "one")


async def test_a_changed_file_keeps_the_day_on_which_it_first_came(
    vault: Vault, tmp_path: Path
) -> None:
    at = notes(tmp_path, "one", "undated.md")
    os.utime(at / "undated.md", (1.6e9, 1.6e9))
    await vault.bring(at)
    notes(tmp_path, "two", "undated.md")
    await vault.bring(at)
    (current,) = await vault.memories()

    assert (current.content, current.occurred.at.timestamp()) == ("two", 1.6e9)


@requirement("import.conflict")
async def test_a_change_on_both_sides_keeps_both_and_is_reported(
    vault: Vault, tmp_path: Path
) -> None:
    await vault.bring(notes(tmp_path, "one"))
    edited = await edit(vault, "mine")
    report = await vault.bring(notes(tmp_path, "theirs"))
    mine, theirs = await vault.memories()

    assert (mine, theirs.content) == (edited, "theirs")
    assert report.counts == Counts(conflicts=1)
    assert report.outcomes == {Outcome.CONFLICT: 1}
    (conflict,) = report.conflicts
    assert (conflict.edited, conflict.imported) == (mine.id, theirs.id)
    assert (await vault.bring(notes(tmp_path, "theirs"))).counts == Counts(unchanged=1)
    assert (await vault.bring(notes(tmp_path, "later"))).counts == Counts(updated=1)
    assert await vault.texts() == ["mine", "later"]


async def test_the_same_change_on_both_sides_is_no_conflict(vault: Vault, tmp_path: Path) -> None:
    await vault.bring(notes(tmp_path, "one"))
    edited = await edit(vault, "two")
    report = await vault.bring(notes(tmp_path, "two"))

    assert report.counts == Counts(unchanged=1)
    assert await vault.memories() == [edited]
    assert (await vault.bring(notes(tmp_path, "three"))).counts == Counts(updated=1)


@requirement("import.gone")
async def test_what_was_forgotten_comes_back_on_request_alone(vault: Vault, tmp_path: Path) -> None:
    at = folder(tmp_path / "notes", {"a.md": "gone", "b.md": "kept"})
    await vault.bring(at)
    await vault.forget("gone")
    report = await vault.bring(at)
    assert report.counts == Counts(unchanged=1, forgotten=1)
    assert vault.told[0].outcome is Outcome.SKIPPED
    assert "not brought back" in vault.told[0].problems[0].reason
    assert await vault.texts() == ["kept"]
    assert (await vault.bring(at, Asked(erased=True))).counts.forgotten == 1

    back = await vault.bring(at, Asked(forgotten=True))
    assert back.counts == Counts(unchanged=2, returned=1)
    assert await vault.texts() == ["gone", "kept"]
    assert await vault.found("gone") == 1


@requirement("import.gone")
async def test_what_was_erased_comes_back_on_request_alone(vault: Vault, tmp_path: Path) -> None:
    at = export(tmp_path / "in", [chat(node("a", None, "gone"), node("b", "a", "kept"))])
    await vault.bring(at)
    await vault.erase("gone")
    assert (await vault.bring(at)).counts == Counts(unchanged=1, erased=1)
    assert (await vault.bring(at, Asked(forgotten=True))).counts.erased == 1
    assert await vault.texts() == ["kept"]

    assert (await vault.bring(at, Asked(erased=True))).counts == Counts(stored=1, unchanged=1)
    assert sorted(await vault.texts()) == ["gone", "kept"]
    assert (await vault.bring(at)).counts == Counts(unchanged=2)


async def test_a_changed_source_does_not_bring_back_what_is_gone(
    vault: Vault, tmp_path: Path
) -> None:
    await vault.bring(notes(tmp_path, "one"))
    await vault.forget("one")
    assert (await vault.bring(notes(tmp_path, "two"))).counts == Counts(forgotten=1)

    back = await vault.bring(notes(tmp_path, "two"), Asked(forgotten=True))
    assert back.counts == Counts(updated=1, returned=1)
    assert await vault.texts() == ["two"]
    assert await vault.found("two") == 1


async def test_a_longer_conversation_adds_its_new_messages(vault: Vault, tmp_path: Path) -> None:
    first, second = node("a", None, "one"), node("b", "a", "two")
    await vault.bring(export(tmp_path, [chat(first, current="a")]))
    report = await vault.bring(export(tmp_path, [chat(first, second, current="b")]))

    assert report.counts == Counts(stored=1, unchanged=1)
    assert len({each.place.thread_id for each in await vault.memories()}) == 1


async def test_what_was_captured_with_the_same_origin_is_not_stored_twice(
    vault: Vault, tmp_path: Path
) -> None:
    at = notes(tmp_path, "one")
    await vault.bring(at, dry_run=True)
    moment = Moment(vault.clock().replace(2024, 5, 6, 0, 0, 0, 0))
    draft = Draft("one", occurred=moment, origin=Origin("markdown", "notes/2024-05-06.md"))
    memories = Memories(vault.database, vault.clock, UTC)
    await memories.capture(vault.principal, draft, "key")

    assert (await vault.bring(at)).counts == Counts(unchanged=1)
    assert (await vault.bring(notes(tmp_path, "two"))).counts == Counts(updated=1)
    assert await vault.texts() == ["two"]


@pytest.mark.parametrize("line", ['{"id": 1, "text": "a"}', '{"text": "a"}'])
async def test_the_same_line_twice_is_one_memory(vault: Vault, tmp_path: Path, line: str) -> None:
    at = folder(tmp_path / "in", {"a.jsonl": f"{line}\n{line}"})

    assert (await vault.bring(at)).counts == Counts(stored=1)
    assert (await vault.bring(at)).counts == Counts(unchanged=1)


async def test_nothing_of_the_source_can_be_told_from_what_is_kept_after_an_erase(
    vault: Vault, tmp_path: Path
) -> None:
    await vault.bring(notes(tmp_path, "telling words", "secret name.md"))
    await vault.erase("telling words")

    kept = await vault.database.read(
        lambda tx: [*tx.execute(import_record.select()), *tx.execute(import_checkpoint.select())]
    )
    assert len(kept) == 2
    assert "telling" not in repr(kept)
    assert "secret" not in repr(kept)


async def test_importance_that_the_person_set_survives_a_new_version(
    vault: Vault, tmp_path: Path
) -> None:
    await vault.bring(notes(tmp_path, "one"))
    (current,) = await vault.memories()
    revisions = Revisions(vault.database, vault.clock, UTC)
    await revisions.set_importance(vault.principal, current.id, 0.9)
    await vault.bring(notes(tmp_path, "two"))

    owner = vault.principal.person
    renewed = await vault.database.read(lambda tx: reading.by_ids(tx, owner, [current.id])[0])
    assert (renewed.content, renewed.importance) == ("two", 0.9)
