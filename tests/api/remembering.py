"""What tests of the API do with memories over and over."""

from itertools import count
from typing import Any, Final

import httpx

_NUMBERS: Final = count()


def keyed(key: str = "") -> dict[str, str]:
    """Return the header that names a request: by ``key``, or by a new name."""
    return {"Idempotency-Key": key or f"test-{next(_NUMBERS)}"}


async def remember(client: httpx.AsyncClient, content: str, **more: object) -> dict[str, Any]:
    """Capture a memory and return what was answered: its identifier, and no text."""
    answer = await client.post("/v1/memories", json={"content": content, **more}, headers=keyed())
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]
