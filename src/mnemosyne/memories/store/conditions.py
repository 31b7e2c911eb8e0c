"""Which memories a person may see and asks for: the one place that builds the condition."""

from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, and_, or_, select

from mnemosyne.contacts.store import folded_name
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.composing import labels
from mnemosyne.memories.enrichment.vocabulary import canonical
from mnemosyne.memories.model import Filter
from mnemosyne.memories.store.tables import (
    memory,
    memory_domain,
    memory_mention,
    memory_tag,
    memory_validity,
)

Condition = ColumnElement[bool]
Owner = Identifier | BindParameter[str]
Now = datetime | BindParameter[datetime]


def visible(owner: Owner, wanted: Filter, now: Now) -> list[Condition]:
    """Return the conditions on ``memory`` for what ``owner`` has outside the bin and asks for."""
    return [
        memory.c.owner == owner,
        memory.c.deleted_at.is_(None),
        *_holding(owner, wanted, now),
        *_in_time(wanted),
        *_labelled(owner, wanted),
        *_columns(wanted),
    ]


def _holding(owner: Owner, wanted: Filter, now: Now) -> list[Condition]:
    """Bi-temporal: what held at ``as_of``, by what had been recorded at ``known_at``."""
    known = wanted.known_at
    recorded = [] if known is None else [memory.c.created_at <= known]
    if wanted.history:
        return recorded
    at = wanted.as_of or now
    began = or_(memory.c.valid_from.is_(None), memory.c.valid_from <= at)
    lasts = or_(memory.c.valid_to.is_(None), memory.c.valid_to > at)
    if known is None:
        return [began, lasts]
    # An end that was recorded later was not known then, and one that was corrected later was.
    believed = (
        select(memory_validity.c.memory_id)
        .where(
            memory_validity.c.owner == owner,
            memory_validity.c.memory_id == memory.c.id,
            memory_validity.c.known_from <= known,
            memory_validity.c.known_until > known,
            memory_validity.c.valid_to <= at,
        )
        .exists()
    )
    return [began, or_(lasts, memory.c.ended_at > known), ~believed, *recorded]


def _in_time(wanted: Filter) -> list[Condition]:
    found = []
    if wanted.after is not None:
        found.append(memory.c.occurred_at >= wanted.after)
    if wanted.before is not None:
        found.append(memory.c.occurred_at < wanted.before)
    return found


def _labelled(owner: Owner, wanted: Filter) -> list[Condition]:
    found: list[Condition] = []
    if wanted.domain:
        found.append(
            memory.c.id.in_(
                select(memory_domain.c.memory_id).where(
                    memory_domain.c.owner == owner,
                    memory_domain.c.domain == canonical(wanted.domain),
                    memory_domain.c.suppressed.is_(False),
                )
            )
        )
    if wanted.tag:
        found.append(
            memory.c.id.in_(
                select(memory_tag.c.memory_id).where(
                    memory_tag.c.owner == owner, memory_tag.c.tag.in_(labels((wanted.tag,)))
                )
            )
        )
    if wanted.person:
        named = select(memory_mention.c.memory_id).where(
            memory_mention.c.owner == owner,
            memory_mention.c.name.in_([folded_name(each) for each in wanted.person]),
        )
        found.append(or_(memory.c.speaker.in_(wanted.person), memory.c.id.in_(named)))
    return found


def _columns(wanted: Filter) -> list[Condition]:
    found: list[Condition] = []
    if wanted.source:
        found.append(memory.c.source == wanted.source)
    if wanted.type is not None:
        found.append(memory.c.type == wanted.type)
    if wanted.thread_id:
        found.append(memory.c.thread_id == wanted.thread_id)
    if wanted.min_importance is not None:
        found.append(memory.c.importance >= wanted.min_importance)
    return found


def one(owner: Identifier, memory_id: Identifier) -> Condition:
    """Return the condition for one memory of ``owner``."""
    return and_(memory.c.owner == owner, memory.c.id == memory_id)
