"""Names that texts speak of, which become contacts when their person says so."""

from pathlib import Path

from tests.cli.conftest import Cli
from tests.requirements import requirement

TEXTS = (
    "Yesterday I met Clara in Berlin. We went to Berlin by train.",
    "Then Clara said hello, and Berlin was cold.",
    "I told Jonas about it; then Jonas called.",
)


def suggested(cli: Cli, *options: str) -> list[tuple[str, int]]:
    found = cli.json("people", "suggest", *options)["suggestions"]
    return [(each["name"], each["count"]) for each in found]


def people(cli: Cli) -> list[str]:
    return [each["name"] for each in cli.json("people", "list")["people"]]


@requirement("contacts.suggested")
def test_a_name_in_texts_is_suggested_and_only_its_person_makes_it_a_contact(cli: Cli) -> None:
    for text in TEXTS:
        cli.capture(text)

    assert suggested(cli) == [("Clara", 2), ("Jonas", 2)]
    assert "Clara" in (shown := cli.ok("people", "suggest"))
    assert 'mnemosyne people add "Clara"' in shown
    assert people(cli) == []  # whoever is not added is not added, however often one asks
    cli.ok("reindex")
    assert people(cli) == []

    cli.ok("people", "add", "Clara")

    assert people(cli) == ["Clara"]
    assert suggested(cli) == [("Jonas", 2)]


@requirement("contacts.suggested")
def test_another_name_of_a_contact_is_not_suggested(cli: Cli) -> None:
    for text in TEXTS:
        cli.capture(text)
    cli.ok("people", "add", "Clara Vidal", "--alias", "Clara", "--alias", "Jonas")

    assert suggested(cli) == []
    assert "No name stands out" in cli.ok("people", "suggest")


def test_what_is_in_the_bin_or_beyond_the_limit_is_not_suggested(cli: Cli) -> None:
    first, *_ = [cli.capture(text) for text in TEXTS]

    assert suggested(cli, "--limit", "1") == [("Clara", 2)]
    cli.ok("forget", first)
    assert suggested(cli) == [("Jonas", 2)]


@requirement("contacts.imported")
def test_the_speakers_of_an_imported_thread_are_known_names(cli: Cli, environment: Path) -> None:
    thread = environment / "thread.jsonl"
    thread.write_text(
        '{"id": "1", "thread": "t", "speaker": "Nora", "text": "My garden is lovely."}\n'
        '{"id": "2", "thread": "t", "speaker": "Tomas", "text": "Nora, the garden is lovely."}\n'
    )
    cli.ok("import", str(thread))

    found = cli.json("search", "--explain", "--", "Nora's garden")

    first = found["hits"][0]
    assert first["memory"]["content"] == "My garden is lovely."
    assert first["explanation"]["parts"]["speaker"] > 0
    listed = cli.json("list", "--person", "Tomas")["memories"]
    assert [each["content"] for each in listed] == ["Nora, the garden is lovely."]
    assert people(cli) == ["Nora", "Tomas"]
