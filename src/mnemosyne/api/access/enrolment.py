"""Begin: a one-time secret and a first passkey make an account that can be signed in to."""

from typing import Annotated

from fastapi import Request as HttpRequest
from fastapi import Response
from pydantic import Field

from mnemosyne.api.access import session_cookies
from mnemosyne.api.access.ceremony_schemas import CreationOptions, RegistrationAnswer
from mnemosyne.api.access.passkeys import NOT_KEPT
from mnemosyne.api.access.session_cookies import SETS_COOKIE
from mnemosyne.api.access.sessions import STORING, SignedInDocument
from mnemosyne.api.operations import Node, Operations, Party
from mnemosyne.api.schemas import Document, Request
from mnemosyne.http.admission import anybody

enrolment = Operations("enrolment")
_INVITED = ("enrolment-invalid", "person-name", "person-name-taken")
_ENROLMENT = anybody("enrolment")
OneTimeSecret = Annotated[str, Field(min_length=1, max_length=128)]
ChosenName = Annotated[str, Field(max_length=100)]


class EnrolmentOptions(Request):
    """The secret of a link or an invitation; ``name`` is what somebody invited wants to be called.

    Without a name it is the one that whoever invited wrote.
    """

    secret: OneTimeSecret
    name: ChosenName = ""


class Enrolment(EnrolmentOptions):
    """The secret once more, and the passkey that was made."""

    answer: RegistrationAnswer


class EnrolledDocument(Document):
    """An account that can be signed in to, and its ten recovery codes, which are shown this once.

    Set-up ends when the codes are acknowledged: POST /v1/recovery-codes/acknowledge.
    """

    session: SignedInDocument
    name: str
    codes: list[str]


@enrolment.post(
    "/v1/enrolment/options",
    admits=_ENROLMENT,
    refuses=(*_INVITED, "database-busy", "read-too-long"),
    response_model_exclude_unset=True,
)
async def enrolment_options(given: EnrolmentOptions, node: Node, party: Party) -> CreationOptions:
    """Ask for a challenge to make a first passkey for. Nothing is used up by asking."""
    options = await node.enrolling.options(given.secret, given.name, party)
    return CreationOptions.model_validate(options)


@enrolment.post(
    "/v1/enrolment",
    admits=_ENROLMENT,
    refuses=(*_INVITED, *NOT_KEPT, "busy-now", "read-too-long", *STORING),
    status=201,
    responses={201: {"headers": SETS_COOKIE}},
)
async def enrol(
    given: Enrolment, request: HttpRequest, response: Response, node: Node, party: Party
) -> EnrolledDocument:
    """Keep the passkey, and begin a session. The secret is used up."""
    done = await node.enrolling.enrol(
        given.secret,
        given.name,
        given.answer.model_dump(),
        party,
        session_cookies.device_of(request),
        instead_of=session_cookies.session_of(request),
    )
    session_cookies.sign_in(response, done.session)
    return EnrolledDocument(
        session=SignedInDocument.of(done.session), name=done.name, codes=list(done.codes)
    )
