"""Archives over HTTP: everything of a person, signed; and an archive looked at, or taken over."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Final

from fastapi import Request as HttpRequest
from pydantic import Field, NonNegativeInt
from starlette.responses import Response

from mnemosyne.accounts.slow_hashes import BusyNowError
from mnemosyne.api.downloads import download
from mnemosyne.api.job_documents import ArchiveImportResult, JobDocument, JobKind
from mnemosyne.api.memory.uploads import (
    LARGEST_UPLOAD,
    OCTETS,
    ArchivePassphrase,
    FileName,
    decoded,
    job_reading,
    named,
    received,
)
from mnemosyne.api.moments import At
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Id, Problem, Request
from mnemosyne.api.storage import READING, WRITING
from mnemosyne.application import Application
from mnemosyne.events.job import Progress
from mnemosyne.events.jobs import Report
from mnemosyne.http.admission import needs
from mnemosyne.http.problems import document_of
from mnemosyne.kit.crypto.spool import Spool
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault.passphrase import MINIMUM_CHARACTERS, Passphrase
from mnemosyne.memories.importing.uploads import Upload
from mnemosyne.safekeeping.archive import MadeArchive
from mnemosyne.safekeeping.archive_reading import ArchiveVerdict

archives = Operations("archives")
ZIP: Final = "application/zip"
_NAME: Final = "archive.mnemosyne"
_LONGEST_PASSPHRASE: Final = 1024
_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}


class ArchiveRequest(Request):
    """How the archive is written."""

    passphrase: Annotated[
        str | None,
        Field(
            min_length=MINIMUM_CHARACTERS,
            max_length=_LONGEST_PASSPHRASE,
            description="What seals it; without one whoever has the file can read everything. One "
            "that can be guessed is refused.",
        ),
    ] = None


class ArchiveDocument(Document):
    """An archive that is as its node signed it; compare `signer` with what its owner reads out."""

    sealed: bool
    vault_id: Id
    person: str
    made_at: At
    app_version: str
    signer: str
    rows: dict[str, NonNegativeInt]


class InspectionDocument(Document):
    """What an inspection found: the archive, or what is wrong with it."""

    whole: bool
    archive: ArchiveDocument | None
    problem: Problem | None


@archives.post(
    "/v1/archives",
    admits=needs(Scope.ACCOUNT_MANAGE, step_up=True),
    refuses=(
        "body-cut-off",
        "weak-passphrase",
        "too-many-jobs",
        "spool-full",
        "archive-not-written",
        *WRITING,
    ),
    response_class=Response,
    responses={
        200: {
            "description": "The archive: a container of JSON lines, sealed if a passphrase was "
            "given.",
            "content": {ZIP: _BYTES, OCTETS: _BYTES},
            "headers": {
                "Receipt-Entry": {
                    "description": "The number of the entry of your record that tells of it.",
                    "schema": {"type": "integer", "minimum": 1},
                    "required": True,
                }
            },
        }
    },
)
async def make_archive(
    request: HttpRequest, wanted: ArchiveRequest, caller: Caller, node: Node
) -> Response:
    """Take everything of yours out in one signed file of an open format, checked byte by byte."""
    sealing = None if wanted.passphrase is None else Passphrase(wanted.passphrase)

    async def make(spool: Spool) -> MadeArchive:
        return await node.archives.write_to(caller, spool, _NAME, sealing)

    def about(made: MadeArchive) -> tuple[str, Mapping[str, str]]:
        return OCTETS if made.verdict.sealed else ZIP, {
            "Content-Disposition": f'attachment; filename="{_NAME}"',
            "Receipt-Entry": str(made.entry),
        }

    return await download(request, node, caller, make, about)


@archives.post(
    "/v1/archives/inspect",
    admits=needs(Scope.MEMORY_READ),
    refuses=("too-many-jobs", "spool-full", "busy-now"),
    largest_body=LARGEST_UPLOAD,
    media_type=OCTETS,
)
async def inspect_archive(
    request: HttpRequest,
    caller: Caller,
    node: Node,
    file_name: FileName,
    archive_passphrase: ArchivePassphrase = None,
) -> InspectionDocument:
    """Check every byte of an archive and say who signed it; nothing of it is kept."""
    with node.jobs.room(caller.person):
        spool = await received(request, node)
        upload = Upload(named(file_name), spool.size, spool.open)
        try:
            key = await node.unsealing.key(upload, _passphrase(archive_passphrase))
            verdict = await asyncio.to_thread(node.archives.verify, upload, key)
        except BusyNowError:  # says nothing of the archive
            raise
        except MnemosyneError as error:
            problem = Problem(**document_of(error))
            return InspectionDocument(whole=False, archive=None, problem=problem)
        finally:
            spool.close()
    return InspectionDocument(whole=True, archive=_archive(verdict), problem=None)


@archives.post(
    "/v1/archives/import",
    admits=needs(Scope.ACCOUNT_MANAGE),
    refuses=(*READING, "too-many-jobs", "spool-full", "processing-restricted"),
    status=202,
    largest_body=LARGEST_UPLOAD,
    media_type=OCTETS,
)
async def import_archive(
    request: HttpRequest,
    caller: Caller,
    node: Node,
    file_name: FileName,
    archive_passphrase: ArchivePassphrase = None,
) -> JobDocument:
    """Take an archive over, all of it or nothing; only somebody who has nothing here yet can."""
    read = partial(_take_over, node, caller, _passphrase(archive_passphrase))
    return await job_reading(
        request, node, caller, JobKind.ARCHIVE_IMPORT, Scope.ACCOUNT_MANAGE, file_name, read
    )


async def _take_over(
    node: Application,
    caller: Principal,
    passphrase: Passphrase | None,
    upload: Upload,
    report: Report,
) -> ArchiveImportResult:
    report(Progress("checking and taking over"))
    key = await node.unsealing.key(upload, passphrase, patient=True)
    taken = await node.archives.take_over(caller, upload, key)
    return ArchiveImportResult(
        signer=taken.verdict.fingerprint, rows=taken.rows, receipt_entry=taken.entry
    )


def _passphrase(given: str | None) -> Passphrase | None:
    return None if given is None else Passphrase(decoded(given))


def _archive(verdict: ArchiveVerdict) -> ArchiveDocument:
    return ArchiveDocument(
        sealed=verdict.sealed,
        vault_id=verdict.vault_id,
        person=verdict.person,
        made_at=verdict.made_at,
        app_version=verdict.app_version,
        signer=verdict.fingerprint,
        rows={name: state.rows for name, state in verdict.tables.items()},
    )
