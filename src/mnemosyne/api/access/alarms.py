"""What a person has to know of their ways in, until they say that they have seen it."""

from typing import Any, Self

from mnemosyne.accounts.alarms import Alarm, AlarmKind
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Id, Moment
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Scope

alarms = Operations("alarms")
_STORED = ("database-busy", "storage-full", "commit-unknown", "record-gone")


class AlarmDocument(Document):
    """Something that happened to a way in."""

    id: Id
    kind: AlarmKind
    at: Moment
    facts: dict[str, Any]

    @classmethod
    def of(cls, alarm: Alarm) -> Self:
        """Return an alarm as a document."""
        return cls(id=alarm.id, kind=alarm.kind, at=alarm.at, facts=dict(alarm.facts))


class AlarmsPage(Document):
    """Every alarm that was not acknowledged, the newest first."""

    items: list[AlarmDocument]
    next: str | None = None


@alarms.get(
    "/v1/alarms",
    admits=needs(Scope.ACCOUNT_MANAGE),
    refuses=("database-busy", "read-too-long"),
)
async def list_alarms(caller: Caller, node: Node) -> AlarmsPage:
    """List what you have not yet said that you have seen."""
    found = await node.alarms.all(caller)
    return AlarmsPage(items=[AlarmDocument.of(each) for each in found])


@alarms.post(
    "/v1/alarms/{alarm}/acknowledge",
    admits=needs(Scope.ACCOUNT_MANAGE),
    refuses=("alarm-not-found", *_STORED),
    status=204,
)
async def acknowledge_alarm(alarm: Id, caller: Caller, node: Node) -> None:
    """Say that you have seen an alarm. Your record keeps what it told."""
    await node.alarms.acknowledge(caller, alarm)
