"""The passkeys of whoever is signed in: add another, list, rename, remove."""

from typing import Self

from pydantic import Field

from mnemosyne.accounts.store_passkeys import Passkey
from mnemosyne.api.access.ceremony_schemas import CreationOptions, RegistrationAnswer
from mnemosyne.api.operations import Caller, Credential, Node, Operations, Party
from mnemosyne.api.schemas import Document, Id, Moment, Request
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Scope

passkeys = Operations("passkeys")
_STORING = ("database-busy", "storage-full", "commit-unknown", "record-gone")
NOT_KEPT = ("passkey-unusable", "passkey-known")


class AddPasskey(Request):
    """What a device made for the options of this session, and what to call it."""

    answer: RegistrationAnswer
    name: str = Field(default="", max_length=64)


class RenamePasskey(Request):
    """What to call a passkey."""

    name: str = Field(min_length=1, max_length=64)


class PasskeyDocument(Document):
    """A passkey of yours; ``usable_here`` says whether it was made for this host name."""

    id: Id
    name: str
    host: str
    usable_here: bool
    backup_eligible: bool = Field(description="Whether its device may copy it to others.")
    backed_up: bool
    created_at: Moment
    last_used_at: Moment | None

    @classmethod
    def of(cls, found: Passkey, host: str) -> Self:
        """Return a passkey as a document."""
        return cls(
            id=found.id,
            name=found.name,
            host=found.rp_id,
            usable_here=found.rp_id == host,
            backup_eligible=found.backup_eligible,
            backed_up=found.backed_up,
            created_at=found.created_at,
            last_used_at=found.last_used_at,
        )


class PasskeysPage(Document):
    """Your passkeys, the oldest first."""

    items: list[PasskeyDocument]
    next: str | None = None


@passkeys.post(
    "/v1/passkeys/options",
    admits=needs(Scope.ACCOUNT_MANAGE, step_up=True),
    refuses=("session-needed", "database-busy", "read-too-long"),
    response_model_exclude_unset=True,
)
async def add_passkey_options(credential: Credential, node: Node, party: Party) -> CreationOptions:
    """Ask for a challenge to make one more passkey for. This is what you confirm, not the next."""
    return CreationOptions.model_validate(await node.passkeys.options(credential, party))


@passkeys.post(
    "/v1/passkeys",
    admits=needs(Scope.ACCOUNT_MANAGE),
    refuses=("session-needed", *NOT_KEPT, *_STORING),
    status=201,
)
async def add_passkey(
    given: AddPasskey, credential: Credential, node: Node, party: Party
) -> PasskeyDocument:
    """Keep a new passkey. Only a challenge that you confirmed before lets one in."""
    answer = given.answer.model_dump()
    made = await node.passkeys.add(credential, answer, party, given.name)
    return PasskeyDocument.of(made, party.id)


@passkeys.get(
    "/v1/passkeys",
    admits=needs(Scope.ACCOUNT_MANAGE),
    refuses=("database-busy", "read-too-long"),
)
async def list_passkeys(caller: Caller, node: Node, party: Party) -> PasskeysPage:
    """List your passkeys."""
    found = await node.passkeys.all(caller)
    return PasskeysPage(items=[PasskeyDocument.of(each, party.id) for each in found])


@passkeys.patch(
    "/v1/passkeys/{passkey}",
    admits=needs(Scope.ACCOUNT_MANAGE),
    refuses=("passkey-not-found", *_STORING),
)
async def rename_passkey(
    passkey: Id, given: RenamePasskey, caller: Caller, node: Node, party: Party
) -> PasskeyDocument:
    """Call a passkey otherwise."""
    renamed = await node.passkeys.rename(caller, passkey, given.name)
    return PasskeyDocument.of(renamed, party.id)


@passkeys.delete(
    "/v1/passkeys/{passkey}",
    admits=needs(Scope.ACCOUNT_MANAGE, step_up=True),
    refuses=("passkey-not-found", "last-passkey", *_STORING),
    status=204,
)
async def remove_passkey(passkey: Id, caller: Caller, node: Node, party: Party) -> None:
    """Forget a passkey and sign out of where it signed in. The last one stays."""
    await node.passkeys.remove(caller, passkey, party)
