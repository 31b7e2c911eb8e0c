"""Keys over HTTP: what opens the vault, and what the node signs with."""

from typing import Annotated

from fastapi import Path
from pydantic import Field

from mnemosyne.api.moments import At
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Id
from mnemosyne.api.storage import READING, WRITING
from mnemosyne.http.admission import needs
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.principal import Scope
from mnemosyne.kit.vault.slot_file import Slot

keys = Operations("keys")
SlotId = Annotated[Id, Path(description="The identifier of a way in.")]


class SlotDocument(Document):
    """One way into the vault."""

    id: Id
    kind: str = Field(examples=["passphrase"])
    created_at: At


class SlotList(Document):
    """Every way into the vault; all of them."""

    items: list[SlotDocument]
    next: None = None


class ClosedSlotDocument(Document):
    """A way in that is closed, and what still opens with it."""

    removed: SlotDocument
    statement: str


class NodeKeyList(Document):
    """The public keys that the node signs and has signed with, the oldest first, today's last."""

    items: list[str] = Field(description="As multikeys.")
    next: None = None


class RotationDocument(Document):
    """Which key took over from which, as multikeys."""

    previous: str
    current: str


@keys.get("/v1/keys", admits=needs(Scope.ADMIN))
async def list_keys(caller: Caller, node: Node) -> SlotList:
    """List what opens the vault."""
    return SlotList(items=[_slot(each) for each in await node.keys.ways_in(caller)])


@keys.get("/v1/node-keys", admits=needs(Scope.ACCOUNT_MANAGE), refuses=READING)
async def list_node_keys(caller: Caller, node: Node) -> NodeKeyList:
    """List the public keys of the node; the earlier ones still verify what they signed."""
    return NodeKeyList(items=[encode_multikey(each) for each in await node.node_keys.all(caller)])


@keys.post(
    "/v1/node-keys",
    admits=needs(Scope.ADMIN, step_up=True),
    refuses=WRITING,
    status=201,
)
async def rotate_node_key(caller: Caller, node: Node) -> RotationDocument:
    """Let a new key of the node sign from now on; what was signed before stays verifiable."""
    made = await node.node_keys.rotate(caller)
    return RotationDocument(
        previous=encode_multikey(made.previous), current=encode_multikey(made.next)
    )


@keys.delete(
    "/v1/keys/{slot}",
    admits=needs(Scope.ADMIN, step_up=True),
    refuses=("slot-missing", "last-slot", "slots-not-written", *WRITING),
)
async def close_key(slot: SlotId, caller: Caller, node: Node) -> ClosedSlotDocument:
    """Close one way into the vault; what still opens with it is said."""
    closed = await node.keys.remove(caller, slot)
    return ClosedSlotDocument(removed=_slot(closed.slot), statement=closed.statement)


def _slot(slot: Slot) -> SlotDocument:
    return SlotDocument(id=slot.id, kind=slot.kind, created_at=slot.created_at)
