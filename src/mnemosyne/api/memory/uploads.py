"""What is brought as bytes: counted while it comes, and sealed on the disk until it was read."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import PurePosixPath
from typing import Annotated, Final
from urllib.parse import unquote

from fastapi import Header
from pydantic import StringConstraints, WithJsonSchema
from starlette.requests import Request

from mnemosyne.api.file_names import FILE_NAME
from mnemosyne.api.job_documents import JobDocument, JobKind, job_document
from mnemosyne.application import Application
from mnemosyne.events.jobs import Report
from mnemosyne.kit.crypto.spool import Spool
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.importing.uploads import Upload

OCTETS: Final = "application/octet-stream"
LARGEST_UPLOAD: Final = 200_000_000
"""Bytes of a file that is brought over HTTP (operations.md §9)."""
_AT_ONCE: Final = 1024 * 1024
_LONGEST_NAME: Final = 1024

FileName = Annotated[
    str,
    Header(
        alias="File-Name",
        min_length=1,
        max_length=_LONGEST_NAME,
        pattern=FILE_NAME,
        description="What the file is called, with the folders it was in if any, in UTF-8 and "
        "percent-encoded: Zürich.md is sent as Z%C3%BCrich.md. The same file under the same name "
        "is known again. It stays out of the address, which is logged. No part begins with a dot.",
        examples=["diary/2024-05-06.md"],
    ),
]
_VISIBLE: Final = rf"^[!-~]{{1,{_LONGEST_NAME}}}$"
ArchivePassphrase = Annotated[
    Annotated[str, StringConstraints(pattern=_VISIBLE)] | None,
    WithJsonSchema({"type": "string", "pattern": _VISIBLE}),  # a header has no null
    Header(
        alias="Archive-Passphrase",
        description="Of a sealed archive: its passphrase, percent-encoded UTF-8.",
    ),
]


def named(encoded: str) -> PurePosixPath:
    """Return the name of a file that was given as ``File-Name``."""
    return PurePosixPath(unquote(encoded))


def decoded(encoded: str) -> str:
    """Return the text of a header that was percent-encoded."""
    return unquote(encoded)


async def job_reading(
    request: Request,
    node: Application,
    caller: Principal,
    kind: JobKind,
    scope: Scope,
    file_name: str,
    read: Callable[[Upload, Report], Awaitable[object]],
) -> JobDocument:
    """Take a file in and start the job that reads it; the file is gone when the job ends.

    Raises:
        ProcessingRestrictedError: the person has had everything but storing stopped.
        TooManyJobsError: there is no place for another; nothing was read.
        BodyTooLargeError, BodyStalledError, BodyCutOffError, SpoolFullError: as ``received``.
    """
    await node.importer.check(caller)
    with node.jobs.room(caller.person):
        spool = await received(request, node)
    upload = Upload(named(file_name), spool.size, spool.open)
    started = node.jobs.start(caller.person, kind, partial(read, upload), spool.close, scope)
    return job_document(started)


async def received(request: Request, node: Application) -> Spool:
    """Return the body of a request, sealed in a nameless file; nothing is left if that fails.

    Raises:
        BodyTooLargeError, BodyStalledError, BodyCutOffError: as ``StrictRequest.stream``.
        SpoolFullError: the disk has no room.
    """
    spool = await asyncio.to_thread(Spool, node.lock.home.path)
    try:
        pending = bytearray()
        async for piece in request.stream():
            pending += piece
            if len(pending) >= _AT_ONCE:
                await asyncio.to_thread(spool.write, bytes(pending))
                pending.clear()
        await asyncio.to_thread(spool.write, bytes(pending))
        await asyncio.to_thread(spool.finish)
    except BaseException:  # also when the client is gone, or the node stops
        spool.close()
        raise
    return spool
