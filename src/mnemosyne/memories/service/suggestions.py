"""Find names in what was captured that may be somebody's; who is a contact the person says."""

import asyncio
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts.restriction import require_unrestricted
from mnemosyne.contacts import store as contacts
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.enrichment.mentions import Names
from mnemosyne.memories.enrichment.suggested_names import NameEvidence, Suggestion
from mnemosyne.memories.store import reading

_AT_ONCE: Final = 500


class Suggestions:
    """Reads through all texts when asked, and keeps nothing of what it finds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def people(self, principal: Principal, limit: int = 20) -> tuple[Suggestion, ...]:
        """Return names that texts outside the bin use as people's and no contact has.

        The most frequent come first. Who is not wanted is left where it is; nothing is stored.
        """
        principal.require(Scope.MEMORY_READ)
        owner = principal.person
        evidence, after = NameEvidence(), 0
        while texts := await self._database.read(
            lambda tx, after=after: _texts(tx, owner, after)  # type: ignore[misc]
        ):
            await asyncio.to_thread(evidence.read, [text for _, text in texts])
            after = texts[-1][0]
        people = await self._database.read(lambda tx: contacts.everyone(tx, owner))
        known = Names.of({each.name: each.names for each in people})
        return evidence.suggestions(known)[:limit]


def _texts(tx: Connection, owner: Identifier, after: int) -> Sequence[tuple[int, str]]:
    require_unrestricted(tx, owner)
    return reading.texts_after(tx, owner, after, _AT_ONCE)
