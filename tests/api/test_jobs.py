"""Jobs over HTTP: listed, followed as server-sent events, cancelled; and nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from mnemosyne.api.event_streams import EventStream
from mnemosyne.events.job import Job, Progress
from mnemosyne.events.jobs import Jobs, Report
from mnemosyne.kit.crypto.spool import SpoolFullError
from mnemosyne.kit.principal import Scope
from tests.api.wire import Wire, events_of
from tests.clock import SetClock
from tests.requirements import requirement
from tests.serving import Served


class Waits:
    """Work that reports what it is told to, until it may end."""

    def __init__(self) -> None:
        self.began, self.may_end = asyncio.Event(), asyncio.Event()
        self.report: Report = lambda _progress: None

    async def __call__(self, report: Report) -> object:
        self.report = report
        self.began.set()
        await self.may_end.wait()
        return None


@pytest.fixture
async def ada(served: Served) -> httpx.AsyncClient:
    return await served.as_person(served.ada)


async def started(served: Served, work: Waits) -> Job:
    job = served.node.jobs.start(served.ada.id, "import", work)
    await work.began.wait()
    return served.node.jobs.get(served.ada.id, job.id)


@requirement("serving.jobs")
async def test_a_job_is_followed_to_its_end(served: Served, ada: httpx.AsyncClient) -> None:
    work = Waits()
    job = await started(served, work)
    async with Wire(served.app, ada, "GET", f"/v1/jobs/{job.id}/events") as wire:
        wire.give(b"")
        status = await wire.status()
        running = await wire.event()
        work.report(Progress("importing", 2, 3))
        further = await wire.event()
        work.may_end.set()
        done = await wire.event()
        end = await wire.piece()

    assert status == 200
    assert wire.headers[b"content-type"].startswith(b"text/event-stream")
    assert wire.headers[b"cache-control"] == b"no-store"
    assert running is not None
    assert further is not None
    assert done is not None
    assert [running[0], further[0], done[0]] == ["running", "running", "done"]
    assert running[1] < further[1] < done[1]
    assert further[2]["progress"] == {"step": "importing", "done": 2, "total": 3}
    assert done[2] == (await ada.get(f"/v1/jobs/{job.id}")).json()
    assert end == b""


@requirement("serving.jobs")
async def test_a_stream_is_resumed_and_is_not_begun_anew_after_its_end(
    served: Served, ada: httpx.AsyncClient
) -> None:
    work = Waits()
    job = await started(served, work)
    work.report(Progress("importing", 2, 3))
    work.may_end.set()
    path = f"/v1/jobs/{job.id}/events"
    rest = await ada.get(path, headers={"Last-Event-ID": str(job.number)})
    events = events_of(rest.content)
    after = await ada.get(path, headers={"Last-Event-ID": str(events[-1][1])})
    strange = await ada.get(path, headers={"Last-Event-ID": "one"})

    assert [name for name, _, _ in events][-1] == "done"
    assert all(number > job.number for _, number, _ in events)
    assert (after.status_code, after.content) == (204, b"")
    assert strange.json()["code"] == "invalid-request"


async def test_a_reader_who_does_not_read_gets_the_newest_state(
    served: Served, ada: httpx.AsyncClient
) -> None:
    work = Waits()
    job = await started(served, work)
    async with Wire(served.app, ada, "GET", f"/v1/jobs/{job.id}/events") as wire:
        wire.give(b"")
        await wire.status()
        await wire.event()
        wire.may_send.clear()
        for done in range(10_000):
            work.report(Progress("importing", done))
        work.may_end.set()
        wire.may_send.set()
        seen = []
        while event := await wire.piece():
            seen.append(event)

    assert len(seen) <= 2
    assert events_of(b"".join(seen))[-1][0] == "done"


async def test_a_client_that_goes_away_stops_following(
    served: Served, ada: httpx.AsyncClient
) -> None:
    job = await started(served, Waits())
    async with Wire(served.app, ada, "GET", f"/v1/jobs/{job.id}/events") as wire:
        wire.give(b"")
        await wire.status()
        await wire.event()
        wire.hang_up()
        await wire.ended()

    assert len(served.node.jobs._followers) == 0
    assert served.node.jobs.get(served.ada.id, job.id).state.value == "running"


async def test_a_stream_that_never_began_is_let_go_of(clock: SetClock) -> None:
    jobs = Jobs(clock)
    job = jobs.start("a" * 32, "count", Waits())
    following = jobs.follow(job.owner, job.id)

    async def nothing() -> AsyncIterator[bytes]:
        yield b""

    async def gone(message: Message) -> None:
        raise OSError(message["type"])

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "asgi": {"spec_version": "2.4"}}
    with pytest.raises(ClientDisconnect):
        await EventStream(nothing(), following.aclose)(scope, receive, gone)

    assert len(jobs._followers) == 0
    await jobs.close()


async def test_a_stream_ends_with_the_credential_that_opened_it(
    served: Served, ada: httpx.AsyncClient
) -> None:
    served.node.jobs._heartbeat = 0.001
    job = await started(served, Waits())
    async with Wire(served.app, ada, "GET", f"/v1/jobs/{job.id}/events") as wire:
        wire.give(b"")
        await wire.status()
        while await wire.event() is not None:
            continue
        served.clock.advance(timedelta(days=31))
        while await wire.piece():
            continue

    assert wire.headers[b"content-type"].startswith(b"text/event-stream")
    assert (await ada.get(f"/v1/jobs/{job.id}")).status_code == 401


@requirement("serving.jobs")
async def test_streams_end_when_the_node_stops(served: Served, ada: httpx.AsyncClient) -> None:
    job = await started(served, Waits())
    async with Wire(served.app, ada, "GET", f"/v1/jobs/{job.id}/events") as wire:
        wire.give(b"")
        await wire.status()
        await wire.event()
        await served.node.jobs.close()
        last = await wire.event()
        end = await wire.piece()

    assert last is not None
    assert last[0] == last[2]["state"] == "cancelled"
    assert end == b""


@requirement("serving.jobs")
async def test_a_job_of_somebody_else_is_answered_as_one_that_is_not(served: Served) -> None:
    job = await started(served, Waits())
    bob = await served.as_person(served.bob)
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/events")):
        answers = [
            await bob.request(method, f"/v1/jobs/{each}{path}") for each in (job.id, "0" * 32)
        ]

        assert [each.status_code for each in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        assert answers[0].headers == answers[1].headers
    assert (await bob.get("/v1/jobs")).json() == {"items": [], "next": None}
    assert served.node.jobs.get(served.ada.id, job.id).state.value == "running"


async def test_a_refused_job_tells_why_as_a_problem(served: Served, ada: httpx.AsyncClient) -> None:
    async def refuse(_report: Report) -> object:
        raise SpoolFullError("No space left on device")

    job = served.node.jobs.start(served.ada.id, "import", refuse)
    await ada.get(f"/v1/jobs/{job.id}/events")
    error = (await ada.get(f"/v1/jobs/{job.id}")).json()["error"]

    assert (error["code"], error["status"]) == ("spool-full", 507)
    assert error["type"] == "/problems/spool-full"
    assert error["hint"]


async def test_who_may_only_read_cancels_nothing(served: Served) -> None:
    job = await started(served, Waits())
    reader = await served.with_token(served.ada, [Scope.MEMORY_READ])

    assert (await reader.get(f"/v1/jobs/{job.id}")).status_code == 200
    assert (await reader.delete(f"/v1/jobs/{job.id}")).json()["code"] == "missing-scope"
    for path in ("/v1/jobs", f"/v1/jobs/{job.id}", f"/v1/jobs/{job.id}/events"):
        assert (await served.client().get(path)).status_code == 401


async def test_a_script_that_only_writes_sees_and_cancels_its_import(served: Served) -> None:
    writer = await served.with_token(served.ada, [Scope.MEMORY_WRITE])
    other = await served.with_token(served.ada, [Scope.SIGNAL_READ])
    file = {"Content-Type": "application/octet-stream", "File-Name": "note.md"}
    begun = await writer.post("/v1/imports", content=b"# A note", headers=file)
    where = f"/v1/jobs/{begun.json()['id']}"
    followed = await writer.get(f"{where}/events")

    assert events_of(followed.content)[-1][0] == "done"
    assert (await writer.get(where)).json()["state"] == "done"
    assert (await other.get(where)).status_code == 404
    assert (await other.get("/v1/jobs")).json()["items"] == []
    assert (await writer.delete(where)).status_code == 204


async def test_a_job_tells_nothing_to_a_credential_that_could_not_have_begun_it(
    served: Served, ada: httpx.AsyncClient
) -> None:
    work = Waits()
    job = served.node.jobs.start(served.ada.id, "backup", work, scope=Scope.ADMIN)
    await work.began.wait()
    script = await served.with_token(served.ada, [Scope.MEMORY_READ, Scope.MEMORY_WRITE])
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/events")):
        answer = await script.request(method, f"/v1/jobs/{job.id}{path}")

        assert (answer.status_code, answer.json()["code"]) == (404, "job-not-found")
    assert (await script.get("/v1/jobs")).json()["items"] == []
    assert [each["id"] for each in (await ada.get("/v1/jobs")).json()["items"]] == [job.id]


def test_jobs_need_no_loop_to_be_made(served: Served) -> None:
    assert Jobs(served.clock).all(served.ada.id) == []
