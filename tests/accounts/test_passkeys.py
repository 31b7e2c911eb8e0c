"""The passkeys of somebody who is signed in, or who recovers."""

from datetime import timedelta

import pytest

from demo.authenticator import Authenticator
from mnemosyne.accounts import sessions, store_passkeys
from mnemosyne.accounts.credentials import (
    Admitted,
    CredentialKind,
    NotSignedInError,
    RelyingParty,
    SessionNeededError,
)
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.passkey_errors import (
    LastPasskeyError,
    NotRecoveringError,
    PasskeyNotFoundError,
)
from mnemosyne.kit.principal import MissingScopeError, NeedsSecretError, Principal, Scope
from tests.accounts.conftest import PARTY, Ways, confirmed
from tests.requirements import requirement

MOVED = RelyingParty("node.example", "https://node.example", "Mnemosyne")


async def add(ways: Ways, current: Admitted, device: Authenticator, name: str = "") -> str:
    ways.clock.advance(timedelta(seconds=1))
    options = await ways.passkeys.options(confirmed(current), PARTY)
    answer = device.create(options, PARTY.origin)
    return (await ways.passkeys.add(current, answer, PARTY, name)).id


@requirement("serving.sign-in")
async def test_several_devices_sign_in_as_one_person(ways: Ways, person: Person) -> None:
    laptop, phone = Authenticator(), Authenticator()
    current = await ways.signed_in(person, laptop)
    await add(ways, current, phone, "  My\nphone \u202e")

    assert (await ways.sign_in(phone)).session.admitted.principal.person == person.id
    assert (await ways.sign_in(laptop)).session.admitted.principal.person == person.id
    kept = await ways.passkeys.all(current.principal)
    assert [each.name for each in kept] == ["Passkey", "My phone ⟨U+202E⟩"]
    assert [each.rp_id for each in kept] == ["mnemosyne.localhost"] * 2
    assert kept[0].last_used_at == ways.clock()


async def test_a_stolen_cookie_adds_no_passkey_and_removes_none(ways: Ways, person: Person) -> None:
    current = await ways.signed_in(person, Authenticator())
    known = await ways.passkeys.all(current.principal)

    with pytest.raises(NeedsSecretError):
        await ways.passkeys.options(current, PARTY)
    with pytest.raises(NeedsSecretError):
        await ways.passkeys.remove(current.principal, known[0].id, PARTY)


@requirement("serving.last-passkey")
async def test_the_last_passkey_stays(ways: Ways, person: Person) -> None:
    current = confirmed(await ways.signed_in(person, Authenticator()))
    first = (await ways.passkeys.all(current.principal))[0].id
    with pytest.raises(LastPasskeyError):
        await ways.passkeys.remove(current.principal, first, PARTY)
    second = await add(ways, current, Authenticator())

    await ways.passkeys.remove(current.principal, first, PARTY)

    with pytest.raises(LastPasskeyError):
        await ways.passkeys.remove(current.principal, second, PARTY)
    assert [each.id for each in await ways.passkeys.all(current.principal)] == [second]


@requirement("serving.last-passkey")
async def test_a_passkey_of_another_host_name_does_not_count_as_one_that_is_left(
    ways: Ways, person: Person
) -> None:
    await ways.enrol(person, Authenticator(), MOVED)
    ways.clock.advance(timedelta(seconds=1))
    current = confirmed(await ways.signed_in(person, Authenticator()))
    elsewhere, here = await ways.passkeys.all(current.principal)

    with pytest.raises(LastPasskeyError):
        await ways.passkeys.remove(current.principal, here.id, PARTY)
    await ways.passkeys.remove(current.principal, elsewhere.id, PARTY)


@requirement("serving.passkey-host")
async def test_a_host_that_moved_is_told_and_mended_by_a_link(ways: Ways, person: Person) -> None:
    device = Authenticator()
    await ways.enrol(person, device)
    assert await ways.database.read(store_passkeys.hosts) == {"mnemosyne.localhost"}

    await ways.enrol(person, device, MOVED)  # and no exclude list of the old host is in its way

    assert [each.rp_id for each in device.credentials] == ["mnemosyne.localhost", "node.example"]


@requirement("serving.last-passkey")
async def test_removing_a_passkey_signs_out_where_it_signed_in(ways: Ways, person: Person) -> None:
    laptop, phone = Authenticator(), Authenticator()
    current = confirmed(await ways.signed_in(person, laptop))
    lost = await add(ways, current, phone)
    theirs = (await ways.sign_in(phone)).session.secret
    mine = (await ways.sign_in(laptop)).session.secret

    await ways.passkeys.remove(current.principal, lost, PARTY)

    with pytest.raises(NotSignedInError):
        await ways.sessions.admit(theirs)
    assert (await ways.sessions.admit(mine)).principal.person == person.id
    assert (await ways.acts(person))[0] == "passkey-removed"


async def test_passkeys_of_another_person_are_as_absent_ones(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    current = confirmed(await ways.signed_in(person, Authenticator()))
    other = await ways.signed_in(somebody_else, Authenticator())
    theirs = (await ways.passkeys.all(other.principal))[0].id

    told = []
    for absent in (theirs, "0" * 32):
        for call in (
            ways.passkeys.remove(current.principal, absent, PARTY),
            ways.passkeys.rename(current.principal, absent, "mine"),
        ):
            with pytest.raises(PasskeyNotFoundError) as refused:
                await call
            told.append((str(refused.value), refused.value.why, refused.value.hint))
    assert len(set(told)) == 1
    assert [each.name for each in await ways.passkeys.all(other.principal)] == ["Passkey"]


async def test_a_passkey_is_renamed(ways: Ways, person: Person) -> None:
    current = await ways.signed_in(person, Authenticator())
    known = (await ways.passkeys.all(current.principal))[0]

    renamed = await ways.passkeys.rename(current.principal, known.id, "Yellow key")

    assert renamed.name == "Yellow key"
    assert (await ways.passkeys.all(current.principal))[0] == renamed
    assert (await ways.acts(person))[0] == "passkey-renamed"


async def test_a_script_neither_adds_nor_lists_passkeys(ways: Ways, person: Person) -> None:
    script = Principal(person.id, frozenset({Scope.MEMORY_READ}), "token", "http")
    token = Admitted(script, CredentialKind.TOKEN, "token", None)

    for call in (
        ways.passkeys.options(token, PARTY),
        ways.passkeys.add(token, {}, PARTY),
    ):
        with pytest.raises(SessionNeededError):
            await call
    for recovering in (
        ways.passkeys.recovery_options(token, PARTY),
        ways.passkeys.recover(token, {}, PARTY),
    ):
        with pytest.raises(NotRecoveringError):
            await recovering
    for listing in (
        ways.passkeys.all(script),
        ways.passkeys.rename(script, "0" * 32, "x"),
        ways.passkeys.remove(script, "0" * 32, PARTY),
    ):
        with pytest.raises(MissingScopeError):
            await listing


async def test_whoever_recovers_adds_a_passkey_and_is_signed_in(ways: Ways, person: Person) -> None:
    codes = (await ways.enrol(person, Authenticator())).codes
    recovering = await ways.codes.redeem(codes[0])
    device = Authenticator()

    options = await ways.passkeys.recovery_options(recovering.admitted, PARTY)
    answer = device.create(options, PARTY.origin)
    begun = await ways.passkeys.recover(recovering.admitted, answer, PARTY, device="Phone")

    assert begun.admitted.kind is CredentialKind.SESSION
    assert begun.admitted.principal.scopes == frozenset(Scope)
    with pytest.raises(NotSignedInError):
        await ways.sessions.admit(recovering.secret)
    assert (await ways.sessions.admit(begun.secret)).principal.person == person.id
    assert (await ways.sign_in(device)).session.admitted.principal.person == person.id


@requirement("serving.recovery-codes")
async def test_whoever_recovers_may_do_nothing_else(ways: Ways, person: Person) -> None:
    codes = (await ways.enrol(person, Authenticator())).codes
    current = (await ways.codes.redeem(codes[0])).admitted
    who = confirmed(current).principal

    assert who.scopes == frozenset()
    for call in (
        ways.passkeys.options(confirmed(current), PARTY),
        ways.passkeys.add(current, {}, PARTY),
        ways.step_ups.options(current, bytes(32), PARTY),
        ways.step_ups.confirm(current, bytes(32), {}, PARTY),
    ):
        with pytest.raises(SessionNeededError):
            await call
    for other in (
        ways.passkeys.all(who),
        ways.sessions.all(who),
        ways.sessions.revoke_others(who, current.id),
        ways.codes.generate(who),
        ways.codes.left(who),
        ways.alarms.all(who),
    ):
        with pytest.raises(MissingScopeError):
            await other


async def test_whoever_is_signed_in_does_not_use_the_way_of_those_who_recover(
    ways: Ways, person: Person
) -> None:
    current = await ways.signed_in(person, Authenticator())

    with pytest.raises(NotRecoveringError):
        await ways.passkeys.recovery_options(current, PARTY)


async def test_somebody_who_was_erased_meanwhile_gets_no_options(
    ways: Ways, person: Person
) -> None:
    current = confirmed(await ways.signed_in(person, Authenticator()))
    gone = Principal("f" * 32, current.principal.scopes, "x", "http")

    with pytest.raises(NotSignedInError):
        await ways.passkeys.options(
            Admitted(gone, CredentialKind.SESSION, current.id, current.expires_at), PARTY
        )
    assert sessions.LIFETIMES[CredentialKind.RECOVERY] == timedelta(minutes=30)
