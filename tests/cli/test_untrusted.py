"""Whatever a memory says, it is shown and does nothing, in every command that prints one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnemosyne.cli.output import as_json
from tests.cli.conftest import Answer, Cli, Made
from tests.cli.hostile import (
    ALL,
    HOSTILE,
    SHORT,
    dangerous,
    without_progress,
    without_styles,
)
from tests.requirements import requirement

every_text = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())


def walk(cli: Cli, folder: Path) -> Iterator[Answer]:
    """Put hostile texts wherever a command takes one, and print them wherever a command does."""
    text, short = ALL, SHORT
    made = cli("capture", "-", "--title", short, "--tag", short, "--domain", short, stdin=text)
    yield made
    reference = cli.json("list")["memories"][0]["id"]
    yield cli("get", reference)
    yield cli("list")
    yield cli("list", "--tag", short, "--source", short)
    yield cli("timeline")
    yield cli("search", "--explain", "--", short)
    yield cli("edit", reference, "--", f"{text} edited")
    yield cli("get", reference)
    yield cli("tag", reference, "--", f"{short}!")
    yield cli("domain", reference, "--", f"{short}!")
    yield cli("pin", reference)
    yield cli("importance", reference, "0.9")
    yield cli("never-share", reference)
    yield cli("clear-secret", reference)
    yield cli("supersede", reference, "--title", short, "--", f"{text} newer")
    yield cli("supersede", reference, "--undo")
    yield cli("people", "add", f"{short}?", "--alias", f"alias {short}")
    yield cli("people", "list")
    yield cli("people", "suggest")
    yield cli("people", "split", f"alias {short}")
    yield cli("people", "merge", f"alias {short}", f"{short}?")
    yield cli("people", "remove-alias", f"alias {short}")
    yield cli("people", "remove", f"{short}?")
    yield cli("forget", reference)
    yield cli("bin", "list")
    yield cli("bin", "restore", reference)
    yield cli("status")
    yield cli("doctor")
    yield cli("export", str(folder / short.replace("\x00", "").replace("/", "")))
    yield cli("export", str(folder / "no" / short.replace("\x00", "").replace("/", "")))
    archive = folder / f"archive {short[:9]}"
    yield cli("archive", "export", str(archive))
    yield cli("archive", "inspect", str(archive))
    yield cli("erase", reference, "--dry-run")
    yield cli("forget", reference)
    yield cli("bin", "empty", "--dry-run")
    yield cli("erase", reference, "--yes")
    yield cli("audit", "log")
    yield from import_of(cli, short, folder)
    yield from mistakes(cli, short)


def import_of(cli: Cli, text: str, folder: Path) -> Iterator[Answer]:
    notes = folder / "notes"
    notes.mkdir()
    name = text.replace("\x00", "").replace("/", "")[:40]
    (notes / f"{name}.md").write_text(f"# {text}\n\n{text}", "utf-8")
    (notes / f"{name} broken.md").write_bytes(b"\x80\x81")
    yield cli("import", str(notes), "--dry-run")
    yield cli("import", str(notes))
    yield cli("list", "--source", "markdown")


def mistakes(cli: Cli, text: str) -> Iterator[Answer]:
    yield cli("get", "--", text)
    yield cli("list", "--after", text)
    yield cli("people", "remove", "--", text)
    yield cli("bin", "restore", "--", text)
    yield cli("key", "remove", "--yes", "--", text)
    yield cli("audit", "verify-receipt", "--", text.replace("\x00", ""))
    yield cli("import", "--", text.replace("\x00", ""))
    yield cli("capture", "x", "--when", text)
    yield cli("list", "--cursor", text)


@requirement("cli.untrusted")
def test_no_command_lets_a_text_act_through_a_pipe(cli: Cli, tmp_path: Path) -> None:
    for answer in walk(cli, tmp_path):
        assert dangerous(answer.out) == []
        assert dangerous(answer.err) == []


@requirement("cli.untrusted")
def test_no_command_lets_a_text_act_on_a_terminal(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Read by the console itself; a pipe then counts as a terminal.
    monkeypatch.setenv("FORCE_COLOR", "1")

    for answer in walk(cli, tmp_path):
        assert dangerous(without_styles(answer.out)) == []
        assert dangerous(without_progress(answer.err)) == []


@requirement("cli.untrusted")
@every_text
def test_no_text_acts_when_it_is_read_listed_or_found(
    cli: Cli, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = cli.json("capture", "-", "--title", text[:60], stdin=text)["memory"]["id"]
    monkeypatch.setenv("FORCE_COLOR", "1")

    for command in (("get", reference), ("list",), ("timeline",), ("search", "--", text[:40])):
        answer = cli(*command)
        assert answer.code == 0
        assert dangerous(without_styles(answer.out)) == []


@requirement("cli.untrusted")
def test_markup_is_shown_as_it_was_written(cli: Cli) -> None:
    reference = cli.capture(HOSTILE["markup"], "--title", "[bold]a title[/bold]")

    for command in (("get", reference), ("list",), ("search", "loud")):
        shown = cli.ok(*command)
        assert "[bold]a title[/bold]" in shown
        assert "[link=https://evil.example]here[/link]" in shown


@requirement("cli.untrusted")
def test_what_was_made_visible_can_be_seen(cli: Cli) -> None:
    reference = cli.capture(HOSTILE["colour"])

    assert "before ␛[31mred␛[0m after" in cli.ok("get", reference)


@every_text
def test_json_gives_the_text_back_and_holds_nothing_that_acts(cli: Cli, text: str) -> None:
    stored = cli.json("capture", "-", stdin=text)["memory"]

    answer = cli("get", stored["id"], "--json")

    assert dangerous(answer.out) == []
    assert answer.out.isascii()
    assert answer.json["memory"]["content"] == stored["content"]


def test_json_escapes_even_what_ascii_has_and_a_terminal_obeys() -> None:
    document = as_json({"text": "\x7f\x1b\u202e"})

    assert dangerous(document) == []
    assert json.loads(document) == {"text": "\x7f\x1b\u202e"}


def test_an_error_as_json_is_harmless_as_well(vault: Made, cli: Cli) -> None:
    assert vault.home.exists()

    answer = cli("get", "--json", "--", HOSTILE["link"])

    assert dangerous(answer.err) == []
    assert json.loads(answer.err)["error"]["code"] == "memory-not-found"
