"""The record over HTTP: what was done and read, and proofs that it was not rewritten."""

from collections.abc import Iterable
from typing import Annotated, Any, Final

from fastapi import Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response, StreamingResponse

from mnemosyne.api.keeping.audit_documents import (
    CheckpointDocument,
    EntryPage,
    ReadPage,
    ReceiptDocument,
    ReceiptVerdict,
    RecordVerdict,
    entry_document,
    proven_document,
    read_document,
    record_document,
)
from mnemosyne.api.memory.filters import Size, Truth
from mnemosyne.api.memory.uploads import OCTETS
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Id, Problem
from mnemosyne.api.storage import READING
from mnemosyne.audit import checkpoints
from mnemosyne.audit.kept_files import KeptFile
from mnemosyne.audit.receipt import prove
from mnemosyne.http.admission import needs
from mnemosyne.http.bodies import LARGEST_TEXTS
from mnemosyne.http.problems import document_of
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.principal import Scope

audit = Operations("audit")
JSON_LINES: Final = "application/jsonl"
_MINE: Final = needs(Scope.ACCOUNT_MANAGE)
_DAMAGED: Final = ("record-damaged", "record-gone", *READING)
_MOST_DIGITS: Final = 15
_BROUGHT: Final = "what was brought"

EntryCursor = Annotated[
    str,
    StringConstraints(pattern=rf"^[1-9][0-9]{{0,{_MOST_DIGITS - 1}}}$"),
    Field(description="`next` of the page before."),
]
EntryNumber = Annotated[int, Path(ge=1, lt=10**_MOST_DIGITS, description="The number of an entry.")]


class _Paged(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Size = 50
    cursor: EntryCursor | None = None

    @property
    def before(self) -> int | None:
        """The number of the entry that the page ends before."""
        return None if self.cursor is None else int(self.cursor)


class EntriesQuery(_Paged):
    """Which part of the record."""

    reads: Truth = Field(default=False, description="What was read as well.")


class ReadsQuery(_Paged):
    """Which part of what was read."""

    memory: Id | None = Field(None, description="Who read this memory, which may be erased.")


@audit.get("/v1/audit/entries", admits=_MINE, refuses=_DAMAGED)
async def list_entries(
    caller: Caller, node: Node, wanted: Annotated[EntriesQuery, Query()]
) -> EntryPage:
    """List your record, the newest act first."""
    found = await node.audit.entries(
        caller, before=wanted.before, limit=wanted.limit, reads=wanted.reads
    )
    items = [entry_document(each) for each in found]
    return EntryPage(items=items, next=_next((e.seq for e in found), wanted.limit))


@audit.get("/v1/audit/reads", admits=_MINE, refuses=_DAMAGED)
async def list_reads(
    caller: Caller, node: Node, wanted: Annotated[ReadsQuery, Query()]
) -> ReadPage:
    """List who read something and when, or who read one memory."""
    found = await node.reads.of(caller, wanted.memory, before=wanted.before, limit=wanted.limit)
    items = [read_document(each) for each in found]
    return ReadPage(items=items, next=_next((e.seq for e in found), wanted.limit))


@audit.get("/v1/audit/checkpoint", admits=_MINE, refuses=_DAMAGED)
async def read_checkpoint(caller: Caller, node: Node) -> CheckpointDocument:
    """Sign the head of your record, to be kept where nobody who has the vault can change it."""
    signed = await node.audit.checkpoint(caller)
    return CheckpointDocument(**checkpoints.document(signed.note, signed.leaves))


@audit.get(
    "/v1/audit/entries/{entry}/receipt",
    admits=_MINE,
    refuses=("entry-not-found", "receipt-payload", *_DAMAGED),
    response_model_exclude_unset=True,
)
async def read_receipt(entry: EntryNumber, caller: Caller, node: Node) -> ReceiptDocument:
    """Read the signed receipt of one act, which anybody can check with nothing but itself."""
    return ReceiptDocument(**await node.audit.receipt(caller, entry))


@audit.post("/v1/audit/receipt-check", admits=_MINE)
async def check_receipt(receipt: dict[str, Any], caller: Caller) -> ReceiptVerdict:
    """Check a receipt of any node with nothing but itself."""
    del caller
    try:
        proven = prove(receipt)
    except MnemosyneError as error:
        problem = Problem(**document_of(error))
        return ReceiptVerdict(valid=False, signer=None, entry=None, problem=problem)
    return ReceiptVerdict(
        valid=True, signer=proven.signer, entry=proven_document(proven), problem=None
    )


@audit.post("/v1/audit/verification", admits=_MINE, refuses=_DAMAGED)
async def verify_record(caller: Caller, node: Node) -> RecordVerdict:
    """Check every entry of your record by itself, and name the first bad one."""
    (record,) = (await node.record_verification.verify_of(caller, ())).records
    return RecordVerdict(whole=record.whole, record=record_document(record), problem=None)


@audit.post(
    "/v1/audit/comparison",
    admits=_MINE,
    refuses=_DAMAGED,
    largest_body=LARGEST_TEXTS,
    media_type=OCTETS,
)
async def compare_record(request: Request, caller: Caller, node: Node) -> RecordVerdict:
    """Check your record against a checkpoint, a receipt or an exported record that was kept."""
    kept = KeptFile(_BROUGHT, await request.body())
    try:
        (record,) = (await node.record_verification.verify_of(caller, [kept])).records
    except MnemosyneError as error:
        if error.code != "unreadable-evidence":
            raise
        problem = Problem(**document_of(error))
        return RecordVerdict(whole=False, record=None, problem=problem)
    return RecordVerdict(whole=record.whole, record=record_document(record), problem=None)


@audit.get(
    "/v1/audit/export",
    admits=_MINE,
    refuses=_DAMAGED,
    response_class=Response,
    responses={
        200: {
            "description": "A checkpoint, then each entry with what is left of it, one in a line.",
            "content": {JSON_LINES: {"schema": {"type": "string"}}},
        }
    },
)
async def export_record(caller: Caller, node: Node) -> Response:
    """Take your whole record out as JSON lines that any program can check."""
    lines = await node.audit.export(caller)
    headers = {
        "Content-Disposition": 'attachment; filename="record.jsonl"',
        "Content-Length": str(sum(map(len, lines))),
    }
    return StreamingResponse(iter(lines), headers=headers, media_type=JSON_LINES)


def _next(numbers: Iterable[int], limit: int) -> str | None:
    """Return the cursor after a page, if it was full and did not end with the first entry."""
    shown = list(numbers)
    return str(shown[-1]) if len(shown) == limit and shown[-1] > 1 else None
