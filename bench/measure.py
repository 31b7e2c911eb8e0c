"""Time things, and print figures beside their bars."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np

Seconds = list[float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: what was measured, against what, and the bar (0 for none)."""

    name: str
    value: str
    reference: str
    ratio: float
    bar: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        """Whether the ratio keeps its bar."""
        return self.ratio <= self.bar if self.at_most else self.ratio >= self.bar


def timed(work: Callable[[], object], times: int) -> Seconds:
    """Return how long each of ``times`` calls took, in seconds."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return found


async def timed_each(work: Callable[[int], Awaitable[object]], times: int) -> Seconds:
    """Return how long each of ``times`` awaited calls took, in seconds."""
    found = []
    for number in range(times):
        start = time.perf_counter()
        await work(number)
        found.append(time.perf_counter() - start)
    return found


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` percent of ``seconds`` lie."""
    return float(np.percentile(seconds, share))


def ms(seconds: float) -> str:
    """Return ``seconds`` as milliseconds in words."""
    return f"{seconds * 1000:.2f} ms"


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print a table of figures."""
    print(f"\n{title}\n{'─' * 100}")
    for each in figures:
        mark = " " if not each.bar else "✓" if each.met else "✗"
        sign = "≤" if each.at_most else "≥"
        bar = f"bar {sign} {each.bar:g}" if each.bar else ""
        print(
            f"{mark} {each.name:<34} {each.value:>12}   {each.reference:<32} "
            f"×{each.ratio:<7.2f} {bar}"
        )
