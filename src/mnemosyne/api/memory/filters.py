"""Which memories a request asks for, and which part of the list.

What a person called things (tags, names) stays out of addresses, which are logged and kept in
histories: those are asked for in a body alone.
"""

from dataclasses import replace
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from mnemosyne.api.moments import GivenUtc
from mnemosyne.api.schemas import Id
from mnemosyne.application import Application
from mnemosyne.contacts.service import LONGEST_NAME
from mnemosyne.contacts.store import folded_name
from mnemosyne.kit.principal import Principal
from mnemosyne.memories.composing import LONGEST_TAG
from mnemosyne.memories.model import Filter, MemoryType
from mnemosyne.memories.paging import Order

MOST_ON_A_PAGE: Final = 200
_LONGEST_CURSOR: Final = 4_096

Cursor = Annotated[
    str,
    StringConstraints(min_length=1, max_length=_LONGEST_CURSOR, pattern=r"^[A-Za-z0-9_-]+$"),
    Field(description="`next` of the page before, with everything else as it was."),
]
Size = Annotated[int, Field(ge=1, le=MOST_ON_A_PAGE, description="At most so many.")]


def _truth(text: object) -> object:
    return {"true": True, "false": False}.get(text, text) if isinstance(text, str) else text


Truth = Annotated[bool, BeforeValidator(_truth), Field(strict=True)]
"""A flag in an address: `true` or `false`."""


class Narrowing(BaseModel):
    """Which memories; what is left out does not narrow."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: GivenUtc | None = Field(None, description="Not before this moment.")
    before: GivenUtc | None = Field(None, description="Before this moment.")
    as_of: GivenUtc | None = Field(None, description="What held at this moment; now.")
    known_at: GivenUtc | None = Field(None, description="By what was recorded at this moment.")
    domain: str = Field("", max_length=LONGEST_TAG, description="Of this domain.")
    source: str = Field("", max_length=64, description="From this source, such as `chatgpt`.")
    type: Annotated[MemoryType, Field(strict=False)] | None = Field(
        None, description="Of this type."
    )
    min_importance: float | None = Field(
        None, ge=0, le=1, allow_inf_nan=False, description="At least so important."
    )
    thread_id: Id | None = Field(None, description="Of this conversation or long text.")

    def plain(self, *, history: bool = False) -> Filter:
        """Return what can stand in an address as a value."""
        return Filter(
            after=self.after,
            before=self.before,
            as_of=self.as_of,
            known_at=self.known_at,
            history=history,
            domain=self.domain.strip().casefold(),
            source=self.source.strip(),
            type=self.type,
            min_importance=self.min_importance,
            thread_id=self.thread_id or "",
        )


class PrivateNarrowing(Narrowing):
    """Which memories, by the person's own words as well."""

    model_config = ConfigDict(strict=True)

    tag: str = Field("", max_length=LONGEST_TAG, description="With this tag.")
    person: str = Field(
        "", max_length=LONGEST_NAME, description="Who said it, or is named: any of their names."
    )

    async def narrowed(
        self, node: Application, caller: Principal, *, history: bool = False
    ) -> Filter:
        """Return it as a value; a person is looked for under every name they go by."""
        names = await _names(node, caller, self.person.strip())
        tag = self.tag.strip().removeprefix("#").casefold()
        return replace(self.plain(history=history), tag=tag, person=names)


class ListQuery(Narrowing):
    """Which part of which list."""

    history: Truth = Field(default=False, description="What was replaced as well.")
    order: Order = Field(Order.TIME, description="How the list is sorted.")
    limit: Size = 20
    cursor: Cursor | None = None


class TimelineQuery(Narrowing):
    """Which part of which days."""

    limit: Size = 100
    cursor: Cursor | None = None


class CountRequest(PrivateNarrowing):
    """What should be counted."""

    history: bool = Field(default=False, description="What was replaced as well.")


class ListRequest(CountRequest):
    """Which part of which list, by the person's own words as well."""

    order: Annotated[Order, Field(strict=False)] = Field(
        Order.TIME, description="How the list is sorted."
    )
    limit: Size = 20
    cursor: Cursor | None = None


class TimelineRequest(PrivateNarrowing):
    """Which part of which days, by the person's own words as well."""

    limit: Size = 100
    cursor: Cursor | None = None


async def _names(node: Application, caller: Principal, name: str) -> tuple[str, ...]:
    if not name:
        return ()
    wanted = folded_name(name)
    for contact in await node.contacts.everyone(caller):
        if wanted in map(folded_name, contact.names):
            return contact.names
    return (name,)
