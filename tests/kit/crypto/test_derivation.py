import pytest

from mnemosyne.kit.crypto.derivation import derive, key_check
from mnemosyne.kit.crypto.digests import keyed_hash, multihash, sha256

ROOT = bytes(range(32))


def test_hkdf_agrees_with_rfc_5869() -> None:
    # RFC 5869, appendix A.3: no salt, no info.
    expected = (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )

    assert derive(b"\x0b" * 22, "", 42).hex() == expected


def test_keys_of_two_labels_salts_or_roots_are_unlike() -> None:
    keys = {
        derive(ROOT, "a"),
        derive(ROOT, "b"),
        derive(ROOT, "a", salt=b"s"),
        derive(ROOT[::-1], "a"),
    }

    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}


def test_the_check_of_a_key_is_short_and_tells_two_keys_apart() -> None:
    assert len(bytes.fromhex(key_check(ROOT))) == 8
    assert key_check(ROOT) == key_check(bytes(ROOT))
    assert key_check(ROOT) != key_check(ROOT[::-1])


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        # FIPS 180-2, appendix B.1 and B.2.
        (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
    ],
)
def test_the_digest_is_sha_256(data: bytes, digest: str) -> None:
    assert sha256(data).hex() == digest


def test_the_keyed_hash_agrees_with_rfc_4231() -> None:
    # RFC 4231 §4.3.
    assert keyed_hash(b"Jefe", b"what do ya want for nothing?").hex() == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_a_multihash_names_its_function_and_length() -> None:
    text = multihash(b"abc")

    assert len(text) == 56
    assert text.startswith("bciq")
    assert text == text.lower()
