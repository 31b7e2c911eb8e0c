"""Ask a question and be answered with memories, each with the reasons for its place."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from mnemosyne.api.memory.filters import MOST_ON_A_PAGE, Cursor, PrivateNarrowing
from mnemosyne.api.memory.memories import READING
from mnemosyne.api.memory.memory_documents import MemoryDocument, memory_document
from mnemosyne.api.moments import At
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Id
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Scope
from mnemosyne.memories.search.question import Question
from mnemosyne.memories.service.answering import Hit, Request, SearchOrder
from mnemosyne.memories.service.search import Searched, SearchResult

_LONGEST_QUESTION: Final = 8_192

search = Operations("search")


class HitOrder(StrEnum):
    """How hits are listed; `time` is the latest first."""

    SCORE = "score"
    TIME = "time"
    OLDEST = "oldest"


_ORDERS: Final = {
    HitOrder.SCORE: SearchOrder.SCORE,
    HitOrder.TIME: SearchOrder.LATEST,
    HitOrder.OLDEST: SearchOrder.OLDEST,
}


class SearchRequest(PrivateNarrowing):
    """A question in the person's own words, what narrows it, and which part of the hits."""

    question: Annotated[
        str, StringConstraints(min_length=1, max_length=_LONGEST_QUESTION, pattern=r"\S")
    ] = Field(examples=["where did we walk in spring"])
    order: Annotated[HitOrder, Field(strict=False)] = Field(
        HitOrder.SCORE, description="By how well it fits, or by time."
    )
    diverse: bool = Field(default=False, description="Leave out what says nearly the same.")
    limit: int = Field(10, ge=1, le=MOST_ON_A_PAGE, description="At most so many.")
    cursor: Cursor | None = None


class BecauseDocument(Document):
    """Why a memory was found: parts that add up to its score, and what lies behind them."""

    parts: dict[str, float]
    matched: list[str] = Field(description="Words of the question that the memory holds.")
    nearby: list[str] = Field(description="Words that only its neighbours in the thread hold.")
    similarity: float | None = Field(description="Cosine to the closest chunk, if it has a vector.")
    neighbours: list[Id] = Field(description="Memories beside it that lent score.")


class HitDocument(Document):
    """A memory that was found; scores compare hits of one question only."""

    memory: MemoryDocument
    score: float
    because: BecauseDocument


class SpanDocument(Document):
    """A date that the question names: from `after` on, before `before`."""

    text: str
    after: At
    before: At


class UnderstoodDocument(Document):
    """How the question was understood."""

    words: list[str]
    people: list[str]
    dates: list[SpanDocument]
    asks_when: bool


class NoteDocument(Document):
    """What should be known about an answer."""

    code: Literal["meaning-not-available", "vectors-missing", "no-word-in-common"]
    message: str
    count: int | None = None


class SearchDocument(Document):
    """A page of hits, and how the question was understood and answered."""

    items: list[HitDocument]
    next: str | None
    searched: Searched
    understood: UnderstoodDocument
    notes: list[NoteDocument]


@search.post(
    "/v1/search",
    admits=needs(Scope.MEMORY_READ),
    refuses=(
        *READING,
        "empty-question",
        "label-length",
        "malformed-cursor",
        "processing-restricted",
    ),
)
async def search_memories(wanted: SearchRequest, caller: Caller, node: Node) -> SearchDocument:
    """Find memories by words, meaning and time, each with the evidence for its place."""
    request = Request(wanted.limit, wanted.cursor or "", _ORDERS[wanted.order], wanted.diverse)
    narrowed = await wanted.narrowed(node, caller)
    found = await node.search.search(caller, wanted.question, narrowed, request)
    return SearchDocument(
        items=[_hit(each) for each in found.hits],
        next=found.next_cursor or None,
        searched=found.searched,
        understood=_understood(found.question),
        notes=_notes(found),
    )


def _hit(hit: Hit) -> HitDocument:
    because = hit.explanation
    return HitDocument(
        memory=memory_document(hit.memory),
        score=hit.score,
        because=BecauseDocument(
            parts=dict(because.parts),
            matched=list(because.matched),
            nearby=list(because.nearby),
            similarity=because.similarity,
            neighbours=list(hit.neighbours),
        ),
    )


def _understood(question: Question) -> UnderstoodDocument:
    text = question.text
    spans = [
        SpanDocument(text=text[each.start : each.end], after=each.after, before=each.before)
        for each in question.dates
    ]
    return UnderstoodDocument(
        words=[term.word for term in question.terms],
        people=list(question.people),
        dates=spans,
        asks_when=question.asks_when,
    )


def _notes(found: SearchResult) -> list[NoteDocument]:
    notes = []
    if found.searched is Searched.WORDS:
        # Why, the operator is told by `status`: it names files of this machine.
        message = "Compared by words alone: this node has no vectors, or nothing to make one with."
        notes.append(NoteDocument(code="meaning-not-available", message=message))
    elif found.waiting:
        message = "These memories have no vector yet and were compared by words."
        notes.append(NoteDocument(code="vectors-missing", message=message, count=found.waiting))
    held = (hit.explanation.matched or hit.explanation.nearby for hit in found.hits)
    if found.hits and not any(held):
        message = "None of these has a word of the question; they are nearest in meaning."
        notes.append(NoteDocument(code="no-word-in-common", message=message))
    return notes
