"""What a person wrote in their editor is not lost when it cannot be saved."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mnemosyne.cli import texts
from mnemosyne.kit.text import CONTENT_BYTES
from tests.cli.conftest import Answer, Cli

TOO_MUCH = "A year in letters. " * (CONTENT_BYTES // 19 + 1)
Writes = Callable[..., None]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder in which texts are written."""
    folder = tmp_path / "in memory"
    folder.mkdir()
    monkeypatch.setattr(texts, "_MEMORY", folder)
    return folder


@pytest.fixture
def writes(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writes]:
    """Give a person at a terminal whose editor puts a text into the file and ends with a code."""
    monkeypatch.setattr(texts, "given_or_awaited", texts.given)

    def write(text: str | bytes, code: int = 0) -> None:
        content, editor = tmp_path / "content", tmp_path / "editor"
        content.write_bytes(text.encode() if isinstance(text, str) else text)
        editor.write_text(f'#!/bin/sh\ncat {content} > "$1"\ntouch "${{1%/*}}/swap"\nexit {code}\n')
        editor.chmod(0o700)
        monkeypatch.setenv("VISUAL", str(editor))

    yield write
    shutil.rmtree(place)


def kept(answer: Answer) -> Path:
    """Return the file that the last line of an error names."""
    last = answer.err.splitlines()[-1]
    assert "not encrypted" in last
    found = re.search(r"delete its folder: (.+)$", last)
    assert found is not None
    return Path(found[1])


@pytest.mark.parametrize(
    ("text", "options"),
    [(TOO_MUCH, ()), ("Dear diary", ("--tag", "x" * 300)), ("Dear diary", ("--title", "x" * 300))],
    ids=["too long", "a long label", "a long title"],
)
def test_what_cannot_be_captured_is_kept_and_the_error_says_where(
    cli: Cli, writes: Writes, text: str, options: tuple[str, ...]
) -> None:
    writes(text)

    answer = cli("capture", *options)

    file = kept(answer)
    assert answer.code == 2
    assert file.read_text() == text
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "restarts" in answer.err  # it lies in memory


def test_on_a_disk_nothing_is_said_of_a_restart(
    cli: Cli, writes: Writes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "_MEMORY", tmp_path / "there is none")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    writes(TOO_MUCH)

    answer = cli("capture")

    assert kept(answer).is_relative_to(tmp_path)
    assert "restart" not in answer.err


def test_a_script_reads_in_the_hint_where_the_text_is(cli: Cli, writes: Writes) -> None:
    writes(TOO_MUCH)

    answer = cli("capture", "--json")

    assert "Your text is kept" in answer.err


def test_what_cannot_replace_a_text_is_kept(cli: Cli, writes: Writes) -> None:
    memory = cli.capture("Dear diary")
    writes(TOO_MUCH)

    for answer in (cli("edit", memory), cli("supersede", memory)):
        assert kept(answer).read_text() == TOO_MUCH
    assert "Dear diary" in cli.ok("get", memory)


@pytest.mark.parametrize("text", ["", " \n"])
def test_nothing_is_kept_of_an_empty_text(cli: Cli, writes: Writes, place: Path, text: str) -> None:
    writes(text)

    answer = cli("capture", "--title", "x" * 300)

    assert "kept" not in answer.err
    assert list(place.iterdir()) == []


def test_nothing_is_kept_of_a_text_that_is_saved(cli: Cli, writes: Writes, place: Path) -> None:
    writes("Dear diary\n")

    cli.ok("capture")
    memory = cli.capture("Blue")
    writes("Green")
    cli.ok("edit", memory)
    writes("Yellow")
    cli.ok("supersede", memory)

    assert list(place.iterdir()) == []


def test_an_editor_that_ends_with_an_error_after_writing_loses_nothing(
    cli: Cli, writes: Writes
) -> None:
    writes("Dear diary", code=1)

    assert kept(cli("capture")).read_text() == "Dear diary"


def test_a_text_in_another_encoding_is_kept_as_it_is(cli: Cli, writes: Writes) -> None:
    writes("Grüße".encode("latin-1"))

    assert kept(cli("capture")).read_bytes() == "Grüße".encode("latin-1")


def test_an_editor_that_leaves_the_text_as_it_was_leaves_no_copy(
    cli: Cli, writes: Writes, place: Path
) -> None:
    memory = cli.capture("Dear diary")
    writes("Dear diary\n", code=1)

    assert "kept" not in cli("edit", memory).err
    assert list(place.iterdir()) == []
