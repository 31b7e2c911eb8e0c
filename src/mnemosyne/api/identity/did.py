"""Your own DID: make it, look at it, change it, end it."""

from typing import Annotated, Final

from fastapi import Query
from starlette.responses import JSONResponse, Response

from mnemosyne.api.identity.did_documents import (
    ChangeDocument,
    CreatedDid,
    LogEntry,
    LogPage,
    MyDid,
)
from mnemosyne.api.identity.did_requests import (
    ChangeDid,
    CreateDid,
    EndDid,
    RotateDid,
    phrase_of,
    told_from_afar,
)
from mnemosyne.api.memory.etags import ANY, NONE, IfNoneMatch, etag_of
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.http.admission import needs
from mnemosyne.identity.model import Rotated
from mnemosyne.kit.principal import Scope
from mnemosyne.kit.vault.phrase import generate_phrase

READS: Final = needs(Scope.MEMORY_READ)
MANAGES: Final = needs(Scope.ACCOUNT_MANAGE)
DANGEROUS: Final = needs(Scope.ACCOUNT_MANAGE, step_up=True)
ANY_READING: Final = ("database-busy", "read-too-long")
ANY_WRITING: Final = (*ANY_READING, "storage-full", "commit-unknown", "record-gone")
READING: Final = (*ANY_READING, "did-missing")
WRITING: Final = (*ANY_WRITING, "did-missing", "did-copy")
PHRASES: Final = ("phrase-word-count", "phrase-unknown-word", "phrase-checksum", "did-phrase")
RECOVERING: Final = (
    "did-recovery-unconfirmed",
    "did-newer-known",
    "did-older",
    "did-copy-damaged",
    "did-version",
    "did-version-unclear",
    "did-foreign",
    "did-beside",
    "did-ended",
    "did-taken",
    "did-clock",
)
_CHANGING: Final = (
    *WRITING,
    "did-unconfirmed",
    "did-equivocation",
    "did-deactivated",
    "did-ended",
    "did-keys-missing",
    "did-clock",
    "did-log",  # an entry that would be larger than one may be
)
_MOST_ENTRIES: Final = 200

did = Operations("did")


@did.post(
    "/v1/did",
    admits=DANGEROUS,
    status=201,
    refuses=(
        *ANY_WRITING,
        *PHRASES,
        "did-copy",
        "did-exists",
        "did-beside",
        "did-copy-damaged",
        "processing-restricted",
    ),
)
async def create_did(wanted: CreateDid, caller: Caller, node: Node) -> CreatedDid:
    """Make your DID, offline: nothing is registered.

    Where the node keeps no phrase of yours, it makes one of 24 words and gives it out in this
    answer alone. It recovers the DID and opens no vault.
    """
    given = None if wanted.phrase is None else phrase_of(wanted.phrase)
    made = None
    if given is None and await node.identities.needs_phrase(caller):
        made = generate_phrase()
    with told_from_afar():
        mine = await node.identities.create(caller, given or made)
    return CreatedDid(did=MyDid.of(mine), phrase=None if made is None else " ".join(made.words))


@did.get(
    "/v1/did",
    admits=READS,
    refuses=READING,
    response_model=MyDid,
    responses={304: {"description": "It is still what If-None-Match names."}},
)
async def read_did(caller: Caller, node: Node, if_none_match: IfNoneMatch = NONE) -> Response:
    """Show your DID: its document, and whether all is well with it."""
    found = MyDid.of(await node.identities.mine(caller))
    tag = etag_of(found)
    if if_none_match == ANY or tag in if_none_match:
        return Response(status_code=304, headers={"ETag": tag})
    return JSONResponse(found.model_dump(mode="json"), headers={"ETag": tag})


@did.get("/v1/did/log", admits=READS, refuses=READING)
async def read_did_log(
    caller: Caller,
    node: Node,
    limit: Annotated[int, Query(ge=1, le=_MOST_ENTRIES)] = 50,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,5}$")] = None,
) -> LogPage:
    """Show the entries of your log, in the order in which this node saw them first."""
    log = (await node.identities.mine(caller)).log
    start = int(cursor or 0)
    end = start + limit
    shown = [LogEntry.of(line) for line in log[start:end]]
    return LogPage(items=shown, next=str(end) if end < len(log) else None)


@did.post("/v1/did/preview", admits=MANAGES, refuses=(*_CHANGING, "did-change"))
async def preview_did(change: ChangeDid, caller: Caller, node: Node) -> ChangeDocument:
    """Show what a change of your document would make different; nothing is written."""
    with told_from_afar():
        return ChangeDocument.of(await node.identities.preview(caller, change.change()))


@did.patch(
    "/v1/did",
    admits=DANGEROUS,
    refuses=(*_CHANGING, "did-change", "processing-restricted"),
)
async def update_did(change: ChangeDid, caller: Caller, node: Node) -> ChangeDocument:
    """Write an entry with another document. What stood in earlier ones stays readable."""
    with told_from_afar():
        changed = await node.identities.update(caller, change.change())
    return ChangeDocument.of(changed)


@did.post("/v1/did/rotate", admits=DANGEROUS, refuses=(*_CHANGING, "needs-secret"))
async def rotate_did(which: RotateDid, caller: Caller, node: Node) -> ChangeDocument:
    """Put new keys in the place of the old ones, which stay readable in the log."""
    keys = frozenset(Rotated(each) for each in which.keys)
    with told_from_afar():
        return ChangeDocument.of(await node.identities.rotate(caller, keys))


@did.post("/v1/did/deactivate", admits=DANGEROUS, refuses=(*_CHANGING, "needs-secret"))
async def deactivate_did(caller: Caller, node: Node) -> MyDid:
    """Write that your DID is used no more. The recovery phrase can take it back."""
    with told_from_afar():
        return MyDid.of(await node.identities.deactivate(caller))


@did.post("/v1/did/end", admits=DANGEROUS, refuses=(*WRITING, *PHRASES, *RECOVERING))
async def end_did(ending: EndDid, caller: Caller, node: Node) -> MyDid:
    """Write the tombstone of your DID, after which no key can write anything."""
    phrase = phrase_of(ending.phrase)
    with told_from_afar():
        return MyDid.of((await node.recovery.end_for_ever(caller, phrase)).mine)
