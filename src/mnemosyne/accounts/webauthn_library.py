"""The one module that speaks to the WebAuthn library: options out, answers in, all in our values.

The library is handed sizes and shapes that were looked at before. It is asked to check type,
challenge, origin, relying party, presence, verification and signature; what it leaves open is
checked here: attestation, the soundness of the key, and whether an answer names the credential
that it brings.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import webauthn
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    encode_cbor,
    options_to_json_dict,
    parse_cbor,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mnemosyne.accounts import ctap_cbor
from mnemosyne.accounts.challenges import LIFETIME
from mnemosyne.accounts.credentials import RelyingParty
from mnemosyne.accounts.ctap_cbor import CborRefusedError
from mnemosyne.accounts.store_passkeys import Passkey
from mnemosyne.accounts.webauthn_answers import (
    AnswerRefusedError,
    Asserted,
    Attested,
    AuthenticationAnswer,
    RegistrationAnswer,
    encode,
)
from mnemosyne.kit.crypto.multikey import BadPublicKeyError, check_point

# What authenticators have: Ed25519, P-256, and RSA for Windows Hello.
_ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_SMALLEST_MODULUS: Final = 2048
_LONGEST_CREDENTIAL_ID: Final = 1023
_MILLISECONDS: Final = LIFETIME.total_seconds() * 1000
_HEADER: Final = 37  # of authenticator data: hash, flags and counter (WebAuthn L3 §6.1)
_AAGUID_AND_LENGTH: Final = 18
_ATTESTED: Final = 0x40
_EXTENDED: Final = 0x80


def creation_options(
    rp: RelyingParty, name: str, handle: bytes, challenge: bytes, known: Sequence[Passkey]
) -> dict[str, Any]:
    """Return options for ``navigator.credentials.create()``: a key that says who it is of.

    ``known`` are the person's passkeys: an authenticator that has one refuses to make another.
    """
    options = webauthn.generate_registration_options(
        rp_id=rp.id,
        rp_name=rp.name,
        user_name=name,
        user_id=handle,
        challenge=challenge,
        timeout=int(_MILLISECONDS),
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(known),
        supported_pub_key_algs=_ALGORITHMS,
    )
    # PRF has to be asked for when a credential is made, or it can never be used with it.
    return {**options_to_json_dict(options), "extensions": {"credProps": True, "prf": {}}}


def request_options(
    rp: RelyingParty, challenge: bytes, allowed: Sequence[Passkey] = ()
) -> dict[str, Any]:
    """Return options for ``navigator.credentials.get()``; ``allowed`` empty means any passkey."""
    options = webauthn.generate_authentication_options(
        rp_id=rp.id,
        challenge=challenge,
        timeout=int(_MILLISECONDS),
        allow_credentials=_descriptors(allowed),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def verify_registration(answer: RegistrationAnswer, rp: RelyingParty) -> Attested:
    """Return the credential that an answer brings; its challenge was taken before.

    Raises:
        AnswerRefusedError: it may not be kept.
    """
    with _refusing():
        _require_no_attestation(answer.attestation)
        response = AuthenticatorAttestationResponse(answer.client.stated, answer.attestation)
        verified = webauthn.verify_registration_response(
            credential=RegistrationCredential(
                encode(answer.credential_id), answer.credential_id, response
            ),
            expected_challenge=answer.client.challenge,
            expected_rp_id=rp.id,
            expected_origin=rp.origin,
            require_user_presence=True,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
        if verified.credential_id != answer.credential_id:
            raise AnswerRefusedError("It names another credential than it brings")
        if len(verified.credential_id) > _LONGEST_CREDENTIAL_ID:
            raise AnswerRefusedError("The name of the credential is too long")
        _require_sound(verified.credential_public_key)
        return Attested(
            verified.credential_id,
            verified.credential_public_key,
            verified.sign_count,
            verified.credential_device_type == "multi_device",
            verified.credential_backed_up,
            verified.aaguid,
        )


def verify_authentication(
    answer: AuthenticationAnswer, rp: RelyingParty, public_key: bytes
) -> Asserted:
    """Return what was signed; challenge, counter and person are the caller's to judge.

    Raises:
        AnswerRefusedError: it was not signed by that key, for this node, by a verified person.
    """
    with _refusing():
        _require_plain(answer.authenticator_data, attested=False)
        response = AuthenticatorAssertionResponse(
            answer.client.stated, answer.authenticator_data, answer.signature
        )
        verified = webauthn.verify_authentication_response(
            credential=AuthenticationCredential(
                encode(answer.credential_id), answer.credential_id, response
            ),
            expected_challenge=answer.client.challenge,
            expected_rp_id=rp.id,
            expected_origin=rp.origin,
            credential_public_key=public_key,
            # Judged by the caller after the signature, which tells a clone from a stranger.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        return Asserted(
            verified.new_sign_count,
            verified.credential_device_type == "multi_device",
            verified.credential_backed_up,
        )


@cache
def stand_in_key() -> bytes:
    """Return a public key of nobody: what a stranger's answer is checked against, for as long."""
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
    return encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn whatever the library stumbles over in a stranger's bytes into a refusal."""
    try:
        yield
    except CborRefusedError as error:
        raise AnswerRefusedError("It is not what authenticators write") from error
    except WebAuthnException as error:
        raise AnswerRefusedError("It does not answer what this page asked for") from error
    except BadPublicKeyError as error:
        raise AnswerRefusedError(error.why) from error
    except (ValueError, TypeError, LookupError, AttributeError, UnsupportedAlgorithm) as error:
        raise AnswerRefusedError("It cannot be read") from error


def _require_no_attestation(attestation: bytes) -> None:
    """Refuse statements about the maker: none was asked for, and nobody has to parse them."""
    ctap_cbor.check(attestation)
    document = parse_cbor(attestation)
    if not isinstance(document, dict) or set(document) != {"fmt", "attStmt", "authData"}:
        raise AnswerRefusedError("It is no attestation object")
    if document["fmt"] != "none" or document["attStmt"] != {}:
        raise AnswerRefusedError("It attests the maker of the authenticator, which is not asked")
    _require_plain(document["authData"], attested=True)


def _require_plain(data: bytes, *, attested: bool) -> None:
    """Look at the CBOR inside authenticator data before a general decoder does."""
    if len(data) < _HEADER or bool(data[_HEADER - 5] & _ATTESTED) is not attested:
        raise AnswerRefusedError("It is for another purpose")
    place, items = _HEADER, 1 if data[_HEADER - 5] & _EXTENDED else 0
    if attested:
        length = place + _AAGUID_AND_LENGTH
        place = length + int.from_bytes(data[length - 2 : length], "big")
        items += 1
    ctap_cbor.check(data[place:], items)


def _require_sound(public_key: bytes) -> None:
    """Refuse a key with which nobody could sign in, or anybody."""
    decoded = decode_credential_public_key(public_key)
    key = decoded_public_key_to_cryptography(decoded)
    match key:
        case ec.EllipticCurvePublicKey():
            sound = key.curve.name == "secp256r1" and decoded.alg == _ALGORITHMS[1]
        case rsa.RSAPublicKey():
            sound = key.key_size >= _SMALLEST_MODULUS and decoded.alg == _ALGORITHMS[2]
        case ed25519.Ed25519PublicKey():
            check_point(key.public_bytes_raw())  # under some points anybody can sign
            sound = decoded.alg == _ALGORITHMS[0]
        case _:
            sound = False
    if not sound:
        raise AnswerRefusedError("Its key is too weak, or is not of its algorithm")


def _descriptors(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    known = {each.value for each in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=each.credential_id,
            transports=[AuthenticatorTransport(way) for way in each.transports if way in known],
        )
        for each in passkeys
    ]
