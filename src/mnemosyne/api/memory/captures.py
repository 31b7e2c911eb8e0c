"""Remember several things in one request, each for itself and with its own outcome."""

from typing import Any, Literal

from pydantic import Field, ValidationError

from mnemosyne.api.complaints import complaints, invalid
from mnemosyne.api.memory.memories import STORING, WRITING, IdempotencyKey
from mnemosyne.api.memory.memory_documents import Acknowledged, acknowledged
from mnemosyne.api.memory.memory_requests import CaptureOfSeveral, Captures
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Problem
from mnemosyne.application import Application
from mnemosyne.http.admission import needs
from mnemosyne.http.bodies import LARGEST_TEXTS
from mnemosyne.http.problems import document_of
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.principal import Principal, Scope

captures = Operations("memories")


class CaptureOutcome(Document):
    """What became of one of several: `created`, there `before`, or `refused` with the problem."""

    outcome: Literal["created", "before", "refused"]
    memory: Acknowledged | None = None
    problem: Problem | None = None


class CaptureOutcomes(Document):
    """What became of each, in the order in which they were sent."""

    items: list[CaptureOutcome]
    created: int = Field(ge=0)
    refused: int = Field(ge=0)


@captures.post(
    "/v1/captures",
    admits=needs(Scope.MEMORY_WRITE),
    refuses=WRITING,
    largest_body=LARGEST_TEXTS,
)
async def capture_memories(
    drafts: Captures, key: IdempotencyKey, caller: Caller, node: Node
) -> CaptureOutcomes:
    """Remember up to 100 texts. One that is refused does not keep the others out.

    What is empty, too long or out of bounds is refused by itself; a request whose members are
    missing, unknown or of another kind is refused as a whole, and so is a malformed moment.

    The key names each of them together with its place: the same request sent again does what was
    not done yet, and answers the same for what was.
    """
    found = [
        await _one(node, caller, draft, key, number) for number, draft in enumerate(drafts.memories)
    ]
    return CaptureOutcomes(
        items=found,
        created=sum(each.outcome == "created" for each in found),
        refused=sum(each.outcome == "refused" for each in found),
    )


async def _one(
    node: Application, caller: Principal, sent: CaptureOfSeveral, key: str, number: int
) -> CaptureOutcome:
    try:
        # A key that is sent has no space in it: so none of these is ever a key of its own.
        captured = await node.memories.capture(caller, sent.judged().draft(), f"{key} {number}")
    except ValidationError as error:
        found = complaints(error.errors(include_url=False), ("body", "memories", number))
        return CaptureOutcome(outcome="refused", problem=Problem(**invalid(found)))
    except MnemosyneError as error:
        if error.code not in STORING:  # nothing about this text: the next would fail alike
            raise
        members: dict[str, Any] = document_of(error)
        return CaptureOutcome(outcome="refused", problem=Problem(**members))
    outcome: Literal["created", "before"] = "created" if captured.created else "before"
    return CaptureOutcome(outcome=outcome, memory=acknowledged(captured.memory))
