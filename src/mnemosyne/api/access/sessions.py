"""Sign in with a passkey, list the browsers in which you are signed in, and sign out."""

from collections.abc import Sequence
from typing import Self

from fastapi import Request as HttpRequest
from fastapi import Response
from pydantic import Field

from mnemosyne.accounts.alarms import Alarm
from mnemosyne.accounts.credentials import CredentialKind, NewSession
from mnemosyne.accounts.store_sessions import Session
from mnemosyne.api.access import session_cookies
from mnemosyne.api.access.alarms import AlarmDocument
from mnemosyne.api.access.ceremony_schemas import AuthenticationAnswer, RequestOptions
from mnemosyne.api.access.session_cookies import BINDS_BROWSER, SETS_COOKIE
from mnemosyne.api.operations import Caller, Credential, Node, Operations, Party
from mnemosyne.api.schemas import Document, Id, Moment, Request
from mnemosyne.http.admission import RECOVERING, anybody, needs
from mnemosyne.kit.principal import Scope

sessions = Operations("sessions")
STORING = ("database-busy", "storage-full", "commit-unknown", "record-gone")
_SIGN_IN = anybody("sign_in")


class SignIn(Request):
    """The answer of a passkey to the options of this browser."""

    answer: AuthenticationAnswer


class SignedInDocument(Document):
    """A session that has begun; its secret is in a cookie, and what its person has to see is here.

    A session of kind ``recovery`` may only add a passkey.
    """

    id: Id
    kind: CredentialKind
    person: Id
    expires_at: Moment | None
    alarms: list[AlarmDocument] = Field(default=[])

    @classmethod
    def of(cls, begun: NewSession, alarms: Sequence[Alarm] = ()) -> Self:
        """Return a session that has just begun as a document, without its secret."""
        return cls(
            id=begun.admitted.id,
            kind=begun.admitted.kind,
            person=begun.admitted.principal.person,
            expires_at=begun.admitted.expires_at,
            alarms=[AlarmDocument.of(each) for each in alarms],
        )


class SessionDocument(Document):
    """A browser in which you are signed in."""

    id: Id
    kind: CredentialKind
    device: str = Field(description="What the browser calls itself.")
    passkey: Id = Field(description="The passkey or the recovery code with which it began.")
    current: bool
    created_at: Moment
    last_seen_at: Moment = Field(description="To within five minutes.")
    expires_at: Moment

    @classmethod
    def of(cls, found: Session, current: Id) -> Self:
        """Return a session as a document."""
        return cls(
            id=found.id,
            kind=found.kind,
            device=found.device,
            passkey=found.credential,
            current=found.id == current,
            created_at=found.created_at,
            last_seen_at=found.last_seen_at,
            expires_at=found.expires_at,
        )


class SessionsPage(Document):
    """Every browser in which you are signed in, the newest first."""

    items: list[SessionDocument]
    next: str | None = None


class Ended(Document):
    """How many sessions were ended."""

    ended: int = Field(ge=0)


@sessions.post(
    "/v1/sessions/options",
    admits=_SIGN_IN,
    responses={200: {"headers": BINDS_BROWSER}},
    response_model_exclude_unset=True,
)
async def sign_in_options(
    request: HttpRequest, response: Response, node: Node, party: Party
) -> RequestOptions:
    """Ask for a challenge that any passkey of this node can answer, from this browser alone."""
    browser = session_cookies.ensure_browser(request, response)
    return RequestOptions.model_validate(node.signing_in.options(browser, party))


@sessions.post(
    "/v1/sessions",
    admits=_SIGN_IN,
    refuses=("passkey-refused", "read-too-long", *STORING),
    status=201,
    responses={201: {"headers": SETS_COOKIE}},
)
async def sign_in(
    given: SignIn, request: HttpRequest, response: Response, node: Node, party: Party
) -> SignedInDocument:
    """Sign in with the answer of a passkey; a session that this browser has already ends."""
    done = await node.signing_in.sign_in(
        session_cookies.browser_of(request),
        given.answer.model_dump(),
        party,
        session_cookies.device_of(request),
        instead_of=session_cookies.session_of(request),
    )
    session_cookies.sign_in(response, done.session)
    return SignedInDocument.of(done.session, done.alarms)


@sessions.get(
    "/v1/sessions",
    admits=needs(Scope.ACCOUNT_MANAGE),
    refuses=("database-busy", "read-too-long"),
)
async def list_sessions(credential: Credential, node: Node) -> SessionsPage:
    """List the browsers in which you are signed in."""
    found = await node.sessions.all(credential.principal)
    return SessionsPage(items=[SessionDocument.of(each, credential.id) for each in found])


@sessions.delete(
    "/v1/sessions/current",
    admits=RECOVERING,
    refuses=("session-not-found", *STORING),
    status=204,
)
async def sign_out(response: Response, credential: Credential, node: Node) -> None:
    """Sign out of this browser."""
    await node.sessions.sign_out(credential)
    session_cookies.sign_out(response)


@sessions.post("/v1/sessions/revoke-others", admits=needs(Scope.ACCOUNT_MANAGE), refuses=STORING)
async def revoke_other_sessions(credential: Credential, node: Node) -> Ended:
    """Sign out of every other browser."""
    return Ended(ended=await node.sessions.revoke_others(credential.principal, credential.id))


@sessions.delete(
    "/v1/sessions/{session}",
    admits=needs(Scope.ACCOUNT_MANAGE),
    refuses=("session-not-found", *STORING),
    status=204,
)
async def revoke_session(session: Id, caller: Caller, node: Node) -> None:
    """Sign out of one browser."""
    await node.sessions.revoke(caller, session)
