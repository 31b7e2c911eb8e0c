"""Small files that are replaced: whole for readers, one writer after the other, nothing left."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mnemosyne.kit.vault.durable_file import replace_durably


def test_writers_of_one_file_take_turns_and_leave_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([number]) * 5_000 for number in range(4)]

    def write(content: bytes) -> None:
        for _ in range(10):
            replace_durably(path, content)

    with ThreadPoolExecutor(len(contents)) as pool:
        list(pool.map(write, contents))  # a writer that another one disturbs raises

    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_is_used_up(tmp_path: Path) -> None:
    path, left = tmp_path / "file", tmp_path / "file.new"
    left.write_bytes(b"half of something that is longer")
    left.chmod(0o644)

    replace_durably(path, b"whole")

    assert path.read_bytes() == b"whole"
    assert path.stat().st_mode & 0o777 == 0o600
    assert not left.exists()


@pytest.mark.parametrize("link", ["symbolic", "hard"])
def test_what_lies_in_the_way_is_not_written_through(tmp_path: Path, link: str) -> None:
    path, other, planted = (tmp_path / name for name in ("file", "other", "file.new"))
    other.write_bytes(b"somebody else's")
    if link == "symbolic":
        planted.symlink_to(other)
    else:
        planted.hardlink_to(other)

    replace_durably(path, b"whole")

    assert path.read_bytes() == b"whole"
    assert not path.is_symlink()
    assert other.read_bytes() == b"somebody else's"
