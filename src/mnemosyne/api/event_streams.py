"""Server-sent events (HTML §9.2): what is sent, and how a stream ends."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Annotated, Any, Final

from fastapi import Header
from pydantic import StringConstraints, WithJsonSchema
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from mnemosyne.api.schemas import Document

MEDIA_TYPE: Final = "text/event-stream"
HEARTBEAT: Final = b": the stream is open\n\n"
_MOST_DIGITS: Final = 9

_NUMBER: Final = rf"^[0-9]{{1,{_MOST_DIGITS}}}$"

LastEventId = Annotated[
    Annotated[str, StringConstraints(pattern=_NUMBER)] | None,
    WithJsonSchema({"type": "string", "pattern": _NUMBER}),  # a header has no null
    Header(
        alias="Last-Event-ID",
        description="The `id` of the last event that was received: the stream goes on after it.",
    ),
]


def event(name: str, number: int, data: Mapping[str, Any]) -> bytes:
    """Return one event; JSON has no line feed, so its data is one line."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\nid: {number}\ndata: {text}\n\n".encode()


def event_schema(names: Iterable[str], data: type[Document]) -> dict[str, Any]:
    """Return the schema of each event: its name, its number, and JSON as its data."""
    content = {"$ref": f"#/components/schemas/{data.__name__}"}
    return {
        "type": "object",
        "properties": {
            "event": {"enum": [str(name) for name in names]},
            "id": {"type": "string", "pattern": _NUMBER},
            "data": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": content,
            },
        },
        "required": ["event", "id", "data"],
    }


class EventStream(StreamingResponse):
    """A stream of events; no proxy holds any of it back, and ``close`` is called at its end."""

    def __init__(self, events: AsyncIterator[bytes], close: Callable[[], Awaitable[None]]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, headers=headers, media_type=MEDIA_TYPE)
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; what it reads from is closed also where the client left before it began."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._close()
