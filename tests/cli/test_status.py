import re
from datetime import datetime

import pytest
from sqlalchemy import Connection, select

from mnemosyne.application import Application
from mnemosyne.events import outbox
from mnemosyne.events.outbox import Event
from tests.cli.conftest import Cli, Made
from tests.cli.services import with_services
from tests.cli.terminal import Terminal
from tests.requirements import requirement


@requirement("status.honest")
def test_status_shows_counts_waiting_work_and_why_meaning_is_not_searched(cli: Cli) -> None:
    cli.capture("one", "--domain", "family")
    cli.capture("two", "--type", "document")
    cli.ok("forget", cli.capture("three"))

    found = cli.json("status")
    shown = cli.ok("status")

    assert (found["memories"], found["in_bin"]) == (2, 1)
    assert found["types"] == {"document": 1, "note": 1}
    assert found["sources"] == {"": 2}
    assert found["domains"] == {"family": 1}
    assert found["enrichment"]["waiting"] >= 2
    assert found["enrichment"]["given_up"] == 0
    assert found["search_by_meaning"]["on"] is False
    assert found["search_by_meaning"]["detail"]
    assert "memories   2, and 1 in the bin" in shown
    assert "off, words are searched" in shown
    assert "Nothing has left this machine." in shown


@requirement("status.honest")
def test_status_says_when_meaning_is_searched_and_what_waits(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    if cli.json("embedder", "status")["problem"]:
        pytest.skip("no weights on this machine")
    cli.capture("one")
    cli.ok("reindex")
    cli.capture("two")

    meaning = cli.json("status")["search_by_meaning"]

    assert meaning["on"] is True
    assert "all-MiniLM-L6-v2" in meaning["detail"]
    assert "1 waiting" in meaning["detail"]
    monkeypatch.setenv("MNEMOSYNE_DRAIN_SECONDS", "60")
    cli.capture("three")
    assert "waiting" not in cli.json("status")["search_by_meaning"]["detail"]


@requirement("enrichment.drained")
def test_a_command_works_off_its_own_events_within_the_bound(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.capture("left for later")
    assert cli.json("status")["enrichment"]["waiting"] > 0

    monkeypatch.setenv("MNEMOSYNE_DRAIN_SECONDS", "60")
    cli.capture("worked on at once")

    assert cli.json("status")["enrichment"]["waiting"] == 0
    assert cli.json("status")["enrichment"]["by_status"] == {"enriched": 2}


def test_status_names_the_vault_its_person_and_who_uses_it(cli: Cli, vault: Made) -> None:
    found = cli.json("status")

    assert found["vault"]["path"] == str(vault.home)
    assert found["person"]["name"] == "Ada"
    assert [each["command"] for each in found["processes"]] == ["mnemosyne status"]
    assert len(found["vault"]["node_key"].split()) == 8
    assert re.search(r"in use by +nobody else", cli.ok("status"))


def test_reindex_works_on_everything_that_waits(cli: Cli) -> None:
    cli.capture("one")
    cli.capture("two")

    document = cli.json("reindex")

    assert document["waiting"] == 0
    assert document["given_up"] == 0


def test_the_embedder_says_whether_it_is_there(bare: Cli) -> None:
    document = bare.json("embedder", "status")

    assert document["installed"] is (document["problem"] == "")
    assert "mnemosyne" in bare.ok("embedder", "status")


def test_weights_of_ones_own_that_are_missing_are_said(
    bare: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("MNEMOSYNE_WEIGHTS", str(tmp_path))

    answer = bare.json("embedder", "status")

    assert answer["installed"] is False
    assert "Search works on words alone." in bare.ok("embedder", "status")


@requirement("embedder.install")
def test_weights_are_not_fetched_without_a_yes(vault: Made, bare_weights: Cli) -> None:
    assert vault.home.exists()

    answer = bare_weights("embedder", "install")

    assert answer.code == 2
    assert "--yes" in answer.err
    with Terminal("embedder", "install") as terminal:
        terminal.wait_for("Nothing of yours is sent")
        terminal.wait_for("Type “yes”")
        terminal.type("no")
        terminal.wait_for("nothing was fetched")
        assert terminal.end() == 4


@pytest.fixture
def bare_weights(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Cli:
    """Be without weights."""
    monkeypatch.setenv("MNEMOSYNE_WEIGHTS", str(tmp_path))
    return cli


def test_weights_that_are_there_are_not_fetched_again(bare: Cli) -> None:
    if not bare.json("embedder", "status")["installed"]:
        pytest.skip("no weights on this machine")

    assert bare.json("embedder", "install") == {"installed": True, "fetched": False}


@requirement("status.honest")
def test_status_shows_work_that_was_given_up(cli: Cli, vault: Made) -> None:
    cli.capture("cannot be enriched")

    async def give_up(app: Application) -> None:
        at = app.clock()
        for _ in range(outbox.MOST_ATTEMPTS):
            await app.database.write(
                lambda tx: outbox.postpone(tx, _every(tx, at), at, "weights-altered", counts=True)
            )

    with_services(vault, cli.clock, give_up)

    assert cli.json("status")["enrichment"]["given_up"] > 0
    assert "given up: `mnemosyne reindex` tries them again" in cli.ok("status")
    cli.ok("reindex")
    assert cli.json("status")["enrichment"]["given_up"] == 0
    assert cli.json("status")["enrichment"]["waiting"] == 0


def _every(tx: Connection, at: datetime) -> list[Event]:
    topics = tx.execute(select(outbox.outbox.c.topic).distinct()).scalars()
    return [event for topic in topics for event in outbox.due(tx, topic, at, 100)]
