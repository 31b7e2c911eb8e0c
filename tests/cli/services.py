"""The services of a test's vault, for what no command does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from mnemosyne.application import Application
from mnemosyne.entrypoints.console import LocalNode
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.vault.key_file import KeyFileRules, read_key_file
from tests.cli.conftest import Made

T = TypeVar("T")


def with_services(vault: Made, clock: Clock, work: Callable[[Application], Awaitable[T]]) -> T:
    """Open ``vault``, do ``work`` and close it again."""
    secret = read_key_file(vault.key_file, KeyFileRules(vault.home))

    async def opened() -> T:
        async with LocalNode(clock).open(secret, "test") as app:
            return await work(app)

    return asyncio.run(opened())
