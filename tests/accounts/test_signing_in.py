"""Every way to sign in that must not work, and the one that does."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from demo.authenticator import (
    ATTESTED,
    BACKED_UP,
    BACKUP_ELIGIBLE,
    EXTENDED,
    PRESENT,
    VERIFIED,
    Authenticator,
    Credential,
    cbor,
    decode,
    encode,
)
from mnemosyne.accounts import store_passkeys
from mnemosyne.accounts.credentials import RelyingParty
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.passkey_errors import PasskeyRefusedError
from mnemosyne.kit.principal import Scope
from tests.accounts.conftest import BROWSER, PARTY, Ways, confirmed
from tests.passkeys import Bent
from tests.requirements import requirement

ORIGIN = PARTY.origin


async def refused(ways: Ways, answer: dict[str, Any]) -> bool:
    """Tell whether an answer signs nobody in."""
    try:
        await ways.signing_in.sign_in(BROWSER, answer, PARTY)
    except PasskeyRefusedError:
        return True
    return False


def asked(ways: Ways) -> dict[str, Any]:
    """Return options of the browser."""
    return ways.signing_in.options(BROWSER, PARTY)


@requirement("serving.sign-in", "serving.passkeys")
async def test_a_passkey_says_who_signs_in(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    first, second = Authenticator(), Authenticator()
    await ways.enrol(person, first)
    await ways.enrol(somebody_else, second)

    one, other = await ways.sign_in(first), await ways.sign_in(second)

    assert one.session.admitted.principal.person == person.id
    assert one.session.admitted.principal.scopes == frozenset(Scope)
    assert one.session.admitted.principal.held
    assert other.session.admitted.principal.person == somebody_else.id
    assert Scope.ADMIN not in other.session.admitted.principal.scopes
    assert await ways.sessions.admit(one.session.secret) == one.session.admitted
    assert (await ways.acts(person))[0] == "signed-in"


@requirement("serving.sign-in")
async def test_options_ask_for_any_passkey_of_a_verified_person(ways: Ways) -> None:
    options = ways.signing_in.options(BROWSER, PARTY)

    assert options["allowCredentials"] == []  # which lets a browser offer what it has
    assert options["userVerification"] == "required"
    assert options["rpId"] == "mnemosyne.localhost"
    assert options["timeout"] == 300_000


@requirement("serving.sign-in-refusals")
async def test_an_answer_is_good_once(ways: Ways, person: Person) -> None:
    device = Authenticator(counts=False)
    await ways.enrol(person, device)
    answer = device.get(asked(ways), ORIGIN)
    await ways.signing_in.sign_in(BROWSER, answer, PARTY)

    with pytest.raises(PasskeyRefusedError):
        await ways.signing_in.sign_in(BROWSER, answer, PARTY)


ORIGINS = [
    "http://mnemosyne.localhost:8761",
    "http://mnemosyne.localhost",
    "https://mnemosyne.localhost:8760",
    "http://sub.mnemosyne.localhost:8760",
    "http://localhost:8760",
    "http://mnemosyne.localhost:8760/",
    "http://MNEMOSYNE.localhost:8760",
    "http://mnemosyne.localhost:8760.evil.example",
    "null",
    "",
]


@requirement("serving.sign-in-refusals")
async def test_a_page_of_another_origin_signs_nobody_in(ways: Ways, person: Person) -> None:
    device = Authenticator()
    await ways.enrol(person, device)

    for origin in ORIGINS:
        assert await refused(ways, device.get(asked(ways), origin)), origin
    assert not await refused(ways, device.get(asked(ways), ORIGIN))


LIES: list[dict[str, Any]] = [
    {"host": "localhost"},
    {"host": "sub.mnemosyne.localhost"},
    {"flags": PRESENT},
    {"flags": VERIFIED},
    {"flags": 0},
    {"flags": PRESENT | VERIFIED | BACKED_UP},
    {"flags": PRESENT | VERIFIED | ATTESTED},
    {"flags": PRESENT | VERIFIED | EXTENDED},
    {"kind": "webauthn.create"},
    {"kind": "payment.get"},
    {"challenge": encode(bytes(56))},
    {"challenge": encode(bytes(16))},
    {"said": {"crossOrigin": True}},
    {"said": {"crossOrigin": "false"}},
    {"said": {"topOrigin": "http://evil.example"}},
    {"said": {"challenge": None}},
    {"said": {"challenge": "not base64!"}},
    {"said": {"origin": ["http://mnemosyne.localhost:8760"]}},
    {"said": {"origin": None}},
    {"said": {"type": None}},
    {"said": {"filler": "x" * 5_000}},
    {"said": {"deep": [[[[[[1]]]]]]}},
]


@requirement("serving.sign-in-refusals")
async def test_what_the_browser_or_the_device_signs_has_to_be_true(
    ways: Ways, person: Person
) -> None:
    honest = Authenticator()
    await ways.enrol(person, honest)

    for lie in LIES:
        liar = Bent(credentials=honest.credentials, **lie)
        assert await refused(ways, liar.get(asked(ways), ORIGIN)), lie
    assert not await refused(ways, honest.get(asked(ways), ORIGIN))


@requirement("serving.sign-in-refusals")
async def test_a_challenge_belongs_to_the_browser_that_asked(ways: Ways, person: Person) -> None:
    device = Authenticator()
    await ways.enrol(person, device)
    answer = device.get(ways.signing_in.options("another browser", PARTY), ORIGIN)

    with pytest.raises(PasskeyRefusedError):
        await ways.signing_in.sign_in(BROWSER, answer, PARTY)


@dataclass
class Extended(Authenticator):
    """Says more than it was asked."""

    more: object = None

    def data(self, used: Credential, flags: int, attested: bytes = b"") -> bytes:
        return super().data(used, flags | EXTENDED, attested + cbor(self.more))


async def test_what_a_device_says_beyond_may_be_a_little_and_is_not_followed_deep(
    ways: Ways, person: Person
) -> None:
    device = Extended(more={"credProtect": 2})
    await ways.enrol(person, device)

    assert not await refused(ways, device.get(asked(ways), ORIGIN))
    device.more = {"deep": [[[[1]]]]}
    assert await refused(ways, device.get(asked(ways), ORIGIN))


class Enrolling(Authenticator):
    """Shows a new credential where it should only sign (WebAuthn L3 §6.1 forbids it)."""

    def data(self, used: Credential, flags: int, attested: bytes = b"") -> bytes:
        key = self.public_key(used)
        shown = attested or bytes(16) + len(used.id).to_bytes(2, "big") + used.id + key
        return super().data(used, flags | ATTESTED, shown)


async def test_an_answer_that_brings_a_credential_signs_nobody_in(
    ways: Ways, person: Person
) -> None:
    device = Enrolling()
    await ways.enrol(person, device)

    assert await refused(ways, device.get(asked(ways), ORIGIN))


@requirement("serving.sign-in-refusals")
async def test_a_challenge_of_another_purpose_signs_nobody_in(ways: Ways, person: Person) -> None:
    device = Authenticator()
    current = await ways.signed_in(person, device)
    options = await ways.step_ups.options(current, bytes(32), PARTY)

    with pytest.raises(PasskeyRefusedError):
        await ways.signing_in.sign_in(BROWSER, device.get(options, ORIGIN), PARTY)


async def test_a_challenge_of_another_process_signs_nobody_in(ways: Ways, person: Person) -> None:
    device = Authenticator()
    await ways.enrol(person, device)
    options = Ways(ways.database, ways.clock).signing_in.options(BROWSER, PARTY)

    with pytest.raises(PasskeyRefusedError):
        await ways.signing_in.sign_in(BROWSER, device.get(options, ORIGIN), PARTY)


@requirement("serving.sign-in-refusals")
async def test_an_answer_after_five_minutes_is_too_late(ways: Ways, person: Person) -> None:
    device = Authenticator()
    await ways.enrol(person, device)
    late, in_time = (ways.signing_in.options(BROWSER, PARTY) for _ in range(2))

    ways.clock.advance(timedelta(minutes=5) - timedelta(microseconds=1))
    await ways.signing_in.sign_in(BROWSER, device.get(in_time, ORIGIN), PARTY)
    ways.clock.advance(timedelta(microseconds=1))
    with pytest.raises(PasskeyRefusedError):
        await ways.signing_in.sign_in(BROWSER, device.get(late, ORIGIN), PARTY)


@requirement("serving.sign-in-refusals")
async def test_a_changed_byte_anywhere_is_noticed(ways: Ways, person: Person) -> None:
    device = Authenticator(counts=False)
    await ways.enrol(person, device)

    for member in MEMBERS:
        answer = device.get(asked(ways), ORIGIN)
        changed = bytearray(decode(answer["response"][member]))
        changed[len(changed) // 2] ^= 1
        answer["response"][member] = encode(bytes(changed))
        assert await refused(ways, answer), member


@requirement("serving.sign-in-refusals")
async def test_the_signature_of_another_key_is_refused(ways: Ways, person: Person) -> None:
    device, strange = Authenticator(), Authenticator()
    await ways.enrol(person, device)
    await ways.enrol(person, strange)
    answer = device.get(asked(ways), ORIGIN)
    answer["id"] = answer["rawId"] = encode(strange.credentials[0].id)

    with pytest.raises(PasskeyRefusedError):
        await ways.signing_in.sign_in(BROWSER, answer, PARTY)


@requirement("serving.sign-in-refusals")
async def test_a_passkey_speaks_for_its_own_person_alone(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    device, other = Authenticator(), Authenticator()
    await ways.enrol(person, device)
    await ways.enrol(somebody_else, other)
    device.credentials[0].user_handle = other.credentials[0].user_handle

    with pytest.raises(PasskeyRefusedError):
        await ways.sign_in(device)


async def test_an_answer_that_does_not_say_whose_it_is_signs_nobody_in(
    ways: Ways, person: Person
) -> None:
    device = Authenticator()
    await ways.enrol(person, device)
    for without in ("absent", None):
        answer = device.get(asked(ways), ORIGIN)
        answer["response"].pop("userHandle")
        if without is None:
            answer["response"]["userHandle"] = None

        with pytest.raises(PasskeyRefusedError):
            await ways.signing_in.sign_in(BROWSER, answer, PARTY)


@requirement("serving.sign-in-refusals")
async def test_an_unknown_passkey_is_refused_in_the_words_of_a_wrong_signature(
    ways: Ways, person: Person
) -> None:
    device, strange = Authenticator(), Authenticator()
    await ways.enrol(person, device)
    strange.create(await some_options(ways, person), ORIGIN)
    with pytest.raises(PasskeyRefusedError) as unknown:
        await ways.sign_in(strange)
    answer = device.get(asked(ways), ORIGIN)
    answer["response"]["signature"] = encode(bytes(70))
    with pytest.raises(PasskeyRefusedError) as wrong:
        await ways.signing_in.sign_in(BROWSER, answer, PARTY)

    assert (str(unknown.value), unknown.value.why, unknown.value.hint) == (
        str(wrong.value),
        wrong.value.why,
        wrong.value.hint,
    )


async def some_options(ways: Ways, person: Person) -> dict[str, Any]:
    current = await ways.signed_in(person, Authenticator())
    return await ways.passkeys.options(confirmed(current), PARTY)


@requirement("serving.passkey-copies")
async def test_a_counter_that_does_not_rise_is_refused_and_alarms_the_person(
    ways: Ways, person: Person
) -> None:
    device = Authenticator()
    await ways.enrol(person, device)
    await ways.sign_in(device)
    key = device.credentials[0]
    key.count = 0  # a copy from before

    with pytest.raises(PasskeyRefusedError):
        await ways.sign_in(device)
    ways.clock.advance(timedelta(seconds=1))
    key.count = 1  # the same number once more
    with pytest.raises(PasskeyRefusedError):
        await ways.sign_in(device)

    assert (await ways.acts(person))[:2] == ["passkey-counter-regressed"] * 2
    shown = await ways.sign_in(device)
    assert [each.kind for each in shown.alarms] == ["passkey-counter-regressed"] * 2
    assert shown.alarms[0].facts["stored"] == 2
    assert shown.alarms[0].facts["counted"] == 2


@requirement("serving.passkey-copies")
async def test_a_counter_that_once_counted_may_not_fall_back_to_nothing(
    ways: Ways, person: Person
) -> None:
    device = Authenticator()
    await ways.enrol(person, device)
    device.counts, device.credentials[0].count = False, 0

    with pytest.raises(PasskeyRefusedError):
        await ways.sign_in(device)


async def test_a_passkey_that_lives_in_several_devices_counts_nothing(
    ways: Ways, person: Person
) -> None:
    device = Authenticator(counts=False, flags=PRESENT | VERIFIED | BACKUP_ELIGIBLE)
    await ways.enrol(person, device)
    await ways.sign_in(device)
    device.flags |= BACKED_UP

    await ways.sign_in(device)

    kept = await ways.database.read(lambda tx: store_passkeys.of(tx, person.id))
    assert [(each.backup_eligible, each.backed_up, each.sign_count) for each in kept] == [
        (True, True, 0)
    ]


@pytest.mark.parametrize(("before", "after"), [(0, BACKUP_ELIGIBLE), (BACKUP_ELIGIBLE, 0)])
@requirement("serving.passkey-copies")
async def test_a_passkey_does_not_become_one_that_can_be_copied_nor_cease_to_be(
    ways: Ways, person: Person, before: int, after: int
) -> None:
    device = Authenticator(flags=PRESENT | VERIFIED | before)
    await ways.enrol(person, device)
    device.flags = PRESENT | VERIFIED | after

    with pytest.raises(PasskeyRefusedError):
        await ways.sign_in(device)

    assert (await ways.acts(person))[0] == "passkey-backup-changed"


@requirement("serving.passkey-host")
async def test_a_passkey_of_another_host_name_does_not_sign_in_here(
    ways: Ways, person: Person
) -> None:
    device = Authenticator()
    await ways.enrol(person, device)
    moved = RelyingParty("node.example", "https://node.example", "Mnemosyne")
    device.credentials[0].rp_id = moved.id  # an authenticator that would lie about it
    answer = device.get(ways.signing_in.options(BROWSER, moved), moved.origin)

    with pytest.raises(PasskeyRefusedError):
        await ways.signing_in.sign_in(BROWSER, answer, moved)

    assert await ways.database.read(store_passkeys.hosts) == {"mnemosyne.localhost"}


CHANGES: list[dict[str, Any]] = [
    {"type": "password"},
    {"type": None},
    {"id": ""},
    {"id": 7},
    {"id": "A" * 2_000},
    {"id": "AB="},
    {"id": "AB"},  # spare bits: another spelling of one byte
    {"id": "ä"},
    {"rawId": encode(b"another")},
    {"response": None},
    {"response": []},
    {"response": {"clientDataJSON": "e30"}},
]
MEMBERS = ("clientDataJSON", "authenticatorData", "signature", "userHandle")
VALUES = (5, "", "%%", encode(bytes(40)), "A" * 100_000, ["A"])


async def test_an_answer_of_another_shape_is_refused(ways: Ways, person: Person) -> None:
    device = Authenticator()
    await ways.enrol(person, device)

    for change in CHANGES:
        assert await refused(ways, device.get(asked(ways), ORIGIN) | change), change
    for member in MEMBERS:
        for value in VALUES:
            answer = device.get(asked(ways), ORIGIN)
            answer["response"][member] = value
            assert await refused(ways, answer), (member, value)


async def test_a_removed_passkey_signs_nobody_in(ways: Ways, person: Person) -> None:
    device, other = Authenticator(), Authenticator()
    current = confirmed(await ways.signed_in(person, device))
    ways.clock.advance(timedelta(seconds=1))
    await ways.enrol(person, other)
    gone = (await ways.passkeys.all(current.principal))[0]
    await ways.passkeys.remove(current.principal, gone.id, PARTY)

    with pytest.raises(PasskeyRefusedError):
        await ways.sign_in(device)
