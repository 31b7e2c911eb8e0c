"""How the person's memories stand: what there is, what waits, and whether meaning is searched."""

from pydantic import Field

from mnemosyne.api.moments import At
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Scope
from mnemosyne.memories.service.overview import Standing

overview = Operations("overview")


class EnrichmentDocument(Document):
    """What waits to be worked on."""

    by_status: dict[str, int]
    waiting: int
    given_up: int
    oldest: At | None


class MeaningDocument(Document):
    """Whether questions are compared by meaning, with what, and how many have no vector yet."""

    on: bool
    embedder: str | None
    precision: str | None
    missing: int | None


class OverviewDocument(Document):
    """How the memories of a person stand, in one snapshot."""

    memories: int = Field(ge=0)
    in_bin: int = Field(ge=0)
    types: dict[str, int]
    sources: dict[str, int]
    domains: dict[str, int]
    enrichment: EnrichmentDocument
    search_by_meaning: MeaningDocument
    erasing: int = Field(description="Memories whose erase is not complete yet.")
    forget_limit_reached_by: list[str]
    restricted_since: At | None = Field(description="Since when processing is restricted.")


@overview.get(
    "/v1/overview", admits=needs(Scope.MEMORY_READ), refuses=("database-busy", "read-too-long")
)
async def read_overview(caller: Caller, node: Node) -> OverviewDocument:
    """Show how the memories stand."""
    standing = await node.overview.standing(caller)
    backlog = standing.backlog
    return OverviewDocument(
        memories=standing.memories,
        in_bin=standing.in_bin,
        types=standing.by_type,
        sources=standing.by_source,
        domains=standing.by_domain,
        enrichment=EnrichmentDocument(
            by_status=standing.by_status,
            waiting=backlog.waiting,
            given_up=backlog.failed,
            oldest=backlog.oldest,
        ),
        search_by_meaning=_meaning(standing, available=not node.embedders.problem()),
        erasing=standing.erasing,
        forget_limit_reached_by=list(standing.forgetters),
        restricted_since=standing.restricted_since,
    )


def _meaning(standing: Standing, *, available: bool) -> MeaningDocument:
    meaning = standing.meaning
    if meaning is None:
        return MeaningDocument(on=False, embedder=None, precision=None, missing=None)
    return MeaningDocument(
        on=available,
        embedder=meaning.embedder.name,
        precision=meaning.embedder.precision,
        missing=meaning.missing,
    )
