import io
import os
import signal
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from mnemosyne.cli import texts
from mnemosyne.cli.errors import EditorError
from tests.cli.conftest import Cli, Made
from tests.cli.services import with_services
from tests.requirements import requirement


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_the_answer_shows_what_was_remembered_and_what_comes_next(cli: Cli) -> None:
    shown = cli.ok("capture", "Walked", "around", "the", "lake", "--title", "Lake", "--tag", "Swim")

    assert "Walked around the lake" in shown
    assert "#swim" in shown
    assert "mnemosyne get " in shown


def test_every_option_of_a_capture_is_stored(cli: Cli) -> None:
    document = cli.json(
        *("capture", "Dinner with Inês", "--title", "Dinner", "--tag", "food", "--tag", "porto"),
        *("--domain", "family", "--when", "12 March 2025", "--importance", "0.8"),
        *("--never-share", "--type", "document"),
    )

    memory = document["memory"]
    assert document["created"] is True
    assert memory["content"] == "Dinner with Inês"
    assert memory["title"] == "Dinner"
    assert memory["tags"] == ["food", "porto"]
    assert [each["name"] for each in memory["domains"]] == ["family"]
    assert memory["occurred"] == {
        "at": "2025-03-12T00:00:00+00:00",
        "precision": "day",
        "utc_offset_minutes": 0,
    }
    assert memory["importance"] == 0.8
    assert memory["never_share"] is True
    assert memory["type"] == "document"


def test_a_pipe_is_read_as_it_is(cli: Cli) -> None:
    document = cli.json("capture", "-", stdin="first line\n\n  third, with spaces  \n")

    assert document["memory"]["content"] == "first line\n\n  third, with spaces  \n"


def test_a_pipe_that_is_no_text_is_refused(cli: Cli) -> None:
    answer = cli("capture", "-", stdin=b"\x80\x81 broken")

    assert answer.code == 3
    assert "not UTF-8 text" in answer.err


def test_an_empty_pipe_is_refused_with_what_to_do(cli: Cli) -> None:
    answer = cli("capture", "-", stdin="")

    assert answer.code == 2
    assert "the text is empty" in answer.err


def test_without_a_text_and_a_terminal_nothing_is_waited_for(cli: Cli) -> None:
    answer = cli("capture")

    assert answer.code == 2
    assert "there is no text" in answer.err


def test_the_same_key_remembers_once(cli: Cli) -> None:
    first = cli.json("capture", "Only once", "--idempotency-key", "k1")
    again = cli.json("capture", "Only once", "--idempotency-key", "k1")

    assert again["created"] is False
    assert again["memory"]["id"] == first["memory"]["id"]


def test_the_same_key_with_another_text_is_refused(cli: Cli) -> None:
    cli.ok("capture", "Only once", "--idempotency-key", "k1")

    answer = cli("capture", "Another", "--idempotency-key", "k1")

    assert answer.code == 4


def test_what_was_remembered_before_is_reported(cli: Cli) -> None:
    cli.ok("capture", "The same", "--when", "2025-03-12")

    assert "remembered before" in cli.ok("capture", "The same", "--when", "2025-03-12")


def test_a_date_that_could_be_two_is_asked_about(cli: Cli) -> None:
    answer = cli("capture", "Something", "--when", "03/04/2025")

    assert answer.code == 2
    assert "“03/04/2025” could be two dates" in answer.err
    assert "2025-04-03" in answer.err


def test_a_date_that_is_none_is_refused_before_the_vault_is_opened(bare: Cli) -> None:
    answer = bare("capture", "Something", "--when", "next moon")

    assert answer.code == 2
    assert "no date that can be read" in answer.err


@pytest.mark.parametrize(("when", "day"), [("today", "2026-03-14"), ("Yesterday", "2026-03-13")])
def test_today_and_yesterday_are_days_where_the_person_lives(cli: Cli, when: str, day: str) -> None:
    document = cli.json("capture", f"Said {when}", "--when", when)

    assert document["memory"]["occurred"]["at"].startswith(day)


def test_a_text_may_begin_with_a_dash_after_the_end_of_options(cli: Cli) -> None:
    assert cli.json("capture", "--json", "--", "--not an option")["memory"]


def test_an_editor_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("VISUAL", "false")

    assert texts.given_or_awaited(()) is None
    with pytest.raises(EditorError), texts.written():
        pytest.fail("there is no text")


def test_an_editor_begins_with_what_is_there_and_gives_back_what_was_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    editor = tmp_path_factory.mktemp("editor") / "append"
    place = editor.with_name("place")
    editor.write_text(f'#!/bin/sh\nprintf "and more\\n" >> "$1"\nprintf %s "$1" > {place}\n')
    editor.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(editor))

    with texts.written("before ") as text_of_the_person:
        assert text_of_the_person == "before and more"
    assert not Path(place.read_text()).parent.exists()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_window_that_is_closed_on_the_editor_leaves_no_text(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    editor = tmp_path / "editor"
    editor.write_text(
        f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/place\nkill -{number.value} {os.getpid()}\n'
        "exec sleep 1\n"
    )
    editor.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(editor))

    with pytest.raises(SystemExit) as ended, texts.written("dear diary"):
        pytest.fail("the window was closed")

    assert ended.value.code == 128 + number
    assert not Path((tmp_path / "place").read_text()).parent.exists()
    assert signal.getsignal(number) is signal.SIG_DFL


def test_nobody_writes_a_text_before_the_vault_is_open(
    bare: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(texts, "given_or_awaited", lambda _words: None)
    monkeypatch.setenv("VISUAL", f"touch {tmp_path / 'written'}; true")

    assert bare("capture").code == 3  # there is no vault

    assert not (tmp_path / "written").exists()


@requirement("capture.key-kept")
def test_the_shell_makes_a_key_for_each_invocation(cli: Cli, vault: Made) -> None:
    cli.capture("one")
    cli.capture("two")
    cli.ok("capture", "three", "--idempotency-key", "my-own-key")

    def keys(tx: Connection) -> list[str]:
        return list(tx.execute(text("SELECT key FROM idempotency ORDER BY created_at")).scalars())

    found = with_services(vault, cli.clock, lambda app: app.database.read(keys))

    assert len(set(found)) == 3
    assert sum(each.startswith("shell-") for each in found) == 2
    assert "my-own-key" in found
