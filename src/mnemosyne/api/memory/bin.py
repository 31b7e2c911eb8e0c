"""Forget, and take it back: the bin. Nothing leaves it by time."""

from typing import Annotated, Final

from fastapi import Query, Response

from mnemosyne.api import storage
from mnemosyne.api.memory import etags
from mnemosyne.api.memory.erasures import ErasureDocument, erased
from mnemosyne.api.memory.etags import ANY, IfMatch
from mnemosyne.api.memory.filters import Cursor, Size
from mnemosyne.api.memory.memories import READING, WRITING
from mnemosyne.api.memory.memory_documents import BinPage, binned_document
from mnemosyne.api.memory.memory_requests import EmptyBin, NamedMemories
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Id
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Scope
from mnemosyne.memories.errors import BinChangedError

_WRITES: Final = needs(Scope.MEMORY_WRITE)

bin_ = Operations("bin")


class MovedDocument(Document):
    """Which memories were moved."""

    memories: list[Id]


@bin_.delete(
    "/v1/memories/{memory}",
    admits=_WRITES,
    refuses=(*WRITING, "memory-not-found", "precondition-failed", "forget-limit"),
    status=204,
    response_class=Response,
)
async def forget_memory(memory: Id, caller: Caller, node: Node, if_match: IfMatch = ANY) -> None:
    """Put a memory into the bin: hidden everywhere, and restored by POST /v1/bin/restore.

    A credential may forget 20 within an hour.
    """
    await node.bin.forget(caller, [memory], only_if=etags.only_if(if_match))


@bin_.post(
    "/v1/bin",
    admits=_WRITES,
    refuses=(*WRITING, "memory-not-found", "forget-limit"),
)
async def forget_memories(named: NamedMemories, caller: Caller, node: Node) -> MovedDocument:
    """Put several memories into the bin, all or none; a credential may forget 20 within an hour."""
    gone = await node.bin.forget(caller, named.memories)
    return MovedDocument(memories=[each.id for each in gone])


@bin_.get(
    "/v1/bin",
    admits=needs(Scope.MEMORY_READ),
    refuses=(*READING, "malformed-cursor"),
)
async def list_bin(
    caller: Caller,
    node: Node,
    limit: Annotated[Size, Query()] = 20,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> BinPage:
    """Show what is in the bin, who put it there, and when."""
    found = await node.bin.page(caller, cursor=cursor or "", limit=limit)
    return BinPage(
        items=[binned_document(each) for each in found.items], next=found.next_cursor or None
    )


@bin_.post(
    "/v1/bin/restore",
    admits=_WRITES,
    refuses=(*WRITING, "memory-not-found", "not-in-bin"),
)
async def restore_memories(named: NamedMemories, caller: Caller, node: Node) -> MovedDocument:
    """Take memories out of the bin, as they were, all or none."""
    back = await node.bin.restore(caller, named.memories)
    return MovedDocument(memories=[each.id for each in back])


@bin_.post(
    "/v1/bin/empty",
    admits=needs(Scope.MEMORY_ERASE, step_up=True),
    refuses=(*storage.WRITING, "memory-not-found", "bin-changed"),
    response_model=ErasureDocument,
    responses={202: {"model": ErasureDocument, "description": "Not complete yet."}},
)
async def empty_bin(wanted: EmptyBin, caller: Caller, node: Node) -> Response:
    """Erase everything in the bin, for good, if it holds as much as `expected`."""
    ids = await node.bin.identifiers(caller)
    if len(ids) != wanted.expected:
        raise BinChangedError(wanted.expected, len(ids))
    return await erased(node, caller, ids)
