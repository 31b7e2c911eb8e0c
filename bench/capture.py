"""How long a capture takes, beside the same statements through the raw driver."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bench import corpus, vaults
from bench.measure import Figure, ms, percentile, timed, timed_each
from mnemosyne.kit.database.connections import create_file, open_engine
from mnemosyne.memories.model import Draft
from mnemosyne.migrations import runner

TIMES = 300
Statement = tuple[str, Any, bool]
_KEY = bytes(32)


async def figures() -> list[Figure]:
    """Measure the acknowledgement of a capture, and the capture with its enrichment."""
    async with vaults.fresh() as bench:
        app, texts = bench.application, corpus.messages(2 * TIMES)
        embedder = app.embedders.wanted()
        await app.memories.capture(bench.me, Draft("warm up"), "warm")
        await app.dispatcher.drain(60)
        with _recorded() as transactions:
            acknowledged = await timed_each(
                lambda n: app.memories.capture(bench.me, Draft(texts[n]), f"a{n}"), TIMES
            )
        await app.dispatcher.drain(300)

        async def capture_and_enrich(number: int) -> None:
            text = texts[TIMES + number]
            await app.memories.capture(bench.me, Draft(text), f"b{number}")
            await app.dispatcher.drain(30)

        enriched = await timed_each(capture_and_enrich, 100)
    raw = _replayed([each for each in transactions if _writes(each)][:TIMES])
    bare = percentile(raw, 50)
    found = [_figure("capture acknowledged, p50", acknowledged, "raw statements, synced", bare, 3)]
    if embedder is not None:
        encode = percentile(timed(lambda: embedder.embed_query(texts[0]), 100), 50)
        parts = encode + 2 * bare
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


def _writes(statements: list[Statement]) -> bool:
    return any(statement.startswith("INSERT INTO memory ") for statement, _, _ in statements)


def _replayed(transactions: list[list[Statement]]) -> list[float]:
    """Run the same transactions against an empty vault of the same kind; return their times."""
    with tempfile.TemporaryDirectory(prefix="mnemosyne-bench-") as folder:
        path = Path(folder) / "raw.db"
        create_file(path)
        engine = open_engine(path, _KEY, read_only=False)
        with engine.begin() as connection:
            runner.upgrade(connection)
        driver = engine.raw_connection().dbapi_connection
        assert driver is not None  # noqa: S101 - the pool has just opened it
        driver.execute("PRAGMA foreign_keys = OFF")  # the person is not there
        waiting = iter(transactions)
        times = timed(lambda: _replay(driver, next(waiting)), len(transactions))
        driver.close()
        return times


def _replay(driver: Any, statements: list[Statement]) -> None:  # noqa: ANN401 - untyped driver
    driver.execute("BEGIN IMMEDIATE")
    for statement, parameters, many in statements:
        if many:
            driver.executemany(statement, parameters)
        else:
            driver.execute(statement, parameters).fetchall()
    driver.execute("COMMIT")
