"""The people of a node are told apart by their names."""

import pytest
from sqlalchemy import Connection

from mnemosyne.accounts import names, store
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.names import PersonNameError, PersonNameTakenError
from mnemosyne.kit.ids import new_id
from tests.clock import START


def live(tx: Connection, name: str) -> str:
    who = Person(new_id(START), name, START, "")
    store.add(tx, who, bytes(32))
    return who.id


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ada", "Ada"),
        ("  Ada   King \n Lovelace ", "Ada King Lovelace"),
        ("Ine\u0302s", "Inês"),
        ("李四", "李四"),
        ("7 of 9", "7 of 9"),
        ("🦉 Bo", "🦉 Bo"),
        ("क्षितिज", "क्षितिज"),
        ("x" * 100, "x" * 100),
    ],
)
def test_a_name_is_kept_composed_and_with_single_spaces(given: str, kept: str) -> None:
    assert names.checked(given) == kept


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        (" \t\n", "empty"),
        ("x" * 101, "101 characters"),
        ("A\x07da", "not seen"),
        ("Ada\x1b[2J", "not seen"),
        ("A\u202eda", "not seen"),
        ("Ada\u200b", "not seen"),
        ("Ada\U000e0041", "not seen"),
        ("Ada\ud800", "not seen"),
        ("Ada\ue000", "not seen"),
        ("--- …", "letter"),
        ("🦉", "letter"),
    ],
)
def test_what_nobody_could_see_or_say_is_no_name(text: str, why: str) -> None:
    with pytest.raises(PersonNameError) as refused:
        names.checked(text)

    assert refused.value.code == "person-name"
    assert why in refused.value.why
    assert "100" in refused.value.hint


@pytest.mark.parametrize(
    ("here", "wanted"),
    [
        ("Ada", "Ada"),
        ("Ada", "ADA"),
        ("Ada Lovelace", "ada  lovelace"),
        ("Ada Lovelace", "AdaLovelace"),
        ("Ada", "Аda"),
        ("Ada", "Ａda"),
        ("Avva", "Αννα"),
        ("Ilse", "llse"),
        ("Bo", "B0"),
        ("Inês", "Ine\u0302s"),
        ("Straße", "STRASSE"),
    ],
)
def test_a_name_that_looks_like_one_of_the_node_is_taken(
    tx: Connection, here: str, wanted: str
) -> None:
    live(tx, here)

    with pytest.raises(PersonNameTakenError) as taken:
        names.free(tx, wanted)

    assert taken.value.code == "person-name-taken"
    assert here not in str(taken.value)
    assert taken.value.hint


@pytest.mark.parametrize(
    ("here", "wanted"), [("Lia", "Ila"), ("Ines", "Inês"), ("Tom", "Tim"), ("Ada", "Ada L.")]
)
def test_names_that_nobody_mistakes_live_side_by_side(
    tx: Connection, here: str, wanted: str
) -> None:
    live(tx, here)

    assert names.free(tx, wanted) == wanted


def test_whoever_renames_themself_is_not_in_their_own_way(tx: Connection) -> None:
    mine = live(tx, "Ada")

    assert names.free(tx, "ADA", besides=mine) == "ADA"
