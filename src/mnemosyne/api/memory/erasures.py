"""Erase: final, so what goes and what stays is shown before, and proven by a receipt after."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import Field

from mnemosyne.api.memory.memory_requests import NamedMemories
from mnemosyne.api.moments import At
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Id
from mnemosyne.api.storage import WRITING
from mnemosyne.application import Application
from mnemosyne.http.admission import needs
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.ports import BackupCopy, place_for
from mnemosyne.memories.service.erasure import Erased

LOCATION: Final = {"Location": {"schema": {"type": "string"}, "description": "What became of it."}}
_ERASES: Final = needs(Scope.MEMORY_ERASE)

erasures = Operations("erasures")


class HoldingBackupDocument(Document):
    """A backup that still holds something, and when it goes."""

    path: str = Field(description="Where it lies; its name alone, unless you run the node.")
    taken_at: At
    expires_at: At


class PreviewDocument(Document):
    """What an erase would remove, and which backups would still hold it."""

    memories: list[Id]
    copies: dict[str, int] = Field(description="How many rows of each kind would go.")
    backups: list[HoldingBackupDocument]


class ErasureDocument(Document):
    """What became of an erase.

    It is `erasing` while another process still reads the old pages: the rows are gone, and it
    completes by itself. Then it has its receipt, signed by the node.
    """

    id: Id
    state: Literal["erasing", "erased"]
    count: int = Field(ge=1)
    receipt_entry: int | None
    receipt: dict[str, Any] | None
    backups: list[HoldingBackupDocument] = Field(
        description="Known at the erase; later the receipt has them."
    )
    ledgers_not_reached: list[str] = Field(
        description="Folders of backups that were not reached, and learn of it later."
    )


@erasures.post(
    "/v1/erasure-preview",
    admits=_ERASES,
    refuses=("database-busy", "read-too-long", "memory-not-found"),
)
async def preview_erasure(named: NamedMemories, caller: Caller, node: Node) -> PreviewDocument:
    """Say what an erase would remove and what it cannot reach at once; nothing is done."""
    found = await node.erasure.preview(caller, named.memories)
    return PreviewDocument(
        memories=[each.id for each in found.memories],
        copies=found.copies,
        backups=[_backup(each, caller) for each in found.backups],
    )


@erasures.post(
    "/v1/erasures",
    admits=needs(Scope.MEMORY_ERASE, step_up=True),
    refuses=(*WRITING, "memory-not-found"),
    response_model=ErasureDocument,
    responses={
        200: {"headers": LOCATION},
        202: {"model": ErasureDocument, "description": "Not complete yet.", "headers": LOCATION},
    },
)
async def erase_memories(named: NamedMemories, caller: Caller, node: Node) -> Response:
    """Erase memories from every table and file, for good, all or none, with a signed receipt."""
    return await erased(node, caller, named.memories)


@erasures.get(
    "/v1/erasures/{erasure}",
    admits=_ERASES,
    refuses=("database-busy", "read-too-long", "erasure-not-found"),
)
async def read_erasure(erasure: Id, caller: Caller, node: Node) -> ErasureDocument:
    """Say what became of an erase."""
    return await _document(node, caller, await node.erasure.standing(caller, erasure))


async def erased(node: Application, caller: Principal, ids: Sequence[Identifier]) -> Response:
    """Erase memories and return the answer: 200 once it is complete, 202 before."""
    document = await _document(node, caller, await node.erasure.erase(caller, ids))
    status = 200 if document.state == "erased" else 202
    headers = {"Location": f"/v1/erasures/{document.id}"}
    return JSONResponse(document.model_dump(mode="json"), status, headers)


async def _document(node: Application, caller: Principal, found: Erased) -> ErasureDocument:
    receipt = None if found.entry is None else await node.audit.receipt(caller, found.entry)
    return ErasureDocument(
        id=found.request,
        state="erasing" if found.entry is None else "erased",
        count=found.count,
        receipt_entry=found.entry,
        receipt=receipt,
        backups=[_backup(each, caller) for each in found.backups],
        ledgers_not_reached=[_place(each, caller) for each in found.unreached],
    )


def _backup(found: BackupCopy, caller: Principal) -> HoldingBackupDocument:
    return HoldingBackupDocument(
        path=_place(found.path, caller), taken_at=found.taken_at, expires_at=found.expires_at
    )


def _place(path: str, caller: Principal) -> str:
    return place_for(path, runs_node=Scope.ADMIN in caller.scopes)
