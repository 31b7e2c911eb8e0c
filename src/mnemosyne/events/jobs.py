"""Work that outlives the request that asked for it: jobs of a person, inside this process.

A job is told of by its present state alone, each with a number that grows. Whoever follows it gets
the newest, so that a slow reader costs nothing and misses nothing but what was overtaken. Nothing
of a job is written down: what it changed is in the vault, and what was cut short is asked for
again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from mnemosyne.events.following import Followers, Following
from mnemosyne.events.job import (
    Job,
    JobFaultError,
    JobNotFoundError,
    JobState,
    Progress,
    TooManyJobsError,
)
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Scope

KEPT: Final = timedelta(hours=1)
"""For how long a job can be asked about after it ended."""
OF_A_PERSON: Final = 4
"""How many jobs of one person wait or run."""
IN_ALL: Final = 32
AT_ONCE: Final = 2
ENDED: Final = 20
"""How many ended jobs of one person are kept."""
FOLLOWERS: Final = 8
"""How often the jobs of one person can be followed at once."""
HEARTBEAT: Final = 15.0


Report = Callable[[Progress], None]
Work = Callable[[Report], Awaitable[object]]
"""Does the job: it is given where to report, and returns the result."""


def _nothing() -> None:
    return None


@dataclass(eq=False, slots=True)
class _Held:
    """A job, what works on it, and what wakes its followers."""

    job: Job
    release: Callable[[], None]
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[object] | None" = None

    def become(self, job: Job) -> None:
        self.job = replace(job, number=self.job.number + 1)
        self.changed.set()
        self.changed = asyncio.Event()


class Jobs:
    """The jobs of everybody on this node; a person meets only their own."""

    def __init__(
        self, clock: Clock, *, of_a_person: int = OF_A_PERSON, heartbeat: float = HEARTBEAT
    ) -> None:
        self._clock = clock
        self._of_a_person = of_a_person
        self._heartbeat = heartbeat
        self._held: dict[Identifier, _Held] = {}
        self._turns: dict[Identifier, asyncio.Lock] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._held_rooms: Counter[Identifier] = Counter()
        self._goings: dict[Identifier, asyncio.Event] = {}
        self._followers = Followers(FOLLOWERS)
        self._closed = False

    def start(
        self,
        owner: Identifier,
        kind: str,
        work: Work,
        release: Callable[[], None] = _nothing,
        scope: Scope = Scope.MEMORY_READ,
    ) -> Job:
        """Let ``work`` be done when it is its turn; a person's jobs run one after another.

        ``release`` is called once it has ended, however it did, also before it began; and already
        when it is cancelled, so it may be called twice.

        Raises:
            TooManyJobsError: ``release`` was called.
        """
        if not self._has_room(owner):
            release()
            raise TooManyJobsError
        at = self._clock()
        held = _Held(Job(new_id(at), owner, kind, scope, JobState.QUEUED, at), release)
        self._held[held.job.id] = held
        held.task = asyncio.create_task(self._run(held, work), name=f"job-{kind}")
        held.task.add_done_callback(lambda task: self._ended(held, task))
        return held.job

    @contextmanager
    def room(self, owner: Identifier) -> Iterator[asyncio.Event]:
        """Hold the place of a job: for what is brought before one starts, or done without one.

        A job that is started right after has it. What it gives is set when the person goes: from
        then on nothing is made or sent for them.

        Raises:
            TooManyJobsError: there is none.
        """
        if not self._has_room(owner):
            raise TooManyJobsError
        self._held_rooms[owner] += 1
        try:
            yield self._goings.setdefault(owner, asyncio.Event())
        finally:
            self._held_rooms[owner] -= 1
            self._held_rooms += Counter()  # drops what has come to nothing
            if not self._held_rooms[owner]:
                self._goings.pop(owner, None)

    def all(self, owner: Identifier) -> list[Job]:
        """Return the jobs of a person, the newest first."""
        self._forget_old()
        mine = (each.job for each in self._held.values() if each.job.owner == owner)
        return sorted(mine, key=lambda job: job.id, reverse=True)

    def get(self, owner: Identifier, job: Identifier) -> Job:
        """Return a job of a person.

        Raises:
            JobNotFoundError: they have none of that identifier.
        """
        return self._of(owner, job).job

    async def remove(self, owner: Identifier, job: Identifier) -> None:
        """Cancel a job that has not ended, and forget it.

        Raises:
            JobNotFoundError: they have none of that identifier.
        """
        held = self._of(owner, job)
        await _cancelled(held)
        self._held.pop(job, None)

    def stop(self, owner: Identifier) -> None:
        """Cancel everything that is under way for a person who is gone; nothing is waited for."""
        if (going := self._goings.get(owner)) is not None:
            going.set()
        for held in self._held.values():
            if held.job.owner == owner and held.task is not None:
                held.task.cancel()
                held.release()

    async def remove_all(self, owner: Identifier) -> None:
        """Cancel and forget every job of a person, and end what is made or sent for them."""
        self.stop(owner)
        for job in self.all(owner):
            await self.remove(owner, job.id)

    def follow(self, owner: Identifier, job: Identifier, after: int = 0) -> Following:
        """Give a job whenever it has changed since its number was ``after``, until it has ended.

        None is a heartbeat: nothing has changed for some seconds. Whoever has it closes it.

        Raises:
            JobNotFoundError: they have none of that identifier.
            TooManyFollowersError: as many follow as may.
        """
        held = self._of(owner, job)
        return self._followers.admit(owner, self._followed(held, after))

    async def close(self) -> None:
        """Cancel whatever waits or runs, and take nothing more; streams end with that."""
        self._closed = True
        for held in list(self._held.values()):
            await _cancelled(held)

    def _has_room(self, owner: Identifier) -> bool:
        self._forget_old()
        active = [each.job for each in self._held.values() if not each.job.state.ended]
        mine = sum(job.owner == owner for job in active) + self._held_rooms[owner]
        in_all = len(active) + self._held_rooms.total()
        return not self._closed and mine < self._of_a_person and in_all < IN_ALL

    async def _followed(self, held: _Held, after: int) -> AsyncGenerator[Job | None, None]:
        beat = asyncio.get_running_loop().time() + self._heartbeat
        while True:
            changed = held.changed
            if held.job.number > after:
                after = held.job.number
                yield held.job
            if held.job.state.ended and held.job.number <= after:
                return
            left = beat - asyncio.get_running_loop().time()
            if left <= 0:
                beat += self._heartbeat - left
                yield None
            elif held.changed is changed:
                await _within(changed, left)

    async def _run(self, held: _Held, work: Work) -> object:
        # One lock for each person who has jobs, and slots for everybody: nobody keeps others out.
        turn = self._turns.setdefault(held.job.owner, asyncio.Lock())
        async with turn, self._slots:
            held.become(replace(held.job, state=JobState.RUNNING, started_at=self._clock()))

            def report(progress: Progress) -> None:
                if not held.job.state.ended:
                    held.become(replace(held.job, progress=progress))

            return await work(report)

    def _ended(self, held: _Held, task: "asyncio.Task[object]") -> None:
        ended = replace(held.job, ended_at=self._clock())
        if task.cancelled():
            held.become(replace(ended, state=JobState.CANCELLED))
        elif (error := task.exception()) is None:
            held.become(replace(ended, state=JobState.DONE, result=task.result()))
        elif isinstance(error, MnemosyneError):
            held.become(replace(ended, state=JobState.FAILED, error=error))
        else:
            held.become(replace(ended, state=JobState.FAILED, error=JobFaultError()))
            said = {"message": "a job failed", "exception": error, "task": task}
            task.get_loop().call_exception_handler(said)
        held.task = None
        held.release()

    def _of(self, owner: Identifier, job: Identifier) -> _Held:
        self._forget_old()
        held = self._held.get(job)
        if held is None or held.job.owner != owner:
            raise JobNotFoundError
        return held

    def _forget_old(self) -> None:
        """Forget what ended long ago, and of each person all but the last that ended."""
        now = self._clock()
        kept: dict[Identifier, int] = {}
        for held in sorted(self._held.values(), key=lambda each: each.job.id, reverse=True):
            job = held.job
            if job.ended_at is None:
                continue
            kept[job.owner] = kept.get(job.owner, 0) + 1
            if now - job.ended_at >= KEPT or kept[job.owner] > ENDED:
                del self._held[job.id]
        owners = {each.job.owner for each in self._held.values()}
        for owner in self._turns.keys() - owners:
            del self._turns[owner]


async def _cancelled(held: _Held) -> None:
    """Cancel what works on a job, and wait until it has stopped."""
    if held.task is None:
        return
    held.task.cancel()
    held.release()  # a thread that is still reading what the job holds stops at that
    await asyncio.wait({held.task})
    await asyncio.sleep(0)  # what is to be done when it ended has been called by then


async def _within(changed: asyncio.Event, seconds: float) -> None:
    """Wait for a change, at most so long."""
    waiting = asyncio.ensure_future(changed.wait())
    try:
        await asyncio.wait({waiting}, timeout=seconds)
    finally:
        waiting.cancel()
