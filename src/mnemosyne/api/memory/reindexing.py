"""Vectors over HTTP: those that are missing are asked for, and how much still waits."""

from pydantic import Field, NonNegativeInt

from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Request
from mnemosyne.api.storage import READING, WRITING
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Scope

reindexing = Operations("reindexing")


class ReindexRequest(Request):
    """Which vectors should be made."""

    again: bool = Field(
        default=False,
        description="Every vector anew, as the doctor may advise; the ones there serve meanwhile. "
        "It concerns everybody of the node: only whoever runs it may ask (scope `admin`).",
    )


class BacklogDocument(Document):
    """What waits for enrichment, and what was given up: asking again tries that once more."""

    waiting: NonNegativeInt
    given_up: NonNegativeInt


class ReindexingDocument(BacklogDocument):
    """What was asked for: for how many memories vectors were missing."""

    missing: NonNegativeInt


@reindexing.post(
    "/v1/reindexing",
    admits=needs(Scope.MEMORY_WRITE),
    refuses=(
        "processing-restricted",
        "graph-cache",
        "weights-altered",
        "weights-unsuitable",
        *WRITING,
    ),
    status=202,
)
async def start_reindexing(
    wanted: ReindexRequest, caller: Caller, node: Node
) -> ReindexingDocument:
    """Ask for the vectors that are missing, and for another try at what was given up."""
    asked = await node.reindexing.start(caller, again=wanted.again)
    left = asked.backlog
    return ReindexingDocument(missing=asked.missing, waiting=left.waiting, given_up=left.failed)


@reindexing.get("/v1/reindexing", admits=needs(Scope.MEMORY_READ), refuses=READING)
async def read_backlog(caller: Caller, node: Node) -> BacklogDocument:
    """Read how much of yours still waits for enrichment."""
    backlog = await node.overview.backlog(caller)
    return BacklogDocument(waiting=backlog.waiting, given_up=backlog.failed)
