import re
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.requirements import requirement


@pytest.fixture
def year(cli: Cli) -> Cli:
    """Remember one thing in each of three months."""
    for month, text, tag in (("01", "Snow", "cold"), ("02", "Rain", "wet"), ("03", "Sun", "warm")):
        cli.capture(text, "--when", f"2025-{month}-10", "--tag", tag)
    cli.capture("A plan", "--when", "2025-02-20", "--type", "document", "--importance", "0.9")
    return cli


def texts(document: dict[str, object]) -> list[str]:
    memories = document["memories"]
    assert isinstance(memories, list)
    return [each["content"] for each in memories]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], ["Sun", "A plan", "Rain", "Snow"]),
        (["--order", "oldest"], ["Snow", "Rain", "A plan", "Sun"]),
        (["--after", "2025-02"], ["Sun", "A plan", "Rain"]),
        (["--before", "2025-02"], ["Snow"]),
        (["--after", "2025-02-10", "--before", "2025-02-11"], ["Rain"]),
        (["--tag", "#Cold"], ["Snow"]),
        (["--type", "document"], ["A plan"]),
        (["--min-importance", "0.9"], ["A plan"]),
        (["--source", "chatgpt"], []),
        (["--domain", "work"], []),
        (["--person", "Tomás"], []),
        (["--limit", "1"], ["Sun"]),
    ],
)
def test_a_list_is_narrowed_and_sorted(year: Cli, options: list[str], found: list[str]) -> None:
    assert texts(year.json("list", *options)) == found


def test_pages_follow_each_other_without_loss(year: Cli) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = year.json("list", "--limit", "3", "--cursor", cursor)
        seen += texts(page)
        if not (cursor := page["next_cursor"]):
            break

    assert seen == ["Sun", "A plan", "Rain", "Snow"]


def test_a_page_names_the_command_that_shows_the_next(year: Cli) -> None:
    assert "more: the same with --cursor " in year.ok("list", "--limit", "2")


def test_the_list_shows_dates_as_exactly_as_they_are_known(cli: Cli) -> None:
    for when in ("2025-03-12 14:05", "12 March 2024", "2023-03", "2022"):
        cli.capture(f"at {when}", "--when", when)

    lines = [line.split("  ")[0] for line in cli.ok("list").splitlines() if "  at " in line]

    assert lines == ["12 Mar 2025 14:05", "12 Mar 2024", "Mar 2023", "2022"]


def test_days_of_the_timeline_are_headings_with_hours_in_the_margin(cli: Cli) -> None:
    cli.capture("early", "--when", "2025-03-12 07:30")
    cli.capture("late", "--when", "2025-03-12 23:45")
    cli.capture("next", "--when", "2025-03-13")

    lines = [line.rstrip() for line in cli.ok("timeline").splitlines()]

    assert lines[1] == "Thursday, 13 March 2025"
    assert lines[4] == "Wednesday, 12 March 2025"
    assert lines[5].startswith("07:30  ")
    assert lines[5].endswith("early")
    assert lines[6].startswith("23:45  ")


def test_the_timeline_as_json_has_days(year: Cli) -> None:
    days = year.json("timeline", "--after", "2025-02-15")["days"]

    assert [day["date"] for day in days] == ["2025-03-10", "2025-02-20"]


def test_a_month_and_a_year_stay_headings_of_the_timeline(cli: Cli) -> None:
    for when in ("2025-03-01", "2025-03", "2025-01-01", "2025"):
        cli.capture(f"at {when}", "--when", when)

    headings = [line for line in cli.ok("timeline").splitlines()[1:-1] if line and "  " not in line]

    assert sorted(headings) == [
        "2025",
        "March 2025",
        "Saturday, 1 March 2025",
        "Wednesday, 1 January 2025",
    ]


def test_a_first_line_that_says_the_title_again_is_left_out_of_lists(cli: Cli) -> None:
    cli.capture("# Kitchen\n\nPale green", "--title", "Kitchen")
    cli.capture("# Lake", "--title", "Lake")

    listed, found = cli.ok("list"), cli.ok("search", "kitchen")

    assert "# Kitchen" not in listed + found
    assert "Pale green" in listed
    assert "Pale green" in found
    assert "# Lake" in listed


def test_a_memory_is_shown_with_everything_known_of_it(cli: Cli) -> None:
    reference = cli.capture("Swam", "--title", "Lake", "--tag", "swim", "--never-share")
    cli.ok("edit", reference, "Swam far")

    shown = cli.ok("get", reference)

    assert shown.index("Lake") < shown.index("Swam far") < shown.index("version 1, of ")
    assert reference in shown
    assert "sharing     never" in shown


def test_reading_counts_and_listing_does_not(cli: Cli) -> None:
    reference = cli.capture("Swam")
    cli.ok("list")
    cli.ok("timeline")
    assert cli.json("list")["memories"][0]["opened"]["count"] == 0

    cli.ok("get", reference)

    assert cli.json("list")["memories"][0]["opened"]["count"] == 1


def test_what_is_in_the_bin_is_read_only_when_asked_for(cli: Cli) -> None:
    reference = cli.capture("Gone")
    cli.ok("forget", reference)

    assert cli("get", reference).code == 3
    assert "in the bin" in cli.ok("get", reference, "--all")


def test_a_person_is_found_under_every_name(cli: Cli) -> None:
    cli.ok("people", "add", "Tomás Vidal", "--alias", "Tommy")

    assert cli("list", "--person", "tommy").code == 0
    assert cli("list", "--person", "tomás vidal").code == 0


@requirement("cli.empty")
@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["list"], ["Nothing is remembered yet", "mnemosyne capture", "mnemosyne import"]),
        (["timeline"], ["Nothing is remembered yet", "mnemosyne capture"]),
        (["search", "anything"], ["Nothing is remembered yet", "mnemosyne capture"]),
        (["list", "--tag", "x"], ["Nothing fits", "mnemosyne list"]),
        (["timeline", "--after", "2030"], ["Nothing fits", "mnemosyne list"]),
        (["bin", "list"], ["The bin is empty", "mnemosyne forget"]),
        (["bin", "empty"], ["nothing to erase"]),
        (["people", "list"], ["Nobody is on your list", "mnemosyne people add"]),
        (["backup", "list"], ["No backup was made", "mnemosyne backup make"]),
        (["backup", "prune"], ["No backup has to go"]),
        (["audit", "log", "--before", "1"], ["no act before", "mnemosyne audit log"]),
        (["status"], ["mnemosyne capture", "mnemosyne import"]),
    ],
    ids=" ".join,
)
def test_an_empty_answer_says_what_would_fill_it(
    cli: Cli, command: list[str], says: list[str]
) -> None:
    shown = cli.ok(*command)

    for words in says:
        assert words in shown


def test_what_a_source_brought_is_shown_in_words(cli: Cli, environment: Path) -> None:
    note = environment / "kitchen.md"
    note.write_text("---\naliases: [Küche, Cocina]\ndate: 2025-03-12\n---\nPale green.\n", "utf-8")
    cli.ok("import", str(note))

    shown = cli.ok("get", cli.json("list")["memories"][0]["id"])

    assert re.search(r"· also called +Küche, Cocina\n", shown)
    assert re.search(r"· date is that of +front matter: date\n", shown)
    assert "date_from" not in shown
    note.write_text("Pale green and white.\n", "utf-8")
    cli.ok("import", str(note))
    assert "the file's last change" in cli.ok("get", cli.json("list")["memories"][0]["id"])


def test_of_guessed_domains_a_list_shows_the_likeliest_and_of_those_set_all(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNEMOSYNE_DRAIN_SECONDS", "60")
    text = (
        "The doctor prescribed a diet: bread, soup and salad for dinner with my mother and family"
    )
    reference = cli.capture(text)
    guessed = [each["name"] for each in cli.json("list")["memories"][0]["domains"]]
    shown = cli.ok("list")
    cli.ok("domain", reference, "nature", "money")

    assert len(guessed) > 1
    assert guessed[0] in shown.splitlines()[2]
    assert guessed[1] not in shown.splitlines()[2]
    assert "money  nature" in cli.ok("list")
