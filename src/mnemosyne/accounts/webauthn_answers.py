"""What a browser posts of a passkey: bounded, read in one strict way, and without its secrets."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mnemosyne.kit import strict_json
from mnemosyne.kit.strict_json import StrictJsonError

_LARGEST_CLIENT_DATA: Final = 4_096
_LARGEST_ATTESTATION: Final = 8_192
_LARGEST_AUTHENTICATOR_DATA: Final = 2_048
_LARGEST_SIGNATURE: Final = 1_024
_LARGEST_CREDENTIAL_ID: Final = 1_023  # WebAuthn L3 §4
_LARGEST_USER_HANDLE: Final = 64
_MOST_TRANSPORTS: Final = 8
_LONGEST_TRANSPORT: Final = 32


class AnswerRefusedError(Exception):
    """What a browser posted is no good; ``reason`` is for whoever owns the passkey alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ClientData:
    """What the browser vouches for: ``stated`` are the bytes of which a hash is signed."""

    stated: bytes
    challenge: bytes


@dataclass(frozen=True, slots=True)
class RegistrationAnswer:
    """A new credential, as ``navigator.credentials.create()`` gave it."""

    credential_id: bytes
    client: ClientData
    attestation: bytes
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuthenticationAnswer:
    """A signature, as ``navigator.credentials.get()`` gave it."""

    credential_id: bytes
    client: ClientData
    authenticator_data: bytes
    signature: bytes
    user_handle: bytes | None


@dataclass(frozen=True, slots=True)
class Attested:
    """A new credential that may be kept."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backup_eligible: bool
    backed_up: bool
    aaguid: str


@dataclass(frozen=True, slots=True)
class Asserted:
    """What an authenticator said under a signature that is its own."""

    sign_count: int
    backup_eligible: bool
    backed_up: bool


def without_extensions(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer without what extensions gave the page.

    The result of PRF is a key: it must not come here, and if a page sends it, it goes no further.
    Nothing else that extensions say is used either.
    """
    return {name: value for name, value in answer.items() if name != "clientExtensionResults"}


def read_registration(answer: Mapping[str, Any]) -> RegistrationAnswer:
    """Read what ``PublicKeyCredential.toJSON()`` gives after ``create()`` (WebAuthn L3 §5.1.8).

    Raises:
        AnswerRefusedError: a member is missing, too large, or not what it should be.
    """
    response = _response(answer)
    return RegistrationAnswer(
        credential_id=_credential_id(answer),
        client=_client_data(response),
        attestation=_bytes(response, "attestationObject", _LARGEST_ATTESTATION),
        transports=_transports(response.get("transports")),
    )


def read_authentication(answer: Mapping[str, Any]) -> AuthenticationAnswer:
    """Read what ``PublicKeyCredential.toJSON()`` gives after ``get()``.

    Raises:
        AnswerRefusedError: a member is missing, too large, or not what it should be.
    """
    response = _response(answer)
    handle = None
    if response.get("userHandle") is not None:
        handle = _bytes(response, "userHandle", _LARGEST_USER_HANDLE)
    return AuthenticationAnswer(
        credential_id=_credential_id(answer),
        client=_client_data(response),
        authenticator_data=_bytes(response, "authenticatorData", _LARGEST_AUTHENTICATOR_DATA),
        signature=_bytes(response, "signature", _LARGEST_SIGNATURE),
        user_handle=handle,
    )


def encode(data: bytes) -> str:
    """Return ``data`` as base64url without padding, as browsers read and write bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _response(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    response = answer.get("response")
    if answer.get("type") != "public-key" or not isinstance(response, dict):
        raise AnswerRefusedError("It is no answer of a passkey")
    return response


def _credential_id(answer: Mapping[str, Any]) -> bytes:
    if answer.get("rawId", answer.get("id")) != answer.get("id"):
        raise AnswerRefusedError("It names two credentials")
    return _bytes(answer, "id", _LARGEST_CREDENTIAL_ID)


def _bytes(members: Mapping[str, Any], name: str, largest: int) -> bytes:
    text = members.get(name)
    if not isinstance(text, str) or not text or len(text) > -(-largest * 4 // 3):
        raise AnswerRefusedError(f"“{name}” is missing or too long")
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        decoded = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise AnswerRefusedError(f"“{name}” is not base64url") from error
    if encode(decoded) != text:  # spare bits would give one value several spellings
        raise AnswerRefusedError(f"“{name}” is not base64url")
    return decoded


def _client_data(response: Mapping[str, Any]) -> ClientData:
    """Return what the browser vouches for; where it was asked by another site, refuse it."""
    stated = _bytes(response, "clientDataJSON", _LARGEST_CLIENT_DATA)
    try:
        said = strict_json.parse(stated, largest=_LARGEST_CLIENT_DATA, deepest=4)
    except StrictJsonError as error:
        raise AnswerRefusedError("The client data cannot be read") from error
    if not isinstance(said, dict):
        raise AnswerRefusedError("The client data is no object")
    # A page of another site had this one in a frame (WebAuthn L3 §5.8.1).
    if said.get("crossOrigin", False) is not False or "topOrigin" in said:
        raise AnswerRefusedError("Another site asked for it from around a frame")
    return ClientData(stated, _bytes(said, "challenge", 256))


def _transports(stated: object) -> tuple[str, ...]:
    """Return how the authenticator is reached: only hints, kept as they are while they are few."""
    if not isinstance(stated, list) or len(stated) > _MOST_TRANSPORTS:
        return ()
    named = [each for each in stated if isinstance(each, str)]
    return tuple(sorted({each for each in named if 0 < len(each) <= _LONGEST_TRANSPORT}))
