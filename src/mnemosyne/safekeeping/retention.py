"""How long a backup is kept: seven days, four weeks or six months, decided when it is taken.

The first backup of a month stays for six months, the first of a week for four weeks, every other
one for seven days. So its last day is known from the beginning, and a receipt can name it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

DAILY: Final = timedelta(days=7)
WEEKLY: Final = timedelta(weeks=4)
MONTHLY: Final = timedelta(days=184)  # six months, whichever they are


def expires(taken_at: datetime, earlier: Sequence[datetime]) -> datetime:
    """Return when a backup is due to go; ``earlier`` are those that lie in the same place.

    Weeks begin on Monday and, as months, are those of UTC.
    """
    if not any(_month(each) == _month(taken_at) for each in earlier):
        return taken_at + MONTHLY
    if not any(_week(each) == _week(taken_at) for each in earlier):
        return taken_at + WEEKLY
    return taken_at + DAILY


def _month(at: datetime) -> tuple[int, int]:
    return at.year, at.month


def _week(at: datetime) -> tuple[int, int]:
    year, week, _ = at.isocalendar()
    return year, week
