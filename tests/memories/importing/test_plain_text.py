"""Plain text comes in whole, whatever its line ends and byte order mark."""

from pathlib import Path

import pytest

from mnemosyne.memories.importing.decoding import decode
from mnemosyne.memories.importing.detect import Format
from mnemosyne.memories.importing.entry import ProblemKind
from mnemosyne.memories.model import MemoryType
from tests.memories.importing.builders import entries, folder, kinds, limited, problems
from tests.requirements import requirement

TEXT = "Grüße aus Łódź\n\n東京 🚲\n# no heading, no #tag\n"


@requirement("import.text")
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_comes_in_whole(tmp_path: Path, encoding: str, ends: str) -> None:
    marks = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    content = marks.get(encoding, b"") + TEXT.replace("\n", ends).encode(encoding)
    (found,) = entries(folder(tmp_path / "letters", {"2023-08-01.txt": content}), Format.TEXT)

    assert found.text == TEXT
    assert found.tags == ()
    assert found.title == "2023-08-01"
    assert found.occurred is not None
    assert found.occurred.at.date().isoformat() == "2023-08-01"


@requirement("capture.split")
def test_a_long_text_is_cut_between_paragraphs_and_gives_itself_back(tmp_path: Path) -> None:
    text = "\n\n".join("A paragraph of some words. " * 20 for _ in range(30)) + "\n"
    found = entries(folder(tmp_path / "letters", {"book.txt": text}), Format.TEXT)

    assert "".join(entry.text for entry in found) == text
    assert all(entry.text.startswith("A paragraph") for entry in found)
    assert {entry.type for entry in found} == {MemoryType.DOCUMENT}
    assert [entry.position for entry in found] == list(range(len(found)))


def test_a_paragraph_larger_than_a_memory_is_cut_all_the_same(tmp_path: Path) -> None:
    text = "é" * 5000
    options = limited(memory=1000)
    found = entries(folder(tmp_path / "letters", {"a.txt": text}), Format.TEXT, options)

    assert "".join(entry.text for entry in found) == text
    assert max(len(entry.text.encode()) for entry in found) <= 1000


@pytest.mark.parametrize(
    "content", [b"\xff", b"caf\xe9", b"\xff\xfe\x00", b"\xff\xfe\x00\x00a\x00\x00\x00", b"\xc0\x80"]
)
def test_bytes_that_are_no_text_are_reported_and_not_guessed_at(
    tmp_path: Path, content: bytes
) -> None:
    letters = folder(tmp_path / "letters", {"a.txt": content, "b.txt": "fine"})

    assert [entry.text for entry in entries(letters, Format.TEXT)] == ["fine"]
    assert kinds(problems(letters, Format.TEXT)) == [ProblemKind.UNREADABLE]


def test_nul_and_lone_surrogates_are_replaced_and_counted(tmp_path: Path) -> None:
    letters = folder(tmp_path / "letters", {"a.txt": b"a\x00b\x00"})

    assert [entry.text for entry in entries(letters, Format.TEXT)] == ["a\ufffdb\ufffd"]
    (found,) = problems(letters, Format.TEXT)
    assert (found.kind, found.count) == (ProblemKind.ALTERED, 2)


def test_a_lone_surrogate_in_utf_16_is_no_text() -> None:
    assert decode(b"\xff\xfe\x00\xd8a\x00") is None


def test_a_name_beyond_utf_8_can_be_stored(tmp_path: Path) -> None:
    letters = folder(tmp_path / "letters", {"b.txt": "x"})
    name = b"caf\xe9.txt"
    Path(letters, name.decode("utf-8", "surrogateescape")).write_bytes(b"y")
    found = entries(letters, Format.TEXT)

    assert [entry.source_id for entry in found] == ["letters/b.txt", "letters/caf\\xe9.txt"]
