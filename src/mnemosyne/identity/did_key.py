"""did:key: the DID that is one Ed25519 key, and its document, which never changes."""

import re
from typing import Any, Final

from mnemosyne.identity.resolving_errors import ErrorType, ProblemError
from mnemosyne.kit.crypto.multikey import BadPublicKeyError, decode_did_key

_CONTEXT: Final = "https://www.w3.org/ns/did/v1.1"
_RELATIONSHIPS: Final = (
    "authentication",
    "assertionMethod",
    "capabilityInvocation",
    "capabilityDelegation",
)
# A Multikey of any kind, bounded: the largest in use (RSA 4096) has some 720 characters.
_OTHER_KEY: Final = re.compile(r"did:key:z(?!6Mk)[1-9A-HJ-NP-Za-km-z]{40,1024}")


def document_of(did: str) -> dict[str, Any]:
    """Return the document of a did:key.

    Raises:
        ProblemError: INVALID_DID, or FEATURE_NOT_SUPPORTED for another kind of key.
    """
    if _OTHER_KEY.fullmatch(did):
        message = "Of did:key those of Ed25519 are resolved here."
        raise ProblemError(ErrorType.FEATURE_NOT_SUPPORTED, message)
    try:
        decode_did_key(did)
    except BadPublicKeyError as error:
        raise ProblemError(ErrorType.INVALID_DID, f"{error.reason}.") from error
    multikey = did.removeprefix("did:key:")
    method = f"{did}#{multikey}"
    return {
        "@context": [_CONTEXT],
        "id": did,
        "verificationMethod": [
            {"id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey}
        ],
        **{name: [method] for name in _RELATIONSHIPS},
    }
