"""A key file is whole, private and apart from what it opens, or it is refused with the reason."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_file import KeyFile, KeyFileRules, create_key_file, read_key_file
from mnemosyne.kit.vault.key_file_errors import (
    BadPlace,
    KeyFileDamagedError,
    KeyFileExistsError,
    KeyFileNotWrittenError,
    KeyFilePlaceError,
    KeyFileUnreadableError,
)
from tests.requirements import requirement


@pytest.fixture
def rules(home: VaultHome, tmp_path: Path) -> KeyFileRules:
    (tmp_path / "backups").mkdir()
    return KeyFileRules(home.path, (tmp_path / "backups",))


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def refusals(path: Path, rules: KeyFileRules) -> list[KeyFilePlaceError]:
    """Return why ``path`` may neither be created nor read."""
    caught = []
    for act in (create_key_file, read_key_file):
        with pytest.raises(KeyFilePlaceError) as refused:
            act(path, rules)
        caught.append(refused.value)
    return caught


def test_what_is_written_is_read_again(stick: Path, rules: KeyFileRules) -> None:
    made = create_key_file(stick / "key", rules)

    assert read_key_file(stick / "key", rules) == made
    assert len(made.material) == 32
    assert create_key_file(stick / "other", rules) != made


def test_it_is_private_from_the_start_and_says_what_it_is(stick: Path, rules: KeyFileRules) -> None:
    before = os.umask(0)
    try:
        made = create_key_file(stick / "key", rules)
    finally:
        os.umask(before)

    assert stat.S_IMODE((stick / "key").stat().st_mode) == 0o600
    assert (stick / "key").read_text("ascii").startswith("mnemosyne key file 1\n")
    assert made.material.hex() not in repr(made)


def test_another_file_is_never_overwritten(stick: Path, rules: KeyFileRules) -> None:
    (stick / "key").write_bytes(b"somebody's key")

    with pytest.raises(KeyFileExistsError) as refused:
        create_key_file(stick / "key", rules)

    assert refused.value.code == "key-file-exists"
    assert (stick / "key").read_bytes() == b"somebody's key"


def test_a_folder_that_is_not_there_is_reported(stick: Path, rules: KeyFileRules) -> None:
    with pytest.raises(KeyFileNotWrittenError) as refused:
        create_key_file(stick / "missing" / "key", rules)

    assert refused.value.code == "key-file-not-written"
    assert "No such file" in refused.value.why


def test_a_medium_that_is_not_attached_is_reported(stick: Path, rules: KeyFileRules) -> None:
    with pytest.raises(KeyFileUnreadableError) as refused:
        read_key_file(stick / "key", rules)

    assert refused.value.code == "key-file-unreadable"
    assert "medium" in refused.value.hint


@requirement("vault.slots.key-file-place")
@pytest.mark.parametrize("place", ["key", "processes/key"])
def test_the_home_of_the_vault_is_refused(home: VaultHome, rules: KeyFileRules, place: str) -> None:
    for refused in refusals(home.path / place, rules):
        assert refused.code == "key-file-place"
        assert refused.place is BadPlace.VAULT_HOME
        assert "vault's home" in str(refused)


@requirement("vault.slots.key-file-place")
def test_a_backup_destination_is_refused(tmp_path: Path, rules: KeyFileRules) -> None:
    for refused in refusals(tmp_path / "backups" / "key", rules):
        assert refused.place is BadPlace.BACKUP_DESTINATION
        assert "backup destination" in str(refused)


@requirement("vault.slots.key-file-place")
@pytest.mark.parametrize("as_file", [False, True], ids=["work tree", "linked work tree"])
def test_a_git_work_tree_is_refused(stick: Path, rules: KeyFileRules, *, as_file: bool) -> None:
    git = stick / ".git"
    if as_file:
        git.write_text("gitdir: elsewhere")
    else:
        git.mkdir()
    (stick / "deep" / "down").mkdir(parents=True)

    for refused in refusals(stick / "deep" / "down" / "key", rules):
        assert refused.place is BadPlace.GIT_WORK_TREE
        assert refused.offender == stick
        assert "git work tree" in str(refused)


@requirement("vault.slots.key-file-place")
def test_no_link_or_detour_hides_a_bad_place(
    home: VaultHome, stick: Path, rules: KeyFileRules
) -> None:
    (stick / "innocent").symlink_to(home.path)
    (stick / "key").symlink_to(home.path / "key")

    for path in (stick / "innocent" / "key", stick / "key", stick / ".." / "vault" / "key"):
        assert {refused.place for refused in refusals(path, rules)} == {BadPlace.VAULT_HOME}


@requirement("vault.slots.key-file-place")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o777])
def test_a_file_that_others_can_read_or_change_is_refused(
    stick: Path, rules: KeyFileRules, mode: int
) -> None:
    create_key_file(stick / "key", rules)
    (stick / "key").chmod(mode)

    with pytest.raises(KeyFilePlaceError) as refused:
        read_key_file(stick / "key", rules)

    assert refused.value.place is BadPlace.OPEN_TO_OTHERS
    assert "chmod 600" in refused.value.hint


@requirement("vault.slots.key-file-place")
def test_a_file_of_another_account_is_refused(stick: Path, rules: KeyFileRules) -> None:
    create_key_file(stick / "key", rules)
    status = list((stick / "key").stat())
    status[stat.ST_UID] = rules.uid + 1

    with pytest.raises(KeyFilePlaceError) as refused:
        rules.check_owner(stick / "key", os.stat_result(status))

    assert refused.value.place is BadPlace.OPEN_TO_OTHERS


@requirement("vault.slots.key-file-place")
def test_a_link_of_another_account_is_refused(
    stick: Path, home: VaultHome, rules: KeyFileRules
) -> None:
    create_key_file(stick / "key", rules)
    (stick / "link").symlink_to(stick / "key")
    somebody_else = KeyFileRules(home.path, uid=os.geteuid() + 1)

    assert read_key_file(stick / "link", rules) == read_key_file(stick / "key", rules)
    for refused in refusals(stick / "link", somebody_else):
        assert refused.place is BadPlace.FOREIGN_LINK
        assert refused.offender == stick / "link"
        assert "somebody else's link" in str(refused)


@requirement("vault.slots.key-file-place")
@pytest.mark.skipif(os.geteuid() == 0, reason="folders that root links are part of the system")
def test_a_folder_that_another_account_links_is_refused(
    stick: Path, tmp_path: Path, home: VaultHome
) -> None:
    (tmp_path / "way").symlink_to(stick)
    somebody_else = KeyFileRules(home.path, uid=os.geteuid() + 1)

    for refused in refusals(tmp_path / "way" / "key", somebody_else):
        assert refused.place is BadPlace.FOREIGN_LINK


def test_links_in_a_circle_are_reported(stick: Path, rules: KeyFileRules) -> None:
    (stick / "a").symlink_to(stick / "b")
    (stick / "b").symlink_to(stick / "a")

    with pytest.raises(KeyFileUnreadableError):
        read_key_file(stick / "a", rules)
    with pytest.raises((KeyFileNotWrittenError, KeyFileExistsError)):
        create_key_file(stick / "a", rules)


def test_a_named_pipe_is_refused_and_not_waited_for(stick: Path, rules: KeyFileRules) -> None:
    os.mkfifo(stick / "key", 0o600)

    with pytest.raises(KeyFileDamagedError):
        read_key_file(stick / "key", rules)


def test_a_folder_is_no_key_file(stick: Path, rules: KeyFileRules) -> None:
    (stick / "key").mkdir(mode=0o700)

    with pytest.raises((KeyFileDamagedError, KeyFileUnreadableError)):
        read_key_file(stick / "key", rules)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 5000,
        b"mnemosyne key file 1\n",
        b"mnemosyne key file 2\nkey 00\n",
        b"key zz\n",
    ],
)
def test_a_foreign_file_is_no_key_file(stick: Path, rules: KeyFileRules, content: bytes) -> None:
    (stick / "key").write_bytes(content)
    (stick / "key").chmod(0o600)

    with pytest.raises(KeyFileDamagedError) as refused:
        read_key_file(stick / "key", rules)

    assert refused.value.code == "key-file-damaged"


@given(data=st.data())
def test_a_key_that_lost_or_changed_a_digit_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("stick")
    rules = KeyFileRules(folder / "vault")
    made = create_key_file(folder / "key", rules)
    text = (folder / "key").read_text("ascii")
    at = text.index("key " + made.material.hex()) + 4 + data.draw(st.integers(0, 63))
    digit = data.draw(st.sampled_from([c for c in ["", *"0123456789abcdef"] if c != text[at]]))
    (folder / "key").write_text(text[:at] + digit + text[at + 1 :], "ascii")

    with pytest.raises(KeyFileDamagedError):
        read_key_file(folder / "key", rules)


def test_the_key_that_wraps_depends_on_the_salt() -> None:
    key = KeyFile(bytes(32))

    assert key.wrapping_key(b"1" * 16) != key.wrapping_key(b"2" * 16)
