"""Jobs of people in one process: their turns, their ends, and those who follow them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from mnemosyne.events.job import (
    Job,
    JobFaultError,
    JobNotFoundError,
    JobState,
    Progress,
    TooManyFollowersError,
    TooManyJobsError,
)
from mnemosyne.events.jobs import ENDED, FOLLOWERS, KEPT, OF_A_PERSON, Jobs, Report
from mnemosyne.kit.crypto.spool import SpoolFullError
from tests.clock import SetClock

ADA, BOB = "a" * 32, "b" * 32


@pytest.fixture
async def jobs(clock: SetClock) -> AsyncIterator[Jobs]:
    made = Jobs(clock)
    yield made
    await made.close()


class Waits:
    """Work that reports what it is told to, until it may end."""

    def __init__(self) -> None:
        self.began, self.may_end = asyncio.Event(), asyncio.Event()
        self.report: Report = lambda _progress: None

    async def __call__(self, report: Report) -> object:
        self.report = report
        self.began.set()
        await self.may_end.wait()
        return "done"


async def ended(jobs: Jobs, job: Job) -> Job:
    last = [each async for each in jobs.follow(job.owner, job.id) if each is not None]
    return last[-1]


async def test_a_job_is_queued_runs_and_is_done(jobs: Jobs) -> None:
    work = Waits()
    queued = jobs.start(ADA, "count", work)
    await work.began.wait()
    running = jobs.get(ADA, queued.id)
    work.may_end.set()
    done = await ended(jobs, queued)

    assert (queued.state, queued.started_at) == (JobState.QUEUED, None)
    assert (running.state, running.ended_at) == (JobState.RUNNING, None)
    assert (done.state, done.result, done.error) == (JobState.DONE, "done", None)
    assert queued.number < running.number < done.number
    assert done.ended_at is not None


async def test_a_refusal_is_the_error_of_the_job(jobs: Jobs) -> None:
    async def refuse(_report: Report) -> object:
        raise SpoolFullError("No space left on device")

    failed = await ended(jobs, jobs.start(ADA, "count", refuse))

    assert failed.state is JobState.FAILED
    assert isinstance(failed.error, SpoolFullError)


async def test_a_fault_is_seen_by_the_operator_and_not_by_the_person(jobs: Jobs) -> None:
    seen: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: seen.append(context["exception"]))

    async def fail(_report: Report) -> object:
        raise ZeroDivisionError("a private word")

    failed = await ended(jobs, jobs.start(ADA, "count", fail))

    assert isinstance(failed.error, JobFaultError)
    assert "private" not in f"{failed.error} {failed.error.why}"
    assert [type(each) for each in seen] == [ZeroDivisionError]


async def test_what_a_job_holds_is_released_however_it_ends(jobs: Jobs) -> None:
    released: list[str] = []
    first, queued = Waits(), Waits()

    async def refuse(_report: Report) -> object:
        raise SpoolFullError("no")

    await ended(jobs, jobs.start(ADA, "count", refuse, lambda: released.append("failed")))
    running = jobs.start(ADA, "count", first, lambda: released.append("running"))
    waiting = jobs.start(ADA, "count", queued, lambda: released.append("queued"))
    await first.began.wait()
    await jobs.remove(ADA, waiting.id)
    await jobs.remove(ADA, running.id)
    late = Jobs(SetClock())
    await late.close()
    with pytest.raises(TooManyJobsError):
        late.start(ADA, "count", first, lambda: released.append("refused"))

    assert list(dict.fromkeys(released)) == ["failed", "queued", "running", "refused"]
    assert not queued.began.is_set()


async def test_jobs_of_a_person_run_one_after_another_and_keep_nobody_out(jobs: Jobs) -> None:
    mine, my_next, other = Waits(), Waits(), Waits()
    jobs.start(ADA, "count", mine)
    jobs.start(ADA, "count", my_next)
    jobs.start(BOB, "count", other)
    await asyncio.gather(mine.began.wait(), other.began.wait())

    assert not my_next.began.is_set()
    mine.may_end.set()
    await my_next.began.wait()


async def test_a_person_has_so_many_jobs_and_rooms_and_no_more(jobs: Jobs) -> None:
    for _ in range(OF_A_PERSON - 1):
        jobs.start(ADA, "count", Waits())
    with jobs.room(ADA), pytest.raises(TooManyJobsError) as refused:
        jobs.start(ADA, "count", Waits())
    jobs.start(ADA, "count", Waits())
    with pytest.raises(TooManyJobsError), jobs.room(ADA):
        raise AssertionError

    assert refused.value.headers["Retry-After"]
    assert jobs.start(BOB, "count", Waits()).state is JobState.QUEUED


async def test_a_job_of_somebody_else_is_answered_as_one_that_is_not(jobs: Jobs) -> None:
    job = jobs.start(ADA, "count", Waits())
    said = []
    for wanted in (job.id, "c" * 32):
        with pytest.raises(JobNotFoundError) as refused:
            jobs.get(BOB, wanted)
        with pytest.raises(JobNotFoundError):
            jobs.follow(BOB, wanted)
        with pytest.raises(JobNotFoundError):
            await jobs.remove(BOB, wanted)
        said.append((str(refused.value), refused.value.why, refused.value.hint))

    assert said[0] == said[1]
    assert jobs.all(BOB) == []
    assert jobs.get(ADA, job.id).state is not JobState.CANCELLED


async def test_an_ended_job_is_kept_for_an_hour_and_the_last_ones_alone(
    jobs: Jobs, clock: SetClock
) -> None:
    async def nothing(_report: Report) -> object:
        return None

    made = []
    for _ in range(ENDED + 2):
        clock.advance(timedelta(seconds=1))
        made.append(await ended(jobs, jobs.start(ADA, "count", nothing)))
    kept = [each.id for each in jobs.all(ADA)]
    clock.advance(KEPT)

    assert kept == [each.id for each in reversed(made[2:])]
    assert jobs.all(ADA) == []


async def test_a_slow_reader_gets_the_newest_state_and_then_the_end(jobs: Jobs) -> None:
    work = Waits()
    job = jobs.start(ADA, "count", work)
    following = jobs.follow(ADA, job.id)
    first = await anext(following)
    await work.began.wait()
    for done in range(1_000):
        work.report(Progress("counting", done, 1_000))
    second = await anext(following)
    work.may_end.set()
    rest = [each async for each in following if each is not None]

    assert first is not None
    assert second is not None
    assert second.progress == Progress("counting", 999, 1_000)
    assert [each.state for each in rest] == [JobState.DONE]
    assert rest[0].progress.done == 999


async def test_a_stream_goes_on_after_what_was_received(jobs: Jobs) -> None:
    work = Waits()
    job = jobs.start(ADA, "count", work)
    await work.began.wait()
    running = jobs.get(ADA, job.id)
    following = jobs.follow(ADA, job.id, running.number)
    coming = asyncio.ensure_future(anext(following))
    work.report(Progress("counting", 1))
    told = await coming
    work.may_end.set()
    last = await anext(following)

    assert told is not None
    assert last is not None
    assert (told.number, told.progress.done) == (running.number + 1, 1)
    assert [each async for each in jobs.follow(ADA, job.id, last.number)] == []


async def test_a_quiet_stream_has_a_heart_beat(clock: SetClock) -> None:
    jobs = Jobs(clock, heartbeat=0.001)
    job = jobs.start(ADA, "count", Waits())
    following = jobs.follow(ADA, job.id)
    seen = [await anext(following) for _ in range(4)]
    await following.aclose()
    await jobs.close()

    assert seen[-1] is None


async def test_streams_that_are_opened_at_once_are_counted_before_they_are_read(
    jobs: Jobs,
) -> None:
    job = jobs.start(ADA, "count", Waits())
    open_ones = [jobs.follow(ADA, job.id) for _ in range(FOLLOWERS)]
    with pytest.raises(TooManyFollowersError):
        jobs.follow(ADA, job.id)
    await open_ones.pop().aclose()  # nobody has read a word of it

    open_ones.append(jobs.follow(ADA, job.id))
    assert await anext(open_ones[-1]) is not None
    with pytest.raises(TooManyFollowersError):
        jobs.follow(ADA, job.id)
    for each in open_ones:
        await each.aclose()
        await each.aclose()
    for _ in range(FOLLOWERS + 1):
        await jobs.follow(ADA, job.id).aclose()


async def test_a_stream_counts_no_longer_once_it_has_ended_or_was_dropped(jobs: Jobs) -> None:
    work = Waits()
    job = jobs.start(ADA, "count", work)
    work.may_end.set()
    read = [jobs.follow(ADA, job.id) for _ in range(FOLLOWERS)]
    for each in read:
        assert [state async for state in each][-1]

    for _ in range(FOLLOWERS + 1):
        jobs.follow(ADA, job.id)  # and nobody keeps it


async def test_closing_cancels_what_runs_and_ends_the_streams(jobs: Jobs) -> None:
    job = jobs.start(ADA, "count", Waits())
    following = asyncio.ensure_future(ended(jobs, job))
    await asyncio.sleep(0)
    await jobs.close()

    assert (await following).state is JobState.CANCELLED
    with pytest.raises(TooManyJobsError):
        jobs.start(ADA, "count", Waits())


async def test_every_job_of_a_person_can_be_removed_at_once(jobs: Jobs) -> None:
    jobs.start(ADA, "count", Waits())
    jobs.start(ADA, "count", Waits())
    jobs.start(BOB, "count", Waits())
    await jobs.remove_all(ADA)

    assert jobs.all(ADA) == []
    assert len(jobs.all(BOB)) == 1
