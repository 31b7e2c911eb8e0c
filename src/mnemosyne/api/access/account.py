"""Yourself on this node: what you are called, whether processing is restricted, and the end."""

from typing import Any, Final

from fastapi import BackgroundTasks
from pydantic import Field

from mnemosyne.accounts.credentials import CredentialKind
from mnemosyne.accounts.names import LONGEST
from mnemosyne.accounts.people import Account
from mnemosyne.api.operations import Caller, Credential, Node, Operations
from mnemosyne.api.schemas import Document, Id, Moment, Request
from mnemosyne.api.storage import READING, WRITING
from mnemosyne.http.admission import Admits, needs
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.ports import BackupCopy, place_for

account = Operations("account")
_ANY_CREDENTIAL: Final = Admits()
_MINE: Final = needs(Scope.ACCOUNT_MANAGE)


class CredentialDocument(Document):
    """What a request was admitted by."""

    kind: CredentialKind
    id: Id
    scopes: list[Scope]
    expires_at: Moment | None


class AccountDocument(Document):
    """A person as they see themself."""

    id: Id
    name: str
    created_at: Moment
    first: bool = Field(description="Whether the node is theirs.")
    restricted_since: Moment | None = Field(
        description="Since when nothing is done with what is theirs, at their own wish."
    )
    credential: CredentialDocument


class Renaming(Request):
    """What somebody wants to be called."""

    name: str = Field(min_length=1, max_length=4 * LONGEST, examples=["Ada Lovelace"])


class HeldBy(Document):
    """A backup that still holds something, and until when."""

    path: str = Field(description="Where it lies; its name alone, unless you run the node.")
    taken_at: Moment
    expires_at: Moment


class ErasurePreview(Document):
    """What an erase of the person would remove, and what stays."""

    name: str
    rows: dict[str, int]
    entries_kept: int
    others: int
    backups: list[HeldBy]


class PersonErasureDocument(Document):
    """What became of it. The receipt is kept nowhere else."""

    complete: bool = Field(description="False while another process still reads old pages.")
    record: Id = Field(description="The name of nobody under which the record of acts stays.")
    rows: dict[str, int]
    backups: list[HeldBy]
    ledgers_not_reached: list[str]
    receipt: dict[str, Any]


@account.get("/v1/account", admits=_ANY_CREDENTIAL, refuses=READING)
async def read_account(credential: Credential, node: Node) -> AccountDocument:
    """Read who you are here, and what your credential may do."""
    return _document(credential, await node.people.account(credential.principal))


@account.patch("/v1/account", admits=_MINE, refuses=("person-name", "person-name-taken", *WRITING))
async def rename_account(renaming: Renaming, credential: Credential, node: Node) -> AccountDocument:
    """Be called something else."""
    renamed = await node.people.rename(credential.principal, renaming.name)
    return _document(credential, renamed)


@account.put("/v1/account/restriction", admits=_MINE, refuses=WRITING)
async def restrict_processing(credential: Credential, node: Node) -> AccountDocument:
    """Have nothing done with what is yours: no capture, change, search or enrichment.

    Everything stays stored; it can be read, exported and erased. Work that waits goes on when the
    restriction is lifted (GDPR Art. 18).
    """
    return _document(credential, await node.people.restrict(credential.principal))


@account.delete("/v1/account/restriction", admits=_MINE, refuses=WRITING)
async def lift_restriction(credential: Credential, node: Node) -> AccountDocument:
    """Let everything be done again."""
    return _document(credential, await node.people.unrestrict(credential.principal))


@account.get("/v1/account/erasure", admits=_MINE, refuses=("others-stay", *READING))
async def preview_account_erasure(caller: Caller, node: Node) -> ErasurePreview:
    """See what an erase of yourself would remove, and which backups would still hold it."""
    found = await node.person_erasure.preview(caller)
    return ErasurePreview(
        name=found.name,
        rows=dict(found.rows),
        entries_kept=found.entries,
        others=found.others,
        backups=_held_by(found.backups, caller),
    )


@account.post(
    "/v1/account/erasure",
    admits=needs(Scope.ACCOUNT_MANAGE, step_up=True),
    refuses=("others-stay", "needs-secret", "vault-busy", *WRITING),
)
async def erase_account(
    caller: Caller, node: Node, after: BackgroundTasks
) -> PersonErasureDocument:
    """Erase yourself: memories, people, keys, identities, ways in, all of it, for good.

    The answer holds the signed receipt, which is kept nowhere else. The person whose node it is
    cannot go while others are on it.
    """
    erased = await node.person_erasure.erase(caller)
    await node.jobs.remove_all(caller.person)  # what they had this process do and hold for them
    # Forgotten once the answer is on its way; until then the receipt could be made again.
    after.add_task(node.person_erasure.handed_out, erased)
    return PersonErasureDocument(
        complete=erased.complete,
        record=erased.pseudonym,
        rows=dict(erased.rows),
        backups=_held_by(erased.backups, caller),
        ledgers_not_reached=[_place(each, caller) for each in erased.unreached],
        receipt=dict(erased.receipt),
    )


def _held_by(copies: tuple[BackupCopy, ...], caller: Principal) -> list[HeldBy]:
    return [
        HeldBy(path=_place(each.path, caller), taken_at=each.taken_at, expires_at=each.expires_at)
        for each in copies
    ]


def _place(path: str, caller: Principal) -> str:
    return place_for(path, runs_node=Scope.ADMIN in caller.scopes)


def _document(credential: Credential, found: Account) -> AccountDocument:
    return AccountDocument(
        id=found.id,
        name=found.name,
        created_at=found.created_at,
        first=found.first,
        restricted_since=found.restricted_since,
        credential=CredentialDocument(
            kind=credential.kind,
            id=credential.id,
            scopes=sorted(credential.principal.scopes),
            expires_at=credential.expires_at,
        ),
    )
