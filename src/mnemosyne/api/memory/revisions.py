"""Change a memory and keep it: another text, a newer one in its place, labels, pins, marks."""

from typing import Final

from fastapi import Response

from mnemosyne.api.memory import etags
from mnemosyne.api.memory.etags import ANY, IfMatch
from mnemosyne.api.memory.memories import (
    ETAG,
    LOCATION,
    STORING,
    TAGGED,
    WRITING,
    IdempotencyKey,
    changed,
    made,
)
from mnemosyne.api.memory.memory_documents import Acknowledged
from mnemosyne.api.memory.memory_requests import (
    ChangedLabels,
    Edit,
    SetImportance,
    SetNeverShare,
    SetPin,
    Supersede,
)
from mnemosyne.api.operations import Caller, Credential, Node, Operations
from mnemosyne.api.schemas import Id
from mnemosyne.http.admission import needs, require_session
from mnemosyne.http.bodies import LARGEST_TEXTS
from mnemosyne.kit.principal import Scope

_CHANGING: Final = (*WRITING, "memory-not-found", "precondition-failed")
_WRITES: Final = needs(Scope.MEMORY_WRITE)

revisions = Operations("memories")


@revisions.patch(
    "/v1/memories/{memory}",
    admits=_WRITES,
    refuses=(
        *_CHANGING,
        "content-size",
        "title-too-long",
        "duplicate-text",
        "precondition-required",
    ),
    largest_body=LARGEST_TEXTS,
    response_model=Acknowledged,
    responses=TAGGED,
)
async def edit_memory(
    memory: Id, edit: Edit, caller: Caller, node: Node, if_match: IfMatch
) -> Response:
    """Give a memory another text, title or moment; the earlier wording is kept as a version.

    It needs If-Match: the words of somebody else would be replaced otherwise.
    """
    found = await node.revisions.edit(
        caller,
        memory,
        content=edit.content,
        title=edit.title,
        occurred=None if edit.occurred is None else edit.occurred.moment(),
        only_if=etags.only_if(if_match),
    )
    return changed(found)


@revisions.post(
    "/v1/memories/{memory}/supersede",
    admits=_WRITES,
    refuses=(*_CHANGING, *STORING, "already-superseded", "validity-order", "duplicate-text"),
    status=201,
    largest_body=LARGEST_TEXTS,
    response_model=Acknowledged,
    responses={
        200: {
            "model": Acknowledged,
            "description": "This key did it before.",
            "headers": {**ETAG, **LOCATION},
        },
        201: {"headers": {**ETAG, **LOCATION}},
    },
)
async def supersede_memory(
    memory: Id,
    newer: Supersede,
    key: IdempotencyKey,
    caller: Caller,
    node: Node,
    if_match: IfMatch = ANY,
) -> Response:
    """Let a new memory hold in place of an older one from a moment on; both are kept."""
    found = await node.revisions.supersede(
        caller, memory, newer.draft(), key, since=newer.since, only_if=etags.only_if(if_match)
    )
    return made(found.new, created=found.created)


@revisions.post(
    "/v1/memories/{memory}/reopen",
    admits=_WRITES,
    refuses=(*_CHANGING, "not-superseded"),
    response_model=Acknowledged,
    responses=TAGGED,
)
async def reopen_memory(
    memory: Id, caller: Caller, node: Node, if_match: IfMatch = ANY
) -> Response:
    """Undo that a memory was superseded: it holds again, and the newer one stays as it is."""
    only_if = etags.only_if(if_match)
    return changed(await node.revisions.reopen(caller, memory, only_if=only_if))


@revisions.patch(
    "/v1/memories/{memory}/tags",
    admits=_WRITES,
    refuses=(*_CHANGING, "label-length"),
    response_model=Acknowledged,
    responses=TAGGED,
)
async def change_tags(
    memory: Id, tags: ChangedLabels, caller: Caller, node: Node, if_match: IfMatch = ANY
) -> Response:
    """Put tags on a memory, and take others off."""
    found = await node.revisions.tag(
        caller, memory, add=tags.add, remove=tags.remove, only_if=etags.only_if(if_match)
    )
    return changed(found)


@revisions.patch(
    "/v1/memories/{memory}/domains",
    admits=_WRITES,
    refuses=_CHANGING,
    response_model=Acknowledged,
    responses=TAGGED,
)
async def change_domains(
    memory: Id, domains: ChangedLabels, caller: Caller, node: Node, if_match: IfMatch = ANY
) -> Response:
    """Say which domains a memory belongs to, and to which not; no rule changes that back.

    A name that is none of the domains counts as `other`.
    """
    found = await node.revisions.set_domains(
        caller, memory, add=domains.add, remove=domains.remove, only_if=etags.only_if(if_match)
    )
    return changed(found)


@revisions.put(
    "/v1/memories/{memory}/pin",
    admits=_WRITES,
    refuses=_CHANGING,
    response_model=Acknowledged,
    responses=TAGGED,
)
async def pin_memory(
    memory: Id, pin: SetPin, caller: Caller, node: Node, if_match: IfMatch = ANY
) -> Response:
    """Keep a memory from fading in the ranking; `normal` takes the pin off."""
    only_if = etags.only_if(if_match)
    return changed(await node.revisions.pin(caller, memory, pin.level, only_if=only_if))


@revisions.put(
    "/v1/memories/{memory}/never-share",
    admits=_WRITES,
    refuses=(*_CHANGING, "session-needed"),
    response_model=Acknowledged,
    responses=TAGGED,
)
async def mark_never_share(
    memory: Id,
    never_share: SetNeverShare,
    credential: Credential,
    node: Node,
    if_match: IfMatch = ANY,
) -> Response:
    """Keep a memory from ever being shared; whoever is signed in can take the mark off again.

    A script can put it on and not take it off.
    """
    if not never_share.mark:
        require_session(credential)
    found = await node.revisions.never_share(
        credential.principal, memory, mark=never_share.mark, only_if=etags.only_if(if_match)
    )
    return changed(found)


@revisions.put(
    "/v1/memories/{memory}/importance",
    admits=_WRITES,
    refuses=_CHANGING,
    response_model=Acknowledged,
    responses=TAGGED,
)
async def set_importance(
    memory: Id, importance: SetImportance, caller: Caller, node: Node, if_match: IfMatch = ANY
) -> Response:
    """Say how much a memory matters; the person's word counts above every rule."""
    only_if = etags.only_if(if_match)
    found = await node.revisions.set_importance(caller, memory, importance.value, only_if=only_if)
    return changed(found)


@revisions.post(
    "/v1/memories/{memory}/clear-secret",
    admits=needs(Scope.MEMORY_WRITE, session_only=True),
    refuses=_CHANGING,
    response_model=Acknowledged,
    responses=TAGGED,
)
async def clear_secret(memory: Id, caller: Caller, node: Node, if_match: IfMatch = ANY) -> Response:
    """Say that what was flagged in a text is no secret, until the text changes.

    An export holds secrets back, so no script may say that, whatever its scopes.
    """
    only_if = etags.only_if(if_match)
    return changed(await node.revisions.clear_secret(caller, memory, only_if=only_if))
