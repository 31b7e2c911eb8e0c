import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli


@pytest.fixture
def receipt(cli: Cli, environment: Path) -> Path:
    """Save the receipt of an erase."""
    cli.ok("erase", cli.capture("gone"), "--yes")
    file = environment / "receipt.json"
    file.write_text(cli.ok("audit", "receipt", "3"))
    return file


def test_the_record_shows_the_newest_act_first(cli: Cli, receipt: Path) -> None:
    assert receipt.exists()
    lines = cli.ok("audit", "log").splitlines()

    assert [line.split()[-1] for line in lines[1:-1]] == ["erased", "erase", "init"]
    assert [e["entry"] for e in cli.json("audit", "log", "--before", "3")["entries"]] == [2, 1]
    assert len(cli.json("audit", "log", "--limit", "1")["entries"]) == 1


def test_a_receipt_names_the_node_that_signed_it(cli: Cli, receipt: Path) -> None:
    key = cli.json("status")["vault"]["node_key"]

    assert key in cli.ok("audit", "verify-receipt", str(receipt))
    assert cli.json("audit", "verify-receipt", str(receipt)) == {"valid": True, "signer": key}


def test_a_receipt_is_checked_without_a_vault(
    receipt: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MNEMOSYNE_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")

    assert cli.json("audit", "verify-receipt", "-", stdin=receipt.read_bytes())["valid"] is True
    assert not (tmp_path / "elsewhere").exists()


def test_a_changed_receipt_is_found(cli: Cli, receipt: Path) -> None:
    document = json.loads(receipt.read_text())
    document["payload"]["credential"] = "somebody else"
    receipt.write_text(json.dumps(document))

    answer = cli("audit", "verify-receipt", str(receipt))

    assert answer.code == 6
    assert answer.out == ""


@pytest.mark.parametrize(
    ("content", "code"), [(b"no json", 3), (b"[1]", 3), (b"{}", 6), (b"[" * 100_000, 3)]
)
def test_what_is_no_receipt_is_said_to_be_none(
    bare: Cli, environment: Path, content: bytes, code: int
) -> None:
    file = environment / "file"
    file.write_bytes(content)

    assert bare("audit", "verify-receipt", str(file)).code == code


def test_a_receipt_that_is_not_there_is_not_found(bare: Cli, environment: Path) -> None:
    assert bare("audit", "verify-receipt", str(environment / "none")).code == 3


def test_an_entry_that_is_not_there_is_not_found(cli: Cli) -> None:
    assert cli("audit", "receipt", "99").code == 3
