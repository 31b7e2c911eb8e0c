"""A one-time secret and a first passkey make an account, together or not at all."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from demo.authenticator import AlreadyRegisteredError, Authenticator
from mnemosyne.accounts import enrolments, store, store_passkeys
from mnemosyne.accounts.enrolments import EnrolmentInvalidError, EnrolmentKind
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.names import PersonNameTakenError
from mnemosyne.accounts.passkey_errors import PasskeyUnusableError
from mnemosyne.kit.principal import Scope
from tests.accounts.conftest import PARTY, Ways
from tests.requirements import requirement


async def secret_of(
    ways: Ways, owner: Person, kind: EnrolmentKind = EnrolmentKind.INVITATION, name: str = "Eve"
) -> str:
    at = ways.clock()

    def add(tx: Connection) -> str:
        return enrolments.add(tx, kind, owner.id, name, at)[1]

    return await ways.database.write(add)


@requirement("serving.enrolment")
async def test_an_invitation_and_a_passkey_make_a_person(ways: Ways, person: Person) -> None:
    secret, device = await secret_of(ways, person), Authenticator()
    options = await ways.enrolling.options(secret, "Evelyn", PARTY)
    assert options["user"]["name"] == "Evelyn"
    assert options["excludeCredentials"] == []

    made = await ways.enrolling.enrol(
        secret, "Evelyn", device.create(options, PARTY.origin), PARTY, "Firefox"
    )

    assert made.name == "Evelyn"
    who = made.session.admitted.principal
    assert who.person != person.id
    assert Scope.ADMIN not in who.scopes
    assert len(made.codes) == 10
    assert (await ways.sign_in(device)).session.admitted.principal.person == who.person
    assert "Firefox" in {each.device for each in await ways.sessions.all(who)}


@requirement("serving.enrolment")
async def test_a_secret_is_used_up_by_a_passkey_and_by_nothing_else(
    ways: Ways, person: Person
) -> None:
    secret, device = await secret_of(ways, person), Authenticator()
    for _ in range(2):
        options = await ways.enrolling.options(secret, "", PARTY)
        wrong = device.create(options, "http://evil.example")
        with pytest.raises(PasskeyUnusableError):
            await ways.enrolling.enrol(secret, "", wrong, PARTY)
    options = await ways.enrolling.options(secret, "", PARTY)
    answer = Authenticator().create(options, PARTY.origin)
    with pytest.raises(PersonNameTakenError):
        await ways.enrolling.enrol(secret, "Ada", answer, PARTY)
    options = await ways.enrolling.options(secret, "", PARTY)
    await ways.enrolling.enrol(secret, "", Authenticator().create(options, PARTY.origin), PARTY)

    for call in (
        ways.enrolling.options(secret, "", PARTY),
        ways.enrolling.enrol(secret, "", answer, PARTY),
    ):
        with pytest.raises(EnrolmentInvalidError):
            await call
    people = await ways.database.read(store.people)
    assert [each.name for each in people] == ["Ada", "Eve"]


async def test_a_challenge_belongs_to_its_enrolment(ways: Ways, person: Person) -> None:
    one, other = [await secret_of(ways, person, name=name) for name in ("Eve", "Fay")]
    options = await ways.enrolling.options(other, "", PARTY)
    answer = Authenticator().create(options, PARTY.origin)

    with pytest.raises(PasskeyUnusableError):
        await ways.enrolling.enrol(one, "", answer, PARTY)


async def test_an_answer_is_good_for_five_minutes(ways: Ways, person: Person) -> None:
    secret = await secret_of(ways, person)
    options = await ways.enrolling.options(secret, "", PARTY)
    answer = Authenticator().create(options, PARTY.origin)
    ways.clock.advance(timedelta(minutes=5))

    with pytest.raises(PasskeyUnusableError):
        await ways.enrolling.enrol(secret, "", answer, PARTY)


async def test_a_link_for_somebody_with_passkeys_excludes_those_and_alarms_them(
    ways: Ways, person: Person
) -> None:
    device, second = Authenticator(), Authenticator()
    await ways.enrol(person, device)
    secret = await secret_of(ways, person, EnrolmentKind.LINK, "")
    options = await ways.enrolling.options(secret, "", PARTY)
    with pytest.raises(AlreadyRegisteredError):
        device.create(options, PARTY.origin)

    await ways.enrolling.enrol(secret, "", second.create(options, PARTY.origin), PARTY)

    kept = await ways.database.read(lambda tx: store_passkeys.of(tx, person.id))
    assert len(kept) == 2
    assert device.credentials[0].user_handle == second.credentials[0].user_handle
    shown = await ways.sign_in(device)
    assert [each.kind for each in shown.alarms] == ["enrolment-link-used"]


async def test_a_first_link_alarms_nobody(ways: Ways, person: Person) -> None:
    device = Authenticator()
    await ways.enrol(person, device)

    assert (await ways.sign_in(device)).alarms == []
