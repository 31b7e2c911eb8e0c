"""What is not well with a DID is said where the DID is shown and where its card is given away."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, Made


def test_a_card_of_a_did_with_rivals_is_given_with_a_warning(
    cli: Cli, vault: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.ok("did", "create")
    other = tmp_path / "twin"
    shutil.copytree(vault.home, other)
    cli.ok("key", "rotate", "--only", "hot")
    assert cli("did", "card").err == ""
    rival = tmp_path / "rival.jsonl"
    with monkeypatch.context() as twin:
        twin.setenv("MNEMOSYNE_HOME", str(other))
        cli.ok("key", "rotate", "--only", "hot")
        rival.write_text(cli.ok("did", "log", "--raw"), "utf-8")
    cli.ok("did", "confirm", str(rival))

    card, document = cli("did", "card"), cli("did", "card", "--json")

    assert "rival entries" in " ".join(card.err.split())
    assert "rival" not in card.out  # the card shows the way that was seen first
    assert "rival entries" in " ".join(document.err.split())
    assert document.code == 0
