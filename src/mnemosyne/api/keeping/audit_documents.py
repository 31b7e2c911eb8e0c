"""The record as the API answers with it: entries, reads, checkpoints and receipts."""

from typing import Any

from pydantic import Field, JsonValue, NonNegativeInt, PositiveInt

from mnemosyne.api.job_documents import (
    ComparedDocument,
    FaultDocument,
    RecordDocument,
    RecordsResult,
)
from mnemosyne.api.moments import At
from mnemosyne.api.schemas import Document, Problem
from mnemosyne.audit.faults import Finding
from mnemosyne.audit.model import Entry
from mnemosyne.audit.reads import Read
from mnemosyne.audit.receipt import ProvenEntry
from mnemosyne.audit.verification import RecordReport
from mnemosyne.safekeeping.record_verification import Verified


class EntryDocument(Document):
    """One act; its payload is null once that was erased."""

    entry: PositiveInt
    type: str
    at: At
    credential: str
    channel: str
    payload: dict[str, JsonValue] | None


class EntryPage(Document):
    """Part of the record, the newest first, and the cursor of the part before it."""

    items: list[EntryDocument]
    next: str | None


class ReadDocument(Document):
    """What was read at once: through what, how, and how many memories."""

    entry: PositiveInt
    at: At
    credential: str
    channel: str
    how: str
    count: NonNegativeInt


class ReadPage(Document):
    """Part of what was read, the newest first, and the cursor of the part before it."""

    items: list[ReadDocument]
    next: str | None


class CheckpointDocument(Document):
    """The head of the record, signed (c2sp.org/tlog-checkpoint), with the leaf hashes under it."""

    format: str
    note: str
    leaves: str = Field(description="32 bytes each, one after another, as base64.")


class ReceiptDocument(Document):
    """The signed export of one entry, which anybody can check with nothing but itself."""

    format: str
    entry: str = Field(description="The canonical bytes of the entry, as base64.")
    inclusion: list[str]
    checkpoint: str
    proof: dict[str, JsonValue]
    payload: dict[str, JsonValue] | None = None
    salt: str | None = None


class ReceiptVerdict(Document):
    """What a receipt proves, or why it proves nothing."""

    valid: bool
    signer: str | None = Field(description="The fingerprint of the key of the node that signed.")
    entry: EntryDocument | None
    problem: Problem | None


class RecordVerdict(Document):
    """What the examination of your record found, or why a file is nothing to compare it with."""

    whole: bool
    record: RecordDocument | None
    problem: Problem | None


def entry_document(found: Entry) -> EntryDocument:
    """Return an entry as it is answered with."""
    stated = found.stated()
    return EntryDocument(
        entry=found.seq,
        type=found.type,
        at=found.at,
        credential=str(stated["credential"]),
        channel=str(stated["channel"]),
        payload=_plain(found.payload),
    )


def read_document(found: Read) -> ReadDocument:
    """Return a read as it is answered with; memories go by pseudonyms, which are left out."""
    return ReadDocument(
        entry=found.seq,
        at=found.at,
        credential=found.credential,
        channel=found.channel,
        how=found.how,
        count=found.count,
    )


def proven_document(proven: ProvenEntry) -> EntryDocument:
    """Return the entry of a receipt as it is answered with."""
    return EntryDocument(
        entry=proven.seq,
        type=proven.type,
        at=proven.at,
        credential=proven.credential,
        channel=proven.channel,
        payload=_plain(proven.payload),
    )


def records_result(found: Verified) -> RecordsResult:
    """Return what an examination of records found as it is answered with."""
    return RecordsResult(
        whole=found.whole,
        records=[record_document(each) for each in found.records],
        backups_not_read=list(found.unread),
    )


def record_document(record: RecordReport) -> RecordDocument:
    """Return what was found of one record as it is answered with."""
    return RecordDocument(
        record=record.pseudonym,
        erased=record.erased,
        whole=record.whole,
        entries=record.size,
        root=record.root.hex(),
        without_details=record.without_details,
        findings=[_fault(each) for each in record.findings],
        compared=[
            ComparedDocument(source=each.source, entries=each.size, agrees=each.agrees)
            for each in record.compared
        ],
    )


def _fault(finding: Finding) -> FaultDocument:
    first, last = finding.range or (None, None)
    return FaultDocument(
        fault=finding.fault.value,
        entry=first,
        last=last,
        detail=finding.detail,
        source=finding.source,
    )


def _plain(payload: Any) -> dict[str, JsonValue] | None:  # noqa: ANN401 - any JSON object
    return None if payload is None else dict(payload)
