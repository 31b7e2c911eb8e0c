"""The format of a source is told from what it holds."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mnemosyne.memories.importing.detect import Format, detect, reader_for
from mnemosyne.memories.importing.entry import ProblemKind, ReadOptions
from mnemosyne.memories.importing.errors import (
    SourceMissingError,
    SourceTooLargeError,
    SourceUnreadableError,
    UnknownFormatError,
)
from tests.memories.importing.builders import (
    archive,
    chat,
    claude_chat,
    entries,
    export,
    folder,
    kinds,
    limited,
    node,
    problems,
)
from tests.requirements import requirement

CHATGPT = json.dumps([chat(node("a", None, "x"))])
CLAUDE = json.dumps([claude_chat()])


@requirement("import.dry-run")
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.md": "x"}, Format.MARKDOWN),
        ({"a.md": "x", "b.txt": "x", "c.png": "x"}, Format.MARKDOWN),
        ({"a.txt": "x", "b.text": "x"}, Format.TEXT),
        ({"a.jsonl": "{}"}, Format.JSONL),
        ({"conversations.json": CHATGPT, "user.json": "{}"}, Format.CHATGPT),
        ({"conversations-003.json": CHATGPT}, Format.CHATGPT),
        ({"conversations.json": CLAUDE, "users.json": "[]"}, Format.CLAUDE),
        ({"conversations.json": CLAUDE, "a.md": "x"}, Format.FOLDER),
        ({"a.md": "x", ".obsidian/app.json": "{}"}, Format.OBSIDIAN),
    ],
)
def test_a_folder_and_its_archive_are_told_alike(
    tmp_path: Path, files: dict[str, str], expected: Format
) -> None:
    options = ReadOptions()

    assert detect(folder(tmp_path / "in", files), options) is expected
    assert detect(archive(tmp_path / "in.zip", list(files.items())), options) is expected


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.MD", "x", Format.MARKDOWN),
        ("a.txt", "x", Format.TEXT),
        ("export.json", CHATGPT, Format.CHATGPT),
        ("my chats.json", CLAUDE, Format.CLAUDE),
        ("log.ndjson", "{}", Format.JSONL),
    ],
)
def test_a_file_alone_is_told(tmp_path: Path, name: str, content: str, expected: Format) -> None:
    assert detect(folder(tmp_path, {name: content}) / name, ReadOptions()) is expected


def test_the_words_of_a_chat_do_not_change_its_format(tmp_path: Path) -> None:
    quoting = claude_chat({"uuid": "m", "sender": "human", "text": 'see "mapping": {"a": 1}'})

    assert detect(export(tmp_path, [quoting]), ReadOptions()) is Format.CLAUDE


@pytest.mark.parametrize(
    "files", [{}, {"a.png": "x"}, {"conversations.json": "[]"}, {"a.json": '{"x": 1}'}]
)
def test_what_is_no_known_format_is_refused_with_the_choices(
    tmp_path: Path, files: dict[str, str]
) -> None:
    at = folder(tmp_path / "in", files)
    at.mkdir(exist_ok=True)

    with pytest.raises(UnknownFormatError) as refused:
        detect(at, ReadOptions())
    assert "markdown" in refused.value.hint.casefold()
    assert refused.value.why


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormatError) as refused:
        detect(tmp_path, ReadOptions())

    assert refused.value.why == "It is empty."
    assert "--format" not in refused.value.hint
    assert ".md" in refused.value.hint


@pytest.mark.parametrize("content", [b"%PDF-1.7 \xe2\xe3", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_a_binary_file_is_said_not_to_be_read(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "scan.pdf"
    file.write_bytes(content)

    for path in (file, tmp_path):
        with pytest.raises(UnknownFormatError) as refused:
            detect(path, ReadOptions())

        assert refused.value.why == "PDFs and other binary files (.pdf) are not read."
        assert "--format" not in refused.value.hint
        assert ".jsonl" in refused.value.hint


def test_a_text_in_an_unknown_form_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "notes.org").write_text("* Lake", "utf-8")

    with pytest.raises(UnknownFormatError) as refused:
        detect(tmp_path, ReadOptions())

    assert "--format" in refused.value.hint


def test_a_file_that_the_person_names_is_read_whatever_its_suffix(tmp_path: Path) -> None:
    path = folder(tmp_path, {"diary": "# Hello"}) / "diary"

    assert [entry.title for entry in entries(path, Format.MARKDOWN)] == ["Hello"]


def test_a_folder_of_everything_is_read_by_everything(tmp_path: Path) -> None:
    files = {"a.md": "note", "b.txt": "text", "c.jsonl": '{"text": "line"}', "d.bin": "x"}
    at = export(folder(tmp_path / "in", files), [chat(node("a", None, "said"))])

    assert [entry.text for entry in entries(at, Format.FOLDER)] == ["note", "text", "line", "said"]
    assert kinds(problems(at, Format.FOLDER)) == [ProblemKind.ATTACHMENT]
    reader = reader_for(Format.FOLDER, ReadOptions())
    assert reader.estimate(at) == 4
    assert set(reader.sources) == {"markdown", "chatgpt", "claude", "jsonl"}


def test_a_file_larger_than_the_limit_is_refused_alone_and_skipped_in_a_folder(
    tmp_path: Path,
) -> None:
    at = folder(tmp_path / "in", {"a.jsonl": '{"text": "0123456789"}', "b.jsonl": '{"text": "x"}'})
    options = limited(total=20)

    with pytest.raises(SourceTooLargeError) as refused:
        entries(at / "a.jsonl", Format.JSONL, options)
    assert refused.value.limit == 20
    assert refused.value.hint
    assert [entry.text for entry in entries(at, Format.JSONL, options)] == ["x"]


def locked(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)  # a link to itself cannot be opened, not even by root


@pytest.mark.parametrize("ask", [detect, lambda path, options: list(
    reader_for(Format.TEXT, options).units(path))])  # fmt: skip
@pytest.mark.parametrize("name", ["a.zip", "a.txt"])
def test_what_cannot_be_opened_is_said_to_be(
    tmp_path: Path, name: str, ask: Callable[[Path, ReadOptions], object]
) -> None:
    path = folder(tmp_path, {name: "x"}) / name
    locked(path)

    with pytest.raises((SourceUnreadableError, SourceMissingError)) as refused:
        ask(path, ReadOptions())
    assert refused.value.hint
