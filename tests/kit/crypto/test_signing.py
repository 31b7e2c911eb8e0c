import pytest

from mnemosyne.kit.crypto.multikey import (
    BadPublicKeyError,
    check_point,
    decode_did_key,
    decode_multikey,
    encode_did_key,
    encode_multikey,
)
from mnemosyne.kit.crypto.signing import BadSignatureError, SigningKey, fingerprint, verify

# RFC 8032 §7.1, tests 1 to 3: private, public, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]
KEY = SigningKey(bytes.fromhex(VECTORS[0][0]))

# The did:key method specification, its Ed25519 example.
DID_KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
# Order 1, 2, 4 and 8, each with either sign where it has one.
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
NOT_CANONICAL = [(2**255 - 19 + n).to_bytes(32, "little").hex() for n in (0, 1, 3, 18)]
OFF_THE_CURVE = (2).to_bytes(32, "little").hex()


@pytest.mark.parametrize(("private", "public", "message", "signature"), VECTORS)
def test_signatures_agree_with_rfc_8032(
    private: str, public: str, message: str, signature: str
) -> None:
    key = SigningKey(bytes.fromhex(private))

    assert key.public.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    verify(key.public, bytes.fromhex(signature), bytes.fromhex(message))


def test_any_changed_bit_of_a_signature_or_a_message_is_refused() -> None:
    message = b"forget nothing"
    signature = KEY.sign(message)

    for bit in range(8 * 64):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadSignatureError):
            verify(KEY.public, bytes(changed), message)
    for bit in range(8 * len(message)):
        altered = bytearray(message)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadSignatureError):
            verify(KEY.public, signature, bytes(altered))


def test_a_refused_signature_names_the_key_that_was_expected() -> None:
    with pytest.raises(BadSignatureError) as refused:
        verify(KEY.public, KEY.sign(b"a"), b"b")

    assert refused.value.code == "bad-signature"
    assert refused.value.public == KEY.public
    assert fingerprint(KEY.public) in refused.value.hint
    assert refused.value.why


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadSignatureError):
        verify(KEY.public, bytes(length), b"")


def test_keys_are_random_and_do_not_show() -> None:
    first, second = SigningKey.generate(), SigningKey.generate()

    assert first.private != second.private
    assert repr(first) == "SigningKey()"
    verify(first.public, first.sign(b"x"), b"x")


def test_a_private_key_of_another_length_is_refused_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="32"):
        SigningKey(bytes(31))


def test_a_fingerprint_can_be_read_aloud() -> None:
    groups = fingerprint(KEY.public).split(" ")

    assert [len(group) for group in groups] == [4] * 8
    assert fingerprint(SigningKey.generate().public) != fingerprint(KEY.public)


def test_the_published_did_key_is_read_and_written_back() -> None:
    public = decode_did_key(DID_KEY)

    assert encode_did_key(public) == DID_KEY
    assert encode_multikey(public) == DID_KEY.removeprefix("did:key:")
    assert decode_multikey(encode_multikey(KEY.public)) == KEY.public


@pytest.mark.parametrize("point", [*SMALL_ORDER, *NOT_CANONICAL, OFF_THE_CURVE, "", "00" * 33])
def test_a_point_that_is_not_sound_is_refused_everywhere(point: str) -> None:
    public = bytes.fromhex(point)

    for use in (check_point, encode_multikey, encode_did_key):
        with pytest.raises(BadPublicKeyError):
            use(public)
    with pytest.raises(BadPublicKeyError):
        verify(public, bytes(64), b"")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "did:web:example.org",
        DID_KEY + "#key-1",
        DID_KEY + "\n",
        DID_KEY[:-1],
        DID_KEY + "1",
        DID_KEY.replace("z6Mk", "u6Mk"),
        DID_KEY.replace("doK", "d0K"),  # 0 is no digit of base58btc
        "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",  # a secp256k1 key
        "did:key:z6Mk" + "z" * 44,
        "did:key:z6Mk" + "1" * 44,
        "did:key:z6Mk" + "2" * 100_000,
    ],
)
def test_another_spelling_or_another_kind_of_key_is_refused(text: str) -> None:
    with pytest.raises(BadPublicKeyError) as refused:
        decode_did_key(text)

    assert refused.value.code == "bad-public-key"
    assert refused.value.reason
    assert refused.value.hint


def test_every_sound_key_has_one_spelling() -> None:
    for _ in range(200):
        public = SigningKey.generate().public
        text = encode_multikey(public)
        assert len(text) == 48
        assert decode_multikey(text) == public
