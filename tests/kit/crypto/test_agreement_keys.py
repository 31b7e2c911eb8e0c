import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from mnemosyne.kit.crypto.multikey import (
    BadPublicKeyError,
    decode_agreement_key,
    decode_multikey,
    encode_agreement_key,
    encode_multikey,
)
from mnemosyne.kit.crypto.signing import SigningKey
from tests.requirements import requirement

P = 2**255 - 19
# Orders 1, 2, 4 and 8 on the curve and its twist; RFC 7748 §6.1 and every list since.
SMALL_ORDER = [
    0,
    1,
    P - 1,
    0xB8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0,
    0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F,
]
# RFC 7748 §6.1, the public key of Alice.
PUBLIC = bytes.fromhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
# The did:key specification's example of an X25519 key.
PUBLISHED = "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc"


@requirement("identity.hardening")
@pytest.mark.parametrize("u", [*SMALL_ORDER, P, P + 1, 2**256 - 1, 2**255 + 9])
def test_a_point_under_which_secrets_are_known_or_written_twice_is_refused(u: int) -> None:
    with pytest.raises(BadPublicKeyError) as refused:
        encode_agreement_key(u.to_bytes(32, "little"))

    assert "X25519" in str(refused.value)


@pytest.mark.parametrize("u", SMALL_ORDER)
def test_the_refused_points_are_those_that_give_the_same_secret_to_everybody(u: int) -> None:
    point = X25519PublicKey.from_public_bytes(u.to_bytes(32, "little"))

    with pytest.raises(ValueError, match="shared key"):
        X25519PrivateKey.generate().exchange(point)


def test_an_agreement_key_is_written_and_read_back() -> None:
    text = encode_agreement_key(PUBLIC)

    assert (text[:4], len(text)) == ("z6LS", 48)
    assert decode_agreement_key(text) == PUBLIC
    assert encode_agreement_key(decode_agreement_key(PUBLISHED)) == PUBLISHED


@pytest.mark.parametrize(
    "text",
    [
        "",
        PUBLISHED + " ",
        PUBLISHED[:-1],
        PUBLISHED.lower(),
        "z6LS" + "z" * 44,
        "z6LS" + "1" * 44,
        PUBLISHED.replace("z6LS", "z6LT"),
        encode_multikey(SigningKey(bytes(32)).public),
        "z6LS" + "1" * 100_000,
    ],
)
def test_any_other_text_is_no_agreement_key(text: str) -> None:
    with pytest.raises(BadPublicKeyError):
        decode_agreement_key(text)


def test_the_two_kinds_of_keys_are_not_taken_for_each_other() -> None:
    with pytest.raises(BadPublicKeyError):
        decode_multikey(PUBLISHED)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadPublicKeyError):
        encode_agreement_key(bytes(length))
