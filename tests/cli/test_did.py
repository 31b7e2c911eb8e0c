import json
import os
from pathlib import Path

import pytest

from mnemosyne.cli.rotating import KeyName
from mnemosyne.identity.model import Rotated
from mnemosyne.kit.vault.phrase import parse_phrase
from tests.cli.conftest import Cli, Made
from tests.cli.terminal import Terminal
from tests.requirements import requirement


@pytest.fixture
def phrase_file(vault: Made) -> str:
    path = vault.folder / "phrase.txt"
    path.write_text(vault.phrase + "\n", "utf-8")
    path.chmod(0o600)
    return str(path)


def made(cli: Cli) -> str:
    return str(cli.json("did", "create")["did"])


@requirement("identity.create")
def test_a_did_is_made_once_and_shown(cli: Cli, vault: Made) -> None:
    assert cli("did", "show").code == 3

    did = made(cli)

    assert did in cli.ok("did", "show")
    shown = cli.json("did", "show")
    assert (shown["confirmed"], shown["writable"], shown["epoch"]) == (True, True, 0)
    assert shown["document"]["id"] == did
    again = cli("did", "create")
    assert (again.code, did in again.err) == (4, True)
    raw = cli.ok("did", "log", "--raw")
    assert (vault.home / "did-log.jsonl").read_text("utf-8") == raw
    assert "create" in cli.ok("did", "log")
    assert [each["standing"] for each in cli.json("did", "log")["entries"]] == ["current"]


@requirement("identity.rotate")
def test_keys_are_made_new_from_the_shell(cli: Cli) -> None:
    made(cli)

    shown = cli.ok("key", "rotate", "--only", "sig")
    changed = cli.json("key", "rotate")

    assert "+ #sig-2" in shown
    assert "- #sig-1" in shown
    assert {each["what"] for each in changed["differences"] if each["added"]} == {
        "#sig-3",
        "#enc-2",
        "#node-2",
    }
    assert [each.value for each in KeyName] == [each.value for each in Rotated]
    assert "stays as it is" in cli.ok("key", "rotate", "--only", "hot")


@requirement("identity.update")
def test_a_change_of_the_document_is_shown_and_confirmed_first(cli: Cli) -> None:
    made(cli)
    change = ("did", "update", "--service-endpoint", "https://ada.example")

    dry = cli(*change, "--dry-run")
    refused = cli(*change)
    done = cli(*change, "--yes", "--add-service", "blog LinkedDomains https://blog.example")

    assert "+ #node  MnemosyneNode https://ada.example" in dry.out
    assert "Nothing was written" in dry.err
    assert refused.code == 2  # nobody can be asked
    assert "Written as entry 2" in done.out
    assert "append-only" in done.err
    assert cli.json(*change, "--yes")["written"] is False
    assert cli("did", "update").code == 2
    assert cli("did", "update", "--add-service", "blog").code == 2
    assert cli("did", "update", "--mirror", "nowhere", "--yes").code == 2


@requirement("identity.recovery")
def test_a_did_is_recovered_from_the_shell(cli: Cli, phrase_file: str) -> None:
    did = made(cli)
    recover = ("did", "recover", "--phrase-file", phrase_file)

    rehearsed = cli.json(*recover, "--rehearse")
    dry = cli.json("did", "recover", "--dry-run", "--from", "1")
    done = cli(*recover, "--yes")

    assert rehearsed == {"did": did, "fits": True, "opens": True}
    assert (dry["recovered"], dry["nullified"], dry["epoch"]) == (False, [], 1)
    assert "entry 2 beats every other one" in done.out
    assert cli.json(*recover, "--yes")["epoch"] == 2
    assert cli("did", "recover", "--from", "1", "--dry-run").code == 3
    assert "recovers your DID" in cli.ok(*recover, "--rehearse")


@requirement("identity.rehearsal")
def test_a_phrase_that_does_not_fit_is_told_apart(cli: Cli, environment: Path) -> None:
    made(cli)
    other = environment / "other.txt"
    other.write_text("abandon " * 23 + "art", "utf-8")
    other.chmod(0o600)

    rehearse = ("did", "recover", "--rehearse", "--phrase-file", str(other))
    found, told = cli(*rehearse, "--json"), cli(*rehearse)

    assert (found.json["fits"], found.json["opens"]) == (False, False)
    assert "does not recover" in told.out
    assert found.code == told.code == 7
    assert cli("did", "recover", "--yes", "--phrase-file", str(other)).code == 7


@requirement("identity.deactivate")
def test_a_did_is_ended_for_now_and_for_ever(cli: Cli, phrase_file: str) -> None:
    made(cli)

    assert cli("did", "deactivate").code == 2
    assert "deactivated" in cli.ok("did", "deactivate", "--yes")
    assert "used no more" in cli.ok("did", "show")
    assert cli("key", "rotate").code == 4
    cli.ok("did", "recover", "--yes", "--phrase-file", phrase_file)
    ended = cli.json("did", "deactivate", "--for-ever", "--yes", "--phrase-file", phrase_file)
    assert ended["deactivated"] is True
    assert cli("did", "recover", "--yes", "--phrase-file", phrase_file).code == 4


@requirement("identity.deactivate")
def test_ending_a_did_asks_for_its_last_letters(cli: Cli) -> None:
    did = made(cli)

    with Terminal("did", "deactivate") as terminal:
        terminal.wait_for("recovery phrase can")
        terminal.wait_for(did[-8:])
        terminal.type("nothing")
        assert terminal.end() == 4


@requirement("identity.restored")
def test_a_restored_vault_is_compared_from_the_shell(
    cli: Cli, vault: Made, phrase_file: str
) -> None:
    made(cli)
    stick = vault.folder / "stick"
    stick.mkdir()
    cli.ok("backup", "make", str(stick))
    cli.ok("key", "rotate")
    (backup,) = stick.glob("*.backup")
    restored = cli("--phrase-file", phrase_file, "restore", str(backup), "--yes", "--allow-older")
    assert restored.code == 0, restored.err
    assert "the copy of its log beside the vault is ahead" in restored.out

    refused = cli("key", "rotate")
    assert refused.code == 4
    copy = str(vault.home / "did-log.jsonl")
    assert copy in refused.err
    assert "ahead by 1" in " ".join(cli("did", "show").err.split())
    assert cli("did", "confirm", "--nothing-newer").code == 4
    assert cli("did", "confirm").code == 2

    confirmed = cli("did", "confirm", copy)

    assert "Taken over" in confirmed.out
    assert "entry 2, update" in confirmed.out
    assert "recovery phrase" in " ".join(confirmed.err.split())
    assert cli("key", "rotate").code == 4
    cli.ok("did", "recover", "--yes", "--phrase-file", phrase_file)
    assert cli.json("did", "confirm", copy)["adopted"] == []


@requirement("vault.slots.phrase-replace")
def test_a_new_phrase_takes_the_place_of_the_old_one(
    cli: Cli, vault: Made, phrase_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(cli)
    new = vault.folder / "new-phrase.txt"
    replace = ("key", "phrase", "replace", "--phrase-out", str(new))
    assert cli("key", "phrase", "replace").code == 2  # nobody can be asked for three words

    done = cli(*replace, "--phrase-file", phrase_file)

    assert done.code == 0, done.err
    assert "alone recovers your DID" in done.out
    assert "Your DID has entry 2 for it, of the type recover" in done.out
    assert "did card" in done.out
    assert "still open with the old phrase" in " ".join(done.out.split())
    assert new.stat().st_mode & 0o777 == 0o600
    assert parse_phrase(new.read_text("ascii")).words
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")
    assert cli("--phrase-file", phrase_file, "did", "show").code == 7
    with_new = ("--phrase-file", str(new))
    assert cli(*with_new, "did", "show").code == 0
    found = cli.json(*with_new, "did", "recover", "--rehearse", "--phrase-file", str(new))
    assert (found["fits"], found["opens"]) == (True, True)
    assert cli(*with_new, *replace, "--phrase-file", phrase_file).code == 7
    types = [
        each["type"] for each in json.loads(cli(*with_new, "audit", "log", "--json").out)["entries"]
    ]
    assert {"phrase-replaced", "did-recovered"} <= set(types)


@requirement("vault.slots.phrase-replace")
def test_a_wrong_old_phrase_makes_no_new_one(cli: Cli, environment: Path) -> None:
    made(cli)
    other = environment / "other.txt"
    other.write_text("abandon " * 23 + "art", "utf-8")
    other.chmod(0o600)
    new = environment / "new.txt"

    answer = cli("key", "phrase", "replace", "--phrase-out", str(new), "--phrase-file", str(other))

    assert answer.code == 7
    assert not os.path.lexists(new)


@requirement("contacts.card", "identity.card-qr")
def test_a_card_is_written_and_read_in_every_form(
    cli: Cli, vault: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    did = made(cli)
    card = tmp_path / "ada.card"
    card.write_text(cli.ok("did", "card"), "utf-8")
    frames = cli.ok("did", "card", "--qr")
    for kind, magic in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        cli.ok("did", "card", f"--{kind}", str(tmp_path / f"code.{kind}"))
        assert (tmp_path / f"code.{kind}").read_bytes().startswith(magic)
    assert cli("did", "card", "--svg", str(tmp_path / "code.svg")).code == 8
    assert cli("did", "card", "--hint", "nowhere").code == 2
    assert cli.json("did", "card", "--name", "Ada")["card"]["name"] == "Ada"
    assert "Ada" not in card.read_text("utf-8")
    monkeypatch.setenv("MNEMOSYNE_HOME", str(tmp_path / "other"))
    monkeypatch.setenv("MNEMOSYNE_KEY_FILE", str(tmp_path / "other.key"))
    phrase_out = ("--phrase-out", str(tmp_path / "other.phrase"))
    cli.ok("init", "--name", "Mira", "--key-file", str(tmp_path / "other.key"), *phrase_out)

    added = cli.json("people", "add-card", str(card), "--name", "Ada")
    again = cli("people", "add-card", "-", stdin=frames)

    assert (added["person"]["name"], added["person"]["did"]) == ("Ada", did)
    assert "still known by" in again.out
    assert did in cli.ok("people", "list")
    assert cli("people", "add-card", str(card), "--name", "Grace").code == 4
    assert cli.json("did", "resolve", did)["didDocument"]["id"] == did
    part = tmp_path / "part"
    part.write_text(frames.splitlines()[0], "ascii")
    missing = cli("people", "add-card", str(part))
    assert missing.code == 6
    assert "missing" in missing.err
    card.write_text(card.read_text("utf-8").replace("authentication", "authenticatioN"), "utf-8")
    assert cli("people", "add-card", str(card), "--name", "Grace").code == 6
    assert vault.home.exists()


def test_ones_own_card_is_refused_before_anything_is_asked(cli: Cli, tmp_path: Path) -> None:
    card = tmp_path / "ada.card"
    made(cli)
    card.write_text(cli.ok("did", "card"), "utf-8")

    answer = cli("people", "add-card", str(card))

    assert (answer.code, "own card" in answer.err) == (4, True)
