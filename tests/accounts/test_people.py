"""Who is on a node, what they are called, and whether processing is restricted."""

import pytest

from mnemosyne.accounts import restriction
from mnemosyne.accounts.credentials import NotSignedInError
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.names import PersonNameTakenError
from mnemosyne.accounts.people import Account, People, PersonNotFoundError, Resident
from mnemosyne.audit.service import Audit
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import MissingScopeError, Principal, Scope
from tests.clock import SetClock
from tests.requirements import requirement


@pytest.fixture
def people(database: Database, person: Person, clock: SetClock) -> People:
    del person
    return People(database, clock)


@requirement("serving.people")
async def test_whose_node_it_is_sees_names_and_dates_of_the_others_and_nothing_else(
    people: People, principal: Principal, person: Person, somebody_else: Person
) -> None:
    assert await people.everyone(principal) == [
        Resident("Ada", person.created_at, first=True),
        Resident("Grace", somebody_else.created_at, first=False),
    ]
    second = Principal(somebody_else.id, frozenset(Scope) - {Scope.ADMIN}, "key", "http")
    for asked in (people.everyone(second), people.find(second, "Ada")):
        with pytest.raises(MissingScopeError):
            await asked


async def test_a_person_sees_themself(
    people: People, principal: Principal, person: Person, somebody_else: Person
) -> None:
    assert await people.account(principal) == Account(
        person.id, "Ada", person.created_at, first=True, restricted_since=None
    )
    theirs = await people.account(Principal.local(somebody_else.id))
    assert (theirs.name, theirs.first) == ("Grace", False)
    with pytest.raises(NotSignedInError):
        await people.account(Principal.local(new_id(person.created_at)))


@requirement("serving.people")
async def test_a_person_renames_themself_and_nobody_else(
    people: People,
    principal: Principal,
    somebody_else: Person,
    database: Database,
    clock: SetClock,
) -> None:
    renamed = await people.rename(principal, "Ada  Lovelace")
    await people.rename(principal, "Ada Lovelace")

    assert renamed.name == "Ada Lovelace"
    assert [each.name for each in await people.everyone(principal)] == ["Ada Lovelace", "Grace"]
    (entry,) = await Audit(database, clock).entries(principal)
    assert (entry.type, entry.payload) == ("renamed", {"from": "Ada", "to": "Ada Lovelace"})
    with pytest.raises(PersonNameTakenError):
        await people.rename(Principal.local(somebody_else.id), "ADA LOVELACE")


async def test_a_person_is_found_by_their_name_in_any_case(
    people: People, principal: Principal, somebody_else: Person
) -> None:
    assert (await people.find(principal, " grace ")).id == somebody_else.id

    with pytest.raises(PersonNotFoundError) as missing:
        await people.find(principal, "Radia")
    assert (missing.value.code, missing.value.name) == ("person-not-found", "Radia")


@requirement("serving.restriction")
async def test_restricting_and_lifting_are_recorded_once_each(
    people: People, principal: Principal, database: Database, clock: SetClock
) -> None:
    restricted = [await people.restrict(principal) for _ in range(2)]
    lifted = [await people.unrestrict(principal) for _ in range(2)]

    assert [each.restricted_since for each in restricted] == [clock()] * 2
    assert [each.restricted_since for each in lifted] == [None] * 2
    entries = await Audit(database, clock).entries(principal)
    assert [each.type for each in entries] == ["restriction-lifted", "processing-restricted"]


async def test_a_restriction_is_that_of_one_person(
    people: People, principal: Principal, somebody_else: Person, database: Database
) -> None:
    await people.restrict(principal)

    assert (await people.account(Principal.local(somebody_else.id))).restricted_since is None
    await database.read(lambda tx: restriction.require_unrestricted(tx, somebody_else.id))
    with pytest.raises(restriction.ProcessingRestrictedError) as refused:
        await database.read(lambda tx: restriction.require_unrestricted(tx, principal.person))
    assert refused.value.code == "processing-restricted"
    assert "account unrestrict" in refused.value.hint


async def test_only_who_manages_the_account_renames_or_restricts(
    people: People, principal: Principal
) -> None:
    script = Principal(principal.person, frozenset({Scope.MEMORY_WRITE}), "token", "http")

    for asked in (people.rename(script, "X"), people.restrict(script), people.unrestrict(script)):
        with pytest.raises(MissingScopeError):
            await asked
