"""Imports over HTTP: a file is brought, and read by a job; nothing of the file stays."""

from dataclasses import replace
from functools import partial
from typing import Annotated, Final

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from mnemosyne.api.job_documents import ImportResult, JobDocument, JobKind, import_result
from mnemosyne.api.memory.filters import Truth
from mnemosyne.api.memory.uploads import LARGEST_UPLOAD, OCTETS, FileName, job_reading
from mnemosyne.api.moments import GivenUtc
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.storage import READING
from mnemosyne.application import Application
from mnemosyne.events.job import Progress
from mnemosyne.events.jobs import Report
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.zones import zone_named
from mnemosyne.memories.importing.detect import Format
from mnemosyne.memories.importing.planning import Asked
from mnemosyne.memories.importing.report import UnitReport
from mnemosyne.memories.importing.uploads import Upload
from mnemosyne.memories.service.importer import ImportOptions

LOCATION: Final = {"Location": {"schema": {"type": "string"}, "description": "Its job."}}

imports = Operations("imports")
_COUNTING: Final = "counting"
_IMPORTING: Final = "importing"
# An address has no null: what is not given is not there.
_MOMENT: Final = {"type": "string", "format": "date-time"}
_FORMATS: Final = {"type": "string", "enum": [str(each) for each in Format]}
_ZONE: Final = r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$"


class ImportQuery(BaseModel):
    """How the file is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Annotated[Format | None, WithJsonSchema(_FORMATS)] = Field(
        None, description="What it is; found out unless given."
    )
    dry_run: Truth = Field(default=False, description="Say what would happen, and store nothing.")
    all_branches: Truth = Field(
        default=False, description="Of a chat, take abandoned branches as well."
    )
    include_forgotten: Truth = Field(
        default=False, description="Bring back what you put into the bin."
    )
    include_erased: Truth = Field(default=False, description="Bring back what you erased.")
    timezone: Annotated[
        Annotated[str, StringConstraints(max_length=64, pattern=_ZONE)] | None,
        WithJsonSchema({"type": "string", "maxLength": 64, "pattern": _ZONE}),
    ] = Field(
        None,
        description="Where you were, as Europe/Lisbon, for times that say no zone; otherwise that "
        "of the node. The job fails on one that is unknown.",
    )
    modified: Annotated[GivenUtc | None, WithJsonSchema(_MOMENT)] = Field(
        None, description="When the file was last changed: it dates what says nothing of its time."
    )

    def options(self) -> ImportOptions:
        """Return it as a value.

        Raises:
            UnknownZoneError: there is no such zone.
        """
        return ImportOptions(
            format=self.format,
            dry_run=self.dry_run,
            asked=Asked(forgotten=self.include_forgotten, erased=self.include_erased),
            all_branches=self.all_branches,
            zone=None if self.timezone is None else zone_named(self.timezone),
        )


@imports.post(
    "/v1/imports",
    admits=needs(Scope.MEMORY_WRITE),
    refuses=(*READING, "too-many-jobs", "spool-full", "processing-restricted"),
    status=202,
    largest_body=LARGEST_UPLOAD,
    media_type=OCTETS,
    responses={202: {"headers": LOCATION}},
)
async def start_import(
    request: Request,
    response: Response,
    caller: Caller,
    node: Node,
    file_name: FileName,
    how: Annotated[ImportQuery, Query()],
) -> JobDocument:
    """Bring a file of up to 200 MB and start the job that imports it.

    The same again changes nothing, and what was cut short goes on. While it waits the file is
    sealed under a key that nobody keeps, and it is gone when the job ends.
    """
    read = partial(_import, node, caller, how)
    job = await job_reading(
        request, node, caller, JobKind.IMPORT, Scope.MEMORY_WRITE, file_name, read
    )
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job


async def _import(
    node: Application,
    caller: Principal,
    how: ImportQuery,
    upload: Upload,
    report: Report,
) -> ImportResult:
    options, upload = how.options(), replace(upload, modified=how.modified)
    report(Progress(_COUNTING))
    total = await node.importer.estimate(upload, options)
    done = 0

    def told(_unit: UnitReport) -> None:
        nonlocal done
        done += 1
        # An estimate can be too low; nothing is ever more than all of it.
        report(Progress(_IMPORTING, done, None if total is None else max(total, done)))

    return import_result(await node.importer.run(caller, upload, options, told))
