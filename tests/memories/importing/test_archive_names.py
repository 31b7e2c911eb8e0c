"""An archive with a name that is dangerous anywhere is refused before the first row."""

import stat
import zipfile
from pathlib import Path

import pytest

from mnemosyne.memories.importing.detect import Format, detect, reader_for
from mnemosyne.memories.importing.entry import ReadOptions
from mnemosyne.memories.importing.errors import UnsafeArchiveError
from tests.memories.importing.builders import archive, entries
from tests.memories.importing.hostile_archives import Record, assembled, kernel
from tests.requirements import requirement


def refused(path: Path) -> str:
    with pytest.raises(UnsafeArchiveError) as caught:
        list(reader_for(Format.MARKDOWN, ReadOptions()).units(path))
    with pytest.raises(UnsafeArchiveError):
        detect(path, ReadOptions())
    return caught.value.reason


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (mode | 0o644) << 16
    return info


@requirement("import.names")
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../a.md", "leads out"),
        ("notes/../../a.md", "leads out"),
        ("notes\\..\\a.md", "leads out"),
        ("/etc/a.md", "absolute"),
        ("\\a.md", "absolute"),
        ("C:\\a.md", "absolute"),
        ("c:a.md", "absolute"),
        ("//server/a.md", "absolute"),
        (" ", "no name"),
        (".", "no name"),
        ("./.", "no name"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    assert reason in refused(archive(tmp_path / "a.zip", [("b.md", "x"), (name, "x")]))


@requirement("import.names")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Note.md", "note.md"),
        ("Caf\u00e9.md", "Cafe\u0301.md"),
        ("STRASSE.md", "straße.md"),
        ("a.md", "./a.md"),
        ("b/a.md", "b//a.md"),
        ("folder", "folder/"),
    ],
)
def test_two_spellings_of_one_name_are_refused(tmp_path: Path, one: str, other: str) -> None:
    assert "twice" in refused(archive(tmp_path / "a.zip", [(one, "1"), (other, "")]))


@requirement("import.names")
def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    body, record = kernel(b"a.md", b"x")
    again = Record(b"a.md", len(body), record.crc, record.packed, record.size)

    assert "twice" in refused(assembled(tmp_path / "a.zip", body * 2, [record, again]))


@requirement("import.names")
@pytest.mark.parametrize(
    ("mode", "reason"),
    [(stat.S_IFLNK, "link"), (stat.S_IFIFO, "neither"), (stat.S_IFBLK, "neither")],
)
def test_links_and_devices_are_refused(tmp_path: Path, mode: int, reason: str) -> None:
    path = archive(tmp_path / "a.zip", [(special("a.md", mode), "/etc/passwd")])

    assert reason in refused(path)


@pytest.mark.parametrize("flag", [0x1, 0x40, 0x2000])
def test_encrypted_entries_are_refused(tmp_path: Path, flag: int) -> None:
    body, record = kernel(b"a.md", b"x")
    locked = Record(b"a.md", 0, record.crc, record.packed, record.size, flag)

    assert "encrypted" in refused(assembled(tmp_path / "a.zip", body, [locked]))


def test_an_uncommon_method_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("a.md", "x")

    assert "uncommon" in refused(tmp_path / "a.zip")


def test_a_nul_in_a_name_is_refused(tmp_path: Path) -> None:
    body, record = kernel(b"a\0b.md", b"x")

    assert "NUL" in refused(assembled(tmp_path / "a.zip", body, [record]))


def test_utf_8_that_does_not_say_so_is_read_and_anything_else_refused(tmp_path: Path) -> None:
    body, record = kernel("Übung.md".encode(), b"x")
    (found,) = entries(assembled(tmp_path / "a.zip", body, [record]), Format.MARKDOWN)
    assert found.source_id == "a/Übung.md"

    for flags in (0, 0x800):
        body, record = kernel(b"\xdcbung.md", b"x")
        named = Record(record.name, 0, record.crc, record.packed, record.size, flags)
        assert "UTF-8" in refused(assembled(tmp_path / "b.zip", body, [named]))


def test_hidden_files_and_the_folders_of_macos_are_left_out(tmp_path: Path) -> None:
    files = [("n/a.md", "a"), ("__MACOSX/n/._a.md", "x"), ("n/.git/b.md", "x"), ("n/._a.md", "x")]
    found = entries(archive(tmp_path / "a.zip", files), Format.MARKDOWN)

    assert [entry.source_id for entry in found] == ["n/a.md"]


def test_the_error_shows_a_name_without_its_tricks(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", [("../\x1b[2J\u202e.md", "x")])

    with pytest.raises(UnsafeArchiveError) as caught:
        detect(path, ReadOptions())
    assert "\x1b" not in str(caught.value)
    assert "\u202e" not in str(caught.value)
