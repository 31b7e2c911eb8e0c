"""Throw-away vaults for measuring."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from mnemosyne import bootstrap
from mnemosyne.application import Application
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault.key_file import KeyFileRules, create_key_file
from mnemosyne.settings import Settings


@dataclass(frozen=True, slots=True)
class Bench:
    """An open throw-away vault, who uses it, what opens it again, and a folder for other files."""

    application: Application
    me: Principal
    settings: Settings
    key_file: Path
    folder: Path


@asynccontextmanager
async def fresh() -> AsyncIterator[Bench]:
    """Make a vault, open it, and remove it afterwards; the cache of models is the real one."""
    with tempfile.TemporaryDirectory(prefix="mnemosyne-bench-") as folder:
        settings = Settings(home=Path(folder) / "vault")
        key_file = Path(folder) / "key"
        key = create_key_file(key_file, KeyFileRules(settings.home))
        await bootstrap.create(settings, "bench", [key], "")
        async with bootstrap.opened(settings, key, "bench") as application:
            me = Principal.local(application.person.id, "bench")
            yield Bench(application, me, settings, key_file, Path(folder))
