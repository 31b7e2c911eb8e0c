"""A one-time secret lets one person in, once, and not for long."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from mnemosyne.accounts import enrolments, store
from mnemosyne.accounts.bearer_secrets import new_secret
from mnemosyne.accounts.enrolments import (
    PREFIX,
    Enrolment,
    EnrolmentInvalidError,
    EnrolmentKind,
)
from mnemosyne.accounts.invitations import WHO_CAN_READ, Enrolments, InvitationNotFoundError
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.names import PersonNameError, PersonNameTakenError
from mnemosyne.accounts.people import PersonNotFoundError
from mnemosyne.audit.service import Audit
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import MissingScopeError, NeedsSecretError, Principal, Scope
from tests.clock import SetClock
from tests.requirements import requirement


@pytest.fixture
def service(database: Database, person: Person, clock: SetClock) -> Enrolments:
    del person
    return Enrolments(database, clock)


async def spend(database: Database, clock: SetClock, secret: str, name: str = "") -> Person:
    def write(tx: Connection) -> Person:
        return enrolments.use(tx, enrolments.find(tx, secret, clock()), name, clock())

    return await database.write(write)


async def names_of(database: Database) -> list[str]:
    return [each.name for each in await database.read(store.people)]


@requirement("serving.invitations")
async def test_an_invitation_makes_a_person_when_it_is_used(
    service: Enrolments, principal: Principal, database: Database, clock: SetClock
) -> None:
    invitation, secret = await service.invite(principal, " Grace  Hopper")
    assert await names_of(database) == ["Ada"]
    assert invitation.expires_at == clock() + timedelta(days=7)

    joined = await spend(database, clock, secret)

    assert await names_of(database) == ["Ada", "Grace Hopper"]
    assert joined.recovery_key_hash == ""  # they have no phrase until they make a DID
    audit = Audit(database, clock)
    mine = await audit.entries(principal)
    assert [each.type for each in mine] == ["invitation-used", "invitation-made"]
    assert mine[0].payload == {"enrolment": invitation.id}
    assert joined.id not in repr(mine)  # so the record of who invited outlives an erase of them
    assert [each.type for each in await audit.entries(Principal.local(joined.id))] == ["joined"]
    assert secret not in repr(mine)
    assert "can read everything" in WHO_CAN_READ


@requirement("serving.invitations")
async def test_an_invitation_used_twice_or_in_parallel_makes_one_person(
    service: Enrolments, principal: Principal, database: Database, clock: SetClock
) -> None:
    _, secret = await service.invite(principal, "Grace")

    outcomes = await asyncio.gather(
        *(spend(database, clock, secret, f"Grace {number}") for number in range(8)),
        return_exceptions=True,
    )

    joined = [each for each in outcomes if isinstance(each, Person)]
    refused = [each for each in outcomes if isinstance(each, EnrolmentInvalidError)]
    assert (len(joined), len(refused)) == (1, 7)
    assert await names_of(database) == ["Ada", joined[0].name]


async def test_what_was_found_before_somebody_else_used_it_makes_nobody(
    service: Enrolments, principal: Principal, database: Database, clock: SetClock
) -> None:
    _, secret = await service.invite(principal, "Grace")
    found = await database.read(lambda tx: enrolments.find(tx, secret, clock()))
    await spend(database, clock, secret)

    with pytest.raises(EnrolmentInvalidError):
        await database.write(lambda tx: enrolments.use(tx, found, "Radia", clock()))

    assert await names_of(database) == ["Ada", "Grace"]


@requirement("serving.invitations")
async def test_used_revoked_expired_and_invented_secrets_are_refused_alike(
    service: Enrolments, principal: Principal, database: Database, clock: SetClock
) -> None:
    _, used = await service.invite(principal, "Grace")
    await spend(database, clock, used)
    revoked, of_revoked = await service.invite(principal, "Radia")
    await service.revoke(principal, revoked.id)
    _, expired = await service.invite(principal, "Radia")
    _, link = await service.link(principal)
    _, newer = await service.link(principal)
    clock.advance(timedelta(days=7))

    told = set()
    for secret in (used, of_revoked, expired, link, newer, new_secret(PREFIX), "", "x", PREFIX):
        with pytest.raises(EnrolmentInvalidError) as refused:
            await spend(database, clock, secret)
        told.add((refused.value.code, str(refused.value), refused.value.why, refused.value.hint))

    assert len(told) == 1
    assert await names_of(database) == ["Ada", "Grace"]


@requirement("serving.people")
async def test_whoever_joins_under_a_wrong_clock_is_not_taken_for_whose_node_it_is(
    service: Enrolments, principal: Principal, database: Database, clock: SetClock
) -> None:
    clock.set(clock() - timedelta(days=400))
    _, secret = await service.invite(principal, "Mallory")

    joined = await spend(database, clock, secret)

    first = await database.read(store.first)
    assert first is not None
    assert first.id == principal.person
    assert joined.id > principal.person


async def test_a_link_lets_an_existing_person_in_for_a_day_and_the_newest_alone(
    service: Enrolments,
    principal: Principal,
    somebody_else: Person,
    database: Database,
    clock: SetClock,
) -> None:
    _, mine = await service.link(principal)
    _, earlier = await service.link(principal, "grace")
    theirs, later = await service.link(principal, "Grace")
    assert theirs.expires_at == clock() + timedelta(hours=24)
    assert theirs.owner == somebody_else.id

    with pytest.raises(EnrolmentInvalidError):
        await spend(database, clock, earlier)
    assert (await spend(database, clock, later, "Mallory")).name == "Grace"
    assert (await spend(database, clock, mine)).id == principal.person
    assert await names_of(database) == ["Ada", "Grace"]
    theirs_say = await Audit(database, clock).entries(Principal.local(somebody_else.id))
    assert [each.type for each in theirs_say] == ["link-used", "link-made", "link-made"]

    with pytest.raises(PersonNotFoundError) as missing:
        await service.link(principal, "Nobody")
    assert missing.value.code == "person-not-found"
    assert "account people" in missing.value.hint


async def test_the_invited_are_called_what_they_want_unless_somebody_is(
    service: Enrolments, principal: Principal, database: Database, clock: SetClock
) -> None:
    for name, error in (("ada", PersonNameTakenError), ("\x07", PersonNameError)):
        with pytest.raises(error):
            await service.invite(principal, name)
    _, secret = await service.invite(principal, "Grace")

    for name, error in (("Аda", PersonNameTakenError), ("a\u202eb", PersonNameError)):
        with pytest.raises(error):
            await spend(database, clock, secret, name)
    assert (await spend(database, clock, secret, "Amazing Grace")).name == "Amazing Grace"


@requirement("serving.invitations")
async def test_invitations_are_listed_and_revoked_by_whom_they_are_of(
    service: Enrolments, principal: Principal, somebody_else: Person, clock: SetClock
) -> None:
    other = Principal.local(somebody_else.id)
    theirs, _ = await service.invite(other, "Radia")
    mine, _ = await service.invite(principal, "Mira")

    told = set()
    for wanted in (theirs.id, "0" * 32, "garbage"):
        with pytest.raises(InvitationNotFoundError) as missing:
            await service.revoke(principal, wanted)
        told.add((missing.value.code, str(missing.value), missing.value.why, missing.value.hint))

    assert len(told) == 1
    assert await service.all(principal) == [mine]
    assert await service.all(other) == [theirs]
    await service.revoke(principal, mine.id)
    clock.advance(timedelta(days=7))
    assert await service.all(principal) == await service.all(other) == []


async def test_who_may_invite_and_what_is_asked_of_them(
    service: Enrolments, principal: Principal
) -> None:
    second = Principal(principal.person, frozenset(Scope) - {Scope.ADMIN}, "key", "http")
    held = Principal(principal.person, frozenset(Scope), "key", "http", held=True)

    for asked in (service.invite(second, "Grace"), service.link(second)):
        with pytest.raises(MissingScopeError):
            await asked
    for asked in (service.invite(held, "Grace"), service.link(held)):
        with pytest.raises(NeedsSecretError):
            await asked
    assert await service.all(second) == []


def test_an_enrolment_is_a_value_without_its_secret() -> None:
    assert "digest" not in Enrolment.__dataclass_fields__
    assert set(EnrolmentKind) == {"link", "invitation"}
