"""Alarms: what a person has to know of their ways in, shown until they say that they have seen it.

The record has an entry of each as well; an alarm is what brings it before their eyes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKey,
    String,
    Table,
    delete,
    insert,
    select,
)

from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database, UtcDateTime, metadata
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Principal, Scope

alarm = Table(
    "alarm",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(32), ForeignKey("person.id"), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("facts", JSON, nullable=False),
)


class AlarmKind(StrEnum):
    """What happened to a person's ways in."""

    COUNTER_REGRESSED = "passkey-counter-regressed"
    """A passkey counted backwards: there may be a copy of it. It was not let in."""
    BACKUP_CHANGED = "passkey-backup-changed"
    """A passkey that could not be copied now can, or the reverse. It was not let in."""
    CODE_REDEEMED = "recovery-code-redeemed"
    """Somebody got in with a recovery code, and may add a passkey."""
    LINK_USED = "enrolment-link-used"
    """A link from the shell of the node added a passkey to those that there were."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something a person has not yet said that they have seen."""

    id: Identifier
    kind: AlarmKind
    at: datetime
    facts: Mapping[str, Any]


class AlarmNotFoundError(MnemosyneError):
    """The person has no alarm of that identifier."""

    code = "alarm-not-found"

    def __init__(self, alarm_id: Identifier) -> None:
        super().__init__(
            "you have no such alarm",
            why="You have seen to it already, or it was never yours.",
            hint="List your alarms, and take an identifier from there.",
        )
        self.alarm_id = alarm_id


class Alarms:
    """What people have not yet seen."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self, principal: Principal) -> Sequence[Alarm]:
        """Return what the person has not yet said they have seen, the newest first."""
        principal.require(Scope.ACCOUNT_MANAGE)
        return await self._database.read(lambda tx: of(tx, principal.person))

    async def acknowledge(self, principal: Principal, alarm_id: Identifier) -> None:
        """Note that the person has seen an alarm; the record keeps what it told.

        Raises:
            AlarmNotFoundError: they have none of that identifier.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        at = self._clock()

        def write(tx: Connection) -> None:
            found = tx.execute(
                delete(alarm).where(alarm.c.owner == principal.person, alarm.c.id == alarm_id)
            )
            if not found.rowcount:
                raise AlarmNotFoundError(alarm_id)
            who, channel = principal.credential, principal.channel
            seen = Act(
                principal.person, "alarm-acknowledged", who, channel, payload={"alarm": alarm_id}
            )
            audit.append(tx, seen, at)

        await self._database.write(write)


def ring(
    tx: Connection,
    owner: Identifier,
    kind: AlarmKind,
    credential: Identifier,
    at: datetime,
    *,
    channel: str,
    facts: Mapping[str, object],
) -> None:
    """Raise an alarm in the caller's transaction, and record it."""
    audit.append(tx, Act(owner, kind.value, credential, channel, payload=facts), at)
    tx.execute(
        insert(alarm).values(id=new_id(at), owner=owner, kind=kind.value, at=at, facts=dict(facts))
    )


def of(tx: Connection, owner: Identifier) -> Sequence[Alarm]:
    """Return the alarms of ``owner``, the newest first."""
    query = (
        select(alarm).where(alarm.c.owner == owner).order_by(alarm.c.at.desc(), alarm.c.id.desc())
    )
    return [Alarm(r.id, AlarmKind(r.kind), r.at, r.facts) for r in tx.execute(query)]
