import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemosyne.identity.errors import InvalidDidError, InvalidDidUrlError
from mnemosyne.identity.syntax import (
    DidUrl,
    is_did,
    is_mnem,
    is_multihash,
    parse_did_url,
    require_did,
)
from tests.identity.logs import DID
from tests.requirements import requirement

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


@requirement("identity.syntax")
def test_a_did_has_65_characters_and_comes_back_as_it_is() -> None:
    assert len(DID) == 65
    assert require_did(DID) == DID


@requirement("identity.syntax")
def test_of_the_eight_spellings_that_decode_alike_one_is_the_did() -> None:
    # 55 characters of base32 hold three bits that no byte uses; the decoder of Python ignores them.
    last = ALPHABET.index(DID[-1])
    spellings = [DID[:-1] + ALPHABET[last ^ bits] for bits in range(8)]

    assert [is_mnem(each) for each in spellings] == [True, *[False] * 7]
    with pytest.raises(InvalidDidError) as refused:
        require_did(spellings[1])
    assert "mistyped" in refused.value.detail


@requirement("identity.syntax")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "did:mnem:",
        DID.upper(),
        "DID" + DID[3:],
        "did:MNEM" + DID[8:],
        DID.replace("bciq", "Bciq"),
        DID.replace("bciq", "zciq"),
        DID.replace("bciq", "bcia"),
        DID[:-1],
        DID + "a",
        DID + "\n",
        " " + DID,
        DID + " ",
        DID + "=",
        DID + "#sig-1",
        DID + "?versionId=1",
        DID.replace(":", "%3A"),
        DID[:20] + "1" + DID[21:],
        DID[:20] + "8" + DID[21:],
        DID[:20] + "ａ" + DID[21:],
        "did:mnem:1:" + DID[9:],
        "did:key:" + DID[9:],
        "did:mnem:" + "a" * 100_000,
    ],
)
def test_any_other_spelling_is_refused_and_nothing_is_normalised(text: str) -> None:
    with pytest.raises(InvalidDidError) as refused:
        require_did(text)

    assert refused.value.code == "invalid-did"
    assert len(str(refused.value)) < 200
    assert refused.value.why
    assert refused.value.hint


def test_what_says_another_length_than_that_of_sha_256_is_no_multihash() -> None:
    assert not is_multihash("bciqq" + "a" * 51)  # 0x12 0x21
    assert is_multihash("bciqa" + "a" * 51)


@pytest.mark.parametrize("value", [None, 1, b"did:mnem:", ["did"], ""])
def test_what_is_no_text_is_no_did(value: object) -> None:
    assert not is_mnem(value)
    assert not is_did(value)
    assert not is_multihash(value)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("did:example:1", True),
        ("did:web:ada.example%3A8000:user", True),
        ("did:example:a:", False),
        ("did:example:", False),
        ("did:Example:a", False),
        ("did:example:a#b", False),
        ("did:example:a/b", False),
        ("did:example:%zz", False),
        ("did::a", False),
        ("example:a", False),
        ("did:mnem:abc", False),
        ("did:example:" + "a" * 2048, False),
        ("did:example:a\n", False),
    ],
)
def test_dids_of_other_methods_follow_did_core(text: str, *, is_one: bool) -> None:
    assert is_did(text) is is_one


@requirement("identity.syntax")
def test_a_did_url_is_taken_apart() -> None:
    url = parse_did_url(f"{DID}/a/b?service=node&relativeRef=%2Fx%3Fy&hint=a+b&flag#sig-1")

    assert url == DidUrl(
        did=DID,
        path="/a/b",
        query=(("service", "node"), ("relativeRef", "/x?y"), ("hint", "a+b"), ("flag", "")),
        fragment="sig-1",
    )
    assert parse_did_url(DID) == DidUrl(DID)
    assert parse_did_url(DID + "?").query == ()


def test_a_did_url_of_another_method_has_its_own_fragments() -> None:
    assert parse_did_url("did:web:a.example#a.b/c?d").fragment == "a.b/c?d"


@requirement("identity.syntax")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://a.example/",
        "did:example:",
        DID + "#",
        DID + "#a.b",
        DID + "#" + "a" * 65,
        DID + "#a#b",
        DID + "#a\n",
        DID + "/a b",
        DID + "/\u00e4",
        DID + "?a=[",
        DID + "?a=%zz",
        DID + "?a=%ff",
        DID + "?a=\\",
        DID + "?" + "a" * 2048,
        "did:example:a#",
    ],
)
def test_a_malformed_did_url_is_refused(text: str) -> None:
    with pytest.raises(InvalidDidUrlError) as refused:
        parse_did_url(text)

    assert refused.value.code == "invalid-did-url"
    assert refused.value.why
    assert refused.value.hint
    assert refused.value.text == text


def test_a_did_url_with_a_did_mnem_in_another_spelling_is_an_invalid_did() -> None:
    with pytest.raises(InvalidDidError):
        parse_did_url(DID.upper().replace("DID:MNEM", "did:mnem") + "#sig-1")


@settings(max_examples=60)
@given(st.text(max_size=80), st.sampled_from(["", DID, "did:mnem:", "did:web:a"]))
def test_no_text_raises_anything_else(text: str, prefix: str) -> None:
    for read in (require_did, parse_did_url):
        with contextlib.suppress(InvalidDidError, InvalidDidUrlError):
            read(prefix + text)
