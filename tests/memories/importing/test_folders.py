"""From a folder only regular files inside it are read, and nobody waits for a pipe."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from mnemosyne.memories.importing.chatgpt import chatgpt_files
from mnemosyne.memories.importing.detect import Format, detect, reader_for
from mnemosyne.memories.importing.entry import ProblemKind, ReadOptions
from mnemosyne.memories.importing.errors import SourceMissingError, SourceUnreadableError
from mnemosyne.memories.importing.limits import Limits
from mnemosyne.memories.importing.source_file import SourceFile, open_regular, read_whole
from mnemosyne.memories.importing.sources import walk
from tests.memories.importing.builders import entries, folder, kinds, problems
from tests.requirements import requirement


@requirement("import.folder")
def test_links_are_reported_and_never_followed(tmp_path: Path) -> None:
    outside = folder(tmp_path / "outside", {"secret.md": "secret"})
    notes = folder(tmp_path / "notes", {"a.md": "a"})
    (notes / "file.md").symlink_to(outside / "secret.md")
    (notes / "folder").symlink_to(outside, target_is_directory=True)
    (notes / "loop").symlink_to(notes, target_is_directory=True)
    (notes / "broken.md").symlink_to("nowhere")

    assert [entry.text for entry in entries(notes, Format.MARKDOWN)] == ["a"]
    found = problems(notes, Format.MARKDOWN)
    assert [problem.where for problem in found] == [
        f"notes/{name}" for name in ("broken.md", "file.md", "folder", "loop")
    ]
    assert set(kinds(found)) == {ProblemKind.SKIPPED}


@requirement("import.folder")
def test_hidden_folders_and_files_are_skipped_and_counted(tmp_path: Path) -> None:
    files = {".git/config.md": "x", ".hidden.md": "x", "a.md": "a", "b/.trash/c.md": "x"}
    notes = folder(tmp_path / "notes", files)

    assert [entry.text for entry in entries(notes, Format.MARKDOWN)] == ["a"]
    (found,) = problems(notes, Format.MARKDOWN)
    assert (found.kind, found.count) == (ProblemKind.SKIPPED, 3)


@requirement("import.folder")
def test_a_pipe_is_reported_and_not_waited_for(tmp_path: Path) -> None:
    notes = folder(tmp_path / "notes", {"a.md": "a"})
    os.mkfifo(notes / "pipe.md")

    assert [entry.text for entry in entries(notes, Format.MARKDOWN)] == ["a"]
    assert kinds(problems(notes, Format.MARKDOWN)) == [ProblemKind.SKIPPED]


def test_a_file_that_became_a_link_or_a_pipe_is_not_opened(tmp_path: Path) -> None:
    notes = folder(tmp_path / "notes", {"a.md": "a", "b.md": "b"})
    found = [file for file in walk(notes) if isinstance(file, SourceFile)]
    (notes / "a.md").unlink()
    (notes / "a.md").symlink_to("b.md")
    (notes / "b.md").unlink()
    os.mkfifo(notes / "b.md")

    for file in found:
        content = read_whole(file, 100)
        assert not isinstance(content, bytes)
        assert content.kind is ProblemKind.UNREADABLE


def test_a_file_that_vanished_does_not_stop_the_rest(tmp_path: Path) -> None:
    notes = folder(tmp_path / "notes", {"a.md": "a", "b.md": "b", "c.md": "c"})
    reading = reader_for(Format.MARKDOWN, ReadOptions()).units(notes)
    first = next(reading)
    (notes / "b.md").unlink()

    rest = list(reading)
    assert [entry.text for unit in (first, *rest) for entry in unit.entries] == ["a", "c"]
    assert kinds(problem for unit in rest for problem in unit.problems) == [ProblemKind.UNREADABLE]


def no_permission() -> IO[bytes]:
    raise PermissionError(13, "Permission denied")


def test_a_file_without_permission_is_told_with_the_reason() -> None:
    file = SourceFile("export/conversations.json", None, 1, no_permission)
    chats = chatgpt_files(ReadOptions())

    for reading in (chats.accepts, chats.count, lambda one: list(chats.read(one))):
        with pytest.raises(SourceUnreadableError) as refused:
            reading(file)
        assert refused.value.reason == "Permission denied"
        assert refused.value.hint


def test_folders_are_read_in_a_stable_order_however_deep(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 100)
    notes = folder(tmp_path / "notes", {"z.md": "1", f"{deep}/a.md": "3", "b/c.md": "2"})

    assert [entry.text for entry in entries(notes, Format.MARKDOWN)] == ["1", "2", "3"]


def test_a_link_that_the_person_named_is_followed(tmp_path: Path) -> None:
    notes = folder(tmp_path / "notes", {"a.md": "a"})
    (tmp_path / "link").symlink_to(notes, target_is_directory=True)
    (tmp_path / "link.md").symlink_to(notes / "a.md")

    assert [entry.text for entry in entries(tmp_path / "link", Format.MARKDOWN)] == ["a"]
    assert [entry.text for entry in entries(tmp_path / "link.md", Format.MARKDOWN)] == ["a"]


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Path]:
    os.mkfifo(tmp_path / "pipe")
    yield tmp_path / "pipe"
    (tmp_path / "pipe").unlink()


def test_what_is_no_file_and_no_folder_is_refused(tmp_path: Path, pipe: Path) -> None:
    for path in (tmp_path / "nowhere", pipe, Path("a\0b")):
        with pytest.raises(SourceMissingError) as refused:
            detect(path, ReadOptions())
        assert refused.value.hint
        with pytest.raises(SourceMissingError):
            list(reader_for(Format.TEXT, ReadOptions()).units(path))


def test_only_a_regular_file_can_be_opened(pipe: Path) -> None:
    with pytest.raises(OSError, match="not a regular file"):
        open_regular(pipe)


def test_limits_are_the_documented_ones() -> None:
    limits = Limits()

    assert (limits.total, limits.archive_entries, limits.ratio) == (4 * 2**30, 50_000, 100)
    assert (limits.front_matter, limits.line, limits.memory) == (64 * 1024, 8 * 2**20, 2**20)
