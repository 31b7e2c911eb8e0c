"""Jobs as the API answers with them: how far they are, what came of them, or why nothing did."""

from enum import StrEnum
from typing import Annotated, cast

from pydantic import Field, NonNegativeInt

from mnemosyne.api.moments import At
from mnemosyne.api.schemas import Document, Id, Problem
from mnemosyne.events.job import Job, JobState
from mnemosyne.http.problems import document_of
from mnemosyne.memories.importing.entry import ProblemKind
from mnemosyne.memories.importing.report import ImportReport, Outcome
from mnemosyne.safekeeping.doctor import Finding, Repaired, Severity


class JobKind(StrEnum):
    """What a job does."""

    IMPORT = "import"
    ARCHIVE_IMPORT = "archive-import"
    BACKUP = "backup"
    BACKUP_VERIFICATION = "backup-verification"
    EXAMINATION = "examination"
    REPAIR = "repair"
    RECORD_VERIFICATION = "record-verification"


class ProgressDocument(Document):
    """What a job is at; `total` is null where nobody knows it."""

    step: str
    done: NonNegativeInt
    total: NonNegativeInt | None


class CountsDocument(Document):
    """Memories by what became of them; `returned` came out of the bin."""

    stored: NonNegativeInt
    updated: NonNegativeInt
    unchanged: NonNegativeInt
    conflicts: NonNegativeInt
    forgotten: NonNegativeInt
    erased: NonNegativeInt
    returned: NonNegativeInt


class RemarkDocument(Document):
    """Something of a source that was not imported as it stands."""

    kind: ProblemKind
    where: str
    reason: str
    count: NonNegativeInt


class ConflictDocument(Document):
    """A memory that the person edited, and the one with the source's new text beside it."""

    edited: Id
    imported: Id


class ImportResult(Document):
    """What an import did, or with `dry_run` would do; the first thousand remarks and conflicts."""

    format: str
    dry_run: bool
    memories: CountsDocument
    units: dict[Outcome, NonNegativeInt] = Field(description="Files and conversations.")
    remarks: dict[ProblemKind, NonNegativeInt]
    problems: list[RemarkDocument]
    conflicts: list[ConflictDocument]
    new_people: NonNegativeInt


class ArchiveImportResult(Document):
    """What came out of an archive: rows by table, and the entry of your record that tells of it."""

    signer: str = Field(description="The fingerprint of the key that signed the archive.")
    rows: dict[str, NonNegativeInt]
    receipt_entry: NonNegativeInt


class BackupDocument(Document):
    """A backup that this vault knows of; `verified_at` is null until it was restored once."""

    id: Id
    path: str
    number: NonNegativeInt
    taken_at: At
    expires_at: At
    verified_at: At | None
    size: NonNegativeInt
    sha256: str


class BackupResult(Document):
    """A backup that was made, restored once, and gave everything back."""

    backup: BackupDocument
    rows: dict[str, NonNegativeInt]
    receipt_entry: NonNegativeInt
    ledgers_not_reached: list[str]


class BackupVerificationResult(Document):
    """A backup that is whole and gives back what went in."""

    path: str
    number: NonNegativeInt
    taken_at: At
    rows: dict[str, NonNegativeInt]
    size: NonNegativeInt
    sha256: str


class FindingDocument(Document):
    """One thing that was looked at: how it is, and what to do about it."""

    severity: Severity
    what: str
    hint: str


class ExaminationResult(Document):
    """How everything that the vault consists of was found."""

    healthy: bool
    findings: list[FindingDocument]


class RepairResult(Document):
    """What was rebuilt."""

    indexed: NonNegativeInt
    dropped: NonNegativeInt
    requeued: NonNegativeInt


class FaultDocument(Document):
    """One thing wrong with a record; the first bad entry is `entry`, or lies up to `last`."""

    fault: str
    entry: int | None
    last: int | None
    detail: str
    source: str


class ComparedDocument(Document):
    """What a record was compared with: how far it reaches, and whether the two agree."""

    source: str
    entries: NonNegativeInt
    agrees: bool


class RecordDocument(Document):
    """What the examination of one record found; the first bad entry first."""

    record: str
    erased: bool
    whole: bool
    entries: NonNegativeInt
    root: str
    without_details: NonNegativeInt
    findings: list[FaultDocument]
    compared: list[ComparedDocument]


class RecordsResult(Document):
    """What the examination of records found."""

    whole: bool
    records: list[RecordDocument]
    backups_not_read: list[str]


Result = (
    ImportResult
    | ArchiveImportResult
    | BackupResult
    | BackupVerificationResult
    | ExaminationResult
    | RepairResult
    | RecordsResult
)


class JobDocument(Document):
    """A job; it has a `result` once it is done, and an `error` once it has failed."""

    id: Id
    kind: JobKind
    state: JobState
    created_at: At
    started_at: At | None
    ended_at: At | None
    progress: ProgressDocument
    result: Annotated[Result | None, Field(description="By the kind of the job.")]
    error: Problem | None


class JobList(Document):
    """The jobs of the caller, the newest first; all of them."""

    items: list[JobDocument]
    next: None = None


def job_document(job: Job) -> JobDocument:
    """Return a job as it is answered with."""
    progress = job.progress
    return JobDocument(
        id=job.id,
        kind=JobKind(job.kind),
        state=job.state,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        progress=ProgressDocument(step=progress.step, done=progress.done, total=progress.total),
        result=cast("Result | None", job.result),
        error=None if job.error is None else Problem(**document_of(job.error)),
    )


def import_result(report: ImportReport) -> ImportResult:
    """Return the report of an import as it is answered with."""
    counts = report.counts
    return ImportResult(
        format=report.format,
        dry_run=report.dry_run,
        memories=CountsDocument(
            stored=counts.stored,
            updated=counts.updated,
            unchanged=counts.unchanged,
            conflicts=counts.conflicts,
            forgotten=counts.forgotten,
            erased=counts.erased,
            returned=counts.returned,
        ),
        units=dict(report.outcomes),
        remarks=dict(report.problem_counts),
        problems=[
            RemarkDocument(kind=e.kind, where=e.where, reason=e.reason, count=e.count)
            for e in report.problems
        ],
        conflicts=[
            ConflictDocument(edited=e.edited, imported=e.imported) for e in report.conflicts
        ],
        new_people=report.names,
    )


def examination_result(findings: list[Finding]) -> ExaminationResult:
    """Return what a doctor found as it is answered with."""
    return ExaminationResult(
        healthy=all(each.severity is not Severity.BAD for each in findings),
        findings=[
            FindingDocument(severity=each.severity, what=each.what, hint=each.hint)
            for each in findings
        ],
    )


def repair_result(repaired: Repaired) -> RepairResult:
    """Return what was rebuilt as it is answered with."""
    return RepairResult(
        indexed=repaired.indexed, dropped=repaired.orphans_dropped, requeued=repaired.requeued
    )
