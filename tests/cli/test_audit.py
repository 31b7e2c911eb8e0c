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
    assert cli.json("audit", "verify-receipt", str(receipt))["signer"] == key


def test_a_receipt_says_what_it_is_about(cli: Cli, receipt: Path) -> None:
    document = json.loads(receipt.read_text())

    shown = cli.ok("audit", "verify-receipt", str(receipt))
    found = cli.json("audit", "verify-receipt", str(receipt))

    assert (found["valid"], found["entry"], found["type"]) == (True, 3, "erased")
    assert found["payload"] == document["payload"]
    assert found["at"].startswith("2026-03-14T15:09")
    assert " ".join(shown.split()).count("entry 3 act erased at ") == 1
    assert all(f"  {name}" in shown for name in document["payload"])


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
    ("content", "code"), [(b"no json", 6), (b"[1]", 6), (b"{}", 6), (b"[" * 100_000, 6)]
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
    refused = cli("audit", "receipt", "99", "--json")

    assert refused.code == 3
    assert "mnemosyne audit log" in json.loads(refused.err)["error"]["hint"]
