"""The record is verified, its head is taken out, and a person is erased: by the commands."""

import asyncio
import base64
import json
import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from mnemosyne import bootstrap
from mnemosyne.audit import checkpoints
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_file import KeyFileRules, read_key_file
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.safekeeping import snapshot
from mnemosyne.settings import Settings
from tests.cli.conftest import Cli
from tests.requirements import requirement


def tamper(statement: str) -> None:
    home = VaultHome(Path(os.environ["MNEMOSYNE_HOME"]))
    key = read_key_file(Path(os.environ["MNEMOSYNE_KEY_FILE"]), KeyFileRules(home.path))

    def write(tx: Connection) -> None:
        tx.execute(text(statement))

    snapshot.change(home.database, KeySlots(home).unlock(key).database_key(), write)


@requirement("audit.tampering", "audit.checkpoint")
def test_a_kept_checkpoint_is_compared_and_a_changed_entry_is_named(
    cli: Cli, environment: Path
) -> None:
    file, note = environment / "record.json", environment / "record.txt"
    assert "is whole" in cli.ok("audit", "verify")
    cli.ok("audit", "checkpoint", str(file))
    cli.ok("audit", "checkpoint", str(note), "--note")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert note.read_text("utf-8").startswith("mnemosyne/")
    assert json.loads(file.read_text("utf-8"))["note"] == note.read_text("utf-8")
    whole = cli.json("audit", "verify", str(file), str(note))
    assert whole["whole"]
    assert [each["agrees"] for each in whole["records"][0]["compared"]] == [True, True]
    tamper("UPDATE audit_entry SET type = 'nothing' WHERE seq = 1")

    told = cli("audit", "verify", str(file))
    document = cli("audit", "verify", str(file), "--json")

    assert (told.code, document.code) == (6, 6)
    assert "first bad entry 1, changed" in told.out
    first = document.json["records"][0]["first_bad"]
    assert (first["fault"], first["entry"], first["last"]) == ("changed", 1, 1)


def test_a_file_that_is_there_is_not_written_over(cli: Cli, environment: Path) -> None:
    file = environment / "record.json"
    file.write_text("mine", "utf-8")

    for command in ("checkpoint", "export"):
        assert cli("audit", command, str(file)).code == 8
    assert cli("audit", "checkpoint", str(environment / "none" / "x")).code == 8
    assert file.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("content", "code"), [(None, 3), ("nothing of the kind", 2), ('{"a": 1}', 2)]
)
def test_what_cannot_be_compared_is_said(
    cli: Cli, environment: Path, content: str | None, code: int
) -> None:
    file = environment / "kept"
    if content is not None:
        file.write_text(content, "utf-8")

    answer = cli("audit", "verify", str(file))

    assert answer.code == code
    assert "kept" in answer.err


def test_the_head_is_printed_and_comes_back_through_a_pipe(cli: Cli) -> None:
    printed = cli.ok("audit", "checkpoint")
    note, leaves = checkpoints.parts_of(json.loads(printed))

    assert cli.json("audit", "checkpoint", "--note") == {"note": note}
    assert cli.ok("audit", "checkpoint", "--note") == note
    assert len(leaves) == cli.json("audit", "verify")["records"][0]["entries"]
    assert "agrees with the pipe" in cli.ok("audit", "verify", "-", stdin=printed)


def test_a_whole_record_is_written_out(cli: Cli, environment: Path) -> None:
    file = environment / "record.jsonl"

    assert cli.json("audit", "export", str(file)) == {"file": str(file), "entries": 1}

    first = json.loads(file.read_text("utf-8").splitlines()[1])
    assert json.loads(base64.b64decode(first["entry"]))["type"] == "init"
    assert cli.json("audit", "verify", str(file))["whole"]


@requirement("audit.reads")
def test_who_read_a_memory_is_told_by_the_next_command(cli: Cli) -> None:
    read, unread = cli.capture("The quince tree blooms."), cli.capture("The lake is calm.")
    cli.ok("get", read)
    cli.ok("search", "quince", "--limit", "1")

    shown = cli.ok("audit", "reads", read[-8:])
    document = cli.json("audit", "reads", read)["reads"]

    assert "local (shell)" in shown
    assert [each["how"] for each in document] == ["search", "show"]
    assert cli.json("audit", "reads", unread)["reads"] == []
    assert "Nobody read it." in cli.ok("audit", "reads", unread)
    types = [each["type"] for each in cli.json("audit", "log", "--reads")["entries"]]
    assert types == ["read", "read", "init"]
    assert [each["type"] for each in cli.json("audit", "log")["entries"]] == ["init"]
    assert cli("audit", "reads", "0" * 8).code == 3


def test_a_vault_in_which_nothing_was_read_says_so(cli: Cli) -> None:
    assert "Nothing was read yet." in cli.ok("audit", "reads")


@requirement("erase.person")
def test_a_person_is_erased_by_their_name_and_their_record_still_verifies(
    cli: Cli, environment: Path
) -> None:
    cli.capture("The quince tree blooms.")
    kept, receipt = environment / "record.json", environment / "receipt.json"
    cli.ok("audit", "checkpoint", str(kept))
    preview = cli.json("account", "erase", "--dry-run")
    assert (preview["name"], preview["rows"]["memory"]) == ("Ada", 1)
    assert "Nothing was erased" in cli.ok("account", "erase", "--dry-run")

    for refused in ((), ("--confirm", "Grace"), ("--json",)):
        assert cli("account", "erase", *refused).code in {2, 4}
    receipt.write_text("mine", "utf-8")
    said = cli("account", "erase", "--confirm", "Ada", "--receipt-out", str(receipt))
    assert said.code == 8
    receipt.unlink()
    assert cli.json("status")["memories"] == 1

    told = cli.ok("account", "erase", "--confirm", "Ada", "--receipt-out", str(receipt))

    assert "Erased." in told
    assert cli.ok("audit", "verify-receipt", str(receipt))
    after = cli.json("audit", "verify", str(kept), str(receipt))
    assert after["whole"]
    assert after["records"][0]["erased"]
    for command in (("list",), ("status",), ("capture", "something")):
        answer = cli(*command)
        assert answer.code == 4
        assert "was erased" in answer.err


def test_the_receipt_of_an_erased_person_is_printed_when_it_has_no_file(cli: Cli) -> None:
    document = cli.json("account", "erase", "--confirm", "Ada")

    assert document["state"] == "erased"
    assert document["receipt"]["payload"]["rows"] == document["rows"]
    assert canonical_json(document["receipt"])


@requirement("erase.person")
def test_the_receipt_of_an_erase_that_was_interrupted_can_still_be_had(
    cli: Cli, environment: Path
) -> None:
    asyncio.run(erased_without_receipt(cli))
    receipt = environment / "receipt.json"
    assert "mnemosyne account erase" in cli("status").err
    assert cli("account", "erase", "--dry-run").code == 4

    told = cli.ok("account", "erase", "--receipt-out", str(receipt))

    assert "Erased." in told
    assert cli.ok("audit", "verify-receipt", str(receipt))
    assert json.loads(receipt.read_text())["payload"]["rows"]["person"] == 1
    for command in (("account", "erase"), ("status",)):
        answer = cli(*command)
        assert answer.code == 4
        assert "account erase" not in answer.err
    assert cli.json("audit", "verify")["whole"]


async def erased_without_receipt(cli: Cli) -> None:
    home = Path(os.environ["MNEMOSYNE_HOME"])
    key = read_key_file(Path(os.environ["MNEMOSYNE_KEY_FILE"]), KeyFileRules(home))
    async with bootstrap.opened(Settings(home=home), key, "test", cli.clock) as app:
        await app.person_erasure.erase(Principal.local(app.person.id))


def test_a_receipt_that_has_no_place_is_handed_out_when_it_is_asked_for_again(
    cli: Cli, environment: Path
) -> None:
    asyncio.run(erased_without_receipt(cli))
    receipt = environment / "receipt.json"
    receipt.write_text("mine", "utf-8")
    assert cli("account", "erase", "--receipt-out", str(receipt)).code == 8
    receipt.write_text("", "utf-8")  # as an erase that was interrupted leaves it

    assert cli.json("account", "erase", "--receipt-out", str(receipt))["state"] == "erased"

    assert json.loads(receipt.read_text())["proof"]
