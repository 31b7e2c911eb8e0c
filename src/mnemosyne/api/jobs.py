"""Jobs over HTTP: what was asked for and takes a while, its progress, and its end."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Final

from fastapi import Path, Request
from starlette.responses import Response

from mnemosyne.accounts.credentials import NotSignedInError
from mnemosyne.api.event_streams import (
    HEARTBEAT,
    MEDIA_TYPE,
    EventStream,
    LastEventId,
    event,
    event_schema,
)
from mnemosyne.api.job_documents import JobDocument, JobList, job_document
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Id
from mnemosyne.application import Application
from mnemosyne.events.following import Following
from mnemosyne.events.job import Job, JobNotFoundError, JobState
from mnemosyne.http.admission import Admits, admit, needs
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import MissingScopeError, Principal, Scope

jobs = Operations("jobs")
_MINE: Final = Admits()
"""Any credential: it sees the jobs that it could have begun, and a script so its own import."""
JobId = Annotated[Id, Path(description="The identifier of a job.")]


@jobs.get("/v1/jobs", admits=_MINE)
async def list_jobs(caller: Caller, node: Node) -> JobList:
    """List the jobs that wait, run, or ended within the last hour.

    A credential sees those that it could have begun itself: an import needs `memory:write`.
    """
    mine = (each for each in node.jobs.all(caller.person) if each.scope in caller.scopes)
    return JobList(items=[job_document(each) for each in mine])


@jobs.get("/v1/jobs/{job}", admits=_MINE, refuses=("job-not-found",))
async def read_job(job: JobId, caller: Caller, node: Node) -> JobDocument:
    """Read how far a job is."""
    return job_document(_found(node, caller, job))


@jobs.delete(
    "/v1/jobs/{job}",
    admits=needs(Scope.MEMORY_WRITE),
    refuses=("job-not-found",),
    status=204,
    response_class=Response,
)
async def cancel_job(job: JobId, caller: Caller, node: Node) -> None:
    """Cancel a job that has not ended, and forget it; what it stored until then stays."""
    _found(node, caller, job)
    await node.jobs.remove(caller.person, job)


@jobs.get(
    "/v1/jobs/{job}/events",
    admits=_MINE,
    refuses=("job-not-found", "too-many-streams"),
    response_class=Response,
    responses={
        200: {
            "description": "Events named after the `state` of the job, each with the job as its "
            "data; the one of its end is the last.",
            "content": {MEDIA_TYPE: {"schema": event_schema(JobState, JobDocument)}},
        },
        204: {"description": "The end of the job was received already: nothing follows."},
    },
)
async def follow_job(
    request: Request, job: JobId, caller: Caller, node: Node, last_event_id: LastEventId = None
) -> Response:
    """Follow a job as server-sent events.

    Whoever is slow gets the newest state and not each one between. A stream ends with the job, and
    with the credential that opened it.
    """
    after = int(last_event_id or 0)
    found = _found(node, caller, job)
    if found.state.ended and found.number <= after:
        return Response(status_code=204)  # tells an EventSource not to come back (HTML §9.2.3)
    following = node.jobs.follow(caller.person, job, after)
    return EventStream(_told(request, node, following), following.aclose)


def _found(node: Application, caller: Principal, job: Identifier) -> Job:
    """Return a job of the caller that their credential may look at.

    Raises:
        JobNotFoundError: there is none.
    """
    found = node.jobs.get(caller.person, job)
    if found.scope not in caller.scopes:
        raise JobNotFoundError
    return found


async def _told(request: Request, node: Application, following: Following) -> AsyncIterator[bytes]:
    async with aclosing(following):
        async for job in following:
            if job is not None:
                data = job_document(job).model_dump(mode="json")
                yield event(job.state.value, job.number, data)
            elif await _admits_still(request, node, _MINE):
                yield HEARTBEAT
            else:
                return


async def _admits_still(request: Request, node: Application, admits: Admits) -> bool:
    """Whether the credential that opened a stream is still in force."""
    try:
        await admit(request, node, admits)
    except (NotSignedInError, MissingScopeError):
        return False
    return True
