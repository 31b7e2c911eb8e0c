"""Aside: what would hold the event loop up is worked out in one thread, a piece after the other.

Reading and hashing JSON holds the interpreter, so that more threads would be no faster; and whoever
sends much of it waits for others who do, while everything else goes on.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, TypeVar

T = TypeVar("T")

LARGE: Final = 32 * 1024
"""Bytes of JSON beyond which reading it takes too long for everybody to wait for."""


async def aside(work: Callable[[], T]) -> T:
    """Return what ``work`` returns, or raise what it raises, when it was its turn."""
    return await asyncio.get_running_loop().run_in_executor(_thread(), work)


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "aside")  # of the process, made when it is first needed
