"""Those who follow jobs: so many of one person at once, counted from when they ask."""

from collections.abc import AsyncGenerator
from typing import Self
from weakref import WeakSet

from mnemosyne.events.job import Job, TooManyFollowersError
from mnemosyne.kit.ids import Identifier


class Following:
    """The states of a job for one follower, who counts until this is closed or has ended."""

    def __init__(
        self, owner: Identifier, states: AsyncGenerator[Job | None, None], among: "Followers"
    ) -> None:
        self.owner = owner
        self._states = states
        self._among = among

    def __aiter__(self) -> Self:
        """Return itself: it is read once."""
        return self

    async def __anext__(self) -> Job | None:
        """Return the next state; None is a heartbeat."""
        try:
            return await anext(self._states)
        except StopAsyncIteration:
            self._among.release(self)
            raise

    async def aclose(self) -> None:
        """Let go of it, whether it was read or not; closing twice does no harm."""
        self._among.release(self)
        await self._states.aclose()


class Followers:
    """Everybody who follows; whoever is dropped without being closed counts no longer either."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: WeakSet[Following] = WeakSet()

    def admit(self, owner: Identifier, states: AsyncGenerator[Job | None, None]) -> Following:
        """Count one more follower of ``owner`` and return what they read.

        Raises:
            TooManyFollowersError: as many follow as may.
        """
        if sum(each.owner == owner for each in self._open) >= self._most:
            raise TooManyFollowersError
        following = Following(owner, states, self)
        self._open.add(following)
        return following

    def release(self, following: Following) -> None:
        """Count ``following`` no longer."""
        self._open.discard(following)

    def __len__(self) -> int:
        """Return how many follow, all people together."""
        return len(self._open)
