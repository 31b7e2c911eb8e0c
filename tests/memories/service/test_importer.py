"""Importing: what becomes of files and conversations, wholly and with the reason."""

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from mnemosyne.accounts.model import Person
from mnemosyne.contacts import store as contacts
from mnemosyne.kit.principal import MissingScopeError, Principal, Scope
from mnemosyne.memories.importing.errors import SourceMissingError, UnsafeArchiveError
from mnemosyne.memories.importing.report import Counts, Outcome
from mnemosyne.memories.model import MemoryType, Status
from mnemosyne.memories.service.importer import ImportOptions
from mnemosyne.memories.store import labels
from mnemosyne.memories.store.tables import thread
from tests.memories.importing.builders import (
    archive,
    chat,
    claude_chat,
    export,
    folder,
    node,
)
from tests.memories.service.importing import Vault
from tests.requirements import requirement

SAID = chat(
    node("a", None, "How do I true a wheel?", create_time=1700000001),
    node("b", "a", "Loosen one spoke.", "assistant", create_time=1700000002),
    current="b",
)


@requirement("import.threads", "import.chatgpt")
async def test_a_conversation_becomes_a_thread_that_words_find(
    vault: Vault, tmp_path: Path
) -> None:
    report = await vault.bring(export(tmp_path / "in", [SAID]))
    ask, answer = await vault.memories()

    assert (report.format, report.counts) == ("chatgpt", Counts(stored=2))
    assert ask.place.thread_id == answer.place.thread_id != ""
    assert [each.place.position for each in (ask, answer)] == [0, 1]
    assert [each.place.speaker for each in (ask, answer)] == ["me", "ChatGPT"]
    assert [each.occurred.at.timestamp() for each in (ask, answer)] == [1700000001, 1700000002]
    assert (ask.type, ask.status) == (MemoryType.MESSAGE, Status.PENDING)
    assert await vault.found("spoke") == 1
    assert await vault.rows("outbox") == 2
    assert await vault.rows("change_log") == 2


@requirement("capture.split")
async def test_the_parts_of_a_long_note_give_it_back_and_keep_its_hash(
    vault: Vault, tmp_path: Path
) -> None:
    note = "# Manual\n\n" + "".join(f"## {n}\n\n{'A sentence. ' * 80}\n\n" for n in range(9))
    await vault.bring(folder(tmp_path / "notes", {"manual.md": note}))
    parts = sorted(await vault.memories(), key=lambda each: each.place.position)

    assert "".join(part.content for part in parts) == note
    assert len({part.place.thread_id for part in parts}) == 1
    (row,) = await vault.database.read(lambda tx: tx.execute(select(thread)).all())
    assert row.original_digest == hashlib.sha256(note.encode()).hexdigest()
    assert row.title == "Manual"


@requirement("import.markdown", "import.obsidian")
async def test_a_vault_of_notes_comes_in_with_its_tags_and_links(
    vault: Vault, tmp_path: Path
) -> None:
    text = "---\naliases: [Oma]\ntags: [family]\n---\nHer [[Plum cake]] #recipes\n"
    at = folder(tmp_path / "v", {"Rosa.md": text, ".obsidian/app.json": "{}"})
    report = await vault.bring(at)
    (rosa,) = await vault.memories()
    owner = vault.principal.person
    links = await vault.database.read(lambda tx: labels.links_of(tx, owner, rosa.id))

    assert report.format == "obsidian"
    assert rosa.tags == ("family", "recipes")
    assert links == [("note", "Plum cake")]
    assert rosa.attributes["aliases"] == ["Oma"]
    assert rosa.origin.source_id == "v/Rosa.md"


@requirement("import.claude", "import.jsonl", "import.text")
async def test_other_formats_come_in(vault: Vault, tmp_path: Path) -> None:
    asked = claude_chat({"uuid": "m", "sender": "human", "text": "When do I sow beans?"})
    await vault.bring(export(tmp_path / "claude", [asked]))
    await vault.bring(folder(tmp_path / "lines", {"a.jsonl": '{"text": "the key"}'}))
    await vault.bring(folder(tmp_path / "texts", {"a.txt": b"\xff\xfeh\x00i\x00"}))

    assert await vault.texts() == ["When do I sow beans?", "the key", "hi"]


@requirement("import.dry-run")
async def test_a_dry_run_reports_the_same_and_writes_nothing(vault: Vault, tmp_path: Path) -> None:
    at = folder(tmp_path / "notes", {"a.md": "one", "b.md": b"\xff", "c.md": "two"})
    planned = await vault.bring(at, dry_run=True)
    told = list(vault.told)

    assert planned.dry_run
    assert planned.counts == Counts(stored=2)
    for table in ("memory", "import_record", "import_checkpoint", "thread", "outbox"):
        assert await vault.rows(table) == 0
    done = await vault.bring(at)
    assert (done.format, done.counts, done.outcomes) == (
        "markdown",
        planned.counts,
        planned.outcomes,
    )
    assert told == vault.told


@requirement("import.report")
async def test_every_file_ends_with_an_outcome_and_a_reason(vault: Vault, tmp_path: Path) -> None:
    at = folder(
        tmp_path / "notes", {"a.md": "fine", "b.md": b"\xff", "c.md": " ", "d.md": "also fine"}
    )
    report = await vault.bring(at)

    assert [(unit.key, unit.outcome) for unit in vault.told] == [
        ("notes/a.md", Outcome.STORED),
        ("notes/b.md", Outcome.REFUSED),
        ("notes/c.md", Outcome.SKIPPED),
        ("notes/d.md", Outcome.STORED),
    ]
    assert all(unit.problems for unit in vault.told if unit.outcome is not Outcome.STORED)
    assert await vault.texts() == ["fine", "also fine"]
    assert report.outcomes == {Outcome.STORED: 2, Outcome.REFUSED: 1, Outcome.SKIPPED: 1}


@requirement("import.bombs", "import.names")
@pytest.mark.parametrize("bad", [("b.md", bytes(50_000_001)), ("../b.md", b"x"), ("a.MD", b"x")])
async def test_an_unsafe_archive_is_refused_before_the_first_row(
    vault: Vault, tmp_path: Path, bad: tuple[str, bytes]
) -> None:
    path = archive(tmp_path / "in.zip", [("a.md", "first"), bad])

    with pytest.raises(UnsafeArchiveError):
        await vault.bring(path)
    assert await vault.memories() == []
    assert await vault.rows("import_checkpoint") == 0


@requirement("import.folder")
async def test_only_files_inside_the_folder_come_in(vault: Vault, tmp_path: Path) -> None:
    outside = folder(tmp_path / "outside", {"secret.md": "secret"})
    at = folder(tmp_path / "notes", {"a.md": "a", ".hidden/b.md": "hidden"})
    (at / "link.md").symlink_to(outside / "secret.md")
    report = await vault.bring(at)

    assert await vault.texts() == ["a"]
    assert sorted(problem.reason for problem in report.problems) == [
        "a link is not followed",
        "hidden files and folders are not looked at",
    ]


async def test_who_speaks_becomes_known_and_programs_do_not(vault: Vault, tmp_path: Path) -> None:
    lines = [
        {"speaker": name, "text": f"I am {name}", "thread": "t"}
        for name in ("Ida", "user", "assistant", "Ida", "ida", "Bruno")
    ]
    at = folder(tmp_path / "in", {"a.jsonl": "\n".join(map(json.dumps, lines))})
    report = await vault.bring(at)
    await vault.bring(at)
    owner = vault.principal.person
    everyone = await vault.database.read(lambda tx: contacts.everyone(tx, owner))

    assert [(who.name, who.source) for who in everyone] == [
        ("Bruno", "imported"),
        ("Ida", "imported"),
    ]
    assert report.names == 2


async def test_nothing_is_imported_without_permission(vault: Vault, tmp_path: Path) -> None:
    at = folder(tmp_path / "notes", {"a.md": "x"})
    reader = Principal(vault.principal.person, frozenset({Scope.MEMORY_READ}), "t", "http")

    with pytest.raises(MissingScopeError):
        await vault.importer.run(reader, at, ImportOptions())


async def test_an_estimate_counts_the_units(vault: Vault, tmp_path: Path) -> None:
    at = export(tmp_path / "in", [SAID, {**SAID, "conversation_id": "other"}])

    assert await vault.importer.estimate(at, ImportOptions()) == 2
    with pytest.raises(SourceMissingError):
        await vault.importer.detect(tmp_path / "nowhere", ImportOptions())


async def test_one_person_does_not_see_what_another_imported(
    vault: Vault, tmp_path: Path, somebody_else: Person
) -> None:
    other = Vault(vault.database, Principal.local(somebody_else.id), vault.clock)
    at = export(tmp_path / "in", [SAID])
    await vault.bring(at)
    report = await other.bring(at)

    assert report.counts == Counts(stored=2)
    assert len(await vault.memories()) == len(await other.memories()) == 2
