"""How often: for each address of a stranger, person, token and DID, in windows of a minute.

A window opens with its first request and closes a minute later; so a client that waits for as long
as it was told is served. Whoever is admitted counts by who they are and not by where they come
from: a flood from an address takes nothing from the person who is signed in behind it.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final, Self

from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from mnemosyne.accounts.slow_hashes import BusyNowError
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.errors import MnemosyneError

A_MINUTE: Final = 6_000
"""Requests of one person in a minute, unless a setting says otherwise."""
_MOST_CLIENTS: Final = 4_096
_ROOM: Final = 8
"""Strangers who try secrets of one kind at a time: slow recovery codes keep no passkey out."""
_SECOND: Final = timedelta(seconds=1)
_WINDOW: Final = timedelta(minutes=1)


class TooManyRequestsError(MnemosyneError):
    """A client has asked as often as it may for the moment."""

    code = "too-many-requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "too many requests of this kind came from you within a minute",
            why="The node answers each client so often, so that none keeps others out.",
            hint=f"Try again in {retry_after} s.",
        )
        self.retry_after = retry_after
        self.headers = {"Retry-After": str(retry_after)}


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests in a minute: of each person, token, stranger's address, and of what is guarded."""

    person: int
    token: int
    stranger: int
    sign_in: int
    recovery: int
    enrolment: int
    step_up: int
    push: int
    did: int

    @classmethod
    def of(cls, person: int = A_MINUTE) -> Self:
        """Return the rates of a node that answers a person ``person`` times; the others follow."""
        shares = {
            "person": 1,
            "token": 2,
            "stranger": 10,
            "sign_in": 100,
            "recovery": 600,
            "enrolment": 300,
            "step_up": 100,
            "push": 600,
            "did": 200,
        }
        return cls(**{name: max(person // share, 1) for name, share in shares.items()})


class Windows(Storage):
    """Counters that close by a clock: bounded, without a thread, in the order in which they close.

    With more clients at a time than it holds, those whose windows would close first begin anew.
    """

    STORAGE_SCHEME = None  # it is made here, and never from an address

    def __init__(self, clock: Clock, most: int = _MOST_CLIENTS) -> None:
        super().__init__()
        self._clock = clock
        self._most = most
        self._open: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What may fail: nothing outside the process is asked."""
        return ()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count ``amount`` in the window of ``key`` and return the sum."""
        del expiry  # all windows are of one length, so the first that was opened closes first
        now = self._close_old()
        count, closes = self._open.get(key, (0, now + _WINDOW))
        self._open[key] = count + amount, closes
        if len(self._open) > self._most:
            self._open.popitem(last=False)
        return count + amount

    def get(self, key: str) -> int:
        """Return how much was counted in the open window of ``key``."""
        now = self._close_old()
        count, _ = self._open.get(key, (0, now))
        return count

    def get_expiry(self, key: str) -> float:
        """Return when the window of ``key`` closes, in seconds since 1970."""
        return (self._clock() + self.remaining(key)).timestamp()

    def remaining(self, key: str) -> timedelta:
        """Return for how long the window of ``key`` is still open."""
        now = self._close_old()
        _, closes = self._open.get(key, (0, now))
        return closes - now

    def check(self) -> bool:
        """Return whether the counters can be reached."""
        return True

    def reset(self) -> int:
        """Close every window and return how many there were."""
        number = len(self._open)
        self._open.clear()
        return number

    def clear(self, key: str) -> None:
        """Close the window of ``key``."""
        self._open.pop(key, None)

    def __len__(self) -> int:
        """Return how many windows are held."""
        return len(self._open)

    def _close_old(self) -> datetime:
        """Close the windows whose minute is over, and return the present moment."""
        now = self._clock()
        while self._open:
            key, (_, closes) = next(iter(self._open.items()))
            # One that closes later than a new one would was opened before the clock was set back.
            if now < closes <= now + _WINDOW:
                break
            del self._open[key]
        return now


class Limit:
    """So many requests in a minute for each client of one kind."""

    def __init__(self, clock: Clock, amount: int, most: int = _MOST_CLIENTS) -> None:
        self._windows = Windows(clock, most)
        self._limiter = FixedWindowRateLimiter(self._windows)
        self._item = RateLimitItemPerMinute(amount)

    def take(self, client: str) -> None:
        """Count a request of ``client``.

        Raises:
            TooManyRequestsError: it has had its number, and says for how long to wait.
        """
        if not self._limiter.hit(self._item, client):
            raise TooManyRequestsError(self._wait(client))

    def require(self, client: str) -> None:
        """Refuse as ``take`` would, and count nothing."""
        if not self._limiter.test(self._item, client):
            raise TooManyRequestsError(self._wait(client))

    def __len__(self) -> int:
        """Return for how many clients something is counted."""
        return len(self._windows)

    def _wait(self, client: str) -> int:
        remaining = self._windows.remaining(self._item.key_for(client))
        return -(-remaining // _SECOND)  # rounded up, and exact: no fraction passes through a float


class Limits:
    """One limit for each kind of client and of what is guarded; in memory, gone with a restart."""

    def __init__(self, clock: Clock, rates: Rates | None = None, room: int = _ROOM) -> None:
        rates = rates or Rates.of()
        self._room = room
        self._inside: Counter[str] = Counter()
        self._of = {each.name: Limit(clock, getattr(rates, each.name)) for each in fields(rates)}

    @contextmanager
    def room(self, name: str) -> Iterator[None]:
        """Have a place among the strangers who try secrets of one kind, for a moment.

        Raises:
            BusyNowError: as many as may are there; whoever is signed in does not wait for more.
        """
        self.require_room(name)
        self._inside[name] += 1
        try:
            yield
        finally:
            self._inside[name] -= 1

    def require_room(self, name: str) -> None:
        """Refuse as ``room`` would, and take no place."""
        if self._inside[name] >= self._room:
            raise BusyNowError

    def __getitem__(self, name: str) -> Limit:
        """Return the limit with the name of one of ``Rates``."""
        return self._of[name]
