"""What a device makes: kept where it was made now, for this node, by a verified person; once."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from demo.authenticator import (
    BACKED_UP,
    EXTENDED,
    PRESENT,
    VERIFIED,
    AlreadyRegisteredError,
    Authenticator,
    Credential,
    cbor,
    decode,
    encode,
)
from mnemosyne.accounts import store_passkeys
from mnemosyne.accounts.credentials import Admitted
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.passkey_errors import PasskeyKnownError, PasskeyUnusableError
from tests.accounts.conftest import PARTY, Ways, confirmed
from tests.passkeys import Bent
from tests.requirements import requirement

ORIGIN = PARTY.origin


@pytest.fixture
async def current(ways: Ways, person: Person) -> Admitted:
    """Be signed in, and have confirmed that a passkey is to be added."""
    return confirmed(await ways.signed_in(person, Authenticator()))


async def why_not(ways: Ways, current: Admitted, device: Authenticator) -> str:
    """Tell why a device's new passkey is not kept, or nothing where it is."""
    options = await ways.passkeys.options(current, PARTY)
    return await why_no_answer(ways, current, device.create(options, ORIGIN))


async def why_no_answer(ways: Ways, current: Admitted, answer: dict[str, Any]) -> str:
    try:
        await ways.passkeys.add(current, answer, PARTY)
    except PasskeyUnusableError as refused:
        return refused.reason
    return ""


async def test_options_ask_for_a_passkey_that_says_whose_it_is(
    ways: Ways, current: Admitted
) -> None:
    options = await ways.passkeys.options(current, PARTY)

    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert options["attestation"] == "none"
    assert options["rp"] == {"id": "mnemosyne.localhost", "name": "Mnemosyne"}
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [-8, -7, -257]
    assert options["user"]["name"] == "Ada"
    assert len(decode(options["user"]["id"])) == 32
    assert current.principal.person not in decode(options["user"]["id"]).hex()
    assert options["extensions"] == {"credProps": True, "prf": {}}


async def test_one_person_has_one_handle_and_two_people_have_two(
    ways: Ways, current: Admitted, somebody_else: Person
) -> None:
    other = confirmed(await ways.signed_in(somebody_else, Authenticator()))

    handles = [
        (await ways.passkeys.options(who, PARTY))["user"]["id"] for who in (current, current, other)
    ]

    assert handles[0] == handles[1] != handles[2]


async def test_a_device_does_not_get_a_second_passkey_of_the_same_person(
    ways: Ways, person: Person
) -> None:
    device = Authenticator()
    current = confirmed(await ways.signed_in(person, device))

    with pytest.raises(AlreadyRegisteredError):
        device.create(await ways.passkeys.options(current, PARTY), ORIGIN)


LIES: list[dict[str, Any]] = [
    {"origin": "http://mnemosyne.localhost:8761"},
    {"origin": "https://mnemosyne.localhost:8760"},
    {"origin": "http://sub.mnemosyne.localhost:8760"},
    {"host": "localhost"},
    {"flags": PRESENT},
    {"flags": VERIFIED},
    {"flags": PRESENT | VERIFIED | BACKED_UP},
    {"flags": PRESENT | VERIFIED | EXTENDED},
    {"kind": "webauthn.get"},
    {"challenge": encode(bytes(56))},
    {"said": {"crossOrigin": True}},
    {"said": {"topOrigin": "http://evil.example"}},
]


@requirement("serving.passkey-registration")
async def test_what_the_browser_or_the_device_says_has_to_be_true(
    ways: Ways, current: Admitted
) -> None:
    for lie in LIES:
        assert await why_not(ways, current, Bent(**lie)), lie
    assert await why_not(ways, current, Bent()) == ""


class Attesting(Authenticator):
    """Writes another attestation object than one that attests nothing."""

    written: object = None

    def attestation(self, data: bytes) -> bytes:
        if isinstance(self.written, bytes):
            return self.written
        if callable(self.written):
            return bytes(self.written(super().attestation(data)))
        assert isinstance(self.written, dict)
        return cbor({"authData": data} | self.written)


def deep(levels: int) -> bytes:
    return b"\x81" * levels + b"\x00"


ATTESTATIONS: list[object] = [
    {"fmt": "packed", "attStmt": {"alg": -7, "sig": bytes(70)}},
    {"fmt": "packed", "attStmt": {}},
    {"fmt": "none", "attStmt": {"sig": bytes(70)}},
    {"fmt": "none", "attStmt": {"unknown": 1}},
    {"fmt": "fido-u2f", "attStmt": {"x5c": [bytes(10)], "sig": bytes(70)}},
    {"fmt": "android-safetynet", "attStmt": {"ver": "1", "response": bytes(10)}},
    {"fmt": "none", "attStmt": []},
    {"fmt": "none"},
    {"fmt": "none", "attStmt": {}, "more": 1},
    {"fmt": 7, "attStmt": {}},
    {"fmt": "none", "attStmt": {}, "authData": "text"},
    {"fmt": "none", "attStmt": {}, "authData": bytes(37)},
    {"fmt": "none", "attStmt": {}, "authData": b""},
    {"fmt": "none", "attStmt": {"deep": [[[[[1]]]]]}},
    lambda plain: b"\xd9\xd9\xf7" + plain,  # tagged as CBOR, which a decoder looks through
    lambda plain: b"\xbf" + plain[1:] + b"\xff",  # of open length
    lambda plain: plain + b"\x00",
    cbor([]),
    cbor("none"),
    b"\xff",
    b"\xa1",
    deep(3),
    deep(6_000),
    b"\x5b" + b"\xff" * 8,  # a byte string of 2^64 - 1 bytes
    b"\x9b" + b"\xff" * 8,  # a list of as many
    b"\xbb" + b"\x7f" * 8,
    b"\x9f\xff",  # an open list
    b"\xc4\x82\x1b" + b"\xff" * 8 + b"\x01",  # a decimal with an absurd exponent
    b"\xd8\x23\x66(a+)+$",  # a regular expression
    b"\xd8\x1c\x81\xd8\x1d\x00",  # a list that holds itself
    bytes(8_193),
    bytes(200_000),
]


@requirement("serving.passkey-registration")
async def test_an_attestation_is_none_or_refused_before_anything_follows_it(
    ways: Ways, current: Admitted
) -> None:
    for written in ATTESTATIONS:
        device = Attesting()
        device.written = written
        assert await why_not(ways, current, device), str(written)[:80]


class Keyed(Authenticator):
    """Writes another public key."""

    written: bytes = b""

    def public_key(self, made: Credential) -> bytes:
        return self.written or super().public_key(made)


def ec2(curve: ec.EllipticCurve, alg: int, crv: int) -> bytes:
    numbers = ec.generate_private_key(curve).public_key().public_numbers()
    size = (curve.key_size + 7) // 8
    x, y = numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")
    return cbor({1: 2, 3: alg, -1: crv, -2: x, -3: y})


def rsa_key(bits: int) -> bytes:
    numbers = rsa.generate_private_key(65_537, bits).public_key().public_numbers()
    return cbor({1: 3, 3: -257, -1: numbers.n.to_bytes(bits // 8, "big"), -2: b"\x01\x00\x01"})


def okp(public: bytes, alg: int = -8) -> bytes:
    return cbor({1: 1, 3: alg, -1: 6, -2: public})


@requirement("serving.passkey-registration")
async def test_a_key_is_of_an_offered_algorithm_and_sound(ways: Ways, current: Admitted) -> None:
    ed = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    for good in (ec2(ec.SECP256R1(), -7, 1), okp(ed), rsa_key(2_048)):
        device = Keyed()
        device.written = good
        assert await why_not(ways, current, device) == ""
    for bad in (
        ec2(ec.SECP384R1(), -35, 2),
        ec2(ec.SECP384R1(), -7, 2),
        ec2(ec.SECP256R1(), -8, 1),
        ec2(ec.SECP256R1(), -257, 1),
        cbor({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)}),  # no point of the curve
        rsa_key(1_024),
        okp(b"\x01" + bytes(31)),  # anybody can sign under it
        okp(ed[:31]),
        okp(ed, alg=-7),
        cbor({1: 2, 3: -7}),
        cbor({}),
        cbor([]),
        cbor({1: 7, 3: -48, -1: bytes(1_312)}),  # ML-DSA, which is not offered
        b"\x04" + bytes(64),
        cbor({1: [[[[[1]]]]]}),
    ):
        device = Keyed()
        device.written = bad
        assert await why_not(ways, current, device), bad


async def test_an_answer_names_the_credential_it_brings(ways: Ways, current: Admitted) -> None:
    options = await ways.passkeys.options(current, PARTY)
    answer = Authenticator().create(options, ORIGIN)
    answer["id"] = answer["rawId"] = encode(b"another credential")

    assert await why_no_answer(ways, current, answer)


@requirement("serving.passkey-registration")
async def test_an_answer_is_good_once_and_for_five_minutes(ways: Ways, current: Admitted) -> None:
    device = Authenticator()
    options = await ways.passkeys.options(current, PARTY)
    answer = device.create(options, ORIGIN)
    assert await why_no_answer(ways, current, answer) == ""
    assert await why_no_answer(ways, current, answer)  # and not as one that is known

    late = Authenticator().create(await ways.passkeys.options(current, PARTY), ORIGIN)
    ways.clock.advance(timedelta(minutes=5))
    assert await why_no_answer(ways, current, late)


@requirement("serving.passkey-registration")
async def test_a_challenge_belongs_to_a_session_and_its_person(
    ways: Ways, current: Admitted, person: Person, somebody_else: Person
) -> None:
    device = Authenticator()
    same_person = confirmed(await ways.signed_in(person, Authenticator()))
    another = confirmed(await ways.signed_in(somebody_else, Authenticator()))
    for others in (same_person, another):
        options = await ways.passkeys.options(others, PARTY)
        answer = device.create({**options, "excludeCredentials": []}, ORIGIN)

        assert await why_no_answer(ways, current, answer)


@requirement("serving.passkey-registration")
async def test_a_credential_belongs_to_one_account(
    ways: Ways, current: Admitted, somebody_else: Person
) -> None:
    device = Authenticator()
    other = confirmed(await ways.signed_in(somebody_else, device))
    stolen = Authenticator(credentials=device.credentials)

    class Copying(Authenticator):
        """Claims the credential of somebody else as its own."""

        def data(self, used: Credential, flags: int, attested: bytes = b"") -> bytes:
            theirs = stolen.credentials[0]
            key = self.public_key(used)
            attested = bytes(16) + len(theirs.id).to_bytes(2, "big") + theirs.id + key
            return super().data(used, flags, attested)

    for who in (current, other):
        options = await ways.passkeys.options(who, PARTY)
        answer = Copying().create({**options, "excludeCredentials": []}, ORIGIN)
        answer["id"] = answer["rawId"] = encode(stolen.credentials[0].id)
        with pytest.raises(PasskeyKnownError):
            await ways.passkeys.add(who, answer, PARTY)

    kept = await ways.database.read(lambda tx: store_passkeys.of(tx, somebody_else.id))
    assert len(kept) == 1


async def test_the_key_that_prf_gives_a_page_goes_no_further(ways: Ways, current: Admitted) -> None:
    answer = Authenticator().create(await ways.passkeys.options(current, PARTY), ORIGIN)
    answer["clientExtensionResults"] = {"prf": {"enabled": True, "results": {"first": "c2VjcmV0"}}}

    assert await why_no_answer(ways, current, answer) == ""
    assert b"c2VjcmV0" not in ways.database.path.read_bytes()
