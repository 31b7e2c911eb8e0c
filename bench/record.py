"""How long it takes to verify a record, and to keep one, beside their bare parts."""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import token_hex

from sqlalchemy import Connection, select

from bench import corpus
from bench.measure import Figure, ms, percentile, timed
from bench.vaults import Bench
from mnemosyne.audit import store
from mnemosyne.audit.model import READ, Act
from mnemosyne.audit.tables import audit_entry
from mnemosyne.audit.verification import Records
from mnemosyne.kit.ids import new_id
from mnemosyne.memories.service.search import Search

ENTRIES = 20_000
_AT_ONCE = 5_000
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_NAMED = 20
_TIMES = 60


async def verified(bench: Bench) -> Figure:
    """Fill the record with reads and acts, and verify all of it on one processor."""
    app, person = bench.application, bench.me.person
    for start in range(0, ENTRIES, _AT_ONCE):
        await app.database.write(partial(_fill, person=person, start=start))
    records = Records(app.database, lambda _tx: [person])
    start_cpu = time.process_time()
    (report,) = await records.verify()
    seconds = time.process_time() - start_cpu
    assert report.whole  # noqa: S101 - else nothing was measured
    mine = select(audit_entry.c.canonical).where(audit_entry.c.owner == person)
    leaves = await app.database.read(lambda tx: list(tx.execute(mine).scalars()))
    bare = percentile(timed(partial(_hash, leaves), 5), 50)
    return Figure(
        "record verified, entries/s",
        f"{report.size / seconds:,.0f}",
        f"SHA-256 of the same bytes {len(leaves) / bare:,.0f}",
        seconds / bare,
        10_000,
        at_most=False,
        amount=report.size / seconds,
        unit="a second",
    )


async def searched(bench: Bench) -> Figure:
    """Search with the record of reads and without, in turns; both answers are the same."""
    app, asked = bench.application, corpus.questions(_TIMES)
    zone = app.clock().tzinfo
    assert zone is not None  # noqa: S101 - the clock is aware
    silent = Search(app.database, app.clock, app.embedders, zone)
    recorded: list[float] = []
    bare: list[float] = []
    await silent.search(bench.me, "warm up")
    for number, question in enumerate(asked):
        ways = [(app.search, recorded), (silent, bare)]
        for search, found in ways if number % 2 else reversed(ways):  # the second finds it warm
            start = time.perf_counter()
            await search.search(bench.me, question)
            await app.reads.settle()  # as a command does before it ends
            found.append(time.perf_counter() - start)
    value, without = percentile(recorded, 50), percentile(bare, 50)
    words = f"the same, not recorded {ms(without)}"
    return Figure("search and its record, p50", ms(value), words, value / without, 2)


def _fill(tx: Connection, person: str, start: int) -> None:
    for number in range(start, start + _AT_ONCE):
        at = _BEGIN + timedelta(seconds=number)
        named = [token_hex(16) for _ in range(_NAMED)]
        read = Act(person, READ, "local", "shell", READ, {"how": "search", "memories": named})
        forget = Act(person, "forget", "local", "shell", new_id(at), {"count": 1})
        store.append(tx, read if number % 4 else forget, at)


def _hash(leaves: list[bytes]) -> None:
    for each in leaves:
        hashlib.sha256(each).digest()
