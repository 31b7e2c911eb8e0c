"""Memories by the day on which they happened."""

from typing import Annotated

from fastapi import Query

from mnemosyne.api.memory.filters import TimelineQuery, TimelineRequest
from mnemosyne.api.memory.memories import READING
from mnemosyne.api.memory.memory_documents import TimelinePage, day_document
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Scope
from mnemosyne.memories.paging import Page
from mnemosyne.memories.service.memories import Day

timeline = Operations("timeline")


@timeline.get(
    "/v1/timeline",
    admits=needs(Scope.MEMORY_READ),
    refuses=(*READING, "malformed-cursor"),
)
async def read_timeline(
    wanted: Annotated[TimelineQuery, Query()], caller: Caller, node: Node
) -> TimelinePage:
    """Show memories by the local day on which they happened, the latest day first."""
    found = await node.memories.timeline(
        caller, wanted.plain(), cursor=wanted.cursor or "", limit=wanted.limit
    )
    return _page(found)


@timeline.post(
    "/v1/timeline",
    admits=needs(Scope.MEMORY_READ),
    refuses=(*READING, "malformed-cursor", "label-length"),
)
async def read_timeline_privately(
    wanted: TimelineRequest, caller: Caller, node: Node
) -> TimelinePage:
    """Show days by the person's own words as well, which stay out of the address."""
    found = await node.memories.timeline(
        caller,
        await wanted.narrowed(node, caller),
        cursor=wanted.cursor or "",
        limit=wanted.limit,
    )
    return _page(found)


def _page(found: Page[Day]) -> TimelinePage:
    return TimelinePage(
        items=[day_document(each) for each in found.items], next=found.next_cursor or None
    )
