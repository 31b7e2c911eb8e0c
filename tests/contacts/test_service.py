from typing import TYPE_CHECKING

import pytest

from mnemosyne.accounts.model import Person
from mnemosyne.contacts.model import Contact
from mnemosyne.contacts.service import (
    LONGEST_NAME,
    ContactNotFoundError,
    Contacts,
    NameLengthError,
    NameTakenError,
)
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import MissingScopeError, Principal, Scope
from tests.clock import SetClock
from tests.requirements import requirement

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


@pytest.fixture
def contacts(database: Database, clock: SetClock) -> Contacts:
    return Contacts(database, clock)


async def names(contacts: Contacts, principal: Principal) -> list[tuple[str, ...]]:
    return [who.names for who in await contacts.everyone(principal)]


@requirement("contacts.names")
async def test_someone_is_added_with_every_name(contacts: Contacts, principal: Principal) -> None:
    added = await contacts.add(principal, " Ada Lovelace ", ("Countess", "Ada"), source="card")

    assert added == Contact(added.id, "Ada Lovelace", ("Ada", "Countess"), "card")
    assert await contacts.everyone(principal) == [added]


async def test_the_list_is_sorted_by_name_whatever_the_case(
    contacts: Contacts, principal: Principal
) -> None:
    for name in ("carol", "Bob", "alice"):
        await contacts.add(principal, name)

    assert await names(contacts, principal) == [("alice",), ("Bob",), ("carol",)]


@pytest.mark.parametrize("again", ["Ada", "ADA", " ada ", "Countess"])
async def test_adding_someone_again_adds_the_names_alone(
    contacts: Contacts, principal: Principal, again: str
) -> None:
    first = await contacts.add(principal, "Ada", ("Countess",))

    second = await contacts.add(principal, again, ("Mother", "ada"))

    assert second == Contact(first.id, "Ada", ("Countess", "Mother"), "given")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Rene\u0301", "ren\u00e9"), ("Ada  Lovelace", "ada lovelace"), ("STRASSER", "Straßer")],
)
async def test_two_spellings_of_one_name_are_one_person(
    contacts: Contacts, principal: Principal, one: str, other: str
) -> None:
    await contacts.add(principal, one)
    await contacts.add(principal, other)

    assert await names(contacts, principal) == [(one,)]


@requirement("contacts.names")
async def test_a_name_stands_for_nobody_else(contacts: Contacts, principal: Principal) -> None:
    await contacts.add(principal, "Ada", ("Countess",))

    for alias in ("ada", "COUNTESS"):
        with pytest.raises(NameTakenError) as taken:
            await contacts.add(principal, "Grace", ("Admiral", alias))
        assert taken.value.code == "name-taken"
        assert (taken.value.name, taken.value.holder) == (alias, "Ada")
        assert "Ada" in str(taken.value)
        assert taken.value.why
        assert "people merge" in taken.value.hint

    assert await names(contacts, principal) == [("Ada", "Countess")]


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1)])
async def test_a_name_without_letters_or_without_end_is_refused(
    contacts: Contacts, principal: Principal, name: str
) -> None:
    await contacts.add(principal, "Ada")
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: contacts.add(principal, name),
        lambda: contacts.add(principal, "Grace", (name,)),
        lambda: contacts.rename(principal, "Ada", name),
    ]

    for attempt in attempts:
        with pytest.raises(NameLengthError) as refused:
            await attempt()
        assert refused.value.code == "name-length"
        assert str(len(name.strip())) in refused.value.why
        assert refused.value.hint
    assert await names(contacts, principal) == [("Ada",)]


async def test_the_longest_name_is_taken(contacts: Contacts, principal: Principal) -> None:
    assert (await contacts.add(principal, "x" * LONGEST_NAME)).name == "x" * LONGEST_NAME


async def test_an_alias_can_be_taken_away_and_given_to_another(
    contacts: Contacts, principal: Principal
) -> None:
    await contacts.add(principal, "Ada", ("Mother",))

    await contacts.remove_alias(principal, " MOTHER ")
    await contacts.add(principal, "Grace", ("Mother",))

    assert await names(contacts, principal) == [("Ada",), ("Grace", "Mother")]


async def test_someone_is_removed_by_any_name_with_all_names(
    contacts: Contacts, principal: Principal
) -> None:
    added = await contacts.add(principal, "Ada", ("Countess", "Mother"))

    assert await contacts.remove(principal, "mother") == added

    assert await contacts.everyone(principal) == []
    await contacts.add(principal, "Countess")


@requirement("contacts.merge-split")
async def test_two_contacts_become_one_with_all_names(
    contacts: Contacts, principal: Principal
) -> None:
    await contacts.add(principal, "Augusta", ("Gus",))
    ada = await contacts.add(principal, "Ada", ("Countess",))

    merged = await contacts.merge(principal, "gus", into="countess")

    assert merged == Contact(ada.id, "Ada", ("Augusta", "Countess", "Gus"), "given")
    assert await contacts.everyone(principal) == [merged]


@requirement("contacts.merge-split")
async def test_what_was_merged_can_be_split_again(contacts: Contacts, principal: Principal) -> None:
    await contacts.add(principal, "Augusta")
    await contacts.add(principal, "Ada")
    merged = await contacts.merge(principal, "Augusta", into="Ada")

    own = await contacts.split(principal, "augusta ")

    assert own.id != merged.id
    assert await names(contacts, principal) == [("Ada",), ("augusta",)]


async def test_merging_someone_with_themselves_changes_nothing(
    contacts: Contacts, principal: Principal
) -> None:
    ada = await contacts.add(principal, "Ada", ("Countess",))

    assert await contacts.merge(principal, "Countess", into="Ada") == ada


async def test_a_new_name_keeps_the_old_one(contacts: Contacts, principal: Principal) -> None:
    ada = await contacts.add(principal, "Ada Byron", ("Ada",))

    renamed = await contacts.rename(principal, "ada", "Ada Lovelace")

    assert renamed == Contact(ada.id, "Ada Lovelace", ("Ada", "Ada Byron"), "given")
    assert await contacts.remove(principal, "Ada Byron") == renamed


async def test_an_alias_can_become_the_main_name(contacts: Contacts, principal: Principal) -> None:
    await contacts.add(principal, "Augusta", ("Ada",))

    assert (await contacts.rename(principal, "Augusta", "Ada")).names == ("Ada", "Augusta")


async def test_only_the_spelling_of_a_name_can_change(
    contacts: Contacts, principal: Principal
) -> None:
    await contacts.add(principal, "ada")

    assert (await contacts.rename(principal, "ada", "Ada")).names == ("Ada",)


async def test_nobody_is_renamed_to_somebody_else(contacts: Contacts, principal: Principal) -> None:
    await contacts.add(principal, "Ada")
    await contacts.add(principal, "Grace", ("Admiral",))

    with pytest.raises(NameTakenError):
        await contacts.rename(principal, "Ada", "admiral")

    assert await names(contacts, principal) == [("Ada",), ("Grace", "Admiral")]


async def test_an_unknown_name_is_said_to_be_unknown(
    contacts: Contacts, principal: Principal
) -> None:
    await contacts.add(principal, "Ada")
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: contacts.remove(principal, "Grace"),
        lambda: contacts.remove_alias(principal, "Grace"),
        lambda: contacts.remove_alias(principal, "Ada"),  # a main name is no alias
        lambda: contacts.rename(principal, "Grace", "Admiral"),
        lambda: contacts.merge(principal, "Grace", into="Ada"),
        lambda: contacts.merge(principal, "Ada", into="Grace"),
        lambda: contacts.split(principal, "Grace"),
        lambda: contacts.split(principal, "Ada"),
    ]

    for attempt in attempts:
        with pytest.raises(ContactNotFoundError) as unknown:
            await attempt()
        assert unknown.value.code == "contact-not-found"
        assert unknown.value.name in str(unknown.value)
        assert "mnemosyne people list" in unknown.value.hint
    assert await names(contacts, principal) == [("Ada",)]


async def test_everybody_has_a_list_of_their_own(
    contacts: Contacts, principal: Principal, somebody_else: Person
) -> None:
    other = Principal.local(somebody_else.id)
    await contacts.add(principal, "Ada", ("Mother",))
    await contacts.add(other, "Grace", ("Mother",))

    assert await names(contacts, principal) == [("Ada", "Mother")]
    with pytest.raises(ContactNotFoundError):
        await contacts.remove(other, "Ada")
    await contacts.remove_alias(other, "Mother")
    assert await names(contacts, principal) == [("Ada", "Mother")]
    assert await names(contacts, other) == [("Grace",)]


async def test_each_use_case_needs_its_permission(contacts: Contacts, person: Person) -> None:
    reader = Principal(person.id, frozenset({Scope.MEMORY_READ}), "token-1", "http")
    nobody = Principal(person.id, frozenset(), "token-2", "http")
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: contacts.everyone(nobody),
        lambda: contacts.add(reader, "Ada"),
        lambda: contacts.rename(reader, "Ada", "Augusta"),
        lambda: contacts.remove_alias(reader, "Ada"),
        lambda: contacts.remove(reader, "Ada"),
        lambda: contacts.merge(reader, "Ada", into="Grace"),
        lambda: contacts.split(reader, "Ada"),
    ]

    for attempt in attempts:
        with pytest.raises(MissingScopeError):
            await attempt()
    assert await contacts.everyone(reader) == []
