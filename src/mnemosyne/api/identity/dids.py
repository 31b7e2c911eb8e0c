"""Cards, yours for others and those of others; and the DIDs that you know or that answer here."""

from functools import partial
from io import BytesIO
from typing import Annotated, Any, Final, assert_never

from fastapi import Query
from pydantic import Field

from mnemosyne.api.identity.did import ANY_READING, ANY_WRITING, READING, READS
from mnemosyne.api.identity.did_documents import HistoryDocument, VersionId, history_document
from mnemosyne.api.identity.did_requests import CardRequest, FollowDid, TakeCard, told_from_afar
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Id
from mnemosyne.application import Application
from mnemosyne.contacts.model import ById, Who
from mnemosyne.http.admission import needs
from mnemosyne.http.bodies import LARGEST_TEXTS
from mnemosyne.identity import cards
from mnemosyne.identity.log import History
from mnemosyne.identity.model import Accepted
from mnemosyne.identity.resolution import Resolved, Resolver, Unresolved
from mnemosyne.identity.resolving_errors import not_resolved
from mnemosyne.kit.principal import Principal, Scope

_WRITES: Final = needs(Scope.MEMORY_WRITE)
_ACCEPTING: Final = (
    *ANY_WRITING,
    "bad-card",
    "did-log",
    "invalid-did",
    "own-card",
    "contact-did",
    "did-equivocation",
    "did-deactivated",
    "processing-restricted",
)
_UNRESOLVED: Final = ("did-not-resolved", "did-unreadable", "did-unsupported")
_MOST_ON_A_PAGE: Final = 200
_LONGEST: Final = 2_048

dids = Operations("dids")


class CardDocument(Document):
    """Your card: it proves itself to whoever reads it, offline."""

    card: dict[str, Any] = Field(description="As a file; canonical JSON keeps it readable.")
    codes: list[str] = Field(description="The same as the texts of QR codes, in their order.")
    pictures: list[str] = Field(description="Those codes as SVG, where they were asked for.")


class FollowedPerson(Document):
    """Whose DID it is, by your people list."""

    id: Id
    name: str


class FollowedDid(Document):
    """A DID that you know from a card, and what its log says."""

    person: FollowedPerson
    history: HistoryDocument


class FollowedPage(Document):
    """Part of the DIDs that you know, in their order."""

    items: list[FollowedDid]
    next: str | None


class AcceptedCard(Document):
    """What became of a card."""

    person: FollowedPerson
    history: HistoryDocument
    fresh: list[VersionId] = Field(description="The entries that were new here.")
    settled: bool = Field(description="Whether it ended a conflict in their log.")


class ResolvedDid(Document):
    """A document with what is known about it."""

    did: str
    document: dict[str, Any] | None = Field(description="None where the DID was deactivated.")
    metadata: dict[str, Any]


@dids.post("/v1/did/card", admits=READS, refuses=(*READING, "card-text"))
async def make_card(wanted: CardRequest, caller: Caller, node: Node) -> CardDocument:
    """Give your card: as a file, as the texts of codes, and as pictures of those."""
    card = await node.identities.card(caller, wanted.name, wanted.hint)
    texts = cards.frames(card, cards.IMAGE_FRAME if wanted.pictures else cards.TERMINAL_FRAME)
    drawn = [_svg(code) for code in cards.codes(texts)] if wanted.pictures else []
    return CardDocument(card=cards.document(card), codes=list(texts), pictures=drawn)


@dids.get("/v1/dids", admits=READS, refuses=ANY_READING)
async def list_dids(
    caller: Caller,
    node: Node,
    limit: Annotated[int, Query(ge=1, le=_MOST_ON_A_PAGE)] = 50,
    cursor: Annotated[str, Query(max_length=128, description="`next` of the page before.")] = "",
) -> FollowedPage:
    """Show the DIDs that you know from cards, and whose they are."""
    known = sorted(
        ((each.did, each) for each in await node.contacts.everyone(caller) if each.did),
        key=lambda pair: pair[0],
    )
    after = [pair for pair in known if pair[0] > cursor]
    shown = after[:limit]
    histories = await node.identities.histories(caller, [name for name, _ in shown])
    items = [
        FollowedDid(
            person=FollowedPerson(id=who.id, name=who.name),
            history=history_document(histories[name]),
        )
        for name, who in shown
        if name in histories
    ]
    return FollowedPage(items=items, next=shown[-1][0] if len(after) > limit else None)


@dids.post(
    "/v1/dids",
    admits=_WRITES,
    refuses=(*_ACCEPTING, "name-length"),
    largest_body=LARGEST_TEXTS,
)
async def follow_did(shown: FollowDid, caller: Caller, node: Node) -> AcceptedCard:
    """Learn somebody's DID from their card, or what is new of one that you know.

    The card proves itself. A rival log is kept beside the one that was seen first, and reported.
    """
    return await _accept(shown.card, shown.name, caller, node)


@dids.post(
    "/v1/people/{contact}/card",
    admits=_WRITES,
    refuses=(*_ACCEPTING, "contact-not-found"),
    largest_body=LARGEST_TEXTS,
)
async def take_card(contact: Id, shown: TakeCard, caller: Caller, node: Node) -> AcceptedCard:
    """Learn from their card by which DID somebody on your people list is known."""
    return await _accept(shown.card, ById(contact), caller, node)


@dids.get(
    "/v1/dids/{did}",
    admits=READS,
    refuses=(*ANY_READING, *_UNRESOLVED),
)
async def resolve_did(
    did: str,
    caller: Caller,
    node: Node,
    version_id: Annotated[str | None, Query(max_length=_LONGEST)] = None,
    version_time: Annotated[
        str | None, Query(max_length=_LONGEST, examples=["2026-11-24T09:10:00Z"])
    ] = None,
) -> ResolvedDid:
    """Show the document of a DID: yours, of a card that you took, of this node, or a did:key."""
    named = {"versionId": version_id, "versionTime": version_time}
    options = [(name, value) for name, value in named.items() if value is not None]
    found = await Resolver(partial(_find, node, caller), node.clock).resolve(did, options)
    match found:
        case Unresolved(problem):
            raise not_resolved(problem)
        case Resolved():
            document = None if found.document is None else dict(found.document)
            return ResolvedDid(did=found.did, document=document, metadata=dict(found.metadata))
        case _:
            assert_never(found)


async def _find(node: Application, caller: Principal, did: str) -> History | None:
    """Return what a person knows of a DID, or what this node tells everybody."""
    return await node.identities.find(caller, did) or await node.hosting.find(did)


async def _accept(text: str, name: Who, caller: Principal, node: Application) -> AcceptedCard:
    card = await node.following.read_card(text.encode())
    with told_from_afar():
        accepted = await node.following.accept(caller, card, name)
    return _accepted(accepted)


def _accepted(accepted: Accepted) -> AcceptedCard:
    who = accepted.contact
    return AcceptedCard(
        person=FollowedPerson(id=who.id, name=who.name),
        history=history_document(accepted.history),
        fresh=[entry.version_id for entry in accepted.fresh],
        settled=accepted.settled,
    )


def _svg(code: Any) -> str:  # noqa: ANN401 - segno's, which the kit of cards alone knows
    drawn = BytesIO()
    code.save(drawn, kind="svg", scale=1, border=4, xmldecl=False)
    return drawn.getvalue().decode("utf-8")
