"""Who is on this node, as whoever runs it sees them: names and dates, and nothing of theirs."""

from pydantic import Field

from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Moment
from mnemosyne.api.storage import READING
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Scope

residents = Operations("residents")


class ResidentDocument(Document):
    """Somebody with an account here."""

    name: str
    created_at: Moment
    first: bool = Field(description="Whether the node is theirs.")


class ResidentPage(Document):
    """Everybody with an account here, the first person first."""

    items: list[ResidentDocument]
    next: str | None = None


@residents.get("/v1/residents", admits=needs(Scope.ADMIN), refuses=READING)
async def list_residents(caller: Caller, node: Node) -> ResidentPage:
    """List who is on this node."""
    found = await node.people.everyone(caller)
    return ResidentPage(
        items=[
            ResidentDocument(name=each.name, created_at=each.created_at, first=each.first)
            for each in found
        ]
    )
