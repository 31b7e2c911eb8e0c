"""The way out: what an erase of a person would remove, before they ask for it."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from mnemosyne.web import visitors
from mnemosyne.web.templates import Templates
from mnemosyne.web.visitors import ElsewhereError, node_of

# What a person would ask after, by the table that holds it; the rest belongs to these.
_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    "memory": ("memory", "memories"),
    "contact": ("person that you know", "people that you know"),
    "did": ("identity", "identities"),
    "passkey": ("passkey", "passkeys"),
    "access_token": ("token", "tokens"),
}


class Leaving:
    """The page on which somebody erases themself."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    async def erasure(self, request: Request) -> Response:
        """Say what would go and what stays; whoever runs the node does it in its shell."""
        visitor = await visitors.signed_in(request)
        if visitor.account.first:
            raise ElsewhereError("/account")
        found = await node_of(request).person_erasure.preview(visitor.principal)
        return self._templates.page(
            "erasure",
            visitor=visitor,
            goes=in_words(found.rows),
            entries=found.entries,
            kept_until=max((each.expires_at for each in found.backups), default=None),
        )


def in_words(rows: Mapping[str, int]) -> Sequence[str]:
    """Return what is counted by table in a person's words, such as “3 memories”."""
    named = [
        f"{rows[table]:,} {one if rows[table] == 1 else many}"
        for table, (one, many) in _NAMED.items()
        if rows.get(table)
    ]
    return [*named, "all else of yours: versions, tags, links, keys, recovery codes, sessions"]
