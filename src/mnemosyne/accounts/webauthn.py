"""Options and proofs of passkeys, in our values; the library behind them is loaded when needed.

It takes as long to load as a short command takes to run, and only a node that serves needs it.
"""

from collections.abc import Sequence
from typing import Any

from mnemosyne.accounts.credentials import RelyingParty
from mnemosyne.accounts.store_passkeys import Passkey
from mnemosyne.accounts.webauthn_answers import (
    Asserted,
    Attested,
    AuthenticationAnswer,
    RegistrationAnswer,
)


def creation_options(
    rp: RelyingParty, name: str, handle: bytes, challenge: bytes, known: Sequence[Passkey]
) -> dict[str, Any]:
    """Return options for ``navigator.credentials.create()``: a key that says who it is of.

    ``known`` are the person's passkeys: an authenticator that has one refuses to make another.
    """
    from mnemosyne.accounts import webauthn_library as library  # noqa: PLC0415 - see above

    return library.creation_options(rp, name, handle, challenge, known)


def request_options(
    rp: RelyingParty, challenge: bytes, allowed: Sequence[Passkey] = ()
) -> dict[str, Any]:
    """Return options for ``navigator.credentials.get()``; ``allowed`` empty means any passkey."""
    from mnemosyne.accounts import webauthn_library as library  # noqa: PLC0415 - see above

    return library.request_options(rp, challenge, allowed)


def verify_registration(answer: RegistrationAnswer, rp: RelyingParty) -> Attested:
    """Return the credential that an answer brings; its challenge was taken before.

    Raises:
        AnswerRefusedError: it may not be kept.
    """
    from mnemosyne.accounts import webauthn_library as library  # noqa: PLC0415 - see above

    return library.verify_registration(answer, rp)


def verify_authentication(
    answer: AuthenticationAnswer, rp: RelyingParty, public_key: bytes | None
) -> Asserted:
    """Return what was signed; challenge, counter and person are the caller's to judge.

    Without a ``public_key`` it is checked against one of nobody, which takes as long, and fails.

    Raises:
        AnswerRefusedError: it was not signed by that key, for this node, by a verified person.
    """
    from mnemosyne.accounts import webauthn_library as library  # noqa: PLC0415 - see above

    return library.verify_authentication(answer, rp, public_key or library.stand_in_key())
