"""Entity tags (RFC 9110 §8.8.3) of a memory: they differ whenever anything of it that shows does.

``If-Match`` is judged in the transaction that makes the change. So of two who change the same
memory at once the second is told, and nothing of the first is lost.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

from fastapi import Header
from pydantic import BaseModel

from mnemosyne.api.memory.memory_documents import memory_document
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.memories.model import Memory, OnlyIf, anyhow

ANY: Final = "*"
NONE: Final = '""'
"""A tag that nothing has: what a request names that names none."""
_TAG: Final = re.compile(r'(W/)?("[!#-~]*")')
_BYTES: Final = 18

_ABOUT_MATCH: Final = "Change it only if this is still its `ETag`; `*` for whatever it is by now."
IfMatch = Annotated[str, Header(alias="If-Match", description=_ABOUT_MATCH)]
IfNoneMatch = Annotated[
    str, Header(alias="If-None-Match", description="Answer 304 if this is its `ETag` still.")
]
# What is no tag at all is one that nothing has: it refuses a change, and lets an answer through.


class PreconditionFailedError(MnemosyneError):
    """What should be changed is not any more what the caller saw."""

    code = "precondition-failed"

    def __init__(self) -> None:
        super().__init__(
            "it was changed since you read it",
            why="Its ETag is not the one in If-Match; enrichment changes a memory as well.",
            hint="Read it again, and send the change with the ETag it has now.",
        )


class PreconditionRequiredError(MnemosyneError):
    """A change came without saying which state of the memory it was made for."""

    code = "precondition-required"

    def __init__(self) -> None:
        super().__init__(
            "say which state of it you change",
            why="Somebody else may have changed it meanwhile, and their words would be replaced.",
            hint="Send If-Match with the ETag that was read, or “*” for whatever it is by now.",
        )


def etag_of(document: BaseModel) -> str:
    """Return the strong entity tag of what is answered with."""
    digest = hashlib.sha256(document.model_dump_json().encode("utf-8")).digest()
    return f'"{base64.urlsafe_b64encode(digest[:_BYTES]).decode("ascii")}"'


def etag_of_memory(memory: Memory) -> str:
    """Return the entity tag of a memory."""
    return etag_of(memory_document(memory))


def is_missing(errors: Sequence[Any]) -> bool:
    """Whether what a request lacks is the ``If-Match`` that it needs."""
    return any(
        each["type"] == "missing" and str(each["loc"][-1]).lower() == "if-match" for each in errors
    )


def only_if(stated: str) -> OnlyIf:
    """Return the check of an ``If-Match``, which raises PreconditionFailedError."""
    if stated == ANY:
        return anyhow
    # A weak tag is never strong enough for a change (RFC 9110 §13.1.1).
    named = {tag for weak, tag in _TAG.findall(stated) if not weak}

    def check(memory: Memory) -> None:
        if etag_of_memory(memory) not in named:
            raise PreconditionFailedError

    return check


def unchanged(stated: str) -> Callable[[Memory], bool]:
    """Return what tells whether an ``If-None-Match`` names a memory as it is."""
    if stated == NONE:
        return lambda _memory: False
    if stated == ANY:
        return lambda _memory: True
    named = {tag for _, tag in _TAG.findall(stated)}
    return lambda memory: etag_of_memory(memory) in named
