"""Invite somebody to this node, see which invitations are good, and revoke them."""

from pydantic import Field

from mnemosyne.accounts.enrolments import Enrolment, EnrolmentKind
from mnemosyne.accounts.invitations import WHO_CAN_READ
from mnemosyne.accounts.names import LONGEST
from mnemosyne.api.operations import Caller, Node, Operations, Party
from mnemosyne.api.schemas import Document, Id, Moment, Request
from mnemosyne.api.storage import READING, WRITING
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Scope

invitations = Operations("invitations")


class InvitationRequest(Request):
    """Who is invited."""

    name: str = Field(
        min_length=1,
        max_length=4 * LONGEST,
        description="What they are called here, until they say otherwise.",
        examples=["Grace"],
    )


class InvitationDocument(Document):
    """An invitation that is still good, or a one-time link that was made for you."""

    id: Id
    kind: EnrolmentKind
    name: str
    created_at: Moment
    expires_at: Moment


class NewInvitationDocument(InvitationDocument):
    """An invitation that was just made."""

    secret: str = Field(description="Shown now and never again.")
    address: str = Field(
        description="What the invited opens, once. The secret in it is behind the “#”, so that no "
        "server and no log sees it."
    )
    who_can_read: str = Field(description="What both of you should know beforehand.")


class InvitationPage(Document):
    """What was handed out and not used yet, the newest first."""

    items: list[InvitationDocument]
    next: str | None = None


@invitations.get("/v1/invitations", admits=needs(Scope.ACCOUNT_MANAGE), refuses=READING)
async def list_invitations(caller: Caller, node: Node) -> InvitationPage:
    """List your invitations that are still good."""
    return InvitationPage(items=[_document(each) for each in await node.enrolments.all(caller)])


@invitations.post(
    "/v1/invitations",
    admits=needs(Scope.ADMIN, step_up=True),
    status=201,
    refuses=("person-name", "person-name-taken", "needs-secret", *WRITING),
)
async def invite(
    request: InvitationRequest, caller: Caller, node: Node, party: Party
) -> NewInvitationDocument:
    """Invite somebody new; within 7 days they register a passkey, once, and are on this node.

    Whoever can unlock the vault can read all of it: tell them.
    """
    invitation, secret = await node.enrolments.invite(caller, request.name)
    return NewInvitationDocument(
        **_document(invitation).model_dump(),
        secret=secret,
        address=f"{party.origin}/invite#{secret}",
        who_can_read=WHO_CAN_READ,
    )


@invitations.delete(
    "/v1/invitations/{invitation}",
    admits=needs(Scope.ACCOUNT_MANAGE),
    status=204,
    refuses=("invitation-not-found", *WRITING),
)
async def revoke_invitation(invitation: str, caller: Caller, node: Node) -> None:
    """Let an invitation be good for nothing from now on."""
    await node.enrolments.revoke(caller, invitation)


def _document(each: Enrolment) -> InvitationDocument:
    return InvitationDocument(
        id=each.id,
        kind=each.kind,
        name=each.name,
        created_at=each.created_at,
        expires_at=each.expires_at,
    )
