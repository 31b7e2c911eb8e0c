"""A node in a process of its own, as a person starts it, and the shell that they use beside it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mnemosyne import bootstrap
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault.key_file import KeyFileRules, read_key_file
from mnemosyne.settings import PREFIX, Settings

_MANY: Final = 60  # guests, more than there are tests
_OFTEN: Final = "1000000"  # requests a minute: these tests are one impatient person


@dataclass
class ServedNode:
    """Where a node answers, and how its shell is used beside it."""

    url: str
    registration: str
    environment: dict[str, str]
    guests: list[str]
    """Secrets of invitations that nobody has used yet."""

    def shell(self, *command: str) -> dict[str, Any]:
        """Run a command of the shell on the vault that is being served; return its document."""
        done = subprocess.run(
            [sys.executable, "-m", "mnemosyne", *command, "--json"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        document = json.loads(done.stdout)
        assert isinstance(document, dict)
        return document

    def invitation(self) -> str:
        """Return the address that lets in somebody who was invited before."""
        return f"{self.url}/invite#{self.guests.pop()}"

    def link(self, person: str = "") -> str:
        """Return a one-time address for a person of the node, the first unless named."""
        named = ("--person", person) if person else ()
        made = self.shell("account", "link", *named, "--public-url", self.url)
        return str(made["address"])


@contextmanager
def serve_node(folder: Path) -> Iterator[ServedNode]:
    """Make a vault in ``folder`` and serve it until the context ends."""
    environment = _vault(folder)
    # Of a thread, since Playwright runs an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        guests = thread.submit(asyncio.run, _invited(folder)).result()
    command = [sys.executable, "-m", "mnemosyne", "serve", "--port", "0", "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            facts = json.loads(process.stdout.readline())
            yield ServedNode(facts["url"], facts["registration"]["url"], environment, guests)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _vault(folder: Path) -> dict[str, str]:
    """Make a vault as a person does and return the environment of its commands."""
    key_file = folder / "mnemosyne.key"
    ours = {
        "HOME": str(folder / "home"),
        "CACHE": str(folder / "cache"),
        "WEIGHTS": str(folder / "none"),
        "TIMEZONE": "UTC",
        "KEY_FILE": str(key_file),
        "REQUESTS_A_MINUTE": _OFTEN,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment = kept | {f"{PREFIX}{name}": value for name, value in ours.items()}
    made = ("--name", "Ada", "--key-file", str(key_file), "--phrase-out", str(folder / "phrase"))
    done = subprocess.run(
        [sys.executable, "-m", "mnemosyne", "init", *made],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return environment


async def _invited(folder: Path) -> list[str]:
    """Invite many people at once, which is quicker than a command for each."""
    settings = Settings(
        home=folder / "home", cache=folder / "cache", weights=folder / "none", timezone="UTC"
    )
    key = read_key_file(folder / "mnemosyne.key", KeyFileRules(settings.home))
    async with bootstrap.opened(settings, key, "tests") as node:
        me = Principal.local(node.person.id)
        return [(await node.enrolments.invite(me, f"Guest {n}"))[1] for n in range(_MANY)]
