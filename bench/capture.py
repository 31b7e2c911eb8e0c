"""How long a capture takes, beside the same statements through the raw driver."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bench import corpus, vaults
from bench.measure import Figure, ms, percentile, timed, timed_each
from mnemosyne.kit.database.connections import create_file, open_engine
from mnemosyne.memories.model import Draft
from mnemosyne.migrations import runner

TIMES = 300
_ENRICHED = 100
Statement = tuple[str, Any, bool]
_KEY = bytes(32)


async def figures() -> list[Figure]:
    """Measure the acknowledgement of a capture, and the capture with its enrichment."""
    async with vaults.fresh() as bench:
        app, texts = bench.application, corpus.messages(2 * TIMES)
        embedder = app.embedders.wanted()
        await app.memories.capture(bench.me, Draft("warm up"), "warm")
        await app.dispatcher.drain(60)
        acknowledged, raw = [], []
        with _recorded() as transactions, _raw_vault() as driver:
            for number in range(TIMES):

                async def capture(_: int, text: str = texts[number]) -> None:
                    await app.memories.capture(bench.me, Draft(text), text)

                # In turns, so that a busy machine is busy for both.
                acknowledged += await timed_each(capture, 1)
                raw += timed(partial(_replay, driver, transactions[-1]), 1)
        await app.dispatcher.drain(300)

        enriched, encoded = [], []
        for number in range(TIMES, TIMES + _ENRICHED):
            text = texts[number]

            async def capture_and_enrich(_: int, text: str = text) -> None:
                await app.memories.capture(bench.me, Draft(text), text)
                await app.dispatcher.drain(30)

            enriched += await timed_each(capture_and_enrich, 1)
            if embedder is not None:
                encoded += timed(partial(embedder.embed_query, text), 1)
    bare = percentile(raw, 50)
    found = [_figure("capture acknowledged, p50", acknowledged, "raw statements, synced", bare, 3)]
    if embedder is not None:
        parts = percentile(encoded, 50) + 2 * bare
        found.append(_figure("… enriched and embedded, p50", enriched, "encode + 2 such", parts, 2))
    return found


def _figure(name: str, seconds: list[float], words: str, bare: float, bar: float) -> Figure:
    value = percentile(seconds, 50)
    return Figure(name, ms(value), f"{words} {ms(bare)}", value / bare, bar)


@contextmanager
def _recorded() -> Iterator[list[list[Statement]]]:
    """Record the statements of every transaction that is committed meanwhile."""
    transactions: list[list[Statement]] = []
    open_ones: dict[int, list[Statement]] = {}

    def begin(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event
        open_ones[id(connection.connection.dbapi_connection)] = []

    def execute(
        connection: Any,  # noqa: ANN401 - SQLAlchemy's event
        _cursor: object,
        statement: str,
        parameters: object,
        _context: object,
        many: bool,  # noqa: FBT001 - as above
    ) -> None:
        found = open_ones.get(id(connection.connection.dbapi_connection))
        if found is not None and not statement.startswith("BEGIN"):
            found.append((statement, parameters, many))

    def commit(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event
        transactions.append(open_ones.pop(id(connection.connection.dbapi_connection), []))

    listeners = (("begin", begin), ("before_cursor_execute", execute), ("commit", commit))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield transactions
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)


@contextmanager
def _raw_vault() -> Iterator[Any]:
    """Give the driver's connection to an empty vault of the same kind."""
    with tempfile.TemporaryDirectory(prefix="mnemosyne-bench-") as folder:
        path = Path(folder) / "raw.db"
        create_file(path)
        engine = open_engine(path, _KEY, read_only=False)
        with engine.begin() as connection:
            runner.upgrade(connection)
        driver = engine.raw_connection().dbapi_connection
        assert driver is not None  # noqa: S101 - the pool has just opened it
        driver.execute("PRAGMA foreign_keys = OFF")  # the person is not there
        yield driver
        driver.close()


def _replay(driver: Any, statements: list[Statement]) -> None:  # noqa: ANN401 - untyped driver
    driver.execute("BEGIN IMMEDIATE")
    for statement, parameters, many in statements:
        if many:
            driver.executemany(statement, parameters)
        else:
            driver.execute(statement, parameters).fetchall()
    driver.execute("COMMIT")
