"""Backups over HTTP, for whoever runs the node: made, listed, verified, let go."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Final

from fastapi import Path as PathParameter
from pydantic import Field

from mnemosyne.api.job_documents import (
    BackupDocument,
    BackupResult,
    BackupVerificationResult,
    JobDocument,
    JobKind,
    job_document,
)
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Id, Request
from mnemosyne.api.storage import READING, WRITING
from mnemosyne.application import Application
from mnemosyne.events.job import Progress
from mnemosyne.events.jobs import Report
from mnemosyne.http.admission import needs
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.safekeeping.pruning import Pruned
from mnemosyne.safekeeping.store import KnownBackup

backups = Operations("backups")
_LONGEST_PATH: Final = 1024
BackupId = Annotated[Id, PathParameter(description="The identifier of a backup.")]


class BackupNotFoundError(MnemosyneError):
    """The vault knows of no backup of that identifier."""

    code = "backup-not-found"

    def __init__(self) -> None:
        super().__init__(
            "this vault knows of no such backup",
            why="It was never made, or was let go since.",
            hint="GET /v1/backups lists those that there are.",
        )


class BackupRequest(Request):
    """Where the backup goes."""

    folder: str = Field(
        max_length=_LONGEST_PATH,
        pattern=r"^/[^\x00-\x1f\x7f]*$",
        description="A folder on the machine of the node, best on another medium.",
        examples=["/media/stick"],
    )


class PruneRequest(Request):
    """Which backups should go: those past their day, or those that hold a memory."""

    containing: Id | None = Field(
        None, description="Every backup that holds this memory, which may be erased, due or not."
    )


class BackupList(Document):
    """The backups that this vault knows of, the newest first; all of them."""

    items: list[BackupDocument]
    next: None = None


class PrunedDocument(Document):
    """Which went, which are kept as the newest proven one, which could not be reached."""

    removed: list[BackupDocument]
    kept: list[BackupDocument]
    unreached: list[BackupDocument]


@backups.get("/v1/backups", admits=needs(Scope.ADMIN), refuses=READING)
async def list_backups(caller: Caller, node: Node) -> BackupList:
    """List the backups that this vault knows of."""
    return BackupList(items=[_backup(each) for each in await node.backups.known(caller)])


@backups.post(
    "/v1/backups",
    admits=needs(Scope.ADMIN, step_up=True),
    refuses=("too-many-jobs",),
    status=202,
)
async def make_backup(wanted: BackupRequest, caller: Caller, node: Node) -> JobDocument:
    """Start the job that writes a sealed backup and proves it by restoring it once."""
    work = partial(_make, node, caller, Path(wanted.folder))
    return job_document(node.jobs.start(caller.person, JobKind.BACKUP, work, scope=Scope.ADMIN))


@backups.post(
    "/v1/backups/{backup}/verification",
    admits=needs(Scope.ADMIN, step_up=True),
    refuses=("backup-not-found", "too-many-jobs", *READING),
    status=202,
)
async def verify_backup(backup: BackupId, caller: Caller, node: Node) -> JobDocument:
    """Start the job that restores a backup to a temporary place and compares it."""
    known = await node.backups.known(caller)
    found = next((each for each in known if each.id == backup), None)
    if found is None:
        raise BackupNotFoundError
    work = partial(_verify, node, caller, found)
    return job_document(
        node.jobs.start(caller.person, JobKind.BACKUP_VERIFICATION, work, scope=Scope.ADMIN)
    )


@backups.post(
    "/v1/backups/prune/preview",
    admits=needs(Scope.ADMIN),
    refuses=("memory-not-found", *READING),
)
async def preview_prune(wanted: PruneRequest, caller: Caller, node: Node) -> PrunedDocument:
    """Say which backups would go, and let none go."""
    return _pruned(await _prune(node, caller, wanted, dry_run=True))


@backups.post(
    "/v1/backups/prune",
    admits=needs(Scope.ADMIN, step_up=True),
    refuses=("memory-not-found", *WRITING),
)
async def prune_backups(wanted: PruneRequest, caller: Caller, node: Node) -> PrunedDocument:
    """Remove backups for good: those past their day, or at once those that hold a memory."""
    return _pruned(await _prune(node, caller, wanted, dry_run=False))


async def _make(node: Application, caller: Principal, folder: Path, report: Report) -> BackupResult:
    made = await node.backups.make(caller, folder, lambda step: report(Progress(step)))
    return BackupResult(
        backup=_backup(made.backup),
        rows=_rows(made.verdict.rows),
        receipt_entry=made.entry,
        ledgers_not_reached=list(made.unreached),
    )


async def _verify(
    node: Application, caller: Principal, known: KnownBackup, report: Report
) -> BackupVerificationResult:
    report(Progress("restoring and comparing"))
    verdict = await node.backups.verify(caller, known.path)
    return BackupVerificationResult(
        path=str(verdict.path),
        number=verdict.counter,
        taken_at=verdict.taken_at,
        rows=_rows(verdict.rows),
        size=verdict.size,
        sha256=verdict.digest,
    )


async def _prune(
    node: Application, caller: Principal, wanted: PruneRequest, *, dry_run: bool
) -> Pruned:
    if wanted.containing is None:
        return await node.pruning.prune(caller, dry_run=dry_run)
    return await node.pruning.prune_containing(caller, wanted.containing, dry_run=dry_run)


def _pruned(pruned: Pruned) -> PrunedDocument:
    return PrunedDocument(
        removed=[_backup(each) for each in pruned.removed],
        kept=[_backup(each) for each in pruned.kept],
        unreached=[_backup(each) for each in pruned.unreached],
    )


def _backup(known: KnownBackup) -> BackupDocument:
    return BackupDocument(
        id=known.id,
        path=str(known.path),
        number=known.counter,
        taken_at=known.taken_at,
        expires_at=known.expires_at,
        verified_at=known.verified_at,
        size=known.size,
        sha256=known.digest,
    )


def _rows(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(counts)
