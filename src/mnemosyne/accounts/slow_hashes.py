"""Slow derivations, few at a time: a flood of guesses costs their sender patience and nothing else.

One derivation takes 19 MiB and a core for a while (operations.md §6). At most so many run as
leave a core to everybody else; a few more may wait, and the rest are told to come back. Each kind
has threads of its own: neither files that are read nor another kind take them away.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.passphrase import Argon2Parameters, Passphrase, stretch

T = TypeVar("T")

COST: Final = Argon2Parameters(memory_kib=19_456, passes=2, lanes=1)
"""Of a recovery code: 80 random bits need no more, and a stolen table is no quick read."""
_WAITING: Final = 16
_RETRY_AFTER: Final = 2
_NICE: Final = 10


class BusyNowError(MnemosyneError):
    """More is asked for than this machine can work out at once."""

    code = "busy-now"

    def __init__(self, retry_after: int = _RETRY_AFTER) -> None:
        super().__init__(
            "the node is busy with other requests of this kind",
            why="Only a few are worked on at a time, so that everything else goes on.",
            hint=f"Try again in {retry_after} s.",
        )
        self.retry_after = retry_after
        self.headers = {"Retry-After": str(retry_after)}


class Turns:
    """Work in threads of its own, so many pieces at a time; ``waiting`` more have a place.

    ``meek`` lets everything else of the machine go before it, where the system can (Linux).
    """

    def __init__(
        self,
        at_once: int,
        waiting: int,
        name: str,
        *,
        retry_after: int = _RETRY_AFTER,
        meek: bool = False,
    ) -> None:
        self._most = at_once + waiting
        self._retry_after = retry_after
        self._taken = 0
        begin = _step_back if meek else None
        self._threads = ThreadPoolExecutor(at_once, name, initializer=begin)

    async def take(self, work: Callable[[], T], *, patient: bool = False) -> T:
        """Return what ``work`` returns, when it was its turn; the ``patient`` are never refused.

        Raises:
            BusyNowError: too many wait already.
        """
        if self._taken >= self._most and not patient:
            raise BusyNowError(self._retry_after)
        self._taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._taken -= 1


class SlowHashes:
    """Argon2id (RFC 9106) off the event loop, a bounded number at a time."""

    def __init__(self, cost: Argon2Parameters = COST, waiting: int = _WAITING) -> None:
        self._cost = cost
        self._at_once = max(1, (os.cpu_count() or 1) - 1)
        self._turns = Turns(self._at_once, waiting, "hashes", meek=True)

    async def hash(self, text: str, salt: bytes) -> bytes:
        """Return the 32 bytes that ``text`` becomes with ``salt``.

        Raises:
            BusyNowError: too many wait already.
        """
        return await self._turns.take(lambda: stretch(Passphrase(text), salt, self._cost))

    async def hash_all(self, texts: list[tuple[str, bytes]]) -> list[bytes]:
        """Return what each text becomes with its salt, one after the other as one piece of work.

        Raises:
            BusyNowError: too many wait already.
        """
        return await self._turns.take(
            lambda: [stretch(Passphrase(text), salt, self._cost) for text, salt in texts]
        )


def _step_back() -> None:
    """Let the threads that this one starts, and itself, run when nothing else wants to."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
