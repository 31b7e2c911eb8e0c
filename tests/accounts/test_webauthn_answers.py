"""What browsers post is read in one way, or not at all."""

import json
from typing import Any

import pytest

from demo.authenticator import encode
from mnemosyne.accounts.webauthn_answers import (
    AnswerRefusedError,
    read_authentication,
    read_registration,
    without_extensions,
)

CLIENT = {"type": "webauthn.get", "challenge": encode(bytes(56)), "origin": "http://x"}


def client(**more: object) -> str:
    return encode(json.dumps(CLIENT | more).encode())


def answer(**members: object) -> dict[str, Any]:
    response: dict[str, Any] = {
        "clientDataJSON": client(),
        "authenticatorData": encode(bytes(37)),
        "signature": encode(bytes(70)),
        "attestationObject": encode(bytes(10)),
    }
    return {"id": encode(bytes(32)), "type": "public-key", "response": response | members}


@pytest.mark.parametrize("spelling", ["AB", "AA==", "A", "A+", "A/", "A A", "ä", "", None, 1, []])
def test_bytes_have_one_spelling(spelling: object) -> None:
    assert read_authentication(answer(signature="AA")).signature == b"\x00"

    with pytest.raises(AnswerRefusedError):
        read_authentication(answer(signature=spelling))


@pytest.mark.parametrize(
    ("member", "most"),
    [("signature", 1_024), ("authenticatorData", 2_048), ("userHandle", 64)],
)
def test_members_have_a_largest_size(member: str, most: int) -> None:
    read_authentication(answer(**{member: encode(bytes(most))}))

    with pytest.raises(AnswerRefusedError):
        read_authentication(answer(**{member: encode(bytes(most + 1))}))


def test_new_credentials_have_a_largest_size() -> None:
    assert len(read_registration(answer(attestationObject=encode(bytes(8_192)))).attestation) == (
        8_192
    )

    with pytest.raises(AnswerRefusedError):
        read_registration(answer(attestationObject=encode(bytes(8_193))))


@pytest.mark.parametrize(
    "stated",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"challenge":"AA","challenge":"AAA"}',
        b'{"challenge":"AA",}',
        b'\xff{"challenge":"AA"}',
        b'{"challenge":"AA","n":NaN}',
        b'{"challenge":"AA","d":[[[[1]]]]}',
    ],
)
def test_client_data_is_json_that_every_program_reads_alike(stated: bytes) -> None:
    with pytest.raises(AnswerRefusedError):
        read_authentication(answer(clientDataJSON=encode(stated)))


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        (["usb", "nfc", "usb"], ("nfc", "usb")),
        (["something new"], ("something new",)),
        (["x" * 33, "", 7, None], ()),
        (["usb"] * 9, ()),
        ("usb", ()),
        (None, ()),
    ],
)
def test_transports_are_hints(stated: object, kept: tuple[str, ...]) -> None:
    assert read_registration(answer(transports=stated)).transports == kept


def test_what_extensions_gave_the_page_is_dropped() -> None:
    posted = answer() | {"clientExtensionResults": {"prf": {"results": {"first": "c2VjcmV0"}}}}

    assert "c2VjcmV0" not in json.dumps(without_extensions(posted))
    assert without_extensions(posted) == answer()
