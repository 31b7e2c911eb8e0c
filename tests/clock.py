"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta
from typing import Final

# A whole number of microseconds that is not a whole number of anything longer.
START: Final = datetime(2026, 3, 14, 15, 9, 26, 535_897, tzinfo=UTC)


class SetClock:
    """Answers with the moment it was set to, aware and in UTC."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def set(self, now: datetime) -> None:
        """Show ``now`` from here on, later or earlier than before."""
        self.now = now.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move on."""
        self.now += by
