"""`make bars`: a node under attack, beside the bars of its threat model (minutes)."""

import argparse
from collections.abc import Sequence

from bench import flood, telling_apart
from bench.measure import show


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bars", description=__doc__)
    parser.add_argument("--requests", type=int, default=flood.REQUESTS, help="of the flood")
    parser.add_argument("--times", type=int, default=telling_apart.TIMES, help="of each guess")
    parser.add_argument("--only", choices=["flood", "time"], help="one of the two")
    asked = parser.parse_args(arguments)
    if asked.only != "time":
        show(f"A flood of {asked.requests:,} guesses", flood.figures(asked.requests))
    if asked.only != "flood":
        show("Known or unknown, by time", telling_apart.figures(asked.times))


if __name__ == "__main__":
    main()
