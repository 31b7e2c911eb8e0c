"""How the page looks on a pipe and on a terminal, and the document that --json gives."""

import inspect
import re
import sys
from datetime import UTC
from pathlib import Path

import pytest

from mnemosyne.cli.moments import show
from mnemosyne.identity import cards
from mnemosyne.identity.cards import Card
from mnemosyne.identity.examples import Examples
from mnemosyne.memories.importing import dates
from tests.cli.commands import every_command
from tests.cli.conftest import Cli, Made
from tests.cli.terminal import Terminal
from tests.requirements import requirement

NO_RESULTS = {"init"}


def arguments_of(cli: Cli, folder: Path) -> dict[str, list[str]]:
    """Return for every command with --json what makes it print results, in a sensible order."""
    return {**of_the_engine(cli, folder), **of_the_account(cli), **of_identity(cli, folder)}


def of_identity(cli: Cli, folder: Path) -> dict[str, list[str]]:
    other = Examples(cli.clock).history(Examples(cli.clock).active)
    (card := folder / "other.card").write_bytes(cards.encode(Card(other.did, other.path)))
    phrase = ["--phrase-file", str(folder / "phrase")]
    return {
        "did create": [],
        "did show": [],
        "did log": [],
        "did update": ["--service-endpoint", "https://ada.example", "--yes"],
        "key rotate": ["--only", "sig"],
        "did card": [],
        "did confirm": ["--nothing-newer"],
        "did recover": ["--rehearse", *phrase],
        "people add-card": [str(card), "--name", "Olga"],
        "did resolve": [other.did],
        "did export-suite": [str(folder / "suite")],
        "key phrase replace": ["--phrase-out", str(folder / "new-phrase"), *phrase],
        "did deactivate": ["--yes"],
        "audit reads": [],
        "audit checkpoint": [str(folder / "record.json")],
        "audit export": [str(folder / "record.jsonl")],
        "audit verify": ["--without-backups"],
        "account erase": ["--dry-run"],
    }


def of_the_account(cli: Cli) -> dict[str, list[str]]:
    invitation = cli.json("account", "invite", "Grace")["id"]
    token = cli.json("account", "token", "script", "--scope", "memory:read")["id"]
    return {
        "account show": [],
        "account rename": ["Ada L."],
        "account link": [],
        "account people": [],
        "account invite": ["Radia"],
        "account invitations": [],
        "account revoke-invitation": [invitation],
        "account token": ["other", "--scope", "memory:read"],
        "account tokens": [],
        "account revoke-token": [token],
        "account passkeys": [],
        "account sessions": [],
        "account sign-out": ["--all"],
        "account restrict": [],
        "account unrestrict": [],
    }


def of_the_engine(cli: Cli, folder: Path) -> dict[str, list[str]]:
    made = iter([cli.capture(f"memory {number}", "--tag", "x") for number in range(12)])
    (notes := folder / "notes").mkdir()
    (notes / "note.md").write_text("A note.")
    (backups := folder / "backups").mkdir()
    backup = cli.json("backup", "make", str(backups))["backup"]["path"]
    forgotten = next(made)
    cli.ok("forget", forgotten)
    cli.ok("people", "add", "Tomás Vidal", "--alias", "Tom", "--alias", "Tommy")
    cli.ok("people", "add", "Inês")
    (receipt := folder / "receipt.json").write_text(cli.ok("audit", "receipt", "1"))
    slots = cli.json("key", "list")["slots"]
    cli.ok("archive", "export", str(plain := folder / "plain.mnemosyne"))
    return {
        "status": [],
        "capture": ["text"],
        "import": [str(notes)],
        "search": ["memory"],
        "get": [next(made)],
        "list": [],
        "timeline": [],
        "edit": [next(made), "other"],
        "supersede": [next(made), "newer"],
        "tag": [next(made), "y"],
        "domain": [next(made), "family"],
        "pin": [next(made)],
        "importance": [next(made), "0.5"],
        "never-share": [next(made)],
        "clear-secret": [next(made)],
        "people list": [],
        "people add": ["Nuno"],
        "people suggest": [],
        "people merge": ["Inês", "Tomás Vidal"],
        "people split": ["Tom"],
        "people remove-alias": ["Tommy"],
        "people remove": ["Tomás Vidal"],
        "forget": [next(made)],
        "bin list": [],
        "bin restore": [forgotten],
        "bin empty": ["--dry-run"],
        "erase": [next(made), "--yes"],
        "backup make": [str(backups)],
        "backup list": [],
        "backup prune": ["--dry-run"],
        "archive export": [str(folder / "ada.mnemosyne"), "--encrypt", "--generate"],
        "archive inspect": [str(plain)],
        "export": [str(folder / "all.jsonl")],
        "doctor": [],
        "verify": [backup],
        "restore": [backup, "--dry-run", "--allow-older"],
        "migrate": [],
        "lock": [],
        "key list": [],
        "key remove": [slots[1]["id"], "--yes"],
        "key add-passphrase": ["--generate"],
        "key replace-passphrase": ["--generate"],
        "key add-key-file": [str(folder / "new.key")],
        "key file create": [str(folder / "other.key")],
        "embedder status": [],
        "embedder install": [],
        "reindex": [],
        "audit log": [],
        "audit receipt": ["1"],
        "audit verify-receipt": [str(receipt)],
        "settings": [],
        "eval retrieval": [str(data_set(folder))],
    }


def data_set(folder: Path) -> Path:
    (place := folder / "data").mkdir()
    (place / "corpus.jsonl").write_text('{"_id": "d1", "title": "", "text": "A lake."}\n')
    (place / "queries.jsonl").write_text(
        '{"_id": "q1", "text": "lake", "metadata": {"category": "temporal"}}\n'
    )
    (place / "qrels").mkdir()
    (place / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    return place


_CONNECTED: list[str] = []


def _note_network(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"socket.getaddrinfo", "socket.gethostbyname"} or (
        event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple)
    ):
        _CONNECTED.append(f"{event} {arguments!r}")


@requirement("cli.json", "egress.none")
def test_every_command_prints_one_json_document_and_opens_no_connection(
    cli: Cli, vault: Made, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (environment / "phrase").write_text(vault.phrase)
    (environment / "phrase").chmod(0o600)
    arguments = arguments_of(cli, environment)
    sys.addaudithook(_note_network)  # stays for as long as the process, and only takes notes
    _CONNECTED.clear()

    for name, options in arguments.items():
        assert cli.json(*name.split(), *options), name
        if name == "did export-suite":  # which asks a resolver on this machine
            assert _CONNECTED
            assert all("'127.0.0.1'" in each for each in _CONNECTED)
            _CONNECTED.clear()
    monkeypatch.setenv("MNEMOSYNE_HOME", str(environment / "another"))
    secrets = ["--key-file", str(environment / "k"), "--phrase-out", str(environment / "p")]
    cli.ok("init", *secrets)

    assert _CONNECTED == []


@requirement("cli.json")
def test_no_command_was_left_out_of_that(cli: Cli, environment: Path) -> None:
    # They have to ask a person, need another vault, or start something: each has tests of its own.
    walked = {*arguments_of(cli, environment), "key phrase verify", "archive import"}
    walked |= {"key rekey", "key add-keyring", "unlock", "did serve-resolver", "serve"}

    assert walked == set(every_command()) - NO_RESULTS


@requirement("cli.json")
def test_every_command_that_prints_results_takes_json() -> None:
    takes = {
        name
        for name, command in every_command().items()
        if "as_json" in inspect.signature(command.function).parameters
    }

    assert takes == set(every_command()) - NO_RESULTS


def test_a_rehearsal_of_the_phrase_prints_json_as_well(vault: Made) -> None:
    with Terminal("key", "phrase", "verify", "--json") as terminal:
        terminal.wait_for("Recovery phrase, 24 words")
        terminal.type(vault.phrase)
        terminal.wait_for(r'"opens": true')
        assert terminal.end() == 0


@requirement("cli.pipes")
def test_output_to_a_pipe_holds_no_colour_no_wrapping_and_no_progress(
    cli: Cli, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = "a sentence that is far longer than forty columns and stays on its line all the same"
    reference = cli.capture(text)
    (environment / "note.md").write_text("A note.")

    for command in (["get", reference], ["list"], ["search", "sentence"], ["reindex"]):
        answer = cli(*command)
        assert "\x1b" not in answer.out + answer.err
        assert "\r" not in answer.out + answer.err
        assert text in answer.out or command == ["reindex"]
    answer = cli("import", str(environment / "note.md"))
    assert "Importing" not in answer.err


@requirement("cli.pipes")
def test_a_capture_reads_from_a_pipe(cli: Cli) -> None:
    assert cli.json("capture", "-", stdin="from a pipe")["memory"]["content"] == "from a pipe"


def test_a_terminal_has_quiet_colours_and_wraps_under_the_text(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.capture("word " * 40)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "70")

    lines = cli.ok("list").splitlines()

    assert "\x1b[2m" in lines[0]
    assert "\x1b[36m" in lines[1]
    assert all(line.startswith(" " * 29) for line in lines[2:4])
    assert all(len(re.sub(r"\x1b\[[\d;]*m", "", line)) <= 70 for line in lines)


def test_facts_and_refusals_are_wrapped_between_words_on_a_terminal(
    vault: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert vault.home.exists()
    monkeypatch.setenv("COLUMNS", "50")
    sentence = "`mnemosyne list` shows the newest; `mnemosyne bin list` what was forgotten."

    with Terminal("get", "ffffffff") as terminal:
        assert terminal.end() == 3
    refused = terminal.shown
    with Terminal("status") as terminal:
        assert terminal.end() == 0
    facts = terminal.shown

    assert sentence in " ".join(refused.split())
    assert all(len(line) <= 50 for line in refused.splitlines())
    assert "\n" + " " * 11 + "since " in facts


def test_no_colour_is_respected_on_a_terminal(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.capture("something")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")

    assert not re.search(r"\x1b\[3\d", cli.ok("list"))


def test_paths_are_never_broken_on_a_terminal(
    cli: Cli, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder := environment / ("long-" * 20)).mkdir()
    monkeypatch.setenv("FORCE_COLOR", "1")

    shown = cli.ok("backup", "make", str(folder))

    assert f"mnemosyne verify {folder}/" in re.sub(r"\x1b\[[\d;]*m", "", shown)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2025-03-12 14:05+09:00", "12 Mar 2025 14:05"),
        ("2025-03-12", "12 Mar 2025"),
        ("2025-03", "Mar 2025"),
        ("2025", "2025"),
    ],
)
def test_a_date_is_shown_where_it_was_and_no_more_exact_than_known(
    written: str, shown: str
) -> None:
    moment = dates.parse(written, UTC)

    assert moment is not None
    assert show(moment) == shown


def test_an_import_shows_how_far_it_is_on_a_terminal(vault: Made, environment: Path) -> None:
    assert vault.home.exists()
    (notes := environment / "notes").mkdir()
    for number in range(3):
        (notes / f"{number}.md").write_text(f"Note {number}.")

    with Terminal("import", str(notes)) as terminal:
        terminal.wait_for("Importing")
        terminal.wait_for("3/3")
        terminal.wait_for("3 stored")
        assert terminal.end() == 0
