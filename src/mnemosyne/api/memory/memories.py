"""Remember, and look at what is remembered: one, a list, how many."""

from typing import Annotated, Final

from fastapi import Header, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from mnemosyne.api import storage
from mnemosyne.api.memory import etags
from mnemosyne.api.memory.etags import NONE, IfNoneMatch
from mnemosyne.api.memory.filters import CountRequest, ListQuery, ListRequest, Truth
from mnemosyne.api.memory.memory_documents import (
    Acknowledged,
    DetailDocument,
    MemoriesPage,
    MemoryDocument,
    WordingDocument,
    acknowledged,
    detail_document,
    memory_document,
    wording_document,
)
from mnemosyne.api.memory.memory_requests import Capture
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Id
from mnemosyne.http.admission import needs
from mnemosyne.http.bodies import LARGEST_TEXTS
from mnemosyne.kit.principal import Scope
from mnemosyne.memories.model import Memory
from mnemosyne.memories.paging import Page

READING: Final = ("database-busy", "read-too-long", "record-gone", "storage-full")
"""What any reading can fail with: before an answer leaves, who read it is on the disk."""
WRITING: Final = ("processing-restricted", *storage.WRITING)
STORING: Final = (
    "content-size",
    "title-too-long",
    "label-length",
    "idempotency-conflict",
    "memory-gone",
)
MOST_VERSIONS: Final = 2**31 - 1
ETAG: Final = {"ETag": {"schema": {"type": "string"}, "description": "Its state, for If-Match."}}
LOCATION: Final = {"Location": {"schema": {"type": "string"}, "description": "Where it is."}}
TAGGED: Final = {200: {"headers": ETAG}}

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,100}$",
        description="Names this request: repeating it with the same name does it once and gives "
        "the same answer, for 30 days.",
        examples=["6f1c2a"],
    ),
]

memories = Operations("memories")


class Count(Document):
    """How many memories there are."""

    count: int = Field(ge=0)


@memories.post(
    "/v1/memories",
    admits=needs(Scope.MEMORY_WRITE),
    refuses=(*WRITING, *STORING),
    status=201,
    largest_body=LARGEST_TEXTS,
    response_model=Acknowledged,
    responses={
        200: {
            "model": Acknowledged,
            "description": "It was remembered before: by this key, or word for word. What is in "
            "the bin stays there (`forgotten_at`).",
            "headers": {**ETAG, **LOCATION},
        },
        201: {"headers": {**ETAG, **LOCATION}},
    },
)
async def capture_memory(
    draft: Capture, key: IdempotencyKey, caller: Caller, node: Node
) -> Response:
    """Remember a text. It is on the disk when this answers; the rest follows by itself."""
    captured = await node.memories.capture(caller, draft.draft(), key)
    return made(captured.memory, created=captured.created)


@memories.get(
    "/v1/memories",
    admits=needs(Scope.MEMORY_READ),
    refuses=(*READING, "malformed-cursor"),
)
async def list_memories(
    wanted: Annotated[ListQuery, Query()], caller: Caller, node: Node
) -> MemoriesPage:
    """List memories, what happened last first. Tags and people are asked for with POST /v1/list."""
    found = await node.memories.page(
        caller,
        wanted.plain(history=wanted.history),
        order=wanted.order,
        cursor=wanted.cursor or "",
        limit=wanted.limit,
    )
    return _page(found)


@memories.post(
    "/v1/list",
    admits=needs(Scope.MEMORY_READ),
    refuses=(*READING, "malformed-cursor", "label-length"),
)
async def list_privately(wanted: ListRequest, caller: Caller, node: Node) -> MemoriesPage:
    """List memories by the person's own words as well, which stay out of the address."""
    found = await node.memories.page(
        caller,
        await wanted.narrowed(node, caller, history=wanted.history),
        order=wanted.order,
        cursor=wanted.cursor or "",
        limit=wanted.limit,
    )
    return _page(found)


@memories.post(
    "/v1/count",
    admits=needs(Scope.MEMORY_READ),
    refuses=("database-busy", "read-too-long", "label-length"),
)
async def count_memories(wanted: CountRequest, caller: Caller, node: Node) -> Count:
    """Count the memories that a list would have."""
    narrowed = await wanted.narrowed(node, caller, history=wanted.history)
    return Count(count=await node.memories.count(caller, narrowed))


@memories.get(
    "/v1/memories/{memory}",
    admits=needs(Scope.MEMORY_READ),
    refuses=(*READING, "memory-not-found"),
    response_model=MemoryDocument,
    responses={
        200: {"headers": ETAG},
        304: {"description": "It is still what If-None-Match names.", "headers": ETAG},
    },
)
async def read_memory(
    memory: Id, caller: Caller, node: Node, if_none_match: IfNoneMatch = NONE
) -> Response:
    """Read one memory. What is in the bin is not here: GET /v1/bin shows it."""
    known = etags.unchanged(if_none_match)
    found = await node.memories.get(caller, memory, known=known)
    document = memory_document(found)
    headers = {"ETag": etags.etag_of(document)}
    if known(found):
        return Response(status_code=304, headers=headers)
    return JSONResponse(document.model_dump(mode="json"), headers=headers)


@memories.get(
    "/v1/memories/{memory}/detail",
    admits=needs(Scope.MEMORY_READ),
    refuses=(*READING, "memory-not-found"),
)
async def read_detail(
    memory: Id,
    caller: Caller,
    node: Node,
    everywhere: Annotated[Truth, Query(description="Look in the bin as well.")] = False,  # noqa: FBT002 - a flag of the address
) -> DetailDocument:
    """Read a memory with its earlier wordings, its links, and what stands beside it."""
    found = await node.memories.detail(caller, memory, opened=not everywhere, bounded=True)
    return detail_document(found)


@memories.get(
    "/v1/memories/{memory}/wordings/{version}",
    admits=needs(Scope.MEMORY_READ),
    refuses=(*READING, "memory-not-found", "wording-not-found"),
)
async def read_wording(
    memory: Id,
    version: Annotated[int, Path(ge=1, le=MOST_VERSIONS)],
    caller: Caller,
    node: Node,
) -> WordingDocument:
    """Read one earlier text of a memory."""
    return wording_document(await node.memories.wording(caller, memory, version))


def made(memory: Memory, *, created: bool) -> Response:
    """Return what is answered where a memory was made, or had been made before."""
    answer = changed(memory)
    answer.status_code = 201 if created else 200
    answer.headers["Location"] = f"/v1/memories/{memory.id}"
    return answer


def changed(memory: Memory) -> Response:
    """Return what is answered where a memory was changed: never its text."""
    document = acknowledged(memory).model_dump(mode="json")
    return JSONResponse(document, headers={"ETag": etags.etag_of_memory(memory)})


def _page(found: Page[Memory]) -> MemoriesPage:
    return MemoriesPage(
        items=[memory_document(each) for each in found.items], next=found.next_cursor or None
    )
