"""The orders of hits, as words that `--help` can list without loading the index."""

from enum import StrEnum


class OrderName(StrEnum):
    """How hits are listed; “time” is the latest first."""

    SCORE = "score"
    TIME = "time"
    OLDEST = "oldest"

    @property
    def searched(self) -> str:
        """What the search itself calls it."""
        return "latest" if self is OrderName.TIME else self.value
