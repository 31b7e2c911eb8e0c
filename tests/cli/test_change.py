import pytest

from tests.cli.conftest import Cli


def test_an_edit_makes_a_version_and_keeps_the_earlier_wording(cli: Cli) -> None:
    reference = cli.capture("first")

    assert "version 2" in cli.ok("edit", reference, "second")

    found = cli.json("get", reference)
    assert found["memory"]["content"] == "second"
    assert [each["content"] for each in found["wordings"]] == ["first"]


def test_title_and_date_can_be_edited_alone(cli: Cli) -> None:
    reference = cli.capture("text")

    changed = cli.json("edit", reference, "--title", "T", "--when", "2025")["memory"]

    assert changed["content"] == "text"
    assert changed["title"] == "T"
    assert changed["occurred"]["precision"] == "year"


def test_an_edit_reads_a_pipe(cli: Cli) -> None:
    reference = cli.capture("text")

    assert cli.json("edit", reference, "-", stdin="from a pipe")["memory"]["content"] == (
        "from a pipe"
    )


def test_what_superseded_holds_now_and_what_was_held_then(cli: Cli) -> None:
    cli.capture("I live in Lisbon", "--when", "2024-01-01")
    old = cli.json("list")["memories"][0]["id"]
    made = cli.json("supersede", old, "I live in Porto", "--since", "2025-05-01")

    assert made["old"]["valid_to"] == made["new"]["valid_from"]
    now = [each["content"] for each in cli.json("list")["memories"]]
    then = [each["content"] for each in cli.json("list", "--as-of", "2025-04-30")["memories"]]
    both = [each["content"] for each in cli.json("list", "--history")["memories"]]
    assert now == ["I live in Porto"]
    assert then == ["I live in Lisbon"]
    assert len(both) == 2


@pytest.mark.parametrize(
    ("since", "before"), [("2024-12-31", True), ("2025-03-12", False), ("2025-04", False)]
)
def test_a_memory_replaced_before_it_happened_is_said(
    cli: Cli,
    since: str,
    before: bool,  # noqa: FBT001 - a table
) -> None:
    old = cli.capture("Lisbon", "--when", "2025-03-12 14:05")

    shown = cli.ok("supersede", old, "Porto", "--since", since)

    assert ("That is before the first happened (12 Mar 2025 14:05)." in shown) is before


def test_a_date_of_as_of_means_its_end(cli: Cli) -> None:
    old = cli.capture("Lisbon", "--when", "2024")
    cli.ok("supersede", old, "Porto", "--since", "2025-05-01")

    found = cli.json("list", "--as-of", "2025-05-01")["memories"]

    assert [each["content"] for each in found] == ["Porto"]


def test_what_was_recorded_later_was_not_known_then(cli: Cli) -> None:
    cli.capture("known", "--when", "2020")

    assert cli.json("list", "--known-at", "2026-03-13")["memories"] == []
    assert len(cli.json("list", "--known-at", "2026-03-14")["memories"]) == 1


def test_superseding_twice_is_refused_with_the_newer_one(cli: Cli) -> None:
    old = cli.capture("Lisbon")
    new = cli.json("supersede", old, "Porto")["new"]["id"]

    answer = cli("supersede", old, "Faro")

    assert answer.code == 4
    assert new[-8:] in answer.err


def test_superseding_can_be_undone(cli: Cli) -> None:
    old = cli.capture("Lisbon")
    cli.ok("supersede", old, "Porto")

    assert "It holds again." in cli.ok("supersede", old, "--undo")
    assert len(cli.json("list")["memories"]) == 2


def test_tags_come_and_go(cli: Cli) -> None:
    reference = cli.capture("text", "--tag", "one")

    assert cli.json("tag", reference, "#Two", "three")["memory"]["tags"] == ["one", "three", "two"]
    assert cli.json("tag", reference, "two", "--remove")["memory"]["tags"] == ["one", "three"]


def test_domains_are_said_and_taken_back(cli: Cli) -> None:
    reference = cli.capture("text")

    added = cli.json("domain", reference, "family")["memory"]
    removed = cli.json("domain", reference, "family", "--remove")["memory"]

    assert [(each["name"], each["source"]) for each in added["domains"]] == [("family", "user")]
    assert removed["domains"] == []


@pytest.mark.parametrize("level", ["protected", "anchored", "permanent", "normal"])
def test_a_pin_has_four_levels(cli: Cli, level: str) -> None:
    reference = cli.capture("text")

    assert cli.json("pin", reference, level)["memory"]["pin"] == level


def test_a_pin_without_a_level_protects(cli: Cli) -> None:
    assert cli.json("pin", cli.capture("text"))["memory"]["pin"] == "protected"


def test_the_mark_against_sharing_is_set_and_removed(cli: Cli) -> None:
    reference = cli.capture("text")

    assert cli.json("never-share", reference)["memory"]["never_share"] is True
    assert cli.json("never-share", reference, "--off")["memory"]["never_share"] is False


def test_the_persons_importance_counts_until_it_is_taken_back(cli: Cli) -> None:
    reference = cli.capture("text")

    own = cli.json("importance", reference, "0.9")["memory"]
    ruled = cli.json("importance", reference, "--auto")["memory"]

    assert own["importance"] == own["importance_of_the_person"] == 0.9
    assert ruled["importance_of_the_person"] is None


@pytest.mark.parametrize("arguments", [[], ["0.5", "--auto"]])
def test_importance_wants_one_answer(cli: Cli, arguments: list[str]) -> None:
    answer = cli("importance", cli.capture("text"), *arguments)

    assert answer.code == 2
    assert "Give a number from 0 to 1, or --auto" in answer.err


def test_what_was_flagged_can_be_cleared(cli: Cli) -> None:
    assert cli.json("clear-secret", cli.capture("text"))["memory"]["secrets"] == "cleared"
