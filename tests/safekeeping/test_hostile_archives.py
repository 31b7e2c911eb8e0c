"""Hostile archives are refused before a row is written, whoever signed them."""

import asyncio
import io
import json
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.passphrase import Passphrase
from mnemosyne.safekeeping.archive import Archives, verify_archive
from mnemosyne.safekeeping.archive_errors import ArchiveContentError, ArchiveDamagedError
from mnemosyne.safekeeping.backup import OpenVault
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping import hostile_archives
from tests.safekeeping.vault import FAST, Vault, make_vault, open_vault

MEMORY = "records/memory-0001.jsonl"
Files = dict[str, bytes]


def archives(vault: Vault) -> Archives:
    facts = OpenVault(vault.home, vault.root, vault.identity)
    return Archives(vault.database, facts, PROVIDERS, vault.clock)


@pytest.fixture(scope="module")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a whole archive."""
    folder = tmp_path_factory.mktemp("genuine")
    vault = open_vault(make_vault(folder / "vault", SetClock()), SetClock())

    async def fill() -> None:
        await vault.remember("The quince tree blooms.", tags=("garden",))
        await archives(vault).write(vault.principal, folder / "genuine.zip")

    asyncio.run(fill())
    vault.close()
    return folder / "genuine.zip"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """Give a vault that stays empty, since whatever it is given is refused."""
    vault = open_vault(
        make_vault(tmp_path_factory.mktemp("empty") / "vault", SetClock()), SetClock()
    )
    yield vault
    vault.close()


async def refused(path: Path, empty: Vault) -> MnemosyneError:
    """Return why an archive is not taken over, and prove that nothing of it was."""
    with pytest.raises(MnemosyneError) as caught:
        await archives(empty).take_over(empty.principal, path)
    assert await empty.texts() == []
    assert [entry.type for entry in await empty.audit.entries(empty.principal)] == ["init"]
    return caught.value


def zipped(
    *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_STORED
) -> bytes:
    sink = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of names that are there twice
        with zipfile.ZipFile(sink, "w", method) as archive:
            for name, data in entries:
                archive.writestr(name, data)
    return sink.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def many() -> bytes:
    return zipped(*((f"records/{n}.jsonl", b"") for n in range(50_001)))


def claiming_many() -> bytes:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_535, 65_535, 2**31, 0, 0)
    return zipped(("README.txt", b""))[:-22] + end


CONTAINERS: dict[str, Callable[[], bytes]] = {
    "bomb": lambda: zipped((MEMORY, bytes(80_000_000)), method=zipfile.ZIP_DEFLATED),
    "out of it": lambda: zipped(("../evil", b"x")),
    "absolute": lambda: zipped(("/etc/evil", b"x")),
    "a drive": lambda: zipped(("C:\\evil", b"x")),
    "twice": lambda: zipped((MEMORY, b"1"), (MEMORY, b"2")),
    "twice in two cases": lambda: zipped((MEMORY, b"1"), (MEMORY.upper(), b"2")),
    "a link": lambda: zipped((link(MEMORY), b"/etc/passwd")),
    "nested": lambda: zipped(("records/inner.zip", zipped(("x", b"y")))),
    "too many": many,
    "claims too many": claiming_many,
    "empty": zipped,
    "nothing": lambda: b"",
    "no archive": lambda: b"\0" * 5000,
}


@requirement("archive.signed")
@pytest.mark.parametrize("kind", CONTAINERS)
async def test_a_hostile_container_is_refused(empty: Vault, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "hostile.zip"
    path.write_bytes(CONTAINERS[kind]())

    with pytest.raises(MnemosyneError):
        verify_archive(path)
    await refused(path, empty)


def other_counts(_files: Files, manifest: dict[str, Any]) -> None:
    manifest["tables"]["memory"]["rows"] = 2


def other_sums(_files: Files, manifest: dict[str, Any]) -> None:
    manifest["tables"]["memory"]["digest"] = "0" * 64


def missing_table(_files: Files, manifest: dict[str, Any]) -> None:
    del manifest["tables"]["memory_tag"]


def file_of_no_table(files: Files, manifest: dict[str, Any]) -> None:
    files["records/evil-0001.jsonl"] = b"{}\n"
    manifest["files"] = hostile_archives.stated(files)


def missing_file(files: Files, _manifest: dict[str, Any]) -> None:
    del files[MEMORY]


def path_out_of_it(files: Files, manifest: dict[str, Any]) -> None:
    files["../evil"] = b"{}\n"
    manifest["files"] = hostile_archives.stated(files)


def nested(files: Files, manifest: dict[str, Any]) -> None:
    files[MEMORY] = zipped(("x", b"y"))
    manifest["files"] = hostile_archives.stated(files)
    manifest["tables"]["memory"] = hostile_archives.table_of(files[MEMORY])


def gap_in_parts(files: Files, manifest: dict[str, Any]) -> None:
    files["records/memory-0003.jsonl"] = files[MEMORY]
    manifest["files"] = hostile_archives.stated(files)


@requirement("archive.signed")
@pytest.mark.parametrize(
    "change",
    [
        other_counts,
        other_sums,
        missing_table,
        file_of_no_table,
        missing_file,
        path_out_of_it,
        nested,
        gap_in_parts,
    ],
)
async def test_a_manifest_that_does_not_fit_is_refused_although_it_is_signed(
    empty: Vault,
    genuine: Path,
    tmp_path: Path,
    change: Callable[[Files, dict[str, Any]], None],
) -> None:
    files, manifest = hostile_archives.contents(genuine)
    change(files, manifest)
    path = tmp_path / "hostile.zip"
    hostile_archives.write(path, files, manifest)

    await refused(path, empty)


DEEP = "[" * 100_000 + "]" * 100_000

ROWS: dict[str, Callable[[dict[str, Any]], object]] = {
    "another column": lambda row: {**row, "evil": 1},
    "an owner": lambda row: {**row, "owner": "0" * 32},
    "a missing column": lambda row: {k: v for k, v in row.items() if k != "title"},
    "no row": lambda _row: [1],
    "a number that is text": lambda row: {**row, "version": "one"},
    "a text that is a list": lambda row: {**row, "content": ["x"]},
    "a half of a character": lambda row: {**row, "content": "\ud800"},
    "a number for a truth": lambda row: {**row, "never_share": 1},
    "a truth for a number": lambda row: {**row, "version": True},
    "no base64": lambda row: {**row, "content_hash": "§"},
    "a moment without offset": lambda row: {**row, "created_at": "2026-03-14T00:00:00"},
    "a moment elsewhere": lambda row: {**row, "created_at": "2026-03-14T00:00:00+02:00"},
    "no moment": lambda row: {**row, "created_at": 7},
    "an unknown type": lambda row: {**row, "type": "evil"},
    "an offset beyond the day": lambda row: {**row, "occurred_offset": 10**6},
    "an offset that is none": lambda row: {**row, "occurred_offset": "east"},
    "a number beyond 64 bits": lambda row: {**row, "version": 2**70},
    "reasons that are none": lambda row: {**row, "importance_reasons": 7},
    "attributes that are none": lambda row: {**row, "attributes": [1]},
    "depth": lambda row: {**row, "attributes": "DEEP"},
    "twice": lambda row: row,
}


@requirement("archive.signed")
@pytest.mark.parametrize("kind", ROWS)
async def test_rows_that_do_not_fit_are_refused_although_they_are_signed(
    empty: Vault, genuine: Path, tmp_path: Path, kind: str
) -> None:
    files, manifest = hostile_archives.contents(genuine)
    line = files[MEMORY].splitlines()[0]
    changed = json.dumps(ROWS[kind](json.loads(line)), sort_keys=True, separators=(",", ":"))
    data = changed.replace('"DEEP"', DEEP).encode() + b"\n"
    files[MEMORY] = data * 2 if kind == "twice" else data
    manifest["files"] = hostile_archives.stated(files)
    manifest["tables"]["memory"] = hostile_archives.table_of(files[MEMORY])
    path = tmp_path / "hostile.zip"
    hostile_archives.write(path, files, manifest)
    verify_archive(path)  # nothing is wrong with its bytes

    error = await refused(path, empty)

    assert isinstance(error, ArchiveContentError | ArchiveDamagedError)


async def test_the_forms_of_these_tests_are_those_of_the_writer(
    genuine: Path, tmp_path: Path, clock: SetClock
) -> None:
    path = tmp_path / "copied.zip"
    hostile_archives.write(path, *hostile_archives.contents(genuine))
    other = open_vault(make_vault(tmp_path / "other", clock), clock)

    assert verify_archive(path).fingerprint != verify_archive(genuine).fingerprint
    assert (await archives(other).take_over(other.principal, path)).rows["memory"] == 1

    other.close()


@pytest.mark.parametrize("cut", [10, 100, 1000, 5000])
async def test_a_sealed_archive_that_ends_early_is_refused(
    vault: Vault, tmp_path: Path, cut: int
) -> None:
    sealing = Passphrase("another-unlikely-string-of-words")
    path = tmp_path / "sealed.zip"
    await archives(vault).write(vault.principal, path, sealing, FAST)
    path.write_bytes(path.read_bytes()[:cut])

    with pytest.raises(MnemosyneError):
        verify_archive(path, sealing)
