"""Use cases of one-time enrolments: invite somebody, let somebody in again, list, revoke."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import enrolments, names, people
from mnemosyne.accounts.enrolments import Enrolment, EnrolmentKind
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope

WHO_CAN_READ: Final = (
    "Whoever can unlock this vault can read everything in it, that of everybody on the node. "
    "People of a node see only their own through its pages and programs, but the one who runs it "
    "holds the key."
)
"""What the inviter and the invited are told, before anybody joins."""


class InvitationNotFoundError(MnemosyneError):
    """The person has no such invitation; another person's answers exactly the same."""

    code = "invitation-not-found"

    def __init__(self, enrolment_id: Identifier) -> None:
        super().__init__(
            "there is no such invitation of yours",
            why="It was used, it was revoked, it has expired, or it was never yours.",
            hint="`mnemosyne account invitations` lists those that are still good.",
        )
        self.enrolment_id = enrolment_id


class Enrolments:
    """What was handed out to let somebody in, and not used yet."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def invite(self, principal: Principal, name: str) -> tuple[Enrolment, str]:
        """Invite somebody new for 7 days; return the invitation and its secret, shown once.

        Raises:
            PersonNameError, PersonNameTakenError: nobody can be called that here.
        """
        principal.require(Scope.ADMIN)
        principal.require_secret()
        at = self._clock()

        def write(tx: Connection) -> tuple[Enrolment, str]:
            owner = principal.person
            enrolments.forget_expired(tx, owner, at)
            called = names.free(tx, name)
            made = enrolments.add(tx, EnrolmentKind.INVITATION, owner, called, at)
            _record(tx, principal, owner, "invitation-made", made[0], at)
            return made

        return await self._database.write(write)

    async def link(self, principal: Principal, name: str = "") -> tuple[Enrolment, str]:
        """Let a person of this node register a passkey once within 24 hours.

        For whoever has none yet, or has lost all of them; ``name`` is that of another person. An
        earlier link of theirs stops. It is for the shell alone: whoever has it can become them.

        Raises:
            PersonNotFoundError: nobody here is called that.
        """
        principal.require(Scope.ADMIN)
        principal.require_secret()
        at = self._clock()

        def write(tx: Connection) -> tuple[Enrolment, str]:
            owner = people.named(tx, name).id if name else principal.person
            for earlier in enrolments.pending(tx, owner, at):
                if earlier.kind is EnrolmentKind.LINK:
                    enrolments.remove(tx, owner, earlier.id)
            enrolments.forget_expired(tx, owner, at)
            made = enrolments.add(tx, EnrolmentKind.LINK, owner, "", at)
            _record(tx, principal, owner, "link-made", made[0], at)
            return made

        return await self._database.write(write)

    async def all(self, principal: Principal) -> Sequence[Enrolment]:
        """Return the person's invitations, and a link for themself, that are still good."""
        principal.require(Scope.ACCOUNT_MANAGE)
        at = self._clock()
        return await self._database.read(lambda tx: enrolments.pending(tx, principal.person, at))

    async def revoke(self, principal: Principal, enrolment_id: Identifier) -> None:
        """Let an invitation, or a link for the person, be good for nothing from now on.

        Raises:
            InvitationNotFoundError: the person has none of that identifier.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        at = self._clock()

        def write(tx: Connection) -> None:
            found = {each.id: each for each in enrolments.pending(tx, principal.person, at)}
            if not enrolments.remove(tx, principal.person, enrolment_id):
                raise InvitationNotFoundError(enrolment_id)
            if revoked := found.get(enrolment_id):
                _record(tx, principal, principal.person, f"{revoked.kind}-revoked", revoked, at)

        await self._database.write(write)


def _record(
    tx: Connection,
    principal: Principal,
    owner: Identifier,
    kind: str,
    made: Enrolment,
    at: datetime,
) -> None:
    payload: dict[str, object] = {"enrolment": made.id, "expires_at": made.expires_at.isoformat()}
    act = Act(owner, kind, principal.credential, principal.channel, payload=payload)
    audit.append(tx, act, at)
