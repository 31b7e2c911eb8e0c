import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.enrichment.mentions import Names
from mnemosyne.memories.enrichment.suggested_names import NameEvidence, Suggestion
from tests.requirements import requirement

PEOPLE = Names.of(
    {
        "Anna": ["Anna Berg", "Ännchen"],
        "Will": ["William Shaw"],
        "May": [],
        "Mark": [],
        "Grace": [],
        "Mary-Jane O'Brien": ["MJ"],
        "James": [],
        "J. R. Tolkien": [],
        "Łukasz": [],
        "Иван": ["Ваня"],
        "田中": [],
        "林": [],
        "アンナ": [],
        "안나": [],
        "अन्ना": [],
    }
)


def named(text: str) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.name) for m in PEOPLE.find(text)]


@requirement("enrichment.names", "contacts.names")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("with anna and ANNA", [("anna", "Anna"), ("ANNA", "Anna")]),
        ("Anna's boat", [("Anna's", "Anna")]),
        ("Anna’s boat", [("Anna’s", "Anna")]),
        ("Annas’ boat", [("Annas’", "Anna")]),
        ("James' bike", [("James'", "James")]),
        ("anna berg came", [("anna berg", "Anna")]),
        ("Anna\nBerg", [("Anna\nBerg", "Anna")]),
        (
            "Mary-Jane O’Brien's car, MJ!",
            [("Mary-Jane O’Brien's", "Mary-Jane O'Brien"), ("MJ", "Mary-Jane O'Brien")],
        ),
        ("J.R. Tolkien wrote", [("J.R. Tolkien", "J. R. Tolkien")]),
        ("ŁUKASZ came", [("ŁUKASZ", "Łukasz")]),
        ("A\u0308nnchen", [("A\u0308nnchen", "Anna")]),
        ("Вчера ВАНЯ", [("ВАНЯ", "Иван")]),
        ("昨日田中さんと", [("田中", "田中")]),
        ("アンナと", [("アンナ", "アンナ")]),
        ("안나는 갔다", [("안나는", "안나")]),
        ("अन्ना गई", [("अन्ना", "अन्ना")]),
    ],
)
def test_a_name_is_found_in_any_case_and_script_with_its_possessive(
    text: str, found: list[tuple[str, str]]
) -> None:
    assert named(text) == found


@requirement("enrichment.names", "contacts.names")
@pytest.mark.parametrize("text", ["Hannah", "Joanna", "annals", "Jameson", "アンナプルナ", "森林"])
def test_a_name_inside_a_longer_word_is_none(text: str) -> None:
    assert named(text) == []


def test_two_sentences_do_not_make_a_name() -> None:
    assert named("I saw Anna. Berg is a mountain.") == [("Anna", "Anna")]


@pytest.mark.parametrize(
    "text",
    [
        "I will go in may",
        "Will it rain?",
        "mark my words",
        "with grace",
        "We left in May.",
        "3 May was cold",
        "I WILL NOT",
    ],
)
def test_a_word_that_is_also_a_name_stays_a_word(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I saw Will today", "Will"),
        ("Will said no.", "Will"),
        ("Grace: hello", "Grace"),
        ("May's garden", "May"),
        ("what did mark say", "Mark"),
    ],
)
def test_such_a_word_is_a_name_where_a_person_must_stand(text: str, name: str) -> None:
    assert [found for _, found in named(text)] == [name]


def test_nobody_known_and_names_without_letters_find_nothing() -> None:
    assert Names.of({}).find("Anna") == ()
    assert Names.of({" ": [""]}).find("Anna  ") == ()


@given(st.text(), st.lists(st.text(max_size=8), max_size=5))
def test_any_text_and_names_give_ordered_spans(text: str, names: list[str]) -> None:
    place = 0
    for found in Names.of({name: [] for name in names}).find(text + " ".join(names)):
        assert place <= found.start < found.end
        place = found.end


def test_thousands_of_names_are_found_in_a_long_text() -> None:
    people = Names.of({f"Ada{i} Sur{i}": [f"N{i}"] for i in range(5000)})
    text = "Ordinary words with N17 and Ada4 Sur4's boat. " * 2000

    assert len(people.find(text)) == 4000


@requirement("contacts.suggested")
def test_people_are_suggested_by_what_people_do() -> None:
    texts = [
        "Yesterday I met Clara in Berlin. We went to Berlin by train.",
        "Then Clara said hello, and Berlin was cold. I like Berlin.",
        "I told Jonas Weber about it; then Jonas Weber called.",
        "A walk with Hope and Hope again, and hope.",
        "Only once with Otto.",
        "Dinner with Anna, then Anna left.",
    ]

    evidence = NameEvidence()
    evidence.read(texts[:2])
    evidence.read(texts[2:])

    assert evidence.suggestions(PEOPLE) == (Suggestion("Clara", 2), Suggestion("Jonas Weber", 2))


def test_a_long_text_and_many_names_that_begin_alike_end() -> None:
    names = Names.of({f"User {number}": () for number in range(1_000)})

    assert names.find("User " * 50_000) == ()
    assert [one.name for one in names.find("User 7 and User 70 met User 700.")] == [
        "User 7",
        "User 70",
        "User 700",
    ]
