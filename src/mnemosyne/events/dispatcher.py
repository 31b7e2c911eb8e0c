"""Work on the outbox: one process leads, results carry its fence, failures wait and return."""

import asyncio
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from mnemosyne.events import lease, outbox
from mnemosyne.events.lease import Lease, LeaseLostError
from mnemosyne.events.outbox import Event, Held
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import (
    CommitUnknownError,
    Database,
    DatabaseBusyError,
    StorageFullError,
    WriterStoppedError,
)
from mnemosyne.kit.errors import MnemosyneError

Apply = Callable[[Connection], None]
LEASE_NAME: Final = "dispatcher"
UNEXPECTED: Final = "unexpected"  # what is kept of an error that carries no code
_RETRY: Final = timedelta(seconds=2)
_LONGEST_WAIT: Final = timedelta(minutes=10)
# The vault's condition, or another leader's turn: the event comes back as it is.
_NO_FAULT_OF_THE_EVENTS: Final = (
    LeaseLostError,
    DatabaseBusyError,
    StorageFullError,
    CommitUnknownError,
    WriterStoppedError,
)


class NotYetError(MnemosyneError):
    """The work cannot be finished now through nobody's fault; it returns without a penalty."""

    code = "not-yet"


@dataclass(frozen=True, slots=True)
class Handler:
    """How events of one topic are worked on.

    ``prepare`` does what is slow, outside any transaction, and returns what to write; the write
    and the removal of the events are then one transaction. ``batch`` is the most taken at once;
    ``fitting`` returns how many of them, of the first ones and at least one, are not too much
    work for one turn. ``give_up`` writes what becomes of events that failed too often. ``held``
    selects the owners whose events wait as they are, without a penalty.
    """

    topic: str
    prepare: Callable[[Sequence[Event]], Awaitable[Apply]]
    batch: int = 1
    fitting: Callable[[Connection, Sequence[Event]], int] | None = None
    give_up: Callable[[Connection, Sequence[Event]], None] | None = None
    held: Held = None


@dataclass(frozen=True, slots=True)
class _Work:
    """Events that are due, and whether they are the last of a round."""

    handler: Handler
    events: Sequence[Event]
    last: bool = False


@dataclass(slots=True)
class _Held:
    """A lease, when it has to be renewed by the monotonic clock, and whether it still is one."""

    lease: Lease
    renew_at: float
    given_back: bool = False

    def renew(self, taken: Lease | None, renew_at: float) -> None:
        """Go on under the lease that was ``taken``.

        Raises:
            LeaseLostError: there is none, since another process leads.
        """
        if taken is None:
            raise LeaseLostError(self.lease.name)
        self.lease, self.renew_at = taken, renew_at


class Dispatcher:
    """Leads the work of a vault while it holds the lease."""

    def __init__(
        self,
        database: Database,
        handlers: Sequence[Handler],
        clock: Clock,
        renew_seconds: float = lease.LEASE_SECONDS / 3,
    ) -> None:
        self._database = database
        self._handlers: Mapping[str, Handler] = {h.topic: h for h in handlers}
        self._clock = clock
        self._renew_seconds = renew_seconds
        self._holder = f"{os.getpid()}-{secrets.token_hex(6)}"
        self._boot = lease.boot_identity()

    async def drain(
        self,
        seconds: float,
        progress: Callable[[int], None] | None = None,
        stop: asyncio.Event | None = None,
    ) -> int:
        """Work until nothing is due, another process leads, or ``seconds`` have passed.

        Returns how many events were finished; ``progress`` is told after each batch, and once
        ``stop`` is set the batch under way is the last. Work that
        fails with one of our own errors waits and returns. After any other error it waits too,
        and the error travels.

        Raises:
            DatabaseBusyError, StorageFullError, CommitUnknownError, WriterStoppedError
        """
        deadline = time.monotonic() + seconds
        finished = 0
        held: _Held | None = None
        while time.monotonic() < deadline and (work := await self._all_due()):
            if stop is not None and stop.is_set():
                break
            if (held := await self._led(held)) is None:
                break
            try:
                count = sum([await self._work(each, held) for each in work])
            except LeaseLostError:
                return finished  # the work goes on elsewhere
            finished += count
            if progress is not None:
                progress(count)
            if held.given_back:  # with the last result, when nothing else was due
                return finished
        if held is not None:
            mine = held.lease
            await self._database.write(lambda tx: lease.release(tx, mine), durable=False)
        return finished

    async def run(self, stop: asyncio.Event, idle_seconds: float = 1.0) -> None:
        """Lead whenever possible until ``stop`` is set; a busy or full vault is tried again.

        Raises:
            CommitUnknownError, WriterStoppedError: this process must write no more.
        """
        while not stop.is_set():
            with suppress(DatabaseBusyError, StorageFullError):
                await self.drain(lease.LEASE_SECONDS, stop=stop)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), idle_seconds)

    async def _led(self, held: _Held | None) -> _Held | None:
        """Take the lead, or renew it in time; no lease outlives a power failure anyway."""
        now = time.monotonic()
        if held is not None and now < held.renew_at:
            return held
        taken = await self._acquired()
        return None if taken is None else _Held(taken, now + self._renew_seconds)

    async def _acquired(self) -> Lease | None:
        return await self._database.write(
            lambda tx: lease.acquire(tx, LEASE_NAME, self._holder, boot=self._boot),
            durable=False,
        )

    async def _prepared(self, work: _Work, held: _Held) -> Apply:
        """Wait for what is slow, and keep the lead meanwhile: else another would begin it anew.

        Raises:
            LeaseLostError: another process leads.
        """
        preparing = asyncio.ensure_future(work.handler.prepare(work.events))
        try:
            while not (await asyncio.wait({preparing}, timeout=self._renew_seconds))[0]:
                with suppress(DatabaseBusyError):  # there is time for another try
                    held.renew(await self._acquired(), time.monotonic() + self._renew_seconds)
            return await preparing
        finally:
            preparing.cancel()

    async def _all_due(self) -> list[_Work]:
        """Return the next batch of each topic that has one."""
        now = self._clock()
        return await self._database.read(lambda tx: _due(tx, self._handlers, now))

    async def _work(self, work: _Work, held: _Held) -> int:
        handler, events = work.handler, work.events
        try:
            await self._finish(work, held)
        except _NO_FAULT_OF_THE_EVENTS:
            raise
        except NotYetError as error:
            await self._wait(events, held.lease, error.code)
        except Exception as error:
            if len(events) > 1:  # one event must not cost the others their attempts
                return sum([await self._work(_Work(handler, [each]), held) for each in events])
            # The code alone: a message may quote what a person wrote.
            code = error.code if isinstance(error, MnemosyneError) else UNEXPECTED
            await self._count_failure(handler, events, held.lease, code)
            if code == UNEXPECTED:
                raise
        else:
            return len(events)
        return 0

    async def _finish(self, work: _Work, held: _Held) -> None:
        apply = await self._prepared(work, held)
        now = self._clock()

        def commit(tx: Connection) -> bool:
            lease.require(tx, held.lease)
            apply(tx)
            outbox.finish(tx, work.events)
            if not work.last or outbox.topics_due(tx, _topics(self._handlers), now):
                return False
            lease.release(tx, held.lease)
            return True

        held.given_back = await self._database.write(commit)

    async def _wait(self, events: Sequence[Event], held: Lease, code: str) -> None:
        until = self._clock() + _RETRY

        def write(tx: Connection) -> None:
            lease.require(tx, held)
            outbox.postpone(tx, events, until, code, counts=False)

        await self._database.write(write)

    async def _count_failure(
        self, handler: Handler, events: Sequence[Event], held: Lease, code: str
    ) -> None:
        tried = max(event.attempts for event in events) + 1
        until = self._clock() + min(timedelta(seconds=2**tried), _LONGEST_WAIT)

        def write(tx: Connection) -> None:
            lease.require(tx, held)
            outbox.postpone(tx, events, until, code, counts=True)
            if tried >= outbox.MOST_ATTEMPTS and handler.give_up is not None:
                handler.give_up(tx, events)

        await self._database.write(write)


def _topics(handlers: Mapping[str, Handler]) -> tuple[tuple[str, Held], ...]:
    return tuple((topic, handler.held) for topic, handler in handlers.items())


def _due(tx: Connection, handlers: Mapping[str, Handler], now: datetime) -> list[_Work]:
    found: list[_Work] = []
    for topic in outbox.topics_due(tx, _topics(handlers), now):
        handler = handlers[topic]
        events = outbox.due(tx, topic, now, handler.batch, handler.held)
        if handler.fitting is not None:
            events = events[: handler.fitting(tx, events)]
        found.append(_Work(handler, events))
    if found:
        found[-1] = replace(found[-1], last=True)
    return found
