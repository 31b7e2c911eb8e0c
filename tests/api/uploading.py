"""Bring files, wait for jobs, and look whether anything is left."""

from pathlib import Path
from typing import Any

import httpx

from mnemosyne.api.memory.uploads import OCTETS
from tests.api.wire import events_of
from tests.serving import Served


def named(name: str) -> dict[str, str]:
    """Return the headers of an upload."""
    return {"Content-Type": OCTETS, "File-Name": name}


async def upload(
    client: httpx.AsyncClient, content: bytes, name: str, **query: str
) -> httpx.Response:
    """Bring a file to be imported."""
    return await client.post("/v1/imports", content=content, headers=named(name), params=query)


async def finished(client: httpx.AsyncClient, job: str) -> dict[str, Any]:
    """Follow a job to its end and return it."""
    stream = await client.get(f"/v1/jobs/{job}/events")
    assert stream.status_code == 200, stream.text
    _, _, last = events_of(stream.content)[-1]
    return last


async def bring(
    client: httpx.AsyncClient, content: bytes, name: str, **query: str
) -> dict[str, Any]:
    """Bring a file and return the job at its end."""
    answer = await upload(client, content, name, **query)
    assert answer.status_code == 202, answer.text
    return await finished(client, answer.json()["id"])


def nothing_is_left(served: Served) -> bool:
    """Whether no file of the node came from an upload, be it one without a name that is open."""
    home = served.node.lock.home.path
    nameless = [
        link
        for descriptor in Path("/proc/self/fd").iterdir()
        if (link := _target(descriptor)).startswith(f"{home}/") and link.endswith(" (deleted)")
    ]
    known = ("vault.", "processes", "did-log")
    return not nameless and all(each.name.startswith(known) for each in home.iterdir())


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:  # closed meanwhile
        return ""
