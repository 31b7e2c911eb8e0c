"""`make bench`: the figures of this machine. ``ARGS="1000 10000"`` chooses the sizes."""

import argparse
import asyncio
import gc
from collections.abc import Sequence

from bench import capture, importing, record, search, vaults
from bench.measure import Figure, show

SIZES = (1_000, 10_000)


async def _of_size(count: int) -> list[Figure]:
    async with vaults.fresh() as bench:
        found = await importing.figures(bench, bench.folder, count)
        found += await search.figures(bench, count)
        found.append(await record.searched(bench))
        found.append(search.cold(bench, count))
        return found


async def _of_record() -> list[Figure]:
    async with vaults.fresh() as bench:
        return [await record.verified(bench)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="memories of one owner")
    asked = parser.parse_args(arguments)
    gc.set_threshold(20_000, 10, 10)  # as the shell does
    show("Capture", asyncio.run(capture.figures()))
    show(f"A record of {record.ENTRIES:,}", asyncio.run(_of_record()))
    for count in asked.sizes:
        show(f"{count:,} memories", asyncio.run(_of_size(count)))


if __name__ == "__main__":
    main()
