"""A confirmation: by a passkey of the person, for one act, in one session, once, for a while."""

from datetime import timedelta
from typing import Any

import pytest

from demo.authenticator import PRESENT, Authenticator, encode
from mnemosyne.accounts.credentials import Admitted, CredentialKind, SessionNeededError
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.passkey_errors import StepUpRefusedError
from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.principal import Principal, Scope
from tests.accounts.conftest import BROWSER, PARTY, Ways
from tests.passkeys import Bent
from tests.requirements import requirement

ERASE = sha256(b"erase one")
ANOTHER = sha256(b"erase all")


async def confirm(
    ways: Ways, current: Admitted, device: Authenticator, action: bytes = ERASE
) -> str:
    options = await ways.step_ups.options(current, action, PARTY)
    answer = device.get(options, PARTY.origin)
    return await ways.step_ups.confirm(current, action, answer, PARTY)


async def spends(ways: Ways, current: Admitted, secret: str, action: bytes = ERASE) -> bool:
    try:
        await ways.step_ups.spend(current, secret, action)
    except StepUpRefusedError:
        return False
    return True


async def confirms(ways: Ways, current: Admitted, answer: dict[str, Any]) -> bool:
    try:
        return bool(await ways.step_ups.confirm(current, ERASE, answer, PARTY))
    except StepUpRefusedError:
        return False


@requirement("serving.step-up")
async def test_a_confirmation_lets_its_act_through_once(ways: Ways, person: Person) -> None:
    device = Authenticator()
    current = await ways.signed_in(person, device)

    secret = await confirm(ways, current, device)

    assert await spends(ways, current, secret)
    assert not await spends(ways, current, secret)


@requirement("serving.step-up")
async def test_a_confirmation_is_for_the_very_act(ways: Ways, person: Person) -> None:
    device = Authenticator()
    current = await ways.signed_in(person, device)
    secret = await confirm(ways, current, device)

    assert not await spends(ways, current, secret, ANOTHER)
    assert not await spends(ways, current, secret)  # it is gone


@requirement("serving.step-up")
async def test_a_challenge_for_one_act_does_not_confirm_another(ways: Ways, person: Person) -> None:
    device = Authenticator()
    current = await ways.signed_in(person, device)
    options = await ways.step_ups.options(current, ANOTHER, PARTY)

    assert not await confirms(ways, current, device.get(options, PARTY.origin))


@requirement("serving.step-up")
async def test_a_confirmation_belongs_to_its_session(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    device, other = Authenticator(), Authenticator()
    current = await ways.signed_in(person, device)
    second = (await ways.sign_in(device)).session.admitted
    theirs = await ways.signed_in(somebody_else, other)

    for stranger in (second, theirs):
        assert not await spends(ways, stranger, await confirm(ways, current, device))


async def test_a_challenge_of_another_session_or_person_confirms_nothing(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    device, other = Authenticator(), Authenticator()
    current = await ways.signed_in(person, device)
    second = (await ways.sign_in(device)).session.admitted
    theirs = await ways.signed_in(somebody_else, other)

    for stranger in (second, theirs):
        options = await ways.step_ups.options(stranger, ERASE, PARTY)
        answer = device.get({**options, "allowCredentials": []}, PARTY.origin)
        assert not await confirms(ways, current, answer)


@requirement("serving.step-up")
async def test_a_passkey_of_another_person_confirms_nothing(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    device, other = Authenticator(), Authenticator()
    current = await ways.signed_in(person, device)
    await ways.enrol(somebody_else, other)
    options = {**await ways.step_ups.options(current, ERASE, PARTY), "allowCredentials": []}
    assert not await confirms(ways, current, other.get(options, PARTY.origin))

    options = {**await ways.step_ups.options(current, ERASE, PARTY), "allowCredentials": []}
    other.credentials[0].user_handle = device.credentials[0].user_handle
    assert not await confirms(ways, current, other.get(options, PARTY.origin))


async def test_options_name_the_passkeys_of_the_person(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    device = Authenticator()
    current = await ways.signed_in(person, device)
    await ways.enrol(somebody_else, Authenticator())

    options = await ways.step_ups.options(current, ERASE, PARTY)

    assert [each["id"] for each in options["allowCredentials"]] == [
        encode(device.credentials[0].id)
    ]
    assert options["allowCredentials"][0]["transports"] == ["internal"]
    assert options["userVerification"] == "required"


async def test_a_signing_in_does_not_confirm(ways: Ways, person: Person) -> None:
    device = Authenticator()
    current = await ways.signed_in(person, device)
    answer = device.get(ways.signing_in.options(BROWSER, PARTY), PARTY.origin)

    assert not await confirms(ways, current, answer)


async def test_an_answer_confirms_once(ways: Ways, person: Person) -> None:
    device = Authenticator(counts=False)
    current = await ways.signed_in(person, device)
    options = await ways.step_ups.options(current, ERASE, PARTY)
    answer = device.get(options, PARTY.origin)

    assert await confirms(ways, current, answer)
    assert not await confirms(ways, current, answer)


LIES: list[dict[str, Any]] = [
    {"flags": PRESENT},
    {"origin": "http://mnemosyne.localhost:8761"},
    {"host": "localhost"},
    {"kind": "webauthn.create"},
    {"handle_of_another": True},
    {"said": {"crossOrigin": True}},
]


async def test_what_the_browser_or_the_device_says_has_to_be_true(
    ways: Ways, person: Person
) -> None:
    honest = Authenticator()
    current = await ways.signed_in(person, honest)
    for lie in LIES:
        options = await ways.step_ups.options(current, ERASE, PARTY)
        strange = lie.pop("handle_of_another", False)
        liar = Bent(credentials=honest.credentials, **lie)
        answer = liar.get(options, PARTY.origin)
        if strange:
            answer["response"]["userHandle"] = encode(bytes(32))
        assert not await confirms(ways, current, answer), lie


async def test_a_device_may_leave_out_whose_passkey_it_is(ways: Ways, person: Person) -> None:
    device = Authenticator()
    current = await ways.signed_in(person, device)
    options = await ways.step_ups.options(current, ERASE, PARTY)
    answer = device.get(options, PARTY.origin)
    answer["response"]["userHandle"] = None

    assert await confirms(ways, current, answer)


async def test_a_changed_signature_confirms_nothing(ways: Ways, person: Person) -> None:
    device = Authenticator()
    current = await ways.signed_in(person, device)
    options = await ways.step_ups.options(current, ERASE, PARTY)
    answer = device.get(options, PARTY.origin)
    answer["response"]["signature"] = encode(bytes(70))

    assert not await confirms(ways, current, answer)


async def test_a_copied_passkey_confirms_nothing_and_alarms(ways: Ways, person: Person) -> None:
    device = Authenticator()
    current = await ways.signed_in(person, device)
    device.credentials[0].count = 0

    with pytest.raises(StepUpRefusedError):
        await confirm(ways, current, device)

    assert [each.kind for each in await ways.alarms.all(current.principal)] == [
        "passkey-counter-regressed"
    ]


@requirement("serving.step-up")
async def test_question_and_confirmation_last_five_minutes_each(ways: Ways, person: Person) -> None:
    device = Authenticator()
    current = await ways.signed_in(person, device)
    asked = await ways.step_ups.options(current, ERASE, PARTY)
    early, late = [await confirm(ways, current, device) for _ in range(2)]

    ways.clock.advance(timedelta(minutes=5) - timedelta(microseconds=1))
    assert await spends(ways, current, early)
    ways.clock.advance(timedelta(microseconds=1))
    assert not await spends(ways, current, late)
    assert not await confirms(ways, current, device.get(asked, PARTY.origin))


async def test_confirmations_that_nobody_used_are_forgotten(ways: Ways, person: Person) -> None:
    device = Authenticator()
    current = await ways.signed_in(person, device)
    for _ in range(3):
        await confirm(ways, current, device)
        ways.clock.advance(timedelta(minutes=5))

    assert len(ways.step_ups._confirmed) == 1


async def test_made_up_secrets_let_nothing_through(ways: Ways, person: Person) -> None:
    current = await ways.signed_in(person, Authenticator())

    for secret in ("", "A" * 43, "ä", "\ud800"):
        assert not await spends(ways, current, secret)


async def test_a_script_confirms_nothing(ways: Ways, person: Person) -> None:
    script = Principal(person.id, frozenset(Scope), "token", "http")
    token = Admitted(script, CredentialKind.TOKEN, "token", None)

    with pytest.raises(SessionNeededError):
        await ways.step_ups.options(token, ERASE, PARTY)
    with pytest.raises(SessionNeededError):
        await ways.step_ups.confirm(token, ERASE, {}, PARTY)
