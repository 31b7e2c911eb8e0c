"""What the commands of a DID tell: causes before suspicions, and names that can be typed again."""

from pathlib import Path

import pytest

from mnemosyne.identity import authoring
from mnemosyne.identity.cards import Card, encode
from mnemosyne.identity.examples import Examples, key_of
from mnemosyne.identity.log import History
from mnemosyne.identity.parameters import key_hash
from mnemosyne.kit.crypto.multikey import encode_multikey
from tests.cli.conftest import Cli, Made
from tests.clock import SetClock

USUAL = "a backup of your own was restored"
ESCAPES = "Ev\x1b[31mil\u202e"


def phrase_in(vault: Made) -> str:
    path = vault.folder / "phrase.txt"
    path.write_text(vault.phrase + "\n", "utf-8")
    path.chmod(0o600)
    return str(path)


def forks(history: History, clock: SetClock) -> list[Card]:
    """Return cards of one DID that rival each other, each with one entry more than ``history``."""
    return [
        Card(
            history.did,
            (
                *history.entries,
                authoring.update(
                    history,
                    key_of("updated hot 3"),
                    next_key_hashes=[key_hash(encode_multikey(key_of(name).public))],
                    document=history.document or {},
                    time=clock().replace(microsecond=0),
                ),
            ),
        )
        for name in ("one", "other")
    ]


def test_after_a_restore_log_show_and_update_tell_one_story(cli: Cli, vault: Made) -> None:
    cli.ok("did", "create")
    stick = vault.folder / "stick"
    stick.mkdir()
    cli.ok("backup", "make", str(stick))
    cli.ok("did", "update", "--mirror", "https://one.example/", "--yes")
    (backup,) = stick.glob("*.backup")
    phrase = ("--phrase-file", phrase_in(vault))
    cli.ok(*phrase, "restore", str(backup), "--yes", "--allow-older")
    cli.ok("did", "confirm", str(vault.home / "did-log.jsonl"))

    log, shown = cli("did", "log"), cli("did", "show")
    refused = cli("did", "update", "--mirror", "https://two.example/", "--yes")

    assert refused.code == 4
    assert "not written here" not in log.out
    for answer in (log, shown, refused):
        told = " ".join(answer.err.split())
        assert "does not hold the keys for the next entry of your DID" in told
        assert USUAL in told
        assert "did recover" in told
        assert "stolen" not in told
    assert "mirror" in shown.out
    assert all(each["own"] for each in cli.json("did", "log")["entries"])
    dry = cli.ok("did", "recover", "--dry-run")
    assert "entry 2, update" in dry
    assert "nothing" in dry


def test_a_change_that_changes_nothing_says_so_once(cli: Cli) -> None:
    cli.ok("did", "create")
    change = ("did", "update", "--mirror", "https://one.example/")
    dry = cli(*change, "--dry-run")
    cli.ok(*change, "--yes")

    again = cli(*change, "--yes")

    assert "keys that change the log become new" in dry.out
    assert "keys" not in again.out
    assert "says so already" in again.err


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--name", ESCAPES, "characters that do not show"),
        ("--name", "", "is empty"),
        ("--hint", "foo", "https URL, or http on this machine"),
    ],
)
def test_a_card_that_nobody_would_read_is_not_made(
    cli: Cli, option: str, text: str, said: str
) -> None:
    cli.ok("did", "create")

    answer = cli("did", "card", option, text)

    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def test_versions_go_by_the_names_that_are_shown(cli: Cli) -> None:
    did = str(cli.json("did", "create")["did"])
    cli.ok("did", "update", "--mirror", "https://one.example/", "--yes")
    ending = cli.json("did", "log")["entries"][0]["version_id"][-8:]

    def version(*options: str) -> str:
        found = cli.json("did", "resolve", did, *options)["didDocumentMetadata"]
        return str(found["versionId"]).split("-")[0]

    shown = cli.ok("did", "log")
    assert ending in shown
    assert "+ mirror  https://one.example/" in shown
    assert [version("--version-id", each) for each in ("1", "2", ending)] == ["1", "2", "1"]
    assert version("--version-time", "today") == "2"
    assert cli("did", "resolve", did, "--version-id", "7").code == 3
    assert cli("did", "resolve", did, "--version-time", "yesterday").code == 3
    unclear = cli("did", "resolve", did, "--version-time", "some day")
    assert (unclear.code, "did:mnem" in unclear.err) == (2, False)
    assert "did:key:z6Mk" in cli("did", "resolve", "did:key:z6MkNo").err
    planned = cli.json("did", "recover", "--from", ending, "--dry-run")
    assert str(planned["from"]).startswith("1-")
    two = cli("did", "resolve", did, "--version-id", "bciq")
    assert two.code == 3  # it is no ending and no beginning


def test_rivals_are_told_in_the_list_until_a_recovery_settles_them(
    cli: Cli, clock: SetClock, tmp_path: Path
) -> None:
    history = Examples(clock).history(Examples(clock).active)
    one, other = forks(history, clock)
    card = tmp_path / "grace.card"
    card.write_bytes(encode(one))
    cli.ok("people", "add-card", str(card), "--name", "Grace")
    assert "rival" not in cli.ok("people", "list")
    card.write_bytes(encode(other))
    forked = cli("people", "add-card", str(card))

    (listed,) = cli.json("people", "list")["people"]

    assert "Their log has rivals" in forked.err
    assert listed["equivocation"] is True
    assert "rival logs" in cli.ok("people", "list")


def test_what_is_no_card_is_named_as_what_it_is(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "code.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    noise = tmp_path / "noise"
    noise.write_bytes(b"[" * 40 + bytes(range(256)))

    picture, garbled = (cli("people", "add-card", str(each)) for each in (file, noise))

    assert (picture.code, garbled.code) == (6, 6)
    assert "It is a picture" in picture.err
    assert "phone" in picture.err
    assert "It is no text" in garbled.err
    folder = tmp_path / "codes.svg"
    folder.mkdir()
    cli.ok("did", "create")
    assert "There is a folder of that name" in cli("did", "card", "--svg", str(folder)).err


def test_confirming_nothing_says_first_that_there_is_no_did(cli: Cli) -> None:
    assert cli("did", "confirm").code == 3
    cli.ok("did", "create")
    assert cli("did", "confirm").code == 2


def test_a_deactivated_did_is_told_to_its_owner_as_theirs(cli: Cli, vault: Made) -> None:
    cli.ok("did", "create")
    cli.ok("did", "deactivate", "--yes")

    refused = cli("did", "update", "--mirror", "https://one.example/", "--yes")

    assert refused.code == 4
    assert "did recover" in refused.err
    assert "this person" not in refused.err
    phrase = ("--phrase-file", phrase_in(vault))
    cli.ok("did", "deactivate", "--for-ever", "--yes", *phrase)
    shown = cli.ok("did", "show")
    assert "ended for good" in shown
    assert "did recover" not in shown
