"""The people list: who is known, under which names. Names stay out of addresses."""

from typing import Annotated, Final

from fastapi import Query, Response
from pydantic import Field, StringConstraints

from mnemosyne.api.memory.filters import MOST_ON_A_PAGE
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Id, Request
from mnemosyne.application import Application
from mnemosyne.contacts.model import ById, Contact
from mnemosyne.contacts.service import LONGEST_NAME
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Principal, Scope

_READS: Final = needs(Scope.MEMORY_READ)
_WRITES: Final = needs(Scope.MEMORY_WRITE)
_READING: Final = ("database-busy", "read-too-long")
_WRITING: Final = ("database-busy", "processing-restricted", "storage-full", "commit-unknown")
_MOST_NAMES: Final = 64

Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_NAME, pattern=r"\S"),
    Field(examples=["Tomás Vidal"]),
]
Names = Annotated[list[Name], Field(max_length=_MOST_NAMES)]

contacts = Operations("people")


class ContactDocument(Document):
    """Someone of the people list, with every name they go by."""

    id: Id
    name: str
    aliases: list[str]
    source: str
    did: str | None
    equivocation: bool = Field(description="Whether their DID has rival logs.")
    deactivated: bool = Field(description="Whether their DID was deactivated.")


class ContactChanged(Document):
    """Whose entry was made or changed; the names on it are read with GET."""

    id: Id


class ContactsPage(Document):
    """Part of the people list."""

    items: list[ContactDocument]
    next: str | None


class SuggestionDocument(Document):
    """A name that texts use as a person's, and how often."""

    name: str
    count: int = Field(ge=1)


class Suggestions(Document):
    """Names that no contact has, the most frequent first."""

    items: list[SuggestionDocument]


class AddContact(Request):
    """Somebody, or further names of somebody who is on the list."""

    name: Name
    aliases: Names = Field(default_factory=list)


class ChangeContact(Request):
    """Another main name, names to add, and names to take off; the old main name stays an alias."""

    name: Name | None = None
    add_aliases: Names = Field(default_factory=list)
    remove_aliases: Names = Field(default_factory=list)


class MergeContact(Request):
    """Who they really are."""

    into: Id


class SplitContact(Request):
    """The alias that is a person of its own."""

    alias: Name


@contacts.get("/v1/people", admits=_READS, refuses=_READING)
async def list_contacts(
    caller: Caller,
    node: Node,
    limit: Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE)] = 100,
    cursor: Annotated[Id | None, Query(description="`next` of the page before.")] = None,
) -> ContactsPage:
    """Show everyone on the list, in the order in which they joined it."""
    # By identifier and not by name: then a page goes on wherever it was, and no name is in it.
    everyone = sorted(await node.contacts.everyone(caller), key=lambda each: each.id)
    left = [each for each in everyone if cursor is None or each.id > cursor]
    shown = left[:limit]
    return ContactsPage(
        items=await _documents(node, caller, shown),
        next=shown[-1].id if len(left) > limit else None,
    )


@contacts.post("/v1/people", admits=_WRITES, refuses=(*_WRITING, "name-taken", "name-length"))
async def add_contact(wanted: AddContact, caller: Caller, node: Node) -> ContactChanged:
    """Add somebody, or give somebody who goes by that name further names. Repeating it is safe."""
    found = await node.contacts.add(caller, wanted.name, tuple(wanted.aliases))
    return ContactChanged(id=found.id)


@contacts.get("/v1/people/{contact}", admits=_READS, refuses=(*_READING, "contact-not-found"))
async def read_contact(contact: Id, caller: Caller, node: Node) -> ContactDocument:
    """Show somebody with every name they go by."""
    return await _document(node, caller, await node.contacts.get(caller, ById(contact)))


@contacts.patch(
    "/v1/people/{contact}",
    admits=_WRITES,
    refuses=(*_WRITING, "contact-not-found", "name-taken", "name-length"),
)
async def change_contact(
    contact: Id, change: ChangeContact, caller: Caller, node: Node
) -> ContactChanged:
    """Rename somebody, give them names or take names off them: all of it or nothing."""
    found = await node.contacts.change(
        caller,
        ById(contact),
        to=change.name,
        add=change.add_aliases,
        remove=change.remove_aliases,
    )
    return ContactChanged(id=found.id)


@contacts.delete(
    "/v1/people/{contact}",
    admits=_WRITES,
    refuses=("database-busy", "storage-full", "commit-unknown", "contact-not-found"),
    status=204,
    response_class=Response,
)
async def remove_contact(contact: Id, caller: Caller, node: Node) -> None:
    """Take somebody off the list; memories that name them stay as they are."""
    await node.contacts.remove(caller, ById(contact))


@contacts.post(
    "/v1/people/{contact}/merge",
    admits=_WRITES,
    refuses=(*_WRITING, "contact-not-found", "contact-did"),
)
async def merge_contact(
    contact: Id, merge: MergeContact, caller: Caller, node: Node
) -> ContactChanged:
    """Say that two entries are one person; every name stays, with the one it goes `into`."""
    found = await node.contacts.merge(caller, ById(contact), ById(merge.into))
    return ContactChanged(id=found.id)


@contacts.post(
    "/v1/people/{contact}/split",
    admits=_WRITES,
    refuses=(*_WRITING, "contact-not-found", "name-length"),
)
async def split_contact(
    contact: Id, split: SplitContact, caller: Caller, node: Node
) -> ContactChanged:
    """Make an alias of somebody a person of its own, and name that person."""
    found = await node.contacts.split(caller, split.alias, ById(contact))
    return ContactChanged(id=found.id)


@contacts.get("/v1/suggestions", admits=_READS, refuses=(*_READING, "processing-restricted"))
async def suggest_contacts(
    caller: Caller, node: Node, limit: Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE)] = 20
) -> Suggestions:
    """Show names that texts use as people's; nobody joins the list unless they are added."""
    found = await node.suggestions.people(caller, limit)
    return Suggestions(
        items=[SuggestionDocument(name=each.name, count=each.count) for each in found]
    )


async def _document(node: Application, caller: Principal, who: Contact) -> ContactDocument:
    return (await _documents(node, caller, [who]))[0]


async def _documents(
    node: Application, caller: Principal, everyone: list[Contact]
) -> list[ContactDocument]:
    dids = [each.did for each in everyone if each.did]
    histories = await node.identities.histories(caller, dids)
    found = []
    for who in everyone:
        history = histories.get(who.did or "")
        found.append(
            ContactDocument(
                id=who.id,
                name=who.name,
                aliases=list(who.aliases),
                source=who.source,
                did=who.did,
                equivocation=history is not None and history.equivocation,
                deactivated=history is not None and history.deactivated,
            )
        )
    return found
