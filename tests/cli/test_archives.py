import json
import stat
import zipfile
from pathlib import Path

import pytest

from mnemosyne.cli.archiving import ExportFormat
from mnemosyne.safekeeping.selection import ExportForm
from tests.cli.conftest import Cli
from tests.cli.terminal import Terminal
from tests.requirements import requirement


@pytest.fixture
def enriched(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Remember three things and have them checked for secrets."""
    cli.capture("By the lake", "--tag", "lake", "--when", "2025-03-12")
    cli.capture("In town", "--when", "2025-03-13")
    monkeypatch.setenv("MNEMOSYNE_DRAIN_SECONDS", "60")  # the last command works all of it off
    cli.capture("AWS_SECRET=AKIAIOSFODNN7EXAMPLE and more", "--tag", "lake")
    return cli


def make_another_vault(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a second, empty vault and go on with that one."""
    folder.mkdir()
    monkeypatch.setenv("MNEMOSYNE_HOME", str(folder / "home"))
    monkeypatch.setenv("MNEMOSYNE_KEY_FILE", str(folder / "k"))
    cli.ok("init", "--key-file", str(folder / "k"), "--phrase-out", str(folder / "p"))


@requirement("archive.said")
def test_a_plain_archive_is_announced_and_private(cli: Cli, environment: Path) -> None:
    cli.capture("something")
    file = environment / "ada.mnemosyne"

    answer = cli("archive", "export", str(file))

    assert answer.code == 0
    assert "not be encrypted: whoever has the file can read everything" in answer.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert zipfile.is_zipfile(file)
    assert "memories   1" in answer.out


@requirement("archive.said")
def test_an_archive_is_sealed_when_asked_and_opens_with_its_passphrase(
    cli: Cli, environment: Path
) -> None:
    cli.capture("a very private sentence")
    file = environment / "ada.mnemosyne"

    made = cli.json("archive", "export", str(file), "--encrypt", "--generate")

    assert made["archive"]["sealed"] is True
    assert b"private sentence" not in file.read_bytes()
    assert not zipfile.is_zipfile(file)
    with Terminal("archive", "inspect", str(file)) as terminal:
        terminal.wait_for("Passphrase of the archive")
        terminal.type(made["passphrase"])
        terminal.wait_for("The archive is whole")
        assert terminal.end() == 0


def test_an_archive_names_who_signed_it(cli: Cli, environment: Path) -> None:
    cli.capture("something")
    file = environment / "ada.mnemosyne"
    cli.ok("archive", "export", str(file))
    key = cli.json("status")["vault"]["node_key"]

    assert key in cli.ok("archive", "inspect", str(file))
    assert cli.json("archive", "inspect", str(file))["archive"]["signer"] == key


def test_a_changed_byte_of_an_archive_is_found(cli: Cli, environment: Path) -> None:
    cli.capture("something")
    file = environment / "ada.mnemosyne"
    cli.ok("archive", "export", str(file))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    assert cli("archive", "inspect", str(file)).code == 6


def test_an_archive_goes_into_an_empty_vault_and_into_no_other(
    cli: Cli, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = cli.capture("carried over", "--tag", "x")
    file = environment / "ada.mnemosyne"
    cli.ok("archive", "export", str(file))
    assert cli("archive", "import", str(file)).code == 4

    make_another_vault(cli, environment / "second", monkeypatch)
    assert "Everything in the archive is here now" in cli.ok("archive", "import", str(file))
    make_another_vault(cli, environment / "third", monkeypatch)
    assert cli.json("archive", "import", str(file))["rows"]["memory"] == 1

    found = cli.json("list")["memories"]
    assert [(each["id"], each["tags"]) for each in found] == [(reference, ["x"])]


def test_an_archive_never_replaces_a_file(cli: Cli, environment: Path) -> None:
    (file := environment / "mine").write_text("mine")

    assert cli("archive", "export", str(file)).code == 8
    assert file.read_text() == "mine"


@requirement("export.selected", "secrets.leaving")
def test_a_selection_leaves_and_what_may_hold_a_secret_stays(
    enriched: Cli, environment: Path
) -> None:
    file = environment / "lake.jsonl"

    shown = enriched.ok("export", str(file), "--tag", "lake")

    assert "Written: 1 memory" in shown
    assert "Kept back: 1" in shown
    assert [json.loads(line)["content"] for line in file.read_text().splitlines()] == [
        "By the lake"
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@requirement("secrets.leaving")
def test_with_redact_everything_leaves_and_secrets_are_masked(
    enriched: Cli, environment: Path
) -> None:
    file = environment / "lake.md"

    document = enriched.json("export", str(file), "--redact", "all", "--format", "markdown")

    assert document == {"path": str(file), "written": 3, "held_back": 0}
    text = file.read_text("utf-8")
    assert "AKIAIOSFODNN7EXAMPLE" not in text
    assert "By the lake" in text


@pytest.mark.parametrize(
    ("name", "options", "begins"),
    [
        ("all.md", [], "## "),
        ("all.jsonl", [], "{"),
        ("all.md", ["--format", "jsonl"], "{"),
        ("all.txt", [], "{"),
    ],
)
def test_the_form_follows_the_name_of_the_file_unless_given(
    enriched: Cli, environment: Path, name: str, options: list[str], begins: str
) -> None:
    file = environment / name

    enriched.ok("export", str(file), *options)

    assert file.read_text("utf-8").startswith(begins)


def test_the_forms_that_help_lists_are_those_that_are_written() -> None:
    assert [each.value for each in ExportFormat] == [each.value for each in ExportForm]


@requirement("secrets.leaving")
def test_the_full_archive_and_backups_hold_everything(enriched: Cli, environment: Path) -> None:
    file = environment / "ada.mnemosyne"
    enriched.ok("archive", "export", str(file))
    (backups := environment / "backups").mkdir()

    made = enriched.json("backup", "make", str(backups))

    with zipfile.ZipFile(file) as archive:
        texts = b"".join(archive.read(name) for name in archive.namelist())
    assert b"AKIAIOSFODNN7EXAMPLE" in texts
    assert made["verdict"]["rows"]["memory"] == 3
