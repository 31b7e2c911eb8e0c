"""How present a memory is by its use, gently: ranking reads it, and nothing is hidden by it."""

import math
from collections.abc import Iterable
from typing import Final

from mnemosyne.memories.model import Pin

_DECAY: Final = 0.5
_SHORTEST_DAYS: Final = 1.0
_PROTECTED_DAYS: Final = 365.0

PIN_FLOORS: Final = {
    Pin.PROTECTED: -2.30,  # one use 100 days ago
    Pin.ANCHORED: -1.15,  # one use 10 days ago
    Pin.PERMANENT: 0.0,  # one use today
}


def base_level(
    days_since: Iterable[float], pin: Pin = Pin.NORMAL, *, days_pinned: float = 0.0
) -> float:
    """Return B = ln Σ t^(−½), t the days since each use (the capture is one), at least one each.

    A pin keeps B from falling below its floor, a protected one for a year from when it was set,
    ``days_pinned`` ago. Without any use and any pin B is minus infinity.
    """
    total = math.fsum(max(days, _SHORTEST_DAYS) ** -_DECAY for days in days_since)
    level = math.log(total) if total else -math.inf
    if pin is Pin.PROTECTED and days_pinned > _PROTECTED_DAYS:
        return level
    return max(level, PIN_FLOORS.get(pin, -math.inf))
