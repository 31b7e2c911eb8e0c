"""Whom an operation admits: nobody in particular, or a credential that carries what it needs."""

from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request

from mnemosyne.accounts.credentials import (
    Admitted,
    CredentialKind,
    NotSignedInError,
    SessionNeededError,
)
from mnemosyne.accounts.tokens import GRANTABLE
from mnemosyne.application import Application
from mnemosyne.http.guard import SESSION_COOKIE
from mnemosyne.kit.principal import Scope

STRANGER: Final = "stranger"
"""The rate of those who are nobody in particular."""
_BEARER: Final = "bearer "


@dataclass(frozen=True, slots=True)
class Admits:
    """What an operation asks of whoever calls it.

    ``scope`` is what the credential has to carry; ``step_up`` asks for a passkey once more, for
    this very action; ``session_only`` refuses scripts, whatever they carry; ``recovering`` lets a
    session in that a recovery code opened. ``limit`` names the rate of ``http/limits`` that
    strangers are held to by address, or a person beside their own.
    """

    public: bool = False
    limit: str = STRANGER
    scope: Scope | None = None
    step_up: bool = False
    session_only: bool = False
    recovering: bool = False

    @property
    def for_people(self) -> bool:
        """Whether no token can be let in: by what the operation is, or since none carries it."""
        ungrantable = self.scope is not None and self.scope not in GRANTABLE
        return self.session_only or self.recovering or ungrantable

    @property
    def guarded(self) -> bool:
        """Whether strangers try secrets here: few of them are heard at a time."""
        return self.public and self.limit != STRANGER


PUBLIC: Final = Admits(public=True)
"""Anybody, as often as a stranger may ask."""
RECOVERING: Final = Admits(recovering=True)
"""Whoever signed in, also with a recovery code; no token."""


def anybody(limit: str) -> Admits:
    """Return that anybody is admitted, as often as the rate named ``limit`` says."""
    return Admits(public=True, limit=limit)


def needs(
    scope: Scope, *, step_up: bool = False, session_only: bool = False, limit: str = STRANGER
) -> Admits:
    """Return what an operation asks that acts for a person; ``limit`` names a further rate."""
    return Admits(scope=scope, step_up=step_up, session_only=session_only, limit=limit)


async def admit(request: Request, node: Application, admits: Admits) -> Admitted:
    """Return whose credential a request carries.

    Raises:
        NotSignedInError: it carries none that is known and in force.
        MissingScopeError: it does not carry what the operation needs.
        SessionNeededError: it is that of a script, and the operation is for people alone.
    """
    admitted = await _found(request, node)
    if admits.for_people and admitted.kind is CredentialKind.TOKEN:
        raise SessionNeededError  # and not which scope is missing: no token can be given it
    if admits.scope is not None:
        admitted.principal.require(admits.scope)
    return admitted


def require_session(admitted: Admitted) -> None:
    """Refuse whoever is not signed in with a passkey.

    Raises:
        SessionNeededError: a script asks, or somebody who recovers.
    """
    if admitted.kind is not CredentialKind.SESSION:
        raise SessionNeededError


def stepped_up(admitted: Admitted) -> Admitted:
    """Return the credential as one that was shown for the very action."""
    return replace(admitted, principal=replace(admitted.principal, held=False))


async def _found(request: Request, node: Application) -> Admitted:
    stated = request.headers.get("authorization", "")
    if stated:
        if not stated.lower().startswith(_BEARER):
            raise NotSignedInError
        return await node.tokens.admit(stated[len(_BEARER) :].strip())
    if secret := request.cookies.get(SESSION_COOKIE, ""):
        return await node.sessions.admit(secret)
    raise NotSignedInError
