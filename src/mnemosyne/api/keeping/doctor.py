"""The doctor over HTTP, for whoever runs the node: what is wrong, and what can be rebuilt."""

from functools import partial
from typing import Final

from mnemosyne.api.job_documents import (
    ExaminationResult,
    JobDocument,
    JobKind,
    RecordsResult,
    RepairResult,
    examination_result,
    job_document,
    repair_result,
)
from mnemosyne.api.keeping.audit_documents import records_result
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.application import Application
from mnemosyne.events.job import Progress
from mnemosyne.events.jobs import Report
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Principal, Scope

doctor = Operations("doctor")
_BUSY: Final = ("too-many-jobs",)


@doctor.post("/v1/doctor/examinations", admits=needs(Scope.ADMIN), refuses=_BUSY, status=202)
async def start_examination(caller: Caller, node: Node) -> JobDocument:
    """Start the job that looks at pages, rows, indexes, waiting work, files and backups."""
    work = partial(_examine, node, caller)
    return job_document(
        node.jobs.start(caller.person, JobKind.EXAMINATION, work, scope=Scope.ADMIN)
    )


@doctor.post(
    "/v1/doctor/repairs",
    admits=needs(Scope.ADMIN, step_up=True),
    refuses=_BUSY,
    status=202,
)
async def start_repair(caller: Caller, node: Node) -> JobDocument:
    """Start the job that rebuilds every index from the rows."""
    work = partial(_repair, node, caller)
    return job_document(node.jobs.start(caller.person, JobKind.REPAIR, work, scope=Scope.ADMIN))


@doctor.post("/v1/doctor/records", admits=needs(Scope.ADMIN), refuses=_BUSY, status=202)
async def start_record_verification(caller: Caller, node: Node) -> JobDocument:
    """Start the job that checks the records of everybody, also against the backups at hand."""
    work = partial(_verify_records, node)
    return job_document(
        node.jobs.start(caller.person, JobKind.RECORD_VERIFICATION, work, scope=Scope.ADMIN)
    )


async def _examine(node: Application, caller: Principal, report: Report) -> ExaminationResult:
    report(Progress("examining"))
    return examination_result(await node.doctor.examine(caller))


async def _repair(node: Application, caller: Principal, report: Report) -> RepairResult:
    report(Progress("rebuilding"))
    return repair_result(await node.doctor.repair(caller))


async def _verify_records(node: Application, report: Report) -> RecordsResult:
    report(Progress("checking every entry"))
    return records_result(await node.record_verification.verify(()))
