"""An archive that unpacks too far, holds too much or cannot be told from a bomb is refused."""

import struct
import zipfile
from pathlib import Path

import pytest

from mnemosyne.memories.importing.detect import Format, detect, reader_for
from mnemosyne.memories.importing.entry import ReadOptions
from mnemosyne.memories.importing.errors import DamagedArchiveError, UnsafeArchiveError
from mnemosyne.memories.importing.limits import Limits
from mnemosyne.memories.importing.source_file import SourceFile
from tests.memories.importing.builders import archive, entries, units
from tests.memories.importing.hostile_archives import Record, assembled, check, kernel, nested
from tests.requirements import requirement


def refused(path: Path, limits: Limits | None = None) -> UnsafeArchiveError:
    with pytest.raises(UnsafeArchiveError) as caught:
        list(reader_for(Format.MARKDOWN, ReadOptions(limits or Limits())).units(path))
    assert caught.value.why
    assert caught.value.hint
    return caught.value


@requirement("import.bombs")
def test_fifty_megabytes_of_zeros_are_refused_before_the_first_memory(tmp_path: Path) -> None:
    bomb = archive(tmp_path / "a.zip", [("a.md", "first"), ("b.md", bytes(50_000_001))])

    assert bomb.stat().st_size < 60_000
    assert "100 times" in str(refused(bomb))
    with pytest.raises(UnsafeArchiveError):  # before anything was inflated, too
        detect(bomb, ReadOptions())
    with pytest.raises(UnsafeArchiveError):
        reader_for(Format.MARKDOWN, ReadOptions()).estimate(bomb)


@requirement("import.bombs")
def test_a_bomb_that_declares_little_gives_out_no_more_than_that(tmp_path: Path) -> None:
    body, record = kernel(b"a.md", bytes(60_000_000))
    liar = Record(b"a.md", 0, record.crc, record.packed, 10)

    with pytest.raises(DamagedArchiveError):  # its checksum is that of all the zeros
        check(assembled(tmp_path / "a.zip", body, [liar]))


def test_what_compresses_well_but_stays_small_is_fine(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", [("a.md", "word " * 200_000)])

    assert "".join(entry.text for entry in entries(path, Format.MARKDOWN)) == "word " * 200_000


def test_the_total_is_bounded(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", [(f"{n}.md", "x" * 100) for n in range(11)])

    assert "1,000 bytes" in str(refused(path, Limits(total=1000)))


@requirement("import.bombs")
@pytest.mark.parametrize("name", ["inner.zip", "inner.md", "inner.tar.gz", "notes"])
def test_an_archive_inside_is_refused_by_name_or_by_its_bytes(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / "a.zip", [("a.md", "x"), (name, nested())])

    assert refused(path).entry == name


@requirement("import.bombs")
@pytest.mark.parametrize(
    "head",
    [b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07",
     b"\x28\xb5\x2f\xfd", bytes(257) + b"ustar"],
)  # fmt: skip
def test_other_kinds_of_archives_inside_are_refused(tmp_path: Path, head: bytes) -> None:
    assert refused(archive(tmp_path / "a.zip", [("a.md", head + b"\x00" * 16)])).entry == "a.md"


def test_documents_that_are_archives_themselves_are_attachments(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", [("a.md", "BZh is no archive"), ("b.docx", nested())])

    assert [entry.text for entry in entries(path, Format.MARKDOWN)] == ["BZh is no archive"]


@requirement("import.bombs")
def test_sixty_thousand_entries_are_refused_by_the_count_alone(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for number in range(60_000):
            packed.writestr(zipfile.ZipInfo(f"{number}.md"), b"")

    assert "50,000 entries" in str(refused(tmp_path / "a.zip"))


def test_more_entries_than_declared_are_counted(tmp_path: Path) -> None:
    body, record = kernel(b"a.md", b"x")
    records = [Record(b"%d" % n, 0, record.crc, record.packed, 1) for n in range(70_000)]

    assert "50,000 entries" in str(refused(assembled(tmp_path / "a.zip", body, records)))


@requirement("import.bombs")
def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    body, record = kernel(b"0.md", bytes(1_000_000))
    records = [Record(b"%d.md" % n, 0, record.crc, record.packed, record.size) for n in range(40)]

    assert "shares its bytes" in str(refused(assembled(tmp_path / "a.zip", body, records)))


@pytest.mark.parametrize("lies_in_front", [True, False])
def test_a_huge_list_of_contents_is_not_read_whichever_record_says_so(
    tmp_path: Path, *, lies_in_front: bool
) -> None:
    def end64(directory: int) -> bytes:
        return struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, directory, 0)

    huge, small = end64(2**33), end64(60)
    first, second = (small, huge) if lies_in_front else (huge, small)
    body, record = kernel(b"a.md", b"x")
    located = struct.pack("<4sLQL", b"PK\6\7", 0, len(body), 1)
    path = assembled(tmp_path / "a.zip", body + first, [record], second + located)

    assert "entries" in str(refused(path))


@pytest.mark.parametrize("keep", [0.02, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_damaged(tmp_path: Path, keep: float) -> None:
    whole = archive(tmp_path / "a.zip", [(f"{n}.md", f"note {n} " * 50) for n in range(20)])
    content = whole.read_bytes()
    (tmp_path / "b.zip").write_bytes(content[: int(len(content) * keep)])

    with pytest.raises(DamagedArchiveError) as caught:
        detect(tmp_path / "b.zip", ReadOptions())
    assert caught.value.hint


def test_a_damaged_byte_is_found_before_the_first_memory(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", [("a.md", "first"), ("b.md", "second " * 50)])
    content = bytearray(path.read_bytes())
    at = content.index(b"b.md") + 12
    content[at] ^= 0xFF
    path.write_bytes(content)

    with pytest.raises(DamagedArchiveError) as caught:
        units(path, Format.MARKDOWN)
    assert caught.value.entry == "b.md"


def test_an_empty_archive_and_no_archive_are_told_apart(tmp_path: Path) -> None:
    empty = archive(tmp_path / "a.zip", [])
    (tmp_path / "b.zip").write_bytes(b"no archive at all")

    assert units(empty, Format.MARKDOWN) == []
    with pytest.raises(DamagedArchiveError):
        units(tmp_path / "b.zip", Format.MARKDOWN)


def test_a_date_that_is_none_is_no_date(tmp_path: Path) -> None:
    body, record = kernel(b"a.md", b"x")
    path = assembled(tmp_path / "a.zip", body, [record])
    path.write_bytes(path.read_bytes().replace(b"\0\0\x21\0", b"\0\0\0\0"))

    (file,) = check(path)
    assert isinstance(file, SourceFile)
    assert file.modified is None
