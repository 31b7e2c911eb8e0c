"""Values of being let in: by what credential, as whom, and at which address."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope

CHANNEL: Final = "http"


class CredentialKind(StrEnum):
    """What a request is admitted by."""

    SESSION = "session"
    """A browser in which somebody signed in with a passkey."""
    RECOVERY = "recovery"
    """A browser in which a recovery code was redeemed: it may add a passkey, and end itself."""
    TOKEN = "token"  # noqa: S105 - the name of a kind
    """A personal access token of a script."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who a request was admitted as; ``id`` is that of the session or token."""

    principal: Principal
    kind: CredentialKind
    id: Identifier
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who passkeys are made for (WebAuthn L3 §4): ``id`` a host name, ``origin`` exact."""

    id: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that has just begun; its secret goes into a cookie and is kept nowhere."""

    secret: str = field(repr=False)
    admitted: Admitted


class NotSignedInError(MnemosyneError):
    """No credential, or one that is none; garbage, expired, revoked and erased answer alike."""

    code = "not-signed-in"

    def __init__(self) -> None:
        super().__init__(
            "you are not signed in",
            why="There is no session or token, or it has ended.",
            hint="Sign in with a passkey, or give the script a token that is in force.",
        )


class SessionNeededError(MnemosyneError):
    """What was asked belongs to somebody who signed in with a passkey, and to no script."""

    code = "session-needed"

    def __init__(self) -> None:
        super().__init__(
            "this needs a person signed in; no token can",
            why="It is for people who signed in with a passkey, and for no script.",
            hint="Do it in a browser, signed in.",
        )


def scopes_of(kind: CredentialKind, *, first: bool) -> frozenset[Scope]:
    """Return what a browser may do: all of it for whose node it is, nothing while recovering."""
    if kind is not CredentialKind.SESSION:
        return frozenset()
    return frozenset(Scope) if first else frozenset(Scope) - {Scope.ADMIN}
