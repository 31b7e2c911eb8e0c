"""How a vault stands: what is in it, what waits, what is being erased, and who forgot how much."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import restriction
from mnemosyne.events import outbox
from mnemosyne.events.outbox import Backlog
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.ports import EmbedderIdentity
from mnemosyne.memories.service.bin import FORGETS_PER_HOUR
from mnemosyne.memories.store import counting, embeddings, erasing, reading

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Meaning:
    """The embedder that answers questions by meaning, and how many memories it has not seen."""

    embedder: EmbedderIdentity
    missing: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the vault of one person stands in one snapshot.

    ``forgetters`` are those who reached the limit of forgets within the last hour.
    """

    memories: int
    in_bin: int
    by_type: dict[str, int]
    by_source: dict[str, int]
    by_status: dict[str, int]
    by_domain: dict[str, int]
    backlog: Backlog
    erasing: int
    forgetters: tuple[str, ...]
    meaning: Meaning | None
    restricted_since: datetime | None = None


class Overview:
    """Looks at the whole and changes nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def backlog(self, principal: Principal) -> Backlog:
        """Return what of the person's waits for enrichment, and what was given up."""
        principal.require(Scope.MEMORY_READ)
        return await self._database.read(lambda tx: outbox.backlog(tx, principal.person))

    async def standing(self, principal: Principal) -> Standing:
        """Return how the vault stands now."""
        principal.require(Scope.MEMORY_READ)
        since = self._clock() - _HOUR

        def read(tx: Connection) -> Standing:
            owner = principal.person
            by_status = reading.counts_by(tx, owner, "status")
            forgot = counting.forgets_since(tx, owner, since)
            return Standing(
                memories=sum(by_status.values()),
                in_bin=counting.in_bin(tx, owner),
                by_type=reading.counts_by(tx, owner, "type"),
                by_source=reading.counts_by(tx, owner, "source"),
                by_status=by_status,
                by_domain=counting.by_domain(tx, owner),
                backlog=outbox.backlog(tx, owner),
                erasing=erasing.unfinished(tx, owner),
                forgetters=tuple(by for by, n in forgot.items() if n >= FORGETS_PER_HOUR),
                meaning=_meaning(tx, principal),
                restricted_since=restriction.since(tx, owner),
            )

        return await self._database.read(read)


def _meaning(tx: Connection, principal: Principal) -> Meaning | None:
    serving = embeddings.serving(tx)
    if serving is None:
        return None
    return Meaning(serving.identity, embeddings.missing(tx, principal.person, serving.id))
