"""What the tests of search share: a node with the real embedder, or with none."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from mnemosyne.contacts.service import Contacts
from mnemosyne.events.dispatcher import Dispatcher
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal
from mnemosyne.memories.model import Draft, Filter, Memory, Moment, Place
from mnemosyne.memories.ports import Embedder, EmbedderIdentity
from mnemosyne.memories.service.answering import Request
from mnemosyne.memories.service.enrichment import Enrichment
from mnemosyne.memories.service.memories import Memories
from mnemosyne.memories.service.search import Search, SearchResult
from tests.clock import SetClock

THREAD = "a" * 32


class Having:
    """One embedder, or none at all."""

    def __init__(self, embedder: Embedder | None) -> None:
        self.embedder = embedder

    def wanted(self) -> Embedder | None:
        return self.embedder

    def of(self, identity: EmbedderIdentity) -> Embedder | None:
        found = self.embedder
        return found if found is not None and found.identity == identity else None

    def problem(self) -> str:
        return "" if self.embedder else "there are no weights on this machine"


class Node:
    """The services of one person around a vault."""

    def __init__(
        self,
        database: Database,
        principal: Principal,
        clock: SetClock,
        embedder: Embedder | None = None,
    ) -> None:
        self.database = database
        self.principal = principal
        self.clock = clock
        self.embedders = Having(embedder)
        self.memories = Memories(database, clock, UTC)
        self.contacts = Contacts(database, clock)
        self.searching = Search(database, clock, self.embedders, UTC)
        enrichment = Enrichment(database, clock, self.embedders, UTC)
        self.dispatcher = Dispatcher(database, [enrichment.handler()], clock)
        self._captured = 0

    async def remember(
        self,
        content: str,
        *,
        at: datetime | None = None,
        speaker: str = "",
        **more: Any,  # noqa: ANN401
    ) -> Memory:
        """Capture a text; one that is spoken stands next in the thread."""
        self._captured += 1
        place = Place(THREAD, self._captured, speaker) if speaker else Place()
        occurred = None if at is None else Moment(at)
        draft = Draft(content, occurred=occurred, place=more.pop("place", place), **more)
        key = f"{id(self)}-{self._captured}"
        return (await self.memories.capture(self.principal, draft, key)).memory

    async def enrich(self) -> None:
        """Wait until everything has its names, dates and vectors."""
        await self.dispatcher.drain(60)

    async def search(
        self,
        text: str,
        wanted: Filter | None = None,
        **request: Any,  # noqa: ANN401
    ) -> SearchResult:
        """Ask."""
        return await self.searching.search(self.principal, text, wanted, Request(**request))

    async def found(
        self,
        text: str,
        wanted: Filter | None = None,
        **request: Any,  # noqa: ANN401
    ) -> Sequence[str]:
        """Return the texts that are found, in order."""
        result = await self.search(text, wanted, **request)
        return [hit.memory.content for hit in result.hits]
