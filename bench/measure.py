"""Time things, and print figures beside their bars."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np

Seconds = list[float]
LIBRARIES = "numpy, onnxruntime, sqlalchemy, sqlcipher3, tokenizers, typer"
"""What a search needs loaded, whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: what was measured, its ratio to the bare parts, and its bar.

    The bar is one of the ratio, or of ``amount`` where there is one, in ``unit``.
    """

    name: str
    value: str
    reference: str
    ratio: float
    bar: float
    at_most: bool = True
    amount: float | None = None
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the figure keeps its bar."""
        measured = self.ratio if self.amount is None else self.amount
        return measured <= self.bar if self.at_most else measured >= self.bar


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
        mark = "✓" if each.met else "✗"
        sign = "≤" if each.at_most else "≥"
        bar = f"bar {sign} {'×' if each.amount is None else ''}{each.bar:,g} {each.unit}".rstrip()
        print(
            f"{mark} {each.name:<34} {each.value:>12}   {each.reference:<36} "
            f"×{each.ratio:<7.2f} {bar}"
        )
